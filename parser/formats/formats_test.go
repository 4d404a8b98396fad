package formats

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"oxtail/parser"
	"oxtail/parser/lnav"
)

func defaultSet(t testing.TB) *Set {
	t.Helper()
	s, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readAll returns the records of a text as a reader with the default formats gives them.
func readAll(t testing.TB, s *Set, text string, src parser.Source) (string, []*parser.Record) {
	t.Helper()
	r := parser.NewReader(strings.NewReader(text), src, parser.Options{Formats: s.Formats()})
	var out []*parser.Record
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	name := ""
	if f, _ := r.Format(); f != nil {
		name = f.Name()
	}
	return name, out
}

func linesOf(t testing.TB, text string) []parser.Line {
	t.Helper()
	lr := parser.NewLineReader(strings.NewReader(text), parser.Encoding{})
	var lines []parser.Line
	for {
		l, err := lr.Next()
		if err != nil {
			return lines
		}
		lines = append(lines, l)
	}
}

// TestEmbedded pins the embedded formats: rules refer to their names.
func TestEmbedded(t *testing.T) {
	var got []string
	for _, f := range defaultSet(t).Formats() {
		got = append(got, f.Name())
		if f.Title() == "" || f.(*lnav.Format).Description() == "" {
			t.Errorf("format %s has no title or description", f.Name())
		}
		if len(f.(*lnav.Format).Samples()) < 2 {
			t.Errorf("format %s has %d samples, want 2 or more", f.Name(), len(f.(*lnav.Format).Samples()))
		}
	}
	want := "eas_syncroton eas_zpush gwsmo json_lines log4net logfmt olk_new ox_server oxtstore_a oxtstore_b oxtstore_c syslog generic"
	if strings.Join(got, " ") != want {
		t.Errorf("formats are %s, want %s", strings.Join(got, " "), want)
	}
}

// TestSamplesHaveNoRival holds that each sample is claimed best by its own format.
func TestSamplesHaveNoRival(t *testing.T) {
	s := defaultSet(t)
	for _, f := range s.Formats() {
		if f.Name() == "olk_new" {
			continue // claims nothing by content
		}
		for i, sample := range f.(*lnav.Format).Samples() {
			got, _ := parser.Choose(s.Formats(), "", linesOf(t, sample.Line))
			if got == nil || got.Name() != f.Name() {
				t.Errorf("%s, sample %d is claimed by %v: %q", f.Name(), i+1, nameOf(got), sample.Line)
			}
		}
	}
}

func nameOf(f parser.Format) string {
	if f == nil {
		return "none"
	}
	return f.Name()
}

func TestChoose(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"bare phrases", "UUID already in use\nUUID already mapped\nNo DataObject with UUID\n", ""},
		{"prose with a date", "Dear Jane,\n\non 05.03.2012 10:11 the folder\nwas not there.\nWhat now?\nYours\nJoe\n", ""},
		{"code", "func main() {\n\tx := 12\n}\n", ""},
		{"SupportTool", "* Listing cache file information...\nService 'OXSTOR_SVC' recreated in profile 'x', but there were warnings\n", ""},
		{"half matched specific against generic", "2012-03-05 10:11:12.345: <ctx> one\n10:183:jdoe:JSON:dev: two\n2012-03-05 10:11:13 three\n2012-03-05 10:11:12.345: <ctx> four\n", "oxtstore_a"},
		{"unknown layout", "2012.03.05 10:11:12>> one\n2012.03.05 10:11:13>> two\n", "generic"},
		{"long stack traces", "2012-03-05 10:11:12.345 ERROR one\n" + strings.Repeat("\tat com.x.Y(Z)\n", 80), "generic"},
		{"entries of several lines", strings.Repeat("2012.03.05 10:11:12>> one\nkey: value\nother: value\nname: x\n", 5), "generic"},
		{"a letter with two dates", "On 05.03.2012 10:11 Jane wrote:\n" + strings.Repeat("some words\n", 12) + "On 06.03.2012 10:11 Joe wrote:\n" + strings.Repeat("some words\n", 12), ""},
		{"properties of a message", "Message:\nClient submit time:\tSep 16, 2020 16:34:19.33 UTC\nDelivery time:\tSep 16, 2020 16:34:19.33 UTC\nSize:\t3504\n", ""},
		{"level before the time", "ERROR: 2012-03-05 10:11:12 x\nInfo: 2012-03-05 10:11:12 y\n", "generic"},
		{"clocks only", "10:11:12 Synchronizer Version 1\n10:11:13 Done\n", "generic"},
		{"few gwsmo heads", "OS Version: 5.1\nProcess Id: 1\n2012-03-05T10:11:12.264+01:00 3ac A:Migration\n" + strings.Repeat("Key: value\n", 40), "gwsmo"},
		{"crlf", "2012-03-05 10:11:12,345 [7] INFO  Acme.Sync - x\r\n2012-03-05 10:11:12,345 [7] INFO  Acme.Sync - y\r\n", "log4net"},
		{"empty", "", ""},
		{"blank", "\n\n\n", ""},
	}
	s := defaultSet(t)
	for _, tt := range tests {
		got, claim := parser.Choose(s.Formats(), "", linesOf(t, tt.text))
		name := ""
		if got != nil {
			name = got.Name()
		}
		if name != tt.want {
			t.Errorf("%s: chose %q (%+v), want %q", tt.name, name, claim, tt.want)
		}
	}
}

