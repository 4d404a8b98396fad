package detectors

import (
	"testing"
	"testing/fstest"
)

func TestDefaultRules(t *testing.T) {
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
	for _, f := range TestRules(set, nil) {
		if f.Sample.Log == "" {
			t.Error(f.String())
		}
	}
}

func TestScaffoldLoadsAndPassesItsSamples(t *testing.T) {
	text, err := Scaffold("my-rule")
	if err != nil {
		t.Fatal(err)
	}
	set, err := LoadRules(fstest.MapFS{"my-rule.yml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range TestRules(set, nil) {
		t.Error(f.String())
	}
	if _, err := Scaffold("no good"); err == nil {
		t.Error(`Scaffold("no good") succeeded; want an error`)
	}
}
