package actions

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oxtail/detectors"
)

// TestPlanOfRecreation holds what must not be missing before data is destroyed.
func TestPlanOfRecreation(t *testing.T) {
	inv := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", annaServer, annaUser, annaCache))
	inv.Caches = []CacheFile{{Path: "z/a1.odb", State: CachePresent, Bytes: 12, Modified: noon, Head: "ab", Links: []CacheLink{{Path: annaCache, How: "tail"}}}}
	c := worst(t, []detectors.Finding{uuidFinding("f1", provider, "UUID "+annaCache)}, inv)
	p := c.Plan()
	kinds := map[AssumptionKind]string{}
	for _, a := range p.Assumptions {
		kinds[a.Kind] = a.Expected
		if a.ID == "" || a.Subject == "" || a.Expected == "" || a.Why == "" {
			t.Errorf("assumption lacks a part: %+v", a)
		}
	}
	for kind, want := range map[AssumptionKind]string{
		AssumeProfileCount: "1", AssumeServiceCount: "1", AssumeFileSize: "12", AssumeFileModified: "2026-11-03T12:00:00Z",
		AssumeFileHead: "ab", AssumeNotRunning: "yes", AssumeNotHeld: "yes", AssumeOwner: "yes", AssumeServiceExists: "Alt-ox",
	} {
		if kinds[kind] != want {
			t.Errorf("assumption %s expects %q; want %q", kind, kinds[kind], want)
		}
	}
	place := func(id string) int {
		return slices.IndexFunc(p.Steps, func(s Step) bool { return strings.HasPrefix(s.ID, id) })
	}
	order := []string{"back-up", "close-outlook", "close-search", "export-profile", "list-cache-before", "remove-reference", "count-profiles", "recreate", "verify-cache-gone", "first-sync"}
	for i, id := range order {
		if at := place(id); at < 0 || i > 0 && at <= place(order[i-1]) {
			t.Errorf("step %s stands at %d; want it after %s", id, at, order[max(0, i-1)])
		}
	}
	for _, l := range p.Loss {
		if l.What == "" || l.Known == "" || l.Known != LossNo && len(l.Why) == 0 {
			t.Errorf("loss lacks a part: %+v", l)
		}
	}
	if p.Loss[1].Known != LossYes {
		t.Errorf("unsynchronised items are %s; the log names one", p.Loss[1].Known)
	}
	if len(p.BlockedBy) == 0 {
		t.Error("the plan is not blocked by the second profile")
	}
}

// TestLossIsUnknownWithoutLog: the absence of evidence is no evidence.
func TestLossIsUnknownWithoutLog(t *testing.T) {
	stores := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache)).Stores()
	for _, l := range NewPlan(PlanRecreateService, &stores[0]).Loss {
		if l.Known != LossUnknown {
			t.Errorf("%s is %s; want unknown", l.What, l.Known)
		}
	}
}

// TestNothingIsDeleted: cache files are renamed; only the provider and people delete.
func TestNothingIsDeleted(t *testing.T) {
	for _, kind := range PlanKinds() {
		for _, s := range NewPlan(kind, nil).Steps {
			if s.Kind == StepRename && s.Destructive {
				t.Errorf("%s.%s renames and destroys", kind, s.ID)
			}
			if (s.Kind == StepRename || s.Kind == StepExport) && s.Undo == "" {
				t.Errorf("%s.%s has no undo", kind, s.ID)
			}
		}
	}
}

// TestNoWayBack: what destroys data has an undo, or says that it has none and is last.
func TestNoWayBack(t *testing.T) {
	marked := 0
	for _, kind := range PlanKinds() {
		steps := NewPlan(kind, nil).Steps
		for i, s := range steps {
			if s.Destructive && (s.Undo == "") != s.NoWayBack {
				t.Errorf("%s.%s destroys data; undo %q, no way back %v", kind, s.ID, s.Undo, s.NoWayBack)
			}
			if s.NoWayBack {
				marked++
			}
			if s.NoWayBack && i != len(steps)-1 {
				t.Errorf("%s.%s cannot be undone and is not the last step", kind, s.ID)
			}
		}
	}
	if marked == 0 {
		t.Error("no step says that it cannot be undone")
	}
}

// TestPlanIDs: a plan of the same target has the same id, another has another.
func TestPlanIDs(t *testing.T) {
	stores := inventory(oxProfile("A", annaServer, annaUser, annaCache), oxProfile("B", annaServer, "bert", `C:\b.odb`)).Stores()
	a, again, b := NewPlan(PlanRecreateService, &stores[0]), NewPlan(PlanRecreateService, &stores[0]), NewPlan(PlanRecreateService, &stores[1])
	if a.ID != again.ID || a.ID == b.ID || a.ID == NewPlan(PlanManualProfile, &stores[0]).ID {
		t.Errorf("ids %s, %s, %s", a.ID, again.ID, b.ID)
	}
}

func TestReadPlan(t *testing.T) {
	stores := inventory(oxProfile("A", annaServer, annaUser, annaCache)).Stores()
	want := NewPlan(PlanRecreateService, &stores[0])
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadPlan(append(data, '\n'))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("a plan read again differs (%v):\n%+v\nwant\n%+v", err, got, want)
	}
	for name, bad := range map[string]string{
		"empty": "", "other schema": `{"schema":"oxtail.case/v1"}`, "no known procedure": `{"schema":"oxtail.plan/v1","kind":"format-disk"}`,
		"two plans": string(data) + "\n" + string(data), "unknown field": `{"schema":"oxtail.plan/v1","kind":"retry","force":true}`, "cut": string(data[:len(data)/2]),
	} {
		if _, err := ReadPlan([]byte(bad)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
