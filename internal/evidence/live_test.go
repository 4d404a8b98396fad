package evidence

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/internal/caches"
	"oxtail/parser/profile"
)

// liveOf is a running computer with one profile of anna.
func liveOf(cache string, looked func(user, path string) bool) Live {
	return Live{
		Name: "live registry", Root: tree("Outlook", cache), Env: map[string]string{"LOCALAPPDATA": `C:\Users\anna\AppData\Local`},
		Owners: map[string]string{"": "anna"}, Looked: looked,
	}
}

// TestLive: a running computer is known better than a bundle: its users have names, and
// a file that was looked for and is not there is missing for certain.
func TestLive(t *testing.T) {
	const doubt = "whether it is on the computer is not known"
	always := func(string, string) bool { return true }
	for _, c := range []struct {
		name   string
		looked func(string, string) bool
		doubt  bool
	}{
		{"looked for", always, false},
		{"on another computer", func(user, path string) bool { return user != "" || path != cachePath }, true},
		{"not looked for", nil, true},
	} {
		g := New(Options{})
		if inv := g.AddRegistry(liveOf(cachePath, c.looked)); len(inv.Profiles) != 1 {
			t.Fatalf("%s: %d profiles, want 1", c.name, len(inv.Profiles))
		}
		inv, problems := g.Finish()
		if len(inv.Profiles) != 1 || len(problems) != 0 {
			t.Fatalf("%s: %d profiles, problems %v", c.name, len(inv.Profiles), problems)
		}
		if n := len(g.Caches()); n != 1 || g.Caches()[0].State != caches.StateMissing {
			t.Fatalf("%s: caches %+v; want one that is missing", c.name, g.Caches())
		}
		notes := strings.Join(g.Caches()[0].Notes, "\n")
		if strings.Contains(notes, doubt) != c.doubt {
			t.Errorf("%s: notes %q; want the doubt: %v", c.name, notes, c.doubt)
		}
	}
}

// TestLiveOwner: a profile without any path of its owner is still the owner's, so a
// cache in that user's folder that it does not name is an orphan.
func TestLiveOwner(t *testing.T) {
	const lost = `C:\Users\anna\AppData\Local\OXSTORE2\lost.odb`
	g := New(Options{})
	g.AddRegistry(liveOf(`D:\ox\a1.odb`, func(string, string) bool { return true }))
	for _, path := range []string{lost, `C:\Users\bruno\AppData\Local\OXSTORE2\b.odb`} {
		if !g.AddHeld(path, 5, time.Time{}) {
			t.Errorf("%s is not taken for a cache", path)
		}
	}
	g.candidates[0].HeldBy, g.candidates[1].HeldBy = nil, nil // held is a state of its own
	g.Finish()
	states := map[string]caches.State{}
	for _, c := range g.Caches() {
		states[c.Path] = c.State
	}
	if states[lost] != caches.StateOrphan || states[`D:\ox\a1.odb`] != caches.StateMissing || states[`C:\Users\bruno\AppData\Local\OXSTORE2\b.odb`] == caches.StateOrphan {
		t.Errorf("states %v", states)
	}
}

// TestAddHeld: a store that a program has open is there, and what links to it is kept.
func TestAddHeld(t *testing.T) {
	g := New(Options{})
	g.AddRegistry(liveOf(cachePath, func(string, string) bool { return true }))
	if g.AddHeld(`C:\Users\anna\Documents\letter.docx`, 5, time.Time{}) {
		t.Error("a letter is taken for a cache")
	}
	if !g.AddHeld(cachePath, 4096, time.Time{}) {
		t.Error("the cache is not taken for one")
	}
	inv, problems := g.Finish()
	if len(problems) != 0 || len(inv.Caches) != 1 {
		t.Fatalf("caches %+v, problems %v; want one, none", inv.Caches, problems)
	}
	c := g.Caches()[0]
	if c.State != caches.StateHeld || len(c.Profiles) != 1 || c.Bytes != 4096 || !slices.ContainsFunc(c.Notes, func(n string) bool { return strings.Contains(n, "open") }) {
		t.Errorf("cache %+v; want it held, with its profile", c)
	}
}

// TestLiveEnvironment: what the user says goes before what the computer says.
func TestLiveEnvironment(t *testing.T) {
	const path = `%LOCALAPPDATA%\OXSTORE2\a1.odb`
	env := map[string]string{"LOCALAPPDATA": `D:\given`}
	inv := New(Options{Env: env}).AddRegistry(liveOf(path, nil))
	for given, want := range map[string]int{`D:\given\OXSTORE2\a1.odb`: 1, cachePath: 0} {
		if n := len(profile.UsesOfCache(inv.Profiles, given, nil)); n != want {
			t.Errorf("%s is used %d times, want %d", given, n, want)
		}
	}
	if len(env) != 1 {
		t.Errorf("the user's variables were changed: %v", env)
	}
	if inv := New(Options{}).AddRegistry(Live{Name: "nothing"}); len(inv.Profiles) != 0 {
		t.Errorf("no registry has %d profiles", len(inv.Profiles))
	}
}
