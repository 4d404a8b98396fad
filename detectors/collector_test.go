package detectors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oxtail/parser"
	"oxtail/parser/codes"
)

const uuidRule = `title: UUID already in use
id: uuid-in-use
level: high
detection: {words: {message|contains|all: [uuid, already in use]}, condition: words}
oxtail:
  verdict: uuid-mapping
  action: retry
  change: A later success.
  table: family
  row: 1
  key: [uuid, folder]
  extract: {folder: "folder '(?P<folder>[^']+)'"}
  persists: {times: 2, apart: 30s, action: recreate-service, confidence: likely}
  heals: {keywords: [synchronized], key: [uuid, folder]}
---
title: Cycle
id: cycle
detection: {words: {message: sync cycle begins}, condition: words}
oxtail: {cycle: true}
`

// noObjectRule is another rule of the family.
const noObjectRule = `title: No object
id: no-object
level: high
detection: {words: {message|contains: No DataObject}, condition: words}
oxtail:
  verdict: uuid-mapping
  action: retry
  change: A later success.
  table: family
  row: 2
  key: [uuid, folder]
  extract: {folder: "folder '(?P<folder>[^']+)'"}
  persists: {times: 2, apart: 30s, action: recreate-service, confidence: likely}
  heals: {keywords: [synchronized], key: [uuid, folder]}
`

const (
	uuidU = "5d1c2a40-0000-4000-8000-00000000a001"
	uuidV = "5d1c2a40-0000-4000-8000-00000000a002"
)

// A line is one record: seconds since 07:00 (-1: no time) and its text.
type line struct {
	at   int
	text string
}

func (l line) record(n int) *parser.Record {
	rec := &parser.Record{
		Offset: int64(n * 100), Raw: make([]byte, 100), Line: n + 1, Text: l.text, Message: l.text,
		Codes: codes.Find(l.text), UUIDs: parser.UUIDs(l.text),
	}
	if l.at >= 0 {
		rec.Time = time.Date(2031, 5, 6, 7, 0, 0, 0, time.UTC).Add(time.Duration(l.at) * time.Second)
		rec.Basis = parser.TimeExact
	}
	if strings.HasPrefix(l.text, "ERROR") {
		rec.Level = parser.LevelError
	}
	return rec
}

// scanLogs runs sources, by path in order, through a collector.
func scanLogs(set *Rules, paths []string, logs [][]line) *Collector {
	m, c := NewMatcher(set), NewCollector(set)
	for i, path := range paths {
		for n, l := range logs[i] {
			c.Add(m.Match(l.record(n), EventContext{Source: path})...)
		}
		c.EndSource(path)
	}
	return c
}

