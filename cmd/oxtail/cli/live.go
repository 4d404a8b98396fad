package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"oxtail/internal/evidence"
	"oxtail/internal/machine"
	"oxtail/internal/source"
)

// liveFlags say what of the running computer is read when no path is given.
type liveFlags struct {
	allUsers bool
	caches   bool // the command wants the cache files, too
}

func (f *liveFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.allUsers, "all-users", false, "without PATH on Windows: all users of the computer, not only the current one; for administrators")
}

// gather takes the evidence of the paths, or of the running computer if there are none.
func (f *liveFlags) gather(ctx context.Context, t *term, paths []string, in *inputFlags, ev *evidenceFlags) (*gathered, error) {
	if len(paths) == 0 {
		return f.gatherLive(ctx, t, in, ev)
	}
	if f.allUsers {
		return nil, withHint(fmt.Errorf("--all-users is for the running computer, but %s was given", paths[0]), "leave out PATH, or leave out --all-users")
	}
	return gatherEvidence(ctx, t, paths, in, ev)
}

// gatherLive reads the live registry, and the cache files in the known places.
func (f *liveFlags) gatherLive(ctx context.Context, t *term, in *inputFlags, ev *evidenceFlags) (*gathered, error) {
	opts, err := ev.options()
	if err != nil {
		return nil, err
	}
	reg, err := machine.OpenRegistry(machine.Options{AllUsers: f.allUsers})
	if err != nil {
		return nil, withHint(err, "for instance: oxtail profiles profiles.reg, oxtail caches bundle.zip; --help says more")
	}
	g := &gathered{from: evidence.New(opts), live: true}
	live := evidence.Live{Name: machine.Source, Root: reg.Root, Env: reg.Env, Owners: reg.Owners()}
	if f.caches {
		live.Looked = reg.Looked
	}
	inv := g.from.AddRegistry(live)
	var skipped []source.Skipped
	paths := ev.profiles
	if f.caches {
		paths = append(reg.CachePaths(inv), paths...)
	}
	if len(paths) > 0 {
		walk, err := in.evidenceWalk(ctx, t)
		if err != nil {
			return nil, err
		}
		if skipped, err = source.Walk(ctx, paths, walk, g.from.Add); err != nil {
			return nil, err
		}
	}
	g.finish(t, g.withoutHeld(skipped))
	g.takeNotes(t, reg.Notes())
	return g, nil
}

// takeNotes tells what is only to be told, and keeps what was not read.
func (g *gathered) takeNotes(t *term, notes []machine.Note) {
	const most = 10 // lines; a terminal server may have hundreds of users without a hive
	told := 0
	for _, n := range notes {
		switch {
		case n.Lost:
			g.faults = append(g.faults, n.Text)
		case told < most:
			told++
			t.sayf("%s", n.Text)
		case told == most:
			told++
			t.sayf("and more of this kind")
		}
	}
}

// withoutHeld takes the stores that a program has open: they are there, though nobody
// may read them. It returns the rest of what was skipped.
func (g *gathered) withoutHeld(skipped []source.Skipped) []source.Skipped {
	var rest []source.Skipped
	for _, s := range skipped {
		if machine.IsHeld(s.Err) {
			if info, err := os.Stat(s.Path); err == nil && g.from.AddHeld(s.Path, info.Size(), info.ModTime()) {
				continue
			}
		}
		rest = append(rest, s)
	}
	return rest
}
