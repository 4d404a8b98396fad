package sentry

import (
	"context"
	"strings"
	"time"

	"oxtail/internal/evidence"
	"oxtail/internal/machine"
	"oxtail/internal/source"
)

// Computer looks at the live registry and the cache files of this computer. It is
// Windows only; elsewhere the first look says so.
type Computer struct {
	AllUsers bool
	Options  evidence.Options
}

var _ Looker = (*Computer)(nil)

// Look implements Looker.
func (c *Computer) Look(ctx context.Context, _ time.Time) (*Snapshot, error) {
	reg, err := machine.OpenRegistry(machine.Options{AllUsers: c.AllUsers})
	if err != nil {
		return nil, err
	}
	l := &look{gatherer: evidence.New(c.Options), snap: &Snapshot{}}
	inv := l.gatherer.AddRegistry(evidence.Live{Name: machine.Source, Root: reg.Root, Env: reg.Env, Owners: reg.Owners(), Looked: reg.Looked})
	paths := reg.CachePaths(inv)
	if len(paths) > 0 {
		skipped, err := source.Walk(ctx, paths, source.Options{}, l.visit)
		if err != nil {
			return nil, err
		}
		l.finish(skipped)
	} else {
		l.finish(nil)
	}
	whole := true
	for _, n := range reg.Notes() {
		if n.Lost {
			l.snap.Unsure = append(l.snap.Unsure, n.Place)
			whole = whole && !strings.HasPrefix(n.Place, "HK")
		}
	}
	if whole {
		l.snap.Read = append(l.snap.Read, machine.Source)
	}
	l.snap.Limits = append(l.snap.Limits, ReadLimits(reg.Root)...)
	return l.snap, nil
}