func TestRecords(t *testing.T) {
	zone := time.FixedZone("", 3600)
	src := parser.Source{Path: "x.log", Zone: zone, ModTime: time.Date(2012, 6, 1, 0, 0, 0, 0, zone)}
	tests := []struct {
		text, format, time string
		basis              parser.TimeBasis
		level              parser.Level
		component, thread  string
		message, fields    string
	}{
		{"2012-03-05 10:11:12.345: <ctx> hello\n", "oxtstore_a", "2012-03-05T09:11:12.345Z", parser.TimeZoneAssumed, 0, "", "", "hello", "context=ctx"},
		{"10:183:MYUSER:EAS:dev: hello\n", "oxtstore_a", "", parser.TimeNone, 0, "", "", "hello", "context=10 uid=183 user=MYUSER protocol=EAS device=dev"},
		{"2012-03-05 10:11:12,345 [7] DEBUG OpenXchange.HTTPClient - hello\n", "oxtstore_b", "2012-03-05T09:11:12.345Z", parser.TimeZoneAssumed, parser.LevelDebug, "OpenXchange.HTTPClient", "7", "hello", "thread=7 component=OpenXchange.HTTPClient"},
		{"[05.03.2012 10:11:12.345] [0x1a2c] [ERROR] comp: hello\n", "oxtstore_c", "2012-03-05T09:11:12.345Z", parser.TimeZoneAssumed, parser.LevelError, "comp", "0x1a2c", "hello", "thread=0x1a2c component=comp"},
		{"2010-07-19T16:53:58.264+05:30 3ac E:M X!Y::Z @ 88 ()> hello\nmore\n", "gwsmo", "2010-07-19T11:23:58.264Z", parser.TimeExact, parser.LevelError, "X!Y::Z", "3ac", "hello\nmore", "thread=3ac program=M component=X!Y::Z codeline=88"},
		{"04/02/2023 02:38:31 [ 4695] [ WARN] [u@example.com] Unable to Fetch 'U1:2'\n", "eas_zpush", "2023-02-04T01:38:31Z", parser.TimeZoneAssumed, parser.LevelWarning, "", "4695", "Unable to Fetch 'U1:2'", "pid=4695 user=u@example.com item=U1:2"},
		{"1 - u - 2012-03-05T10:11:12+00:00 WARN (4): A::b::14 folder 7f not found\n", "eas_syncroton", "2012-03-05T10:11:12Z", parser.TimeExact, parser.LevelWarning, "A::b", "", "folder 7f not found", "request=1 user=u priority=4 component=A::b codeline=14 folder_id=7f"},
		{"Mar  5 10:11:12 host app[12]: hello\n", "syslog", "2012-03-05T09:11:12Z", parser.DayInferred, 0, "app", "12", "hello", "host=host component=app pid=12"},
		{"Dec 31 10:11:12 host app[12]: hello\n", "syslog", "2011-12-31T09:11:12Z", parser.DayInferred, 0, "app", "12", "hello", "host=host component=app pid=12"},
		{`{"time":1330942272.25,"level":"warn","msg":"hello","a":{"b":7}}` + "\n", "json_lines", "2012-03-05T10:11:12.25Z", parser.TimeExact, parser.LevelWarning, "", "", "hello", "a/b=7"},
		{"time=2012-03-05T10:11:12Z level=error msg=\"hello you\" k=v\n", "logfmt", "2012-03-05T10:11:12Z", parser.TimeExact, parser.LevelError, "", "", "hello you", "k=v"},
		{"2012-03-05 10:11:12.345 [0x1a2c] ERROR Usm.Sync: hello\n  more\n", "generic", "2012-03-05T09:11:12.345Z", parser.TimeZoneAssumed, parser.LevelError, "Usm.Sync", "0x1a2c", "hello\n  more", "guessed=thread level component"},
		{"ERROR 2012-03-05 10:11:12 hello\n", "generic", "2012-03-05T09:11:12Z", parser.TimeZoneAssumed, parser.LevelError, "", "", "hello", "guessed=level"},
		{"2012-03-05 10:11:12 12 items, 3 not synced\n", "generic", "2012-03-05T09:11:12Z", parser.TimeZoneAssumed, 0, "", "", "12 items, 3 not synced", ""},
		{"10:11:12 hello\n", "generic", "2012-05-31T09:11:12Z", parser.DayInferred, 0, "", "", "hello", ""},
		{"05.03.2012 10:11:12 Fehler: hallo\n", "generic", "2012-03-05T09:11:12Z", parser.TimeZoneAssumed, parser.LevelError, "", "", "hallo", "guessed=level"},
		{"2024-02-04T10:11:12,345+0100 ERROR [W-1] com.openexchange.a.B.c(B.java:1)\nSES-0203 Categories=TRY_AGAIN Message='x' exceptionID=-5-2\n", "ox_server", "2024-02-04T09:11:12.345Z", parser.TimeExact, parser.LevelError, "com.openexchange.a.B.c", "W-1", "SES-0203 Categories=TRY_AGAIN Message='x' exceptionID=-5-2", "thread=W-1 component=com.openexchange.a.B.c place=(B.java:1)"},
		{"Zeile 12:  INFO  2024-10-24 17:23:09,575 [ VSTA_Main] .A.B . MoveNext      - hello\n", "log4net", "2024-10-24T16:23:09.575Z", parser.TimeZoneAssumed, parser.LevelInfo, ".A.B", "VSTA_Main", "hello", "editor_line=12 thread=VSTA_Main component=.A.B method=MoveNext"},
	}
	s := defaultSet(t)
	for _, tt := range tests {
		name, records := readAll(t, s, tt.text, src)
		if name != tt.format || len(records) != 1 {
			t.Errorf("%q: format %q with %d records, want %q with 1", tt.text, name, len(records), tt.format)
			continue
		}
		r := records[0]
		at := ""
		if r.Basis != parser.TimeNone {
			at = r.Time.UTC().Format(time.RFC3339Nano)
		}
		var fields []string
		for _, f := range r.Fields {
			fields = append(fields, f.Name+"="+f.Value)
		}
		if at != tt.time || r.Basis != tt.basis || r.Level != tt.level || r.Component != tt.component || r.Thread != tt.thread || r.Message != tt.message || strings.Join(fields, " ") != tt.fields || r.Problem != "" {
			t.Errorf("%q:\n got %s %v %v component=%q thread=%q message=%q fields=%q problem=%q", tt.text, at, r.Basis, r.Level, r.Component, r.Thread, r.Message, fields, r.Problem)
		}
	}
}

