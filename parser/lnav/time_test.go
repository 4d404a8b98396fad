package lnav

import (
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

// load returns the one format of a definition's inner part.
func load(t *testing.T, inner string) *Format {
	t.Helper()
	formats, err := (&Loader{}).Load("f.json", []byte(format(inner)))
	if err != nil {
		t.Fatal(err)
	}
	return formats[0]
}

// records returns the records of a text under a format.
func records(f *Format, src parser.Source, text string) []*parser.Record {
	var out []*parser.Record
	emit := func(r *parser.Record) { out = append(out, r) }
	asm := f.Assembler(src)
	lr := parser.NewLineReader(strings.NewReader(text), parser.UTF8)
	for {
		l, err := lr.Next()
		if err != nil {
			break
		}
		asm.Add(l, emit)
	}
	asm.Close(emit)
	return out
}

func TestTimes(t *testing.T) {
	const std = `"regex": {"std": {"pattern": "^(?<timestamp>[^|]*)\\|(?<clock>[^|]*)\\|(?<frac>[^|]*)\\|(?<body>.*)$"}}`
	zone := time.FixedZone("", -5*3600)
	tests := []struct {
		keys, line, want string
		basis            parser.TimeBasis
		problem          string
	}{
		{``, "2012-03-05 10:11:12|||x", "2012-03-05T15:11:12Z", parser.TimeZoneAssumed, ""},
		{`, "convert-to-local-time": true`, "2012-03-05 10:11:12|||x", "2012-03-05T10:11:12Z", parser.TimeExact, ""},
		{`, "convert-to-local-time": true`, "2012-03-05 10:11:12+01:00|||x", "2012-03-05T09:11:12Z", parser.TimeExact, ""},
		{`, "time-field": "clock"`, "2012-03-05|10:11:12.5||x", "2012-03-05T15:11:12.5Z", parser.TimeZoneAssumed, ""},
		{`, "subsecond-field": "frac", "subsecond-units": "milli"`, "2012-03-05 10:11:12||7|x", "2012-03-05T15:11:12.007Z", parser.TimeZoneAssumed, ""},
		{`, "subsecond-field": "frac"`, "2012-03-05 10:11:12||7|x", "2012-03-05T15:11:12.7Z", parser.TimeZoneAssumed, ""},
		{`, "timestamp-format": ["%d/%m/%Y", "%s"]`, "1330942272|||x", "2012-03-05T10:11:12Z", parser.TimeExact, ""},
		{`, "timestamp-format": ["%s"]`, "2012-03-05 10:11:12|||x", "", parser.TimeNone, ProblemNoTime},
		{``, "Mar  5 10:11:12|||x", "2012-03-05T15:11:12Z", parser.DayInferred, ""},
		{``, "29:47.191|||elapsed", "", parser.TimeNone, ""},
		{``, "nonsense|||x", "", parser.TimeNone, ProblemNoTime},
		{``, "|||no time", "", parser.TimeNone, ""},
	}
	src := parser.Source{Zone: zone, ModTime: time.Date(2012, 4, 1, 0, 0, 0, 0, time.UTC)}
	for _, tt := range tests {
		r := records(load(t, std+tt.keys), src, tt.line+"\n")[0]
		got := ""
		if r.Basis != parser.TimeNone {
			got = r.Time.UTC().Format(time.RFC3339Nano)
		}
		if got != tt.want || r.Basis != tt.basis || r.Problem != tt.problem {
			t.Errorf("%s with %q: %s %v %q, want %s %v %q", tt.line, tt.keys, got, r.Basis, r.Problem, tt.want, tt.basis, tt.problem)
		}
	}
	if r := records(load(t, std), parser.Source{}, "Mar  5 10:11:12|||x\n")[0]; r.Basis != parser.TimeNone {
		t.Errorf("a year-less time in a source of unknown age is %v (%v), want none", r.Time, r.Basis)
	}
}

func TestJSONEpochs(t *testing.T) {
	tests := []struct{ keys, value, want string }{
		{``, `1330942272`, "2012-03-05T10:11:12Z"},
		{``, `1330942272.25`, "2012-03-05T10:11:12.25Z"},
		{``, `1330942272345`, "2012-03-05T10:11:12.345Z"},
		{``, `1330942272345678`, "2012-03-05T10:11:12.345678Z"},
		{`, "timestamp-divisor": 1000`, `1330942272345`, "2012-03-05T10:11:12.345Z"},
		{`, "timestamp-divisor": 1000000000`, `"1330942272345678901"`, "2012-03-05T10:11:12.345678901Z"},
		{`, "timestamp-divisor": 1000000`, `"1330942272345678901"`, "2012-03-05T10:11:12.345678901Z"}, // a divisor that cannot be meant
		{``, `"2012-03-05T10:11:12Z"`, "2012-03-05T10:11:12Z"},
	}
	for _, tt := range tests {
		f := load(t, `"file-type": "json"`+tt.keys)
		r := records(f, parser.Source{}, `{"timestamp": `+tt.value+`, "body": "x"}`+"\n")[0]
		if got := r.Time.UTC().Format(time.RFC3339Nano); got != tt.want || r.Basis != parser.TimeExact {
			t.Errorf("%s with %q: %s (%v), want %s", tt.value, tt.keys, got, r.Basis, tt.want)
		}
	}
}

func TestLevelInText(t *testing.T) {
	tests := []struct {
		text string
		want parser.Level
	}{
		{"Error: disk full", parser.LevelError},
		{"  fehler: Ordner fehlt", parser.LevelError},
		{"sync ERROR in folder", parser.LevelError},
		{"[WARN] slow", parser.LevelWarning},
		{"an error occurred", parser.LevelNone},
		{"no errors: fine", parser.LevelNone},
		{"ERRORS", parser.LevelNone},
		{"I: am", parser.LevelNone},
		{strings.Repeat("x ", 200) + "ERROR", parser.LevelNone},
		{"", parser.LevelNone},
	}
	for _, tt := range tests {
		if got := LevelInText(tt.text); got != tt.want {
			t.Errorf("LevelInText(%q) = %v, want %v", tt.text, got, tt.want)
		}
	}
}

// TestEntryBytes holds the limit on the bytes of an entry, whatever its lines.
func TestEntryBytes(t *testing.T) {
	line := strings.Repeat("x", 100_000) + "\n"
	got := records(load(t, goodRegex), parser.Source{}, "2012-03-05 10:11:12 INFO head\n"+strings.Repeat(line, 25))
	if len(got) != 3 {
		t.Fatalf("%d records, want 3", len(got))
	}
	for _, r := range got {
		if len(r.Raw) > MaxEntryBytes || r.Problem != ProblemLongEntry {
			t.Errorf("record of %d bytes with problem %q", len(r.Raw), r.Problem)
		}
	}
}

// slowHead stands for a pattern that gives up on every line.
type slowHead struct{ tried *int }

func (h slowHead) Read(_ string, r *parser.Record) (Reading, bool) {
	*h.tried++
	r.Problem = ProblemTimeout
	return Reading{}, false
}

func TestSlowPatternIsGivenUp(t *testing.T) {
	tried, got := 0, 0
	asm := newAssembler(slowHead{&tried}, parser.Source{}, false, false)
	emit := func(r *parser.Record) {
		got++
		if r.Problem != ProblemTimeout {
			t.Errorf("problem is %q", r.Problem)
		}
	}
	for i := range 100 {
		asm.Add(parser.Line{Raw: []byte("x\n"), Text: "x", Number: i + 1}, emit)
	}
	asm.Close(emit)
	if tried != maxSlowLines || got != 100 {
		t.Errorf("tried %d lines and got %d records, want %d and 100", tried, got, maxSlowLines)
	}
}

func TestLinesBeforeTheFirstHead(t *testing.T) {
	tests := []struct{ text, problem string }{
		{"\n\n2012-03-05 10:11:12 INFO head\n", ""},
		{"\nlost\n2012-03-05 10:11:12 INFO head\n", ProblemNoHead},
		{"lost\n\n2012-03-05 10:11:12 INFO head\n", ProblemNoHead},
	}
	for _, tt := range tests {
		got := records(load(t, goodRegex), parser.Source{}, tt.text)
		if len(got) != 2 || got[0].Problem != tt.problem || got[1].Problem != "" {
			t.Errorf("%q: %d records, problem %q, want 2 and %q", tt.text, len(got), got[0].Problem, tt.problem)
		}
	}
}
