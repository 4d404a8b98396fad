package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// fixture returns a document that holds what is hard to write: secrets were taken
// out before, but escapes, quotes, backticks, formulas and long paths are in it.
func fixture() *Document {
	return &Document{
		Sources: []Source{
			{
				Schema: SchemaSource, Path: "bundle.zip!/logs/of/the/workstation/of/anna/oxtstore_2026-03-05.log", Kind: "log",
				Format: "oxtstore_a", FormatTitle: "OXtender store, layout A", FormatShare: 0.97, Encoding: "utf-16le",
				Bytes: 1_234_567, Records: 12_345, Problems: 2, First: "2026-03-05T08:00:00Z", Last: "2026-03-05T09:12:44.5Z",
				TimeBasis: "zone-assumed", Verdict: "uuid-mapping", Action: "recreate-service",
				Codes: []string{"0x8004010F", "SVL-0017"}, Folders: []string{"Inbox", "=cmd|' /C calc'!A0"}, FailedItems: 3,
			},
			{Schema: SchemaSource, Path: "sync.txt", Kind: "item", Encoding: "utf-8", Bytes: 12, Records: 1, Verdict: "healthy", Action: "none"},
			{
				Schema: SchemaSource, Path: "old.zip", Kind: "archive", Verdict: "unknown", Action: "manual",
				Error: "old.zip is encrypted and needs a password", Remedy: "give it with --password-file",
			},
		},
		Findings: []Finding{{
			Schema: SchemaFinding, ID: "uuid-in-use-3f2a", Rule: "uuid-in-use", Title: "A UUID is already in use", Severity: "high",
			Verdict: "uuid-mapping", Action: "recreate-service", Confidence: "likely", Count: 42,
			First: "2026-03-05T08:00:01Z", Last: "2026-03-05T09:12:44.5Z",
			Codes: []string{"0x8004010F"}, UUIDs: []string{"8f3e0c1a-0000-4000-8000-000000000001"}, Folders: []string{"Inbox", "Projekte|Übersicht"},
			Account: &Account{Server: "mail.example.com", User: "anna"}, Because: []string{"the same UUID failed in 5 sync cycles over 71 minutes"},
			Change: "a later successful synchronization of the folder",
			Evidence: []Evidence{
				{Source: "bundle.zip!/logs/of/the/workstation/of/anna/oxtstore_2026-03-05.log", Offset: 2048, Length: 120, Line: 17, Time: "2026-03-05T08:00:01Z", TimeBasis: "zone-assumed", Text: "ERROR sync: \x1b[31mUUID {8F3E0C1A-0000-4000-8000-000000000001} already in use\x1b[0m\n```\nsecond line"},
				{Source: "sync.txt", Offset: 0, Length: 12, Text: "=HYPERLINK(\"http://x\")"},
				{Source: "sync.txt", Offset: 5, Length: 2, Line: 2, Text: "the third is shown with --all"},
			},
		}},
		Templates: []Template{{Schema: SchemaTemplate, Pattern: "ERROR worker: unexpected state <n> in job <n>, `x` | y", Count: 1037, First: "2026-03-05T08:00:00Z", Last: "2026-03-05T09:00:00Z", Evidence: []Evidence{{Source: "sync.txt", Line: 1, Text: "ERROR worker"}}}},
		Notes:     []Note{{Schema: SchemaNote, Text: "link.log is a link and was not followed"}},
		Summary: Summary{
			Schema: SchemaSummary, Sources: 2, NotRead: 1, Bytes: 1_234_579, Records: 12_346, Problems: 2,
			Findings: SeverityCounts{High: 1}, Verdict: "uuid-mapping", Action: "recreate-service", Incomplete: true, Version: "devel",
		},
	}
}

// writers lists every form of output with its golden.
var writers = []struct {
	golden string
	write  func(io.Writer, *Document) error
}{
	{"scan.txt", func(w io.Writer, d *Document) error { return WriteText(w, d, TextOptions{}) }},
	{"scan-all.txt", func(w io.Writer, d *Document) error { return WriteText(w, d, TextOptions{All: true, Colour: true}) }},
	{"scan.md", func(w io.Writer, d *Document) error { return WriteMarkdown(w, d, TextOptions{}) }},
	{"scan.jsonl", WriteDocument},
	{"findings.csv", func(w io.Writer, d *Document) error { return d.WriteFindingsCSV(w, true) }},
	{"sources.csv", func(w io.Writer, d *Document) error { return d.WriteSourcesCSV(w, false) }},
}

