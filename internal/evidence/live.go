package evidence

import (
	"errors"
	"maps"
	"time"

	"oxtail/actions"
	"oxtail/internal/caches"
	"oxtail/parser/profile"
)

// Live is the registry of a running computer, which is no stream.
type Live struct {
	Name string
	Root profile.Key
	Env  map[string]string // variables, by upper-case name; those of Options go before them
	// Owners are the Windows users by the User of their profiles.
	Owners map[string]string
	// Looked reports whether it is certain that a file that a profile of user names is,
	// or is not, on the computer. nil when no file was looked for.
	Looked func(user, path string) bool
}

// AddRegistry takes the inventory of a running computer, and returns it. There is one
// computer.
func (g *Gatherer) AddRegistry(live Live) *profile.Inventory {
	env := map[string]string{}
	maps.Copy(env, live.Env)
	maps.Copy(env, g.opts.Env)
	inv, err := profile.Read(live.Root, profile.Options{Source: live.Name, Mappings: g.opts.Mappings, Env: env})
	if err != nil {
		g.problem(live.Name, true, "%s: %v", live.Name, err)
		return &profile.Inventory{}
	}
	g.live = live
	g.inventories = append(g.inventories, sourced{live.Name, inv})
	return inv
}

// ownerOf tells the Windows user of a profile; a running computer knows.
func (l *Live) ownerOf(p *profile.Profile) string {
	if l.of(p) && l.Owners[p.User] != "" {
		return l.Owners[p.User]
	}
	return actions.OwnerOf(p)
}

// exact reports whether a cache file of a profile was looked for where it has to be.
func (l *Live) exact(p *profile.Profile, path string) bool {
	return l.of(p) && l.Looked != nil && l.Looked(p.User, path)
}

// of reports whether a profile is of this computer.
func (l *Live) of(p *profile.Profile) bool { return l.Root != nil && p.Source == l.Name }

// errHeld is why nothing is known of the content of a file that is in use.
var errHeld = errors.New("another program has it open")

// AddHeld takes a file that is there, but that another program does not let us open, as
// Outlook does with its stores. It reports whether the file may be a cache.
func (g *Gatherer) AddHeld(path string, size int64, modified time.Time) bool {
	if !caches.Wanted(path) {
		return false
	}
	g.candidates = append(g.candidates, caches.Candidate{
		Path: path, Size: size, Modified: modified, HeldBy: []string{"a running program"},
		Open: func() (caches.File, error) { return nil, errHeld },
	})
	return true
}
