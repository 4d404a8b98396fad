package detectors

import (
	"math/rand"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestMatcherIsShared runs one matcher from several goroutines; with -race it shows
// that they share nothing.
func TestMatcherIsShared(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(set)
	recs := events(t, 300)
	ctx := EventContext{Source: "s", Format: "oxtstore_a"}
	var want [][]Hit
	for _, r := range recs {
		want = append(want, m.Match(r, ctx))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, r := range recs {
				got := m.Match(r, ctx)
				if diff := cmp.Diff(want[i], got, cmpopts.IgnoreUnexported(Hit{}), cmp.Comparer(func(a, b *Rule) bool { return a == b })); diff != "" {
					t.Errorf("Match(%q) from another goroutine (-want +got):\n%s", r.Text, diff)
				}
			}
		})
	}
	wg.Wait()
}

// TestMatchAllocatesNothing guards the price of a record that no rule knows.
func TestMatchAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget on purpose")
	}
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(set)
	rec := line{0, "DEBUG poll 4711 ms"}.record(0)
	ctx := EventContext{Source: "s", Format: "oxtstore_a"}
	if hits := m.Match(rec, ctx); len(hits) > 0 {
		t.Fatalf("%q matches %s", rec.Text, hits[0].Rule.ID)
	}
	if got := testing.AllocsPerRun(1000, func() { m.Match(rec, ctx) }); got > 0.5 {
		t.Errorf("%v allocations a record; want none", got)
	}
}

// TestMixedArrival is scan = tail over several sources: the findings are those of the
// sources read one after the other, however their growth was mixed and however often
// the program was started anew.
func TestMixedArrival(t *testing.T) {
	set := load(t, map[string]string{"r.yml": uuidRule, "b.yml": "title: B\nid: burst\noxtail: {builtin: burst}\n"})
	texts := []string{
		"ERROR UUID " + uuidU + " already in use, folder 'Inbox'", "ERROR UUID " + uuidV + " already in use, folder 'Drafts'",
		"folder 'Inbox' synchronized", "object " + uuidV + " synchronized", "sync cycle begins", "nothing",
	}
	paths := []string{"a.log", "b.log"}
	m := NewMatcher(set)
	for seed := range 150 {
		rng := rand.New(rand.NewSource(int64(seed)))
		logs := make([][]line, len(paths))
		for i := range logs {
			at := rng.Intn(200)
			for range 1 + rng.Intn(12) {
				at += rng.Intn(60)
				l := line{at, texts[rng.Intn(len(texts))]}
				if rng.Intn(10) == 0 {
					l.at = -1
				}
				logs[i] = append(logs[i], l)
			}
		}
		want := scanLogs(set, paths, logs).Findings()
		c := NewCollector(set)
		for next := make([]int, len(logs)); next[0] < len(logs[0]) || next[1] < len(logs[1]); {
			i := rng.Intn(len(logs))
			if next[i] == len(logs[i]) {
				continue
			}
			c.Add(m.Match(logs[i][next[i]].record(next[i]), EventContext{Source: paths[i]})...)
			next[i]++
			if rng.Intn(5) == 0 {
				saved, err := c.Save()
				if err != nil {
					t.Fatal(err)
				}
				if c, err = RestoreCollector(set, saved); err != nil {
					t.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff(want, c.Findings(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d, logs %v: mixed arrival changes the findings (-want +got):\n%s", seed, logs, diff)
		}
	}
}