func TestDateOrderOverTheWholeFile(t *testing.T) {
	tests := []struct{ name, text, first, note string }{
		{"a later day above 12", "05/03/2012 10:00:00 a\n05/03/2012 11:00:00 b\n13/03/2012 10:00:00 c\n", "2012-03-05", ""},
		{"a later second number above 12", "05/03/2012 10:00:00 a\n05/13/2012 10:00:00 c\n", "2012-05-03", ""},
		{"change of date", "05/03/2012 23:00:00 a\n05/04/2012 01:00:00 b\n", "2012-05-03", ""},
		{"nothing tells", "05/03/2012 10:00:00 a\n05/03/2012 10:00:01 b\n", "2012-03-05", "assumed unknown"},
	}
	s := defaultSet(t)
	for _, tt := range tests {
		_, records := readAll(t, s, tt.text, parser.Source{})
		got := records[0].Time.Format("2006-01-02")
		note, has := records[0].Field(lnav.FieldDateOrder)
		if got != tt.first || has != (tt.note != "") {
			t.Errorf("%s: first record is of %s (%q), want %s", tt.name, got, note, tt.first)
		}
	}
}

func TestUserFormats(t *testing.T) {
	const good = `{"my_log": {"title": "Mine", "regex": {"std": {"pattern": "^#(?<timestamp>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)# (?<body>.*)"}}, "sample": [{"line": "#2012-03-05 10:11:12# x"}]}}`
	fsys := fstest.MapFS{
		"installed/my.json":             {Data: []byte(good)},
		"installed/readme.txt":          {Data: []byte("not a format")},
		"a/b/c/d/e/f/g/h/i/j/deep.json": {Data: []byte("not JSON, but too deep to be read")},
		"bad/bad.json":                  {Data: []byte("{\n  \"x\": {\n    \"titel\": \"x\"\n  }\n}")},
	}
	set, err := defaultSet(t).Load(fsys, "/formats")
	if err == nil || !strings.Contains(err.Error(), "/formats/bad/bad.json:3:5: unknown key \"titel\"") {
		t.Errorf("error is %v, want one that names /formats/bad/bad.json:3:5", err)
	}
	if strings.Contains(err.Error(), "deep.json") {
		t.Errorf("error is %v; folders were followed too deep", err)
	}
	f, ok := set.Lookup("my_log")
	if !ok || set.Origin("my_log") != "/formats/installed/my.json" {
		t.Fatalf("my_log is not there: %v", err)
	}
	all := set.Formats()
	if all[len(all)-1].Name() != "generic" {
		t.Errorf("the last format is %s, want generic", all[len(all)-1].Name())
	}
	ranks := set.Rank("", linesOf(t, "#2012-03-05 10:11:12# x\n"))
	if len(ranks) < 2 || ranks[0].Format != f || ranks[1].Format.Name() != "generic" {
		t.Errorf("ranks are %v", ranks)
	}
}

