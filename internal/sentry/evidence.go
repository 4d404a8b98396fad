package sentry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oxtail/internal/evidence"
	"oxtail/internal/machine"
	"oxtail/internal/source"
	"oxtail/parser/hive"
	"oxtail/parser/regfile"
)

// Folders looks at registry exports, hives and cache files in files and folders: at a
// copy of a computer that is brought up to date, or at a test. It works on every system.
type Folders struct {
	Paths   []string
	Options evidence.Options
}

var _ Looker = (*Folders)(nil)

// Look implements Looker.
func (p *Folders) Look(ctx context.Context, _ time.Time) (*Snapshot, error) {
	there, unsure := existing(p.Paths)
	if len(there) == 0 && len(unsure) > 0 {
		return nil, fmt.Errorf("look at %s: neither it nor its folder is there", strings.Join(unsure, ", "))
	}
	l := &look{gatherer: evidence.New(p.Options), snap: &Snapshot{Unsure: unsure}}
	skipped, err := source.Walk(ctx, there, source.Options{}, l.visit)
	if err != nil {
		return nil, err
	}
	return l.finish(skipped), nil
}

// existing tells the paths that are there from those of which nothing can be said. One
// that is gone while its folder is there is in neither: what it held is gone, too.
func existing(paths []string) (there, unsure []string) {
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			there = append(there, path)
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			unsure = append(unsure, path)
			continue
		}
		if _, err := os.Stat(filepath.Dir(filepath.Clean(path))); err != nil {
			unsure = append(unsure, path)
		}
	}
	return there, unsure
}

// A look is the work of one walk.
type look struct {
	gatherer *evidence.Gatherer
	snap     *Snapshot
	registry []string // registry files that were met
}

// visit takes a stream, and reads the limits of stores out of registry files.
func (l *look) visit(st *source.Stream) error {
	switch st.Kind {
	case source.KindProfile:
		l.registry = append(l.registry, st.Path)
		if data := wholeStream(st); data != nil {
			if f, err := regfile.Parse(data); err == nil {
				l.snap.Limits = append(l.snap.Limits, ReadLimits(f.Root())...)
			}
		}
	case source.KindHive:
		l.registry = append(l.registry, st.Path)
		if data := wholeStream(st); data != nil && !hive.IsLog(data) {
			if h, err := hive.Open(data); err == nil {
				l.snap.Limits = append(l.snap.Limits, ReadLimits(h.Root())...)
			}
		}
	}
	return l.gatherer.Add(st)
}

// wholeStream reads a registry file, nil when it cannot, or when it opens only once and
// the gatherer needs it; whoever reads it for the profiles says why.
func wholeStream(st *source.Stream) []byte {
	if st.Once || st.Size > evidence.MaxRegistryBytes {
		return nil
	}
	in, err := st.Open()
	if err != nil {
		return nil
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(in, evidence.MaxRegistryBytes))
	if err != nil {
		return nil
	}
	return data
}

// finish makes the snapshot of what was gathered.
func (l *look) finish(skipped []source.Skipped) *Snapshot {
	for _, s := range skipped {
		if s.Note {
			continue
		}
		if machine.IsHeld(s.Err) {
			if info, err := os.Stat(s.Path); err == nil && l.gatherer.AddHeld(s.Path, info.Size(), info.ModTime()) {
				continue
			}
		}
		if s.Path != "" && !errors.Is(s.Err, fs.ErrNotExist) { // gone since it was listed
			l.snap.Unsure = append(l.snap.Unsure, s.Path)
		}
	}
	inv, problems := l.gatherer.Finish()
	measure(inv.Caches)
	l.snap.Inventory = inv
	for _, p := range problems {
		if p.Lost && p.Path != "" {
			l.snap.Unsure = append(l.snap.Unsure, p.Path)
		}
	}
	for _, path := range l.registry {
		if !slices.Contains(l.snap.Unsure, path) {
			l.snap.Read = append(l.snap.Read, path)
		}
	}
	slices.Sort(l.snap.Unsure)
	l.snap.Unsure = slices.Compact(l.snap.Unsure)
	return l.snap
}
