package query

import (
	"errors"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

// texts is a block of records with nothing but text.
type texts []string

func (b texts) Len() int       { return len(b) }
func (b texts) Source() string { return "logs/a.log" }
func (b texts) Format() string { return "generic" }
func (b texts) Folded() ([]byte, []int32) {
	var text []byte
	var starts []int32
	for i := range b {
		starts = append(starts, int32(len(text)))
		text = append(text, b.FoldedRecord(i)...)
	}
	return text, append(starts, int32(len(text)))
}
func (b texts) FoldedRecord(i int) []byte          { return append(Fold(nil, []byte(b[i])), '\n') }
func (b texts) Text(i int) []byte                  { return []byte(b[i]) }
func (b texts) Level(int) parser.Level             { return parser.LevelNone }
func (b texts) Time(int) (int64, parser.TimeBasis) { return 0, parser.TimeNone }
func (b texts) Component(int) string               { return "" }
func (b texts) Thread(int) string                  { return "" }
func (b texts) Tags(int) []parser.Field            { return nil }
func (b texts) Record(i int) *parser.Record {
	recs := parser.Assemble([]byte(b[i]), parser.Place{Line: 1}, nil, parser.Source{})
	if len(recs) == 0 {
		return &parser.Record{}
	}
	return recs[0]
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"inbox", "folder 'Inbox' clean", true},
		{"INBOX", "inbox", true},
		{"box", "inbox", false},
		{"ubersicht", "Projekte/Übersicht", true},
		{"Übersicht", "U\u0308BERSICHT", true},
		{"übersicht", "\xdcbersicht", true}, // Windows-1252
		{"strasse", "Straße", true},
		{"ΣΟΦΟΣ", "σοφος", true},
		{"заказ", "ЗАКАЗ", true},
		{"sync engine", "engine of sync", true},
		{`"sync engine"`, "engine of sync", false},
		{`"sync engine"`, "sync: engine", true},
		{"sync-engine", "sync engine", true},
		{"a b", "a", false},
		{"a OR b", "b", true},
		{"a -b", "a b", false},
		{"a -b", "a c", true},
		{"NOT b", "a", true},
		{"-(a b)", "a", true},
		{"(a OR b) c", "b c", true},
		{"syn*", "engine sync", true},
		{"*nc", "sync", true},
		{"s?nc", "sync", true},
		{"s?nc", "sinnc", false},
		{`"syn*"`, "sync", false},
		{"svl-00*", "SVL-0019 too many", true},
		{"maping~", "mapping", true},
		{"maping~1", "mappings", false},
		{"maping~2", "mappings", true},
		{"8004010f", "hr=0x8004010F", true},
		{"0x8004010f", "hr = 8004010F", true},
		{"code:0x8004010F", "error -2147221233", true},
		{"-2147221233", "hr=0x8004010F", true},
		{"-2147221233", "nothing", false},
		{"-214722123", "214722123", true},
		{"code:svl-0019", "SVL-0019", true},
		{"uuid:9BF98BE2A9D74D7381A0070F169C1121", "{9bf98be2-a9d7-4d73-81a0-070f169c1121}", true},
		{"9bf98be2-a9d7-4d73-81a0-070f169c1121", "9BF98BE2A9D74D7381A0070F169C1121", true},
		{"9bf98be2-a9d7-4d73-81a0-070f169c1121", "9BF98BE2A9D74D7381A0070F169C112100", false},
		{"9bf98be2", "uid 9bf98be2-a9d7-4d73-81a0-070f169c1121", true},
		{`/took=\d+ms/`, "TOOK=12ms", true},
		{`/^took/`, "it took", false},
		{`source:C:\logs`, "x", false},
		{"source:*a.log", "x", true},
		{"source:a", "x", true},
		{"format:gen*", "x", true},
		{`C:\Temp\x.log`, `open C:\Temp\x.log failed`, true},
		{`"a \"b\""`, `a "b"`, true},
		{"time:*", "x", false},
		{"*", "", true},
	} {
		q, err := Parse(c.query, Options{})
		if err != nil {
			t.Errorf("Parse(%q): %v", c.query, err)
			continue
		}
		if got := q.Match(texts{c.text}).Has(0); got != c.want {
			t.Errorf("query %q on %q: got %v, want %v", c.query, c.text, got, c.want)
		}
		many := texts{"x0", c.text, "x1", "x2", "x3", "x4", "x5", "x6"} // looked at in another way than one
		if got := q.Match(many).Has(1); got != c.want {
			t.Errorf("query %q on %q among others: got %v, want %v", c.query, c.text, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	when := func(text string, _ bool) (time.Time, error) {
		if t, err := time.Parse(time.DateOnly, text); err == nil || text == "yesterday" {
			return t, nil
		}
		return time.Time{}, errors.New("unexpected time " + text)
	}
	for _, c := range []struct{ query, want, hint string }{
		{"", "column 1: is empty", "* finds"},
		{"a (b", "column 3: opening parenthesis", ""},
		{"a) b", "column 2: closing parenthesis", ""},
		{`ä "b`, "column 3: quote is not closed", `end it with another "`},
		{`ä "b`, `query 'ä "b', column 3`, ""},
		{"a level>warn", "column 8: a colon is missing behind level", "did you mean level:>warn?"},
		{"compnent:x", `column 1: unknown field "compnent"`, "did you mean component:?"},
		{"a levle:error", `column 3: unknown field "levle"`, "did you mean level:?"},
		{"level:eror", `column 7: unknown level "eror"`, "did you mean level:error?"},
		{"folder:", "column 8: field folder: has no value", ""},
		{"a OR", "a word, a phrase or a field is missing", ""},
		{"AND a", "column 1: AND has nothing on its left", ""},
		{"/(/", "column 1: regular expression: missing closing )", ""},
		{"...", "neither letters nor digits", ""},
		{`"a b"~2`, "a phrase cannot be fuzzy", ""},
		{"page13~", "only a single word of letters", ""},
		{"abc~3", "at most 2 letters", ""},
		{"before:xyz", "column 8: unexpected time xyz", "for instance before:2026-03-05,"},
		{"x after:5.3.2026", "column 9: unexpected time 5.3.2026", "did you mean after:2026-03-05?"},
		{"after:2026-13-05", "column 7: unexpected time 2026-13-05", "did you mean after:2026-05-13?"},
		{"time:yesterdy", "column 6: unexpected time yesterdy", "did you mean time:yesterday?"},
		{"time:>=08:30", "column 8: unexpected time 08:30", "a clock needs its day: time:2026-03-05T08:30"},
		{"after:", "column 7: field after: has no value", "for instance after:2026-03-05"},
		{"count:>many", `"many" is not a number`, ""},
		{"count:[1 TO]", "range is not complete", "count:[from TO to]"},
		{strings.Repeat("(", 200) + "a", "nested more than 100 deep", ""},
		{strings.Repeat("a ", 1001), "more than 1000 terms", ""},
		{"a\xff", "is not UTF-8", ""},
	} {
		_, err := Parse(c.query, Options{When: when})
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("Parse(%q) = %v; want an *Error", c.query, err)
			continue
		}
		if !strings.Contains(bad.Error(), c.want) || !strings.Contains(bad.Hint(), c.hint) {
			t.Errorf("Parse(%q) = %q, hint %q; want %q, hint %q", c.query, bad.Error(), bad.Hint(), c.want, c.hint)
		}
	}
}

func FuzzQuery(f *testing.F) {
	seeds := []string{"a b", `"a b" OR -c`, "level:>=warn", "time:[a TO b]", "x~1 y* /z/", "uuid:9bf98be2-a9d7-4d73-81a0-070f169c1121", "((a)", `\*`, "folder:(a OR b)", "-2147221233"}
	for _, s := range seeds {
		f.Add(s, "the sync engine 0x8004010F Übersicht")
	}
	f.Fuzz(func(t *testing.T, text, entry string) {
		q, err := Parse(text, Options{})
		if err != nil {
			if !errors.As(err, new(*Error)) || err.Error() == "" {
				t.Errorf("Parse(%q) = %v; want an *Error", text, err)
			}
			return
		}
		one := q.Match(texts{entry}).Has(0)
		many := q.Match(texts{"a", "b", entry, "c", "d", "e"}).Has(2)
		if one != many {
			t.Errorf("query %q on %q: alone %v, among others %v", text, entry, one, many)
		}
	})
}
