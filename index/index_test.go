package index

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"oxtail/index/query"
	"oxtail/parser"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

// testSet returns the formats of the program.
func testSet(t testing.TB) *formats.Set {
	t.Helper()
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func lookup(set *formats.Set) func(string) parser.Format {
	return func(name string) parser.Format {
		f, ok := set.Lookup(name)
		if !ok {
			return nil
		}
		return f
	}
}

// addText puts a log into an index and returns its records as the parser gives them.
func addText(t testing.TB, w *Writer, set *formats.Set, path, text string, decoded bool) []*parser.Record {
	t.Helper()
	r := parser.NewReader(strings.NewReader(text), parser.Source{Path: path}, parser.Options{Formats: set.Formats()})
	f, _ := r.Format()
	s := Source{Path: path, ID: fmt.Sprintf("id-%s", path), Decoded: decoded}
	if f != nil {
		s.Format = f.Name()
	}
	sw := w.Begin(s)
	var out []*parser.Record
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		out = append(out, rec)
		if err := sw.Add(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := sw.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

var testWords = []string{"folder", "sync", "engine", "Inbox", "'Sent Items'", "Übersicht", "u\u0308ber", "Straße", "timeout", "time-out", "connection", "mapi", "MAPI_E_NOT_FOUND",
	"0x8004010F", "8004010f", "hr=8004010F", "-2147221233", "[80040305-54A-4DE-1900]", "SVL-0019", "page12", "rev=431445", "C:\\Temp\\oxtstore_1.log",
	"9bf98be2-a9d7-4d73-81a0-070f169c1121", "{9BF98BE2-A9D7-4D73-81A0-070F169C1121}", "9bf98be2a9d74d7381a0070f169c1121", "ü9bf98be2-a9d7-4d73-81a0-070f169c1121",
	"00000000b5a4c9", "заказ", "ERROR", "error", "x", "…", "—", "\x80\xe4\xf6", "synchronized", "synchronised", "0xD6A4010F"}

func testLog(rng *rand.Rand, lines int) string {
	var b strings.Builder
	at := time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)
	for i := range lines {
		at = at.Add(time.Duration(rng.Intn(5000)) * time.Millisecond)
		if rng.Intn(8) > 0 || i == 0 {
			fmt.Fprintf(&b, "%s: ctx-%02d 0x%04x %s ", at.Format("2006-01-02 15:04:05.000"), rng.Intn(4), rng.Intn(3), []string{"DEBUG", "ERROR", "WARN", "INFO"}[rng.Intn(4)])
		} else {
			b.WriteString("   at ")
		}
		for range 1 + rng.Intn(6) {
			b.WriteString(testWords[rng.Intn(len(testWords))])
			b.WriteString([]string{" ", ", ", ": ", "/"}[rng.Intn(4)])
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// buildTest makes an index of several sources and returns it with all records.
func buildTest(t testing.TB, dir string, rng *rand.Rand, lines int, compacted bool, opts WriterOptions) (*Index, map[string][]*parser.Record) {
	t.Helper()
	set := testSet(t)
	tag := func(p Piece) (out []Tag, marks []int) {
		for i, r := range p.Records {
			if strings.Contains(r.Text, "SVL-0019") {
				out = append(out, Tag{i, parser.Field{Name: "rule", Value: "too-many-requests"}}, Tag{i, parser.Field{Name: "verdict", Value: "server"}})
				marks = append(marks, i)
			}
		}
		return out, marks
	}
	opts.Tag = tag
	w, err := NewWriter(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]*parser.Record)
	for i := range 4 {
		path := fmt.Sprintf("logs/oxtstore_%d.log", i)
		all[path] = addText(t, w, set, path, testLog(rng, lines), i == 3)
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	all["plain.txt"] = addText(t, w, set, "plain.txt", "just a line\nSync Engine of folder Inbox\n\nÜBERSICHT 8004010f\n", false)
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	addText(t, w, set, "plain.txt", "just a line\nSync Engine of folder Inbox\n\nÜBERSICHT 8004010f\n", false)
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if compacted {
		if _, _, err := Compact(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
	x, err := Open(dir, Options{Formats: lookup(set)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x, all
}

func when(text string, end bool) (time.Time, error) {
	at, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil {
		at, err = time.Parse("2006-01-02", text)
		if end {
			at = at.AddDate(0, 0, 1)
		}
	}
	return at, err
}

// plainBlock holds records without any index: what queries are checked against.
type plainBlock struct {
	path, format string
	records      []*parser.Record
}

func (b *plainBlock) Len() int       { return len(b.records) }
func (b *plainBlock) Source() string { return b.path }
func (b *plainBlock) Format() string { return b.format }
func (b *plainBlock) Folded() ([]byte, []int32) {
	var text []byte
	var starts []int32
	for _, r := range b.records {
		starts = append(starts, int32(len(text)))
		text = append(text, query.FoldString(r.Text)+"\n"...)
	}
	return text, append(starts, int32(len(text)))
}
func (b *plainBlock) FoldedRecord(i int) []byte {
	return []byte(query.FoldString(b.records[i].Text) + "\n")
}
func (b *plainBlock) Text(i int) []byte        { return []byte(b.records[i].Text) }
func (b *plainBlock) Level(i int) parser.Level { return b.records[i].Level }
func (b *plainBlock) Time(i int) (int64, parser.TimeBasis) {
	return b.records[i].Time.UnixNano(), b.records[i].Basis
}
func (b *plainBlock) Component(i int) string { return b.records[i].Component }
func (b *plainBlock) Thread(i int) string    { return b.records[i].Thread }
func (b *plainBlock) Tags(i int) []parser.Field {
	if strings.Contains(b.records[i].Text, "SVL-0019") {
		return []parser.Field{{Name: "rule", Value: "too-many-requests"}, {Name: "verdict", Value: "server"}}
	}
	return nil
}
func (b *plainBlock) Record(i int) *parser.Record { return b.records[i] }

// TestSearchEqualsBruteForce holds thousands of random queries against a search that
// looks at each record alone.
func TestSearchEqualsBruteForce(t *testing.T) {
	small := WriterOptions{segmentBytes: 20 << 10, blockBytes: 700, plainBytes: 1}
	large := WriterOptions{segmentBytes: 80 << 10, blockBytes: 16 << 10} // words in the segments, some records held
	t.Run("as written", func(t *testing.T) { equalsBruteForce(t, 7, false, small) })
	t.Run("compacted", func(t *testing.T) { equalsBruteForce(t, 8, true, small) })
	t.Run("large blocks", func(t *testing.T) { equalsBruteForce(t, 9, false, large) })
	t.Run("large blocks, compacted", func(t *testing.T) { equalsBruteForce(t, 10, true, large) })
}

func equalsBruteForce(t *testing.T, seed int64, compacted bool, opts WriterOptions) {
	rng := rand.New(rand.NewSource(seed))
	x, all := buildTest(t, t.TempDir(), rng, 300, compacted, opts)
	if n := x.Info().Segments; compacted != (n == 1) {
		t.Fatalf("compacted %v: %d segments", compacted, n)
	}
	blocks := make(map[string][]*plainBlock)
	for path, records := range all {
		for _, r := range records {
			format := ""
			for _, s := range x.Sources() {
				if s.Path == path {
					format = s.Format
				}
			}
			blocks[path] = append(blocks[path], &plainBlock{path, format, []*parser.Record{r}})
		}
	}
	n, found := 200, 0
	if long() {
		n = 1500
	}
	for range n {
		text := randomQuery(rng, 0)
		q, err := query.Parse(text, query.Options{When: when})
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		hits, _, err := x.Search(context.Background(), q, SearchOptions{Order: BySource})
		if err != nil {
			t.Fatalf("Search(%q): %v", text, err)
		}
		var got, want []string
		for _, h := range hits {
			l, _ := x.Link(h)
			got = append(got, fmt.Sprintf("%s@%d", h.Source.Path, l.Offset))
		}
		for _, s := range x.Sources() {
			for _, b := range blocks[s.Path] {
				if naive(q, b) {
					want = append(want, fmt.Sprintf("%s@%d", s.Path, b.records[0].Offset))
				}
			}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("Search(%q) = %d hits, want %d\ngot  %v\nwant %v", text, len(got), len(want), firstDiff(got, want), firstDiff(want, got))
		}
		found += len(got)
	}
	if found == 0 {
		t.Fatal("no query found anything")
	}
	t.Logf("%d queries, %d hits", n, found)
}

func firstDiff(a, b []string) []string {
	in := map[string]bool{}
	for _, s := range b {
		in[s] = true
	}
	var out []string
	for _, s := range a {
		if !in[s] && len(out) < 3 {
			out = append(out, s)
		}
	}
	return out
}

// naive evaluates a query on one record alone.
func naive(q *query.Query, b *plainBlock) bool { return q.Match(b).Has(0) }

func randomQuery(rng *rand.Rand, depth int) string {
	pick := func(s ...string) string { return s[rng.Intn(len(s))] }
	if depth < 3 && rng.Intn(3) == 0 {
		a, b := randomQuery(rng, depth+1), randomQuery(rng, depth+1)
		return pick("("+a+") OR ("+b+")", "("+a+") ("+b+")", "("+a+") AND -("+b+")", "NOT ("+a+")")
	}
	word := func() string {
		return pick("folder", "sync", "ENGINE", "inbox", "ubersicht", "Übersicht", "uber", "STRASSE", "straße", "timeout", "mapi", "svl", "0019", "заказ", "ЗАКАЗ",
			"8004010f", "0x8004010F", "SVL-0019", "MAPI_E_NOT_FOUND", "431445", "page12", "absent", "b5a4c9", "aö", "x", "080000")
	}
	switch rng.Intn(14) {
	case 0, 1, 2:
		return word()
	case 3:
		return `"` + pick("sync engine", "inbox folder", "time out", "oxtstore 1 log", "ctx 01", "not found", "Sent Items") + `"`
	case 4:
		return pick("syn*", "synchroni?ed", "*bersicht", "pa*", "page*", "o?tstore*", "e*", "00*c9", "fol*r", "0x800401*", "*0f*", "*x*")
	case 5:
		return pick("sync~", "synchronized~1", "foldr~2", "inbix~1", "mapi~2", "strase~1")
	case 6:
		return pick("9bf98be2-a9d7-4d73-81a0-070f169c1121", "uuid:{9BF98BE2-A9D7-4D73-81A0-070F169C1121}", "9BF98BE2A9D74D7381A0070F169C1121", "uuid:00000000-0000-4000-8000-000000000001")
	case 7:
		return pick("code:0x8004010F", "code:-2147221233", "code:SVL-0019", "code:0x80040305", "code:0x8004*", "code:*")
	case 8:
		return pick("level:error", "level:>=warn", "level:<error", "level:none")
	case 9:
		return pick("source:*oxtstore_1*", "source:plain", "format:oxtstore_a", "source:logs", "-source:*3.log", "format:*")
	case 10:
		return pick("after:2026-03-05T08:05:00", "before:2026-03-05T08:03:00", "time:2026-03-05", "time:[2026-03-05T08:01:00 TO 2026-03-05T08:02:00]", "time:>=2026-03-06")
	case 11:
		return pick("rule:too-many-requests", "verdict:server", "rule:*", "-rule:*", "rule:too*")
	case 12:
		return pick(`/sync.*engine/`, `/rev=\d+/`, `/[0-9a-f]{8}-/`, `/^2026/`)
	}
	return pick("component:*", "thread:*", "*", "time_basis:inherited", "thread:0x0001", "context:ctx*", "message:inbox")
}

func TestIndexKeepsRecords(t *testing.T) {
	x, all := buildTest(t, t.TempDir(), rand.New(rand.NewSource(3)), 200, false, WriterOptions{segmentBytes: 20 << 10, blockBytes: 700})
	q, err := query.Parse("*", query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hits, _, err := x.Search(context.Background(), q, SearchOptions{Order: BySource})
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for _, h := range hits {
		want := all[h.Source.Path][at[h.Source.Path]]
		at[h.Source.Path]++
		got, err := x.Record(h)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != want.Text || !got.Time.Equal(want.Time) || got.Basis != want.Basis || got.Level != want.Level || got.Line != want.Line ||
			got.Offset != want.Offset || got.Message != want.Message || got.Problem != want.Problem || fmt.Sprint(got.Fields, got.Codes, got.UUIDs) != fmt.Sprint(want.Fields, want.Codes, want.UUIDs) {
			t.Fatalf("record of %s at %d:\ngot  %+v\nwant %+v", h.Source.Path, want.Offset, got, want)
		}
	}
	for path, records := range all {
		if at[path] != len(records) {
			t.Errorf("%s has %d records in the index, want %d", path, at[path], len(records))
		}
	}
}