func TestPersistenceAndHealing(t *testing.T) {
	fail := "ERROR UUID " + uuidU + " already in use, folder 'Inbox'"
	failV := "ERROR UUID " + uuidV + " already in use, folder 'Inbox'"
	tests := []struct {
		name    string
		logs    [][]line
		verdict Verdict
		action  Action
		because string
	}{
		{"once", [][]line{{{0, fail}}}, UUIDMapping, Retry, "a.log:1 says"},
		{"again at once", [][]line{{{0, fail}, {29, fail}}}, UUIDMapping, Retry, "2 records like this within 29 seconds"},
		{"again later", [][]line{{{0, fail}, {30, fail}}}, UUIDMapping, RecreateService, "failed again at a.log:2 after a.log:1, 30 seconds later"},
		{"again in the next cycle", [][]line{{{0, fail}, {1, "sync cycle begins"}, {2, fail}}}, UUIDMapping, RecreateService, "a.log:3 after a.log:1"},
		{"again in the next cycle, no times", [][]line{{{-1, fail}, {-1, "sync cycle begins"}, {-1, fail}}}, UUIDMapping, RecreateService, "in a later sync cycle"},
		{"no times", [][]line{{{-1, fail}, {-1, fail}}}, UUIDMapping, Retry, "2 records like this"},
		{"bare phrase", [][]line{{{0, "UUID already in use"}, {90, "UUID already in use"}}}, UUIDMapping, Retry, ""},
		{"in another source", [][]line{{{0, fail}}, {{90, fail}}}, UUIDMapping, RecreateService, "b.log:1 after a.log:1"},
		{"healed by the UUID", [][]line{{{0, fail}, {9, "object " + uuidU + " synchronized"}}}, Informational, None, "healed at 2031-05-06T07:00:09Z: a.log:2"},
		{"healed by the folder", [][]line{{{0, fail}, {9, "folder 'inbox' synchronized"}}}, Informational, None, "healed at"},
		{"healed, no times", [][]line{{{-1, fail}, {-1, "folder 'Inbox' synchronized"}}}, Informational, None, "healed: a.log:2"},
		{"healed in another source", [][]line{{{0, fail}}, {{9, "folder 'Inbox' synchronized"}}}, Informational, None, "b.log:1"},
		{"well before", [][]line{{{0, "folder 'Inbox' synchronized"}, {9, fail}}}, UUIDMapping, Retry, ""},
		{"well before in another source", [][]line{{{9, fail}}, {{0, "folder 'Inbox' synchronized"}}}, UUIDMapping, Retry, ""},
		{"another object of the folder", [][]line{{{0, fail}, {9, "object " + uuidV + " in folder 'Inbox' synchronized"}}}, UUIDMapping, Retry, ""},
		{"another folder", [][]line{{{0, fail}, {9, "folder 'Drafts' synchronized"}}}, UUIDMapping, Retry, ""},
		{"not synchronized", [][]line{{{0, fail}, {9, "folder 'Inbox' not synchronized"}}}, UUIDMapping, Retry, ""},
		{"unsynchronized", [][]line{{{0, fail}, {9, "folder 'Inbox' unsynchronized"}}}, UUIDMapping, Retry, ""},
		{"an error is no good news", [][]line{{{0, fail}, {9, "ERROR folder 'Inbox' synchronized with losses"}}}, UUIDMapping, Retry, ""},
		{"healed between", [][]line{{{0, fail}, {40, "folder 'Inbox' synchronized"}, {80, fail}}}, UUIDMapping, Retry, ""},
		{"persists after healing", [][]line{{{0, fail}, {40, "folder 'Inbox' synchronized"}, {80, fail}, {160, fail}}}, UUIDMapping, RecreateService, "a.log:4 after a.log:3"},
		{"persisted, then healed", [][]line{{{0, fail}, {40, fail}, {80, "folder 'Inbox' synchronized"}}}, Informational, None, "healed"},
		{"clock set back: the place decides in a source", [][]line{{{90, "folder 'Inbox' synchronized"}, {0, fail}}}, UUIDMapping, Retry, ""},
		{"again without a time in another source", [][]line{{{-1, fail}}, {{0, fail}, {40, fail}}}, UUIDMapping, RecreateService, "b.log:2 after b.log:1"},
		{"the folder, with other objects", [][]line{{{0, fail}, {1, "sync cycle begins"}, {2, failV}}}, UUIDMapping, RecreateService, "(folder inbox) failed again at a.log:3 after a.log:1"},
		{"the folder, much later", [][]line{{{0, fail}, {600, failV}}}, UUIDMapping, RecreateService, "10 minutes later"},
		{"the folder, in one long cycle", [][]line{{{0, fail}, {90, failV}}}, UUIDMapping, Retry, ""},
		{"the folder, well between", [][]line{{{0, fail}, {1, "object " + uuidU + " in folder 'Inbox' synchronized"}, {600, failV}}}, UUIDMapping, Retry, ""},
		{"in other words", [][]line{{{0, fail}, {40, "ERROR No DataObject with UUID " + uuidU + ", folder 'Inbox'"}}}, UUIDMapping, RecreateService, "a.log:2 after a.log:1"},
		{"healed, then failed elsewhere", [][]line{{{0, fail}, {40, "folder 'Inbox' synchronized"}}, {{90, fail}}}, UUIDMapping, Retry, ""},
	}
	set := load(t, map[string]string{"r.yml": uuidRule, "s.yml": noObjectRule})
	paths := []string{"a.log", "b.log"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := scanLogs(set, paths[:len(tt.logs)], tt.logs).Findings()
			if len(f) == 0 {
				t.Fatal("no finding")
			}
			if v, a := SourceVerdict(f); v != tt.verdict || a != tt.action {
				t.Errorf("verdict %s, action %s; want %s, %s; because %q", v, a, tt.verdict, tt.action, f[0].Because)
			}
			if because := strings.Join(f[0].Because, "\n"); !strings.Contains(because, tt.because) {
				t.Errorf("because %q; want %q in it", because, tt.because)
			}
			if f[0].IsGone && (f[0].Severity != SeverityInformational || f[0].Change != "A later success.") {
				t.Errorf("healed finding = %+v; want severity informational and the change kept", f[0])
			}
		})
	}
}