func TestExplain(t *testing.T) {
	f, _ := defaultSet(t).Lookup("oxtstore_c")
	lines := linesOf(t, "[05.03.2012 10:11:12.345] [0x1a2c] [ERROR] c: x\n  more\n[05.03.2012 10:11:12.345] [main] [ERROR] c: x\n")
	reports := Explain(f, lines, parser.Source{})
	if !reports[0].Matched || reports[0].Pattern != "std" || reports[0].Record.Component != "c" {
		t.Errorf("line 1: %+v", reports[0])
	}
	if reports[1].Matched || !reports[1].Continues {
		t.Errorf("line 2: %+v, want it to continue line 1", reports[1])
	}
	got := reports[2]
	if got.Matched || got.Reached != len("[05.03.2012 10:11:12.345] [") || !strings.Contains(got.Why, "main") {
		t.Errorf("line 3: reached %d, why %q", got.Reached, got.Why)
	}
	t.Log(got.Why)
}

// TestSharedSamples reads the samples that are handed out beside the project.
func TestSharedSamples(t *testing.T) {
	root := "../../../shared/samples/"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared samples are not here")
	}
	tests := []struct {
		file, format string
		records      int
	}{
		{"outlook/eas/02_zpush_outlook_foldersync.txt", "eas_zpush", 6},
		{"outlook/eas/04_grommunio_sync.txt", "eas_zpush", 4},
		{"outlook/gwsmo/01_exchange_migration_trace.txt", "gwsmo", 3},
		{"outlook/relatives/01_ogcs_exchange_unavailable.txt", "log4net", 5},
		{"outlook/relatives/03_caldavsynchronizer.txt", "log4net", 4},
		{"ox/ox_usm_eas_server_debug.txt", "oxtstore_a", 2},
		{"ox/uuid_phrases.txt", "", 3},
		{"ox/supporttool_strings.txt", "", 2},
	}
	s := defaultSet(t)
	for _, tt := range tests {
		text, err := os.ReadFile(filepath.Join(root, tt.file))
		if err != nil {
			t.Error(err)
			continue
		}
		name, records := readAll(t, s, string(text), parser.Source{})
		if name != tt.format || len(records) != tt.records {
			t.Errorf("%s: format %q with %d records, want %q with %d", tt.file, name, len(records), tt.format, tt.records)
		}
	}
}