func TestGolden(t *testing.T) {
	for _, c := range writers {
		t.Run(c.golden, func(t *testing.T) {
			got := written(t, c.write, fixture())
			name := filepath.Join("testdata", c.golden)
			if *update {
				if err := os.WriteFile(name, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", name, diff)
			}
			if again := written(t, c.write, fixture()); !bytes.Equal(again, got) {
				t.Errorf("two runs differ")
			}
		})
	}
}

func written(t *testing.T, write func(io.Writer, *Document) error, d *Document) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := write(&buf, d); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestTextIsNarrowAndTame(t *testing.T) {
	got := string(written(t, writers[0].write, fixture()))
	for l := range strings.SplitSeq(got, "\n") {
		if width(l) >= 100 {
			t.Errorf("line of %d columns: %q", width(l), l)
		}
	}
	if strings.ContainsAny(got, "\x1b\x00\r") {
		t.Errorf("control characters in plain text: %q", got)
	}
}

func TestJSONIsOneObjectALine(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(string(written(t, WriteDocument, fixture())), "\n"), "\n")
	last := ""
	for _, l := range lines {
		var v map[string]any
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatalf("%v in %q", err, l)
		}
		last, _ = v["schema"].(string)
		if last == "" {
			t.Errorf("no schema in %q", l)
		}
		if _, ok := v["failed_items"]; last == SchemaSource && !ok {
			t.Errorf("source without failed_items: %q", l)
		}
	}
	if len(lines) != 7 || last != SchemaSummary {
		t.Errorf("%d lines, the last of schema %q; want 7 and %s", len(lines), last, SchemaSummary)
	}
}

func TestJSONHoldsNoControls(t *testing.T) {
	const in = "a\x1b[31m\u009b\x7f\x00é"
	got := string(written(t, func(w io.Writer, _ *Document) error { return WriteJSON(w, map[string]string{"x": in}) }, nil))
	if want := `{"x":"a\u001b[31m\u009b\u007f\u0000é"}` + "\n"; got != want {
		t.Errorf("JSON of %q = %q; want %q", in, got, want)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(got), &back); err != nil || back["x"] != in {
		t.Errorf("reads back as %q, %v; want %q", back["x"], err, in)
	}
}

func TestCSVRoundTrip(t *testing.T) {
	text := "line one\nline \"two\", with comma\r\nthree"
	rows := []RecordRow{{Source: "a.log", Message: text}, {Source: "b.log", Message: "=1+1"}, {Source: "c.log", Message: " \t@SUM(1)"}}
	var buf bytes.Buffer
	c := NewCSV(&buf, false)
	if err := WriteCSV(c, rows[:1]); err != nil {
		t.Fatal(err)
	}
	if err := WriteCSV(c, rows[1:]); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(buf.String(), "source,offset"); n != 1 {
		t.Errorf("%d headers; want 1", n)
	}
	if !strings.Contains(buf.String(), "\"line one\nline") {
		t.Errorf("the line feed inside of the field changed: %q", buf.String())
	}
	got, err := csv.NewReader(&buf).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 {
		t.Fatalf("%d rows; want 4", len(got))
	}
	column := 9 // message
	for i, want := range []string{"message", strings.ReplaceAll(text, "\r\n", "\n"), "'=1+1", "' \t@SUM(1)"} {
		if got[i][column] != want {
			t.Errorf("row %d: message %q; want %q", i, got[i][column], want)
		}
	}
}

func TestCSVWithoutRows(t *testing.T) {
	var buf bytes.Buffer
	if err := (&Document{}).WriteFindingsCSV(&buf, true); err != nil {
		t.Fatal(err)
	}
	if got := buf.String(); !strings.HasPrefix(got, "\uFEFFid,rule,title,") || strings.Count(got, "\r\n") != 1 {
		t.Errorf("no findings give %q; want the header alone, after a byte order mark", got)
	}
}

func TestCell(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"}, {"", ""}, {"=1", "'=1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@a", "'@a"},
		{"\t=1", "'\t=1"}, {"\r=1", "'\r=1"}, {"  =1", "'  =1"}, {"\u00a0=1", "'\u00a0=1"}, {"\u200b=1", "'\u200b=1"},
		{"\x00=1", "'\x00=1"}, {"＝1", "'＝1"}, {" plain = 1", " plain = 1"}, {"a\n=1", "a\n=1"},
	} {
		if got := Cell(c.in); got != c.want {
			t.Errorf("Cell(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a", "=1", "\"", "a,b\nc", "\r\n", " x ", "\ufeff=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var buf bytes.Buffer
		if err := WriteCSV(NewCSV(&buf, false), []RecordRow{{Source: "x", Message: s}}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&buf).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[0]) != len(rows[1]) {
			t.Fatalf("message %q gives rows %q, error %v; want header and one row", s, rows, err)
		}
		if got, want := rows[1][9], strings.ReplaceAll(Cell(tame(s)), "\r\n", "\n"); got != want {
			t.Errorf("message %q reads back as %q; want %q", s, got, want)
		}
	})
}

func TestMarkdownFence(t *testing.T) {
	got := string(written(t, writers[2].write, fixture()))
	if !strings.Contains(got, "\n````text\n") || !strings.Contains(got, "\n```\n") {
		t.Errorf("the fence is not longer than the backticks of the log:\n%s", got)
	}
}