// TestHealedThenFailedElsewhere: good news in one source is no end when the object
// fails later in another one.
func TestHealedThenFailedElsewhere(t *testing.T) {
	fail := "ERROR UUID " + uuidU + " already in use, folder 'Inbox'"
	set := load(t, map[string]string{"r.yml": uuidRule})
	for at, gone := range map[int]int{90: 0, 20: 1} {
		n := 0
		for _, f := range scanLogs(set, []string{"a", "b"}, [][]line{{{0, fail}, {40, "folder 'Inbox' synchronized"}}, {{at, fail}}}).Findings() {
			if f.IsGone && f.Source == "a" {
				n++
			}
		}
		if n != gone {
			t.Errorf("failure of b at %d s: %d findings of a are gone; want %d", at, n, gone)
		}
	}
}

func TestFindingIsComplete(t *testing.T) {
	set := load(t, map[string]string{"r.yml": uuidRule})
	var log []line
	for i := range 20 {
		log = append(log, line{i, "ERROR UUID {" + strings.ToUpper(uuidU) + "} already in use (0x8004010F), folder 'Inbox'"})
	}
	f := scanLogs(set, []string{"a.log"}, [][]line{log}).Findings()
	if len(f) != 1 {
		t.Fatalf("%d findings; want 1", len(f))
	}
	got := f[0]
	if got.Count != 20 || len(got.Evidence) != 10 || got.Evidence[4].Line != 5 || got.Evidence[5].Line != 16 {
		t.Errorf("count %d, %d evidences; want 20 and the first and last five", got.Count, len(got.Evidence))
	}
	want := Finding{
		ID: got.ID, Rule: "uuid-in-use", Title: "UUID already in use", Severity: SeverityHigh, Verdict: UUIDMapping, Action: Retry,
		Confidence: Likely, First: log[0].record(0).Time, Last: log[19].record(0).Time, Count: 20,
		Codes: []string{"0x8004010F"}, UUIDs: []string{uuidU}, Folders: []string{"Inbox"}, Because: got.Because,
		Evidence: got.Evidence, Source: "a.log", Change: "A later success.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("finding (-want +got):\n%s", diff)
	}
	ev := Evidence{Source: "a.log", Offset: 0, Length: 100, Line: 1, Time: want.First, Basis: parser.TimeExact, Text: log[0].text}
	if diff := cmp.Diff(ev, got.Evidence[0]); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	again := scanLogs(set, []string{"a.log"}, [][]line{log[:3]}).Findings()
	if again[0].ID != got.ID {
		t.Errorf("id %s of the shorter log, %s of the longer one; want one", again[0].ID, got.ID)
	}
	if other := scanLogs(set, []string{"b.log"}, [][]line{log[:3]}).Findings(); other[0].ID == got.ID {
		t.Error("findings of two sources share an id")
	}
}

