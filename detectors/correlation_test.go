package detectors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oxtail/parser"
)

// baseRules are rules A, B and C, which match events of the same letter.
const baseRules = `title: A
id: a
name: A
detection: {sel: {Event: a}, condition: sel}
oxtail: {key: []}
---
title: B
id: b
name: B
detection: {sel: {Event: b}, condition: sel}
oxtail: {key: []}
---
title: C
id: c
name: C
detection: {sel: {Event: c}, condition: sel}
oxtail: {key: []}
`

func correlationRule(lines string) string {
	return baseRules + "---\ntitle: Corr\nid: corr\ncorrelation:\n  " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n  ") + "\n"
}

// Correlations of the pitfalls.
const (
	countA    = "type: event_count\nrules: [A]\ngroup-by: [Account]\ntimespan: 5m\ncondition: {gte: 3}"
	countTwo  = "type: event_count\nrules: [A]\ngroup-by: [Account]\ntimespan: 5m\ncondition: {gte: 2}"
	valuesA   = "type: value_count\nrules: [A]\ngroup-by: [Account]\ntimespan: 5m\ncondition: {gte: 3, field: Folder}"
	temporal  = "type: temporal\nrules: [A, B]\ngroup-by: [Account]\ntimespan: 5m"
	orderedAB = "type: temporal_ordered\nrules: [A, B]\ngroup-by: [Account]\ntimespan: 5m"
	ordered   = "type: temporal_ordered\nrules: [A, B, C]\ngroup-by: [Account]\ntimespan: 5m"
)

// eventAt reads "a 4:50 Account=x Folder=y": letter, minutes:seconds ("-" for none), fields.
func eventAt(t testing.TB, text string, offset int) *parser.Record {
	t.Helper()
	words := strings.Fields(text)
	rec := recordOf("Event", words[0])
	rec.Offset, rec.Line, rec.Raw = int64(offset), offset+1, []byte("x")
	rec.Text = text
	if words[1] != "-" {
		var m, s int
		if _, err := fmt.Sscanf(words[1], "%d:%d", &m, &s); err != nil {
			t.Fatalf("event %q: %v", text, err)
		}
		rec.Time = time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC).Add(time.Duration(m*60+s) * time.Second)
		rec.Basis = parser.TimeExact
	}
	for _, w := range words[2:] {
		name, value, _ := strings.Cut(w, "=")
		rec.Fields = append(rec.Fields, parser.Field{Name: name, Value: value})
	}
	return rec
}

// collect runs events of one source through a collector, to its end.
func collect(t testing.TB, set *Rules, events []string) *Collector {
	t.Helper()
	m, c := NewMatcher(set), NewCollector(set)
	for i, text := range events {
		c.Add(m.Match(eventAt(t, text, i), EventContext{Source: "s.log"})...)
	}
	c.EndSource("s.log")
	return c
}

func ofRule(findings []Finding, id string) []Finding {
	var out []Finding
	for _, f := range findings {
		if f.Rule == id {
			out = append(out, f)
		}
	}
	return out
}

