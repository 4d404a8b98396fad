package actions

import (
	"strings"
	"testing"
	"time"

	"oxtail/detectors"
)

// TestVerify: fixed needs logs without the fault over some cycles; one fact against it
// means not fixed; everything else is too early.
func TestVerify(t *testing.T) {
	repaired := noon.Add(time.Hour)
	before := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache))
	before.Caches = []CacheFile{{Path: annaCache, State: CachePresent, Bytes: 3, Head: "old", Links: []CacheLink{{Path: annaCache, How: "path"}}}}
	stores := before.Stores()
	p := NewPlan(PlanRecreateService, &stores[0])
	ref := NewReference(&p, repaired, "the plan")
	after := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache))
	after.Profiles[0].Services[0].UID = "new"
	cached := func(head string, modified time.Time) *Inventory {
		inv := *after
		inv.Caches = []CacheFile{{Path: annaCache, State: CachePresent, Bytes: 3, Head: head, Modified: modified, Links: []CacheLink{{Path: annaCache, How: "path"}}}}
		return &inv
	}
	again := uuidFinding("f1", provider, "UUID")
	again.Last = repaired.Add(time.Minute)
	old := uuidFinding("f2", provider, "UUID")
	untimed := uuidFinding("f3", provider, "UUID")
	untimed.Last = time.Time{}
	other := finding("f4", "network", detectors.Network, detectors.Retry, provider, "timeout")
	other.Last = again.Last
	two := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", annaServer, annaUser, annaCache))
	good := Later{Inventory: cached("new", repaired.Add(time.Second)), Cycles: 3, Logs: 1}
	for _, c := range []struct {
		name   string
		change func(l *Later)
		want   string
		why    string
	}{
		{"all is well", func(*Later) {}, VerifyFixed, "new cache"},
		{"logs alone", func(l *Later) { l.Inventory = nil }, VerifyFixed, "no profiles were given"},
		{"another fault", func(l *Later) { l.Findings = []detectors.Finding{other} }, VerifyFixed, ""},
		{"the fault of before", func(l *Later) { l.Findings = []detectors.Finding{old} }, VerifyFixed, ""},
		{"the fault again", func(l *Later) { l.Findings = []detectors.Finding{again} }, VerifyNotFixed, "the fault is back"},
		{"a fault without a time", func(l *Later) { l.Findings = []detectors.Finding{untimed} }, VerifyTooEarly, "have no time"},
		{"two cycles", func(l *Later) { l.Cycles = 2 }, VerifyTooEarly, "2 sync cycles"},
		{"no logs", func(l *Later) { l.Logs, l.Cycles = 0, 0 }, VerifyTooEarly, "no log"},
		{"two services", func(l *Later) { l.Inventory = two }, VerifyNotFixed, "2 services refer"},
		{"the old service", func(l *Later) { l.Inventory = before }, VerifyNotFixed, "still has the old service"},
		{"the old cache", func(l *Later) { l.Inventory = cached("old", noon) }, VerifyNotFixed, "still the old cache"},
		{"the cache is gone", func(l *Later) { l.Inventory, l.Looked = after, true }, VerifyFixed, "cache files are gone"},
	} {
		later := good
		c.change(&later)
		v := Verify(ref, later, 3)
		if v.Verdict != c.want || !strings.Contains(strings.Join(v.Because, "\n"), c.why) {
			t.Errorf("%s: %s because %q; want %s because %q", c.name, v.Verdict, v.Because, c.want, c.why)
		}
		if len(v.Next) == 0 || len(v.Facts) < 4 {
			t.Errorf("%s: no next step, or too few facts: %+v", c.name, v)
		}
	}
}
