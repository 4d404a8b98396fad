package evidence

import (
	"errors"
	"maps"
	"time"

	"oxtail/internal/caches"
	"oxtail/parser/profile"
)

// AddRegistry takes the inventory of a registry that is no stream: that of a running
// computer. env has its variables, by upper-case name; those of Options go before them.
func (g *Gatherer) AddRegistry(name string, root profile.Key, env map[string]string) {
	all := maps.Clone(env)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, g.opts.Env)
	inv, err := profile.Read(root, profile.Options{Source: name, Mappings: g.opts.Mappings, Env: all})
	if err != nil {
		g.problem(name, true, "%s: %v", name, err)
		return
	}
	g.inventories = append(g.inventories, sourced{name, inv})
}

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