func TestCorrelationPitfalls(t *testing.T) {
	tests := []struct {
		id     string
		rule   string
		events []string
		counts []int // of the findings of the correlation, in order
	}{
		{"c1 plain count", countA, []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=x"}, []int{3}},
		{"c2 groups are separate", countA, []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=y"}, nil},
		{"c3 window is a distance", countA, []string{"a 4:00 Account=x", "a 5:30 Account=x", "a 7:00 Account=x"}, []int{3}},
		{"c4 edge belongs to it", countA, []string{"a 0:00 Account=x", "a 2:00 Account=x", "a 5:00 Account=x"}, []int{3}},
		{"c4 beyond the edge", countA, []string{"a 0:00 Account=x", "a 2:00 Account=x", "a 5:01 Account=x"}, nil},
		{"c5 no count beyond the window", valuesA, []string{"a 0:00 Account=x Folder=a", "a 0:10 Account=x Folder=a", "a 4:50 Account=x Folder=b", "a 5:20 Account=x Folder=c"}, nil},
		{"c6 distinct values", valuesA, []string{"a 0:00 Account=x Folder=a", "a 0:10 Account=x Folder=A", "a 0:20 Account=x Folder=b", "a 0:30 Account=x Folder=b"}, nil},
		{"c6 enough values", valuesA, []string{"a 0:00 Account=x Folder=a", "a 0:10 Account=x Folder=b", "a 0:20 Account=x Folder=c"}, []int{3}},
		{"c7 groups do not mix", temporal, []string{"a 0:00 Account=x", "b 1:00 Account=y"}, nil},
		{"c8 no order", temporal, []string{"b 0:00 Account=x", "a 1:00 Account=x"}, []int{2}},
		{"c9 order among all", ordered, []string{"a 0:00 Account=x", "c 1:00 Account=x", "b 2:00 Account=x"}, nil},
		{"c10 order found later", ordered, []string{"a 0:00 Account=x", "c 1:00 Account=x", "b 2:00 Account=x", "c 3:00 Account=x"}, []int{4}},
		{"c11 whole chain in one span", ordered, []string{"a 0:00 Account=x", "b 4:00 Account=x", "c 8:00 Account=x"}, nil},
		{"c11 restart of the chain", ordered, []string{"a 0:00 Account=x", "a 4:00 Account=x", "b 5:00 Account=x", "c 8:00 Account=x"}, []int{3}},
		{"c12 equal times", orderedAB, []string{"b 0:00 Account=x", "a 0:00 Account=x"}, nil},
		{"c12 equal times in order", orderedAB, []string{"a 0:00 Account=x", "b 0:00 Account=x"}, []int{2}},
		{"c12 one record is not two steps", orderedAB, []string{"a 0:00 Account=x Event=b"}, nil},
		{"c14 out of order", countA, []string{"a 3:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=x"}, []int{3}},
		{"c14 ordered out of order", orderedAB, []string{"b 3:00 Account=x", "a 1:00 Account=x"}, []int{2}},
		{"c15 no time", countA, []string{"a - Account=x", "a - Account=x", "a - Account=x"}, nil},
		{"c18 absent field is a group", countA, []string{"a 0:00", "a 1:00", "a 2:00"}, []int{3}},
		{"c18 never merged with an account", countA, []string{"a 0:00", "a 1:00", "a 2:00 Account=x"}, nil},
		{"c19 groups ignore case", countA, []string{"a 0:00 Account=X@Y.Z", "a 1:00 Account=x@y.z", "a 2:00 Account=X@y.z"}, []int{3}},
		{"c20 one finding per episode", countA, []string{
			"a 0:00 Account=x", "a 0:06 Account=x", "a 0:12 Account=x", "a 0:18 Account=x", "a 0:24 Account=x",
			"a 0:30 Account=x", "a 0:36 Account=x", "a 0:42 Account=x", "a 0:48 Account=x", "a 0:54 Account=x"}, []int{10}},
		{"c20 two episodes", countTwo, []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 30:00 Account=x", "a 31:00 Account=x"}, []int{2, 2}},
		{"c22 aliases", "type: temporal\nrules: [A, B]\ngroup-by: [who]\ntimespan: 5m\naliases: {who: {A: User, B: Account}}",
			[]string{"a 0:00 User=x", "b 1:00 Account=x"}, []int{2}},
		{"c22 aliases differ", "type: temporal\nrules: [A, B]\ngroup-by: [who]\ntimespan: 5m\naliases: {who: {A: User, B: Account}}",
			[]string{"a 0:00 User=x", "b 1:00 Account=y"}, nil},
		{"c26 gt", strings.Replace(countA, "gte: 3", "gt: 2", 1), []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=x"}, []int{3}},
		{"c26 lt", strings.Replace(countA, "gte: 3", "lt: 2", 1), []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 10:00 Account=x"}, []int{1}},
		{"c26 eq is judged at the end", strings.Replace(countA, "gte: 3", "eq: 2", 1), []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=x"}, nil},
		{"c26 eq", strings.Replace(countA, "gte: 3", "eq: 3", 1), []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=x"}, []int{3}},
		{"c26 range", strings.Replace(countA, "gte: 3", "gt: 1, lte: 3", 1), []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 9:00 Account=x"}, []int{2}},
		{"no group-by", "type: event_count\nrules: [A]\ntimespan: 1h\ncondition: {gte: 2}", []string{"a 0:00 Account=x", "a 1:00 Account=y"}, []int{2}},
		{"several rules", "type: event_count\nrules: [A, B]\ntimespan: 1h\ncondition: {gte: 2}", []string{"a 0:00", "b 1:00"}, []int{2}},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			set := load(t, map[string]string{"r.yml": correlationRule(tt.rule)})
			got := collect(t, set, tt.events).Findings()
			var counts []int
			for _, f := range got {
				if f.Rule != "corr" {
					t.Errorf("finding of rule %s beside the correlation", f.Rule)
					continue
				}
				counts = append(counts, f.Count)
			}
			if diff := cmp.Diff(tt.counts, counts); diff != "" {
				t.Errorf("findings of %q by count (-want +got):\n%s", tt.events, diff)
			}
		})
	}
}

// TestOrderOfArrival is c13 and c28: the findings do not depend on the order of
// arrival, on pieces, or on how often they were asked for.
func TestOrderOfArrival(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(valuesA + "\ngenerate: true")})
	events := []string{
		"a 0:00 Account=x Folder=a", "a 0:10 Account=x Folder=b", "a 0:20 Account=y Folder=c", "a 0:30 Account=x Folder=c",
		"a 0:30 Account=y Folder=a", "a 0:30 Account=y Folder=b", "a 9:00 Account=x Folder=a",
	}
	want := collect(t, set, events).Findings()
	if len(ofRule(want, "corr")) != 2 || len(ofRule(want, "a")) != 1 {
		t.Fatalf("findings = %+v; want two of the correlation and one of its base rule", want)
	}
	m := NewMatcher(set)
	for cut := range events {
		c := NewCollector(set)
		for i, text := range events {
			if i == cut {
				c.Findings()
				saved, err := c.Save()
				if err != nil {
					t.Fatal(err)
				}
				if c, err = RestoreCollector(set, saved); err != nil {
					t.Fatal(err)
				}
			}
			c.Add(m.Match(eventAt(t, text, i), EventContext{Source: "s.log"})...)
		}
		c.EndSource("s.log")
		if diff := cmp.Diff(want, c.Findings()); diff != "" {
			t.Fatalf("restart before event %d changes the findings (-want +got):\n%s", cut, diff)
		}
	}
}

func TestUntimedRecordsAreTold(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(countA)})
	c := collect(t, set, []string{"a - Account=x", "a - Account=x"})
	want := []Note{{"records without a time, left out of correlation corr", 2}}
	if diff := cmp.Diff(want, c.Notes()); diff != "" {
		t.Errorf("Notes (-want +got):\n%s", diff)
	}
}

func TestGroupWithoutFieldIsNamed(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(countA)})
	f := collect(t, set, []string{"a 0:00", "a 1:00", "a 2:00"}).Findings()
	if len(f) != 1 || !strings.Contains(strings.Join(f[0].Because, "\n"), "without Account") {
		t.Errorf("findings = %+v; want one that says without Account", f)
	}
}

