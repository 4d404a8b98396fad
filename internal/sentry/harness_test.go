package sentry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/parser/profile"
)

// A bench is a sentry with a clock and a computer that the test moves.
type bench struct {
	t      *testing.T
	now    time.Time
	snap   Snapshot
	err    error
	sentry *Sentry
	memory string
	told   []detectors.Finding
	warned []string
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, now: time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)}
	b.snap = Snapshot{Inventory: &actions.Inventory{}, Read: []string{"live registry"}}
	b.start()
	return b
}

func (b *bench) start() {
	b.sentry = New(Options{Look: b, Now: func() time.Time { return b.now }, Memory: b.memory, Warn: func(m string) { b.warned = append(b.warned, m) }})
}

// Look implements Looker.
func (b *bench) Look(context.Context, time.Time) (*Snapshot, error) {
	if b.err != nil {
		return nil, b.err
	}
	s, inv := b.snap, *b.snap.Inventory
	s.Inventory = &inv
	return &s, nil
}

// pass moves the clock and looks, and returns what was said.
func (b *bench) pass(d time.Duration) []detectors.Finding {
	b.t.Helper()
	b.now = b.now.Add(d)
	b.told = nil
	if err := b.sentry.Step(b.t.Context(), func(f detectors.Finding) { b.told = append(b.told, f) }); err != nil && b.err == nil {
		b.t.Fatal(err)
	}
	return b.told
}

// want looks and compares what is said, each as "rule", "rule gone".
func (b *bench) want(d time.Duration, want ...string) []detectors.Finding {
	b.t.Helper()
	var got []string
	for _, f := range b.pass(d) {
		word := f.Rule
		if f.IsGone {
			word += " gone"
		}
		got = append(got, word)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		b.t.Fatalf("at %s: said %q; want %q", b.now.Format(time.TimeOnly), got, want)
	}
	return b.told
}

// cache sets a cache file of the computer; bytes below 0 take it away, links are the
// profiles that point to it.
func (b *bench) cache(path, kind string, bytes int64, links ...string) {
	inv := b.snap.Inventory
	var kept []actions.CacheFile
	for _, c := range inv.Caches {
		if c.Path != path {
			kept = append(kept, c)
		}
	}
	c := actions.CacheFile{Path: path, Kind: kind, State: actions.CachePresent, Bytes: bytes, Modified: b.now, Head: fmt.Sprint("head of ", path)}
	for _, l := range links {
		c.Links = append(c.Links, actions.CacheLink{Path: path, How: "path", Origin: l})
	}
	if bytes < 0 {
		c.State = actions.CacheMissing
	}
	if bytes >= 0 || len(links) > 0 { // one that is gone is told where a profile points to it
		kept = append(kept, c)
	}
	inv.Caches = kept
}

// oxtender is a profile with one OXtender service of anna's account.
func oxtender(name, uid string) profile.Profile {
	return profile.Profile{
		Source: "live registry", Root: `Software\Microsoft\Office\16.0\Outlook\Profiles`, Name: name, Display: name,
		Services: []profile.Service{{
			UID: uid, Name: profile.ServiceOXtender, Account: &profile.Account{Server: "https://ox.example.org/ajax", User: "anna"},
			CacheFiles: []string{`C:\Users\anna\AppData\Local\OXSTORE2\a1.odb`}, Origin: `HKCU\…\Profiles\` + name + `\` + uid,
		}},
	}
}

var errLook = errors.New("the registry cannot be read")
