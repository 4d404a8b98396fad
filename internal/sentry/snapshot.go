package sentry

import (
	"context"
	"slices"
	"strings"
	"time"

	"oxtail/actions"
)

// A Snapshot is what one look found.
type Snapshot struct {
	Inventory *actions.Inventory
	Limits    []Limit
	Read      []string // registry files that were read, or the name of the live registry
	Unsure    []string // files and folders that could not be read
}

// A Looker takes snapshots.
type Looker interface {
	// Look takes one at a time. The error is for a look that gave nothing at all; what
	// could not be read in part is in Snapshot.Unsure.
	Look(ctx context.Context, now time.Time) (*Snapshot, error)
}

// unsureOf reports whether nothing can be said of a path, because it or a folder or
// archive above it could not be read.
func (s *Snapshot) unsureOf(path string) bool {
	return slices.ContainsFunc(s.Unsure, func(place string) bool {
		rest, below := strings.CutPrefix(path, place)
		return below && (rest == "" || place == "" || strings.ContainsRune(`/\!`, rune(rest[0])) || strings.ContainsRune(`/\`, rune(place[len(place)-1])))
	})
}

// files gives the cache files that are there, by path. Leftovers such as .old files come
// and go by people's hands, so nobody watches them.
func (s *Snapshot) files() map[string]*actions.CacheFile {
	out := map[string]*actions.CacheFile{}
	for i := range s.Inventory.Caches {
		c := &s.Inventory.Caches[i]
		if c.State == actions.CacheMissing || c.State == actions.CacheStale || !watched(c.Kind) || len(out) >= maxFiles {
			continue
		}
		out[c.Path] = c
	}
	return out
}

// watched reports whether a file of a kind is looked after.
func watched(kind string) bool { return slices.Contains([]string{"odb", "psz", "ost", "pst"}, kind) }