// TestZonesAndMidnight is c16 and c17: only the instant counts.
func TestZonesAndMidnight(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(countTwo)})
	m := NewMatcher(set)
	for _, times := range [][2]time.Time{
		{time.Date(2031, 5, 6, 10, 0, 0, 0, time.FixedZone("", 7200)), time.Date(2031, 5, 6, 8, 1, 0, 0, time.UTC)},
		{time.Date(2031, 5, 6, 23, 59, 50, 0, time.UTC), time.Date(2031, 5, 7, 0, 0, 5, 0, time.UTC)},
	} {
		c := NewCollector(set)
		for i, at := range times {
			rec := eventAt(t, "a 0:00 Account=x", i)
			rec.Time, rec.Basis = at, parser.DayInferred
			c.Add(m.Match(rec, EventContext{Source: "s.log"})...)
		}
		if got := len(c.Findings()); got != 1 {
			t.Errorf("%d findings for %v; want 1", got, times)
		}
	}
}

func TestGenerate(t *testing.T) {
	events := []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 2:00 Account=x"}
	for generate, want := range map[string]int{"false": 0, "true": 1} {
		set := load(t, map[string]string{"r.yml": correlationRule(countA + "\ngenerate: " + generate)})
		f := collect(t, set, events).Findings()
		if got := len(ofRule(f, "a")); got != want {
			t.Errorf("generate: %s gives %d findings of the base rule; want %d", generate, got, want)
		}
	}
}