// TestSettle reads a source in pieces, as a scan does: the head settles the order of
// day and month, or there is no fast path.
func TestSettle(t *testing.T) {
	found, _ := defaultSet(t).Lookup("generic")
	f := found.(*lnav.Format)
	tests := []struct {
		name, head string
		fast       bool
		want       string // day of 05/03/2012, "" if it is not certain
	}{
		{"settled by the head", "05/03/2012 10:00:00 a\nno time\n05/13/2012 10:00:00 b\n", true, "2012-05-03"},
		{"not settled", "05/03/2012 10:00:00 a\n", false, ""},
		{"not even ambiguous yet", "05/05/2012 10:00:00 a\n", false, ""},
		{"ISO", "2012-05-05 10:00:00 a\n", true, ""},
		{"dots", "05.03.2012 10:00:00 a\n", true, ""},
	}
	for _, tt := range tests {
		settled := f.Settle(linesOf(t, tt.head), parser.Source{})
		if fast := settled.Starts() != nil; fast != tt.fast {
			t.Errorf("%s: fast path is %v, want %v", tt.name, fast, tt.fast)
		}
		got := ""
		if at, _, ok := settled.StampOf(parser.Source{})([]byte("05/03/2012 10:00:00 a\r\n")); ok {
			got = at.Format("2006-01-02")
		}
		if got != tt.want {
			t.Errorf("%s: 05/03/2012 is %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestDocExample loads the format that docs/formats.md teaches.
func TestDocExample(t *testing.T) {
	doc, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	var example []string
	for _, line := range strings.Split(string(doc), "\n") {
		if rest, ok := strings.CutPrefix(line, "       "); ok && (len(example) > 0 || rest == "{") {
			example = append(example, rest)
		} else if len(example) > 0 {
			break
		}
	}
	set, err := defaultSet(t).Load(fstest.MapFS{"mylog.json": {Data: []byte(strings.Join(example, "\n"))}}, "doc")
	if err != nil {
		t.Fatal(err)
	}
	f, ok := set.Lookup("mylog")
	if !ok {
		t.Fatalf("the document's format is not there: %q", example)
	}
	if f.(parser.RawFormat).Starts() == nil {
		t.Error("the document's format has no fast path")
	}
}
