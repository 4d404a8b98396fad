package sentry

import (
	"path/filepath"
	"strings"
	"testing"

	"oxtail/detectors"
)

// TestSamples looks at each sample of profiles by itself: only those that were made with
// a shared cache have one, real profiles have no fault, and the .reg and the hive of one
// computer say the same.
func TestSamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "samples", "profiles", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, path := range paths {
		name := filepath.Base(path)
		if !strings.HasSuffix(name, ".reg") && !strings.HasSuffix(name, "NTUSER.DAT") {
			continue
		}
		seen++
		b := newBench(t)
		b.sentry.opts.Look = &Folders{Paths: []string{path}}
		var rules []string
		for _, f := range b.pass(0) {
			rules = append(rules, f.Rule)
			if f.Rule == RuleSharedCache && (f.Verdict != detectors.SharedCache || len(f.Evidence) < 2 || !strings.HasSuffix(f.Evidence[0].Source, name)) {
				t.Errorf("%s: finding %+v", name, f)
			}
		}
		shared := strings.Contains(name, "shared_cache") || strings.Contains(name, "broken")
		if got := strings.Join(rules, ", "); shared != strings.Contains(got, RuleSharedCache) || !shared && got != "" {
			t.Errorf("%s: said %q; want a shared cache: %v, and nothing else", name, got, shared)
		}
	}
	if seen == 0 {
		t.Skip("the shared samples are not here")
	}
}