// TestCorrelationOfCorrelations is c23: episodes are counted, each once.
func TestCorrelationOfCorrelations(t *testing.T) {
	text := correlationRule(countTwo) + "---\ntitle: Outer\nid: outer\ncorrelation: {type: event_count, rules: [corr], group-by: [Account], timespan: 2h, condition: {gte: 2}}\n"
	set := load(t, map[string]string{"r.yml": text})
	f := collect(t, set, []string{"a 0:00 Account=x", "a 1:00 Account=x", "a 30:00 Account=x", "a 31:00 Account=x", "a 60:00 Account=y", "a 61:00 Account=y"}).Findings()
	if len(f) != 1 || f[0].Rule != "outer" || f[0].Count != 2 {
		t.Errorf("findings = %+v; want one of outer with count 2", f)
	}
}

// TestOpenWindowIsNotJudged is c26 while a log is followed: "exactly" waits for the end.
func TestOpenWindowIsNotJudged(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(strings.Replace(countA, "gte: 3", "eq: 2", 1))})
	m, c := NewMatcher(set), NewCollector(set)
	add := func(i int, text string) { c.Add(m.Match(eventAt(t, text, i), EventContext{Source: "s.log"})...) }
	c.source("s.log")
	add(0, "a 0:00 Account=x")
	add(1, "a 1:00 Account=x")
	if f := c.Findings(); len(f) != 0 {
		t.Errorf("the open window gives %+v; want nothing yet", f)
	}
	add(2, "a 9:00 Account=x")
	if f := c.Findings(); len(f) != 1 {
		t.Errorf("%d findings after the window; want 1", len(f))
	}
}

// TestGroupLimit is c27: memory stays bounded, and what went out is told.
func TestGroupLimit(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(countTwo)})
	m, c := NewMatcher(set), NewCollector(set)
	for i := range MaxTallyGroups + MaxTallyGroups/2 {
		rec := eventAt(t, fmt.Sprintf("a %d:00 Account=x%d", i, i), i)
		c.Add(m.Match(rec, EventContext{Source: "s.log"})...)
	}
	if got := len(c.tallies["corr"].groups); got > MaxTallyGroups {
		t.Errorf("%d groups are kept; the limit is %d", got, MaxTallyGroups)
	}
	if _, kept := c.tallies["corr"].groups["x0"]; kept {
		t.Error("the oldest group was not the first to go")
	}
	if n := c.Notes(); len(n) != 1 || !strings.Contains(n[0].What, "oldest groups dropped from correlation corr") {
		t.Errorf("Notes() = %v; want the dropped groups", n)
	}
}

func TestEntryLimit(t *testing.T) {
	set := load(t, map[string]string{"r.yml": correlationRule(countTwo)})
	m, c := NewMatcher(set), NewCollector(set)
	for i := range MaxTallyEntries + 10 {
		c.Add(m.Match(eventAt(t, fmt.Sprintf("a 0:%d Account=x", i), i), EventContext{Source: "s.log"})...)
	}
	if got := c.tallies["corr"].size; got > MaxTallyEntries {
		t.Errorf("%d entries are kept; the limit is %d", got, MaxTallyEntries)
	}
	saved, err := c.Save()
	if err != nil {
		t.Fatal(err)
	}
	again, err := RestoreCollector(set, saved)
	if err != nil || again.tallies["corr"].size != c.tallies["corr"].size {
		t.Errorf("restored size %d, %v; want %d", again.tallies["corr"].size, err, c.tallies["corr"].size)
	}
	if n := c.Notes(); len(n) != 1 || !strings.Contains(n[0].What, "oldest matches dropped") {
		t.Errorf("Notes() = %v; want the dropped matches", n)
	}
}

// TestEvidenceIsCutAtACharacter is c29.
func TestEvidenceIsCutAtACharacter(t *testing.T) {
	for shift := range 4 {
		text := strings.Repeat("x", shift) + strings.Repeat("€", MaxEvidenceText)
		got := cutText(text, MaxEvidenceText)
		if len(got) > MaxEvidenceText || !strings.HasSuffix(got, cutMark) || strings.ContainsRune(got, '\ufffd') || !strings.HasPrefix(text, strings.TrimSuffix(got, cutMark)) {
			t.Errorf("cutText of %d bytes = %d bytes ending %q; want a marked cut at a character", len(text), len(got), got[len(got)-8:])
		}
	}
}
