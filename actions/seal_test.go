package actions

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestSeal: a plan that was sealed is found out when any part of it is changed.
func TestSeal(t *testing.T) {
	stores := inventory(oxProfile("Büro\xff", annaServer, annaUser, annaCache)).Stores()
	p := NewPlan(PlanRecreateService, &stores[0])
	if err := p.CheckSeal(); !errors.Is(err, ErrNotSealed) {
		t.Errorf("a plan without digest: %v; want ErrNotSealed", err)
	}
	if err := p.Seal("1.0", "PC1"); err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(p, "", "    ")
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadPlan(data)
	if err != nil || read.CheckSeal() != nil {
		t.Errorf("a plan with other blanks: %v, %v; want no error", err, read.CheckSeal())
	}
	for _, c := range []struct{ from, to string }{
		{"PC1", "PC2"}, {`"1.0"`, `"1.1"`}, {annaUser, "bert"}, {`"expected": "1"`, `"expected": "2"`}, {`"needs_person": true`, `"needs_person": false`}, {"recreate-service", "retry"},
	} {
		edited, err := ReadPlan([]byte(strings.Replace(string(data), c.from, c.to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := edited.CheckSeal(); !errors.Is(err, ErrEdited) {
			t.Errorf("%s made %s: %v; want ErrEdited", c.from, c.to, err)
		}
	}
}
