package detectors

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

func TestMask(t *testing.T) {
	tests := []struct{ text, want string }{
		{"job 4711 failed", "job <n> failed"},
		{"job 4711 failed\n at Foo()", "job <n> failed"},
		{"UUID {5D1C2A40-0000-4000-8000-00000000A001} is odd", "UUID {<uuid>} is odd"},
		{"UUID 5d1c2a40000040008000000000000a01 is odd", "UUID <uuid> is odd"},
		{"code 0x8004010F at 0X1a", "code <hex> at <hex>"},
		{"entry 00000000deadbeef01 gone", "entry <hex> gone"},
		{"folder 'Inbox' and \"Drafts\" failed", "folder '<…>' and \"<…>\" failed"},
		{"can't open the user's folder", "can't open the user's folder"},
		{"mail of alex.doe@example.com failed", "mail of <address> failed"},
		{"2031-05-06 07:08:09.100: failed", "<n>-<n>-<n> <n>:<n>:<n>.<n>: failed"},
		{"worker-7 failed", "worker-<n> failed"},
		{"Größe 12 überschritten", "Größe <n> überschritten"},
	}
	for _, tt := range tests {
		if got := Mask(tt.text); got != tt.want {
			t.Errorf("Mask(%q) = %q; want %q", tt.text, got, tt.want)
		}
	}
	if got := Mask(strings.Repeat("wörter ", 200)); len(got) > maxPattern {
		t.Errorf("Mask of a long text has %d bytes; the limit is %d", len(got), maxPattern)
	}
}

func TestStrange(t *testing.T) {
	tests := []struct {
		text  string
		level parser.Level
		want  bool
	}{
		{"worker: unexpected error 7", parser.LevelNone, true},
		{"System.Net.SocketException: gone", parser.LevelInfo, true},
		{"Netzwerkfehler beim Abgleich", parser.LevelWarning, true},
		{"07:00 ERROR state 7", parser.LevelError, true},
		{"07:00 E state", parser.LevelError, true},
		{"sync done, 0 errors", parser.LevelNone, false},
		{"sync done without error", parser.LevelNone, false},
		{"errors=0 warnings=3", parser.LevelNone, false},
		{"errors: 10", parser.LevelNone, true},
		{"10 errors", parser.LevelNone, true},
		{"retry after error", parser.LevelDebug, false},
		{"error_count is fine", parser.LevelNone, false},
		{"all is well", parser.LevelNone, false},
	}
	for _, tt := range tests {
		rec := &parser.Record{Text: tt.text, Level: tt.level}
		if got := Strange(rec, nil); got != tt.want {
			t.Errorf("Strange(%q, level %v) = %v; want %v", tt.text, tt.level, got, tt.want)
		}
		if Strange(rec, nil) && !holdsOne(tt.text, StrangeLiterals()) {
			t.Errorf("%q is strange without one of StrangeLiterals", tt.text)
		}
	}
	rec := &parser.Record{Text: "an error", Level: parser.LevelError}
	if Strange(rec, []Hit{{Kind: HitFault}}) {
		t.Error("a record that a rule caught is strange")
	}
	if !Strange(rec, []Hit{{Kind: HitCycle}}) {
		t.Error("a border of a sync cycle explains an error")
	}
}

func TestTemplates(t *testing.T) {
	ts := NewTemplates()
	at := time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC)
	for i := range 5 {
		ts.Add(&parser.Record{Line: i + 1, Message: fmt.Sprintf("job %d failed", i), Time: at.Add(time.Duration(4-i) * time.Second), Basis: parser.TimeExact}, "s")
	}
	ts.Add(&parser.Record{Message: "disk error"}, "s")
	list := ts.List()
	if len(list) != 2 || list[0].Pattern != "job <n> failed" || list[0].Count != 5 || list[0].Example.Line != 1 ||
		!list[0].First.Equal(at) || !list[0].Last.Equal(at.Add(4*time.Second)) {
		t.Errorf("List() = %+v; want the jobs first, with their first and last time", list)
	}
	for i := range MaxTemplates + 5 {
		kind := string(rune('a'+i%26)) + string(rune('a'+i/26))
		ts.Add(&parser.Record{Message: "error of kind " + kind}, "s")
	}
	if len(ts.List()) != MaxTemplates || ts.Others() != 7 {
		t.Errorf("%d templates and %d others; want %d and 7", len(ts.List()), ts.Others(), MaxTemplates)
	}
}

func builtinSet(t *testing.T) *Rules {
	return load(t, map[string]string{
		"gap.yml":   "title: Gap\nid: gap\nlevel: informational\noxtail: {builtin: gap, gap: {factor: 20, least: 10m, most: 8h}, verdict: informational, action: none}\n",
		"burst.yml": "title: Burst\nid: burst\nlevel: low\noxtail: {builtin: burst, burst: {factor: 10, least: 20}, verdict: informational, action: none}\n",
		"r.yml":     detectionRule("r", "sel: {message|contains: broken}") + "oxtail: {key: []}\n",
	})
}