func TestTablesRowsAndSameCause(t *testing.T) {
	const text = `title: Message
id: message
detection: {sel: {kind: message}, condition: sel}
oxtail: {verdict: item, action: fix-item, table: sync, row: 8, key: [subject], item: each}
---
title: Special
id: special
detection: {sel: {vector|startswith: '[80040600'}, condition: sel}
oxtail: {verdict: store-corrupt, action: rebuild-ost, table: sync, row: 1, item: each}
---
title: Same cause
id: same
detection: {sel: {kind: folder}, condition: sel}
oxtail: {verdict: item, action: fix-item, table: sync, row: 14, absorb: true, key: [vector]}
`
	set := load(t, map[string]string{"r.yml": text})
	rec := func(kind, vector, subject, log string) *parser.Record {
		return recordOf("kind", kind, "vector", vector, "subject", subject, "log", log)
	}
	m, c := NewMatcher(set), NewCollector(set)
	for i, r := range []*parser.Record{
		rec("message", "[80070057-1-1-1]", "one", "1"),
		rec("message", "[80070057-1-1-1]", "two", "1"),
		rec("message", "[80040600-1-1-1]", "three", "1"),
		rec("folder", "[80070057-1-1-1]", "", "1"),
		rec("folder", "[80070057-1-1-1]", "", "2"), // another log: not the same cause
		rec("folder", "[80004005-1-1-1]", "", "1"), // another vector
		rec("message", "", "four", "1"),
		rec("folder", "", "", "1"), // no vector to compare
	} {
		r.Offset = int64(i)
		c.Add(m.Match(r, EventContext{Source: "s"})...)
	}
	var got []string
	for _, f := range c.Findings() {
		got = append(got, fmt.Sprintf("%s %d records %d items", f.Rule, f.Count, f.FailedItems))
	}
	want := []string{"special 1 records 1 items", "message 1 records 1 items", "message 2 records 1 items", "message 1 records 1 items"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestFailedItemsDistinct(t *testing.T) {
	set := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {item|exists: true}") + "oxtail: {item: distinct, key: []}\n"})
	m, c := NewMatcher(set), NewCollector(set)
	for i, id := range []string{"7", "8", "7", "9"} {
		r := recordOf("item", id)
		r.Offset = int64(i)
		c.Add(m.Match(r, EventContext{Source: "s"})...)
	}
	if f := c.Findings(); len(f) != 1 || f[0].FailedItems != 3 || f[0].Count != 4 {
		t.Errorf("findings = %+v; want one with 4 records and 3 items", f)
	}
}

func TestWithinJoinsLinesOfOneException(t *testing.T) {
	const text = `title: By code
id: code
detection: {sel: {code|exists: true}, condition: sel}
oxtail: {verdict: network, action: check-network, table: provider, row: 1, within: 1s}
---
title: By words
id: words
detection: {sel: {message|contains: unreachable}, condition: sel}
oxtail: {verdict: network, action: check-network, table: provider, row: 2, within: 1s}
`
	set := load(t, map[string]string{"r.yml": text})
	log := []line{{0, "ERROR 0x8004011D"}, {1, "ERROR host unreachable"}, {9, "ERROR host unreachable"}}
	f := scanLogs(set, []string{"s"}, [][]line{log}).Findings()
	if len(f) != 2 || f[0].Count != 2 || f[1].Count != 1 {
		t.Errorf("findings = %+v; want the first two lines as one and the third alone", f)
	}
}

func TestVerdictByCode(t *testing.T) {
	const text = `title: Code
id: code
detection: {sel: {message|contains: code}, condition: sel}
oxtail: {verdict: by-code, action: by-code}
`
	set := load(t, map[string]string{"r.yml": text})
	tests := []struct {
		text    string
		verdict Verdict
		action  Action
	}{
		{"code 0x80070005", Permission, UserPermission},
		{"code 0x00040820, then 0x80070005", Permission, UserPermission},
		{"code 0xD6A4011D means error", Network, CheckNetwork},
		{"code XYZ-0001 Categories=CAPACITY Message='full' exceptionID=-1-2", Server, Manual},
		{"code XYZ-0001 Categories=TRY_AGAIN,WARNING Message='later' exceptionID=1-2", Server, Retry},
		{"code XYZ-0001 Categories=CONNECTIVITY Message='' exceptionID=1-2", Network, Retry},
		{"code 0x80FF1234", Unknown, Manual},
		{"code of conduct", Unknown, Manual},
	}
	for _, tt := range tests {
		f := scanLogs(set, []string{"s"}, [][]line{{{0, tt.text}}}).Findings()
		if len(f) != 1 || f[0].Verdict != tt.verdict || f[0].Action != tt.action {
			t.Errorf("%q: %+v; want %s, %s", tt.text, f, tt.verdict, tt.action)
		}
	}
	for _, category := range []string{"ERROR", "TRY_AGAIN", "USER_INPUT", "PERMISSION_DENIED", "CONFIGURATION", "CONNECTIVITY", "SERVICE_DOWN", "TRUNCATED", "CONFLICT", "CAPACITY", "WARNING"} {
		if j, ok := judgeCategory(category); !ok || j.Action == RecreateService || j.Action == RebuildOST {
			t.Errorf("category %s gives %+v, %v; no category is a reason to re-create", category, j, ok)
		}
	}
}

func TestFaultLimit(t *testing.T) {
	set := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {n|exists: true}") + "oxtail: {key: [n]}\n"})
	m, c := NewMatcher(set), NewCollector(set)
	for i := range MaxFaultsPerRule + 7 {
		r := recordOf("n", fmt.Sprint(i))
		r.Offset = int64(i)
		c.Add(m.Match(r, EventContext{Source: "s"})...)
	}
	f := c.Findings()
	if len(f) != MaxFaultsPerRule+1 {
		t.Fatalf("%d findings; want %d", len(f), MaxFaultsPerRule+1)
	}
	total, rest := 0, 0
	for _, x := range f {
		total += x.Count
		if strings.Contains(strings.Join(x.Because, " "), "beyond the limit") {
			rest = x.Count
		}
	}
	if total != MaxFaultsPerRule+7 || rest != 7 || len(c.Notes()) != 1 {
		t.Errorf("%d records, %d of them beyond the limit, notes %v; want all, 7 and one note", total, rest, c.Notes())
	}
}

// TestHealingsAreBounded: the good news that is kept is about objects that failed.
func TestHealingsAreBounded(t *testing.T) {
	set := load(t, map[string]string{"r.yml": uuidRule})
	log := []line{{0, "ERROR UUID " + uuidU + " already in use"}}
	for i := range maxHealings + 10 {
		log = append(log, line{i, fmt.Sprintf("folder 'f%d' synchronized", i)})
		if i == 5 {
			log = append(log, line{i, "object " + uuidU + " synchronized"})
		}
	}
	set2, err := set.Exclude("cycle")
	if err != nil {
		t.Fatal(err)
	}
	c := scanLogs(set2, []string{"b", "a"}, [][]line{{{0, "UUID " + uuidU + " already in use"}}, log})
	if len(c.heals) > maxHealings {
		t.Errorf("%d healings are kept; the limit is %d", len(c.heals), maxHealings)
	}
	for _, f := range c.Findings() {
		if !f.IsGone {
			t.Errorf("finding of %s is open; its healing was forgotten", f.Source)
		}
	}
	if n := c.Notes(); len(n) != 1 || n[0].Count != maxHealings-1 {
		t.Errorf("Notes() = %v; want the forgotten ones", n)
	}
}

func TestPerCaseIsOverAllSources(t *testing.T) {
	set := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {message|contains: gone}") + "oxtail: {per: case, key: []}\n"})
	f := scanLogs(set, []string{"b", "a"}, [][]line{{{5, "gone"}}, {{9, "gone"}}}).Findings()
	if len(f) != 1 || f[0].Count != 2 || f[0].Source != "" || len(f[0].Evidence) != 2 {
		t.Errorf("findings = %+v; want one over both sources", f)
	}
}

func TestSourceVerdict(t *testing.T) {
	tests := []struct {
		name     string
		findings []Finding
		verdict  Verdict
		action   Action
	}{
		{"nothing", nil, Healthy, None},
		{"worst", []Finding{{Verdict: Item, Action: FixItem}, {Verdict: Network, Action: CheckNetwork}, {Verdict: AddressBook, Action: ServerAdmin}}, Network, CheckNetwork},
		{"weak does not decide", []Finding{{Verdict: UUIDMapping, Action: Retry, Weak: true}, {Verdict: Item, Action: FixItem}}, Item, FixItem},
		{"weak before calm", []Finding{{Verdict: Informational, Action: None}, {Verdict: UUIDMapping, Action: Retry, Weak: true}}, UUIDMapping, Retry},
		{"persisting before single", []Finding{{Verdict: UUIDMapping, Action: Retry}, {Verdict: UUIDMapping, Action: RecreateService}}, UUIDMapping, RecreateService},
	}
	for _, tt := range tests {
		if v, a := SourceVerdict(tt.findings); v != tt.verdict || a != tt.action {
			t.Errorf("%s: SourceVerdict = %s, %s; want %s, %s", tt.name, v, a, tt.verdict, tt.action)
		}
	}
	all := Verdicts()
	for i := range all[1:] {
		if !Worse(all[i], all[i+1]) || Worse(all[i+1], all[i]) {
			t.Errorf("%s is not worse than %s", all[i], all[i+1])
		}
	}
}
