package detectors

import "testing"

func TestDefaultRulesLoad(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatalf("Default() = %v", err)
	}
	if set.Len() == 0 {
		t.Fatal("Default() holds no rules")
	}
	for _, w := range set.Warnings() {
		t.Errorf("warning: %v", w)
	}
	for _, format := range []string{"", "oxtstore_a", "outlook_sync"} {
		lits, complete := set.Literals(format)
		t.Logf("Literals(%q) = %d, complete %v, unfiltered %v", format, len(lits), complete, set.Unfiltered(format))
		t.Log(lits)
	}
}