func TestGap(t *testing.T) {
	start := time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC)
	tests := []struct {
		name     string
		interval time.Duration
		silence  time.Duration
		want     int
	}{
		{"steady", 5 * time.Second, 5 * time.Second, 0},
		{"silence", 5 * time.Second, 30 * time.Minute, 1},
		{"shorter than the least", 5 * time.Second, 9 * time.Minute, 0},
		{"end of a session", 5 * time.Second, 9 * time.Hour, 0},
		{"usual here", 5 * time.Minute, 30 * time.Minute, 0},
		{"clock set back", 5 * time.Second, -30 * time.Minute, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewCollector(builtinSet(t))
			at := start
			for i := range 200 {
				at = at.Add(tt.interval)
				if i == 100 {
					at = at.Add(tt.silence - tt.interval)
				}
				c.ObserveTime("s.log", Tick{Time: at, Offset: int64(i) * 10, Length: 10, Line: i + 1})
			}
			f := ofRule(c.Findings(), "gap")
			if len(f) != tt.want {
				t.Fatalf("findings = %+v; want %d", f, tt.want)
			}
			if tt.want == 1 && (f[0].Evidence[0].Line != 100 || f[0].Evidence[1].Line != 101 || f[0].Verdict != Informational) {
				t.Errorf("finding = %+v; want the lines 100 and 101", f[0])
			}
		})
	}
}

func TestBurst(t *testing.T) {
	set := builtinSet(t)
	steady, burst := []line{}, []line{}
	for m := range 60 {
		steady = append(steady, line{m * 60, "broken"}, line{m*60 + 30, "broken"})
		burst = append(burst, line{m * 60, "broken"})
		for range 60 {
			if m == 30 {
				burst = append(burst, line{m*60 + 1, "broken"})
			}
		}
	}
	if f := ofRule(scanLogs(set, []string{"s"}, [][]line{steady}).Findings(), "burst"); len(f) != 0 {
		t.Errorf("steady failures give %+v; want no burst", f)
	}
	f := ofRule(scanLogs(set, []string{"s"}, [][]line{burst}).Findings(), "burst")
	if len(f) != 1 || f[0].Count != 61 || f[0].Evidence[0].Line != 31 {
		t.Errorf("burst findings = %+v; want one of 61 records from line 31", f)
	}
}

func TestTrialNeedsSamples(t *testing.T) {
	text := detectionRule("r", "sel: {message|contains: zebra}") + `oxtail:
  samples:
    hit: [a zebra, {format: f1, fields: {message: zebra two}}, {log: "one zebra\nnone"}]
    miss: [a horse, a zebra crossing]
`
	set := load(t, map[string]string{"r.yml": text})
	cut := func(text, format string) []*parser.Record {
		var out []*parser.Record
		for l := range strings.SplitSeq(text, "\n") {
			out = append(out, &parser.Record{Text: l, Message: l})
		}
		return out
	}
	var got []string
	for _, f := range TestRules(set, cut) {
		got = append(got, f.String())
	}
	if want := []string{`r.yml:9: rule r: matches a near miss: "a zebra crossing"`}; !slices.Equal(got, want) {
		t.Errorf("TestRules = %q; want %q", got, want)
	}
	if got := TestRules(set, nil); len(got) != 2 {
		t.Errorf("without formats %d failures; want 2", len(got))
	}
	bare := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {message|contains: zebra}")})
	if got := TestRules(bare, nil); len(got) != 2 {
		t.Errorf("a rule without samples gives %d failures; want 2", len(got))
	}
}

func TestCrossings(t *testing.T) {
	text := detectionRule("a", "sel: {message|contains: zebra}") + "oxtail: {samples: {hit: [a zebra, a striped zebra], miss: [x, y]}}\n---\n" +
		detectionRule("b", "sel: {message|contains: striped}") + "oxtail: {samples: {hit: [striped, very striped], miss: [x, y]}}\n"
	got := Crossings(load(t, map[string]string{"r.yml": text}), nil)
	if want := []Crossing{{"a", 1, "b"}}; !slices.Equal(got, want) {
		t.Errorf("Crossings = %v; want %v", got, want)
	}
}

// TestSamplesOfCorrelations: their logs are of the format that the base rules name.
func TestSamplesOfCorrelations(t *testing.T) {
	text := detectionRule("a", "sel: {message|contains: zebra}") + "logsource: {service: gwsmo}\n---\n" + `title: C
id: c
correlation: {type: event_count, rules: [a], timespan: 5m, condition: {gte: 2}}
oxtail:
  samples:
    hit: [{log: "zebra\nzebra"}, {log: "zebra\nzebra\nhorse"}]
    miss: [{log: "zebra\nhorse"}, {log: "horse\nhorse"}]
`
	at := time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC)
	cut := func(text, format string) []*parser.Record {
		if format != "gwsmo" {
			t.Errorf("samples are cut as %q; want gwsmo", format)
		}
		var out []*parser.Record
		for l := range strings.SplitSeq(text, "\n") {
			out = append(out, &parser.Record{Text: l, Message: l, Time: at, Basis: parser.TimeExact, Offset: int64(len(out))})
		}
		return out
	}
	for _, f := range TestRules(load(t, map[string]string{"r.yml": text}), cut) {
		if f.Rule.ID == "c" {
			t.Error(f.String())
		}
	}
}
