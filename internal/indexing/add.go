package indexing

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/internal/evidence"
	"oxtail/internal/source"
	"oxtail/parser"
)

// Options are the choices of Add.
type Options struct {
	Walk     source.Options
	Formats  []parser.Format
	Rules    *detectors.Rules // may be nil: records are not tagged
	Encoding parser.Encoding
	Zone     *time.Location
	Jobs     int
	Prune    bool // forget sources that are gone

	// Evidence says how profiles and cache files are read; nil: they are not, and what
	// the index keeps of them stays. Beside are paths with further ones.
	Evidence *evidence.Options
	Beside   []string

	// Progress, if set, is told what was read.
	Progress func(path string, bytes int64)
}

// A Change says what became of a source.
type Change string

// The changes.
const (
	Added     Change = "added"
	Grown     Change = "grown"
	Replaced  Change = "replaced"
	Repaired  Change = "repaired" // its records in the index were damaged
	Unchanged Change = "unchanged"
	Renamed   Change = "renamed" // it stands under another path, and did not change
	Gone      Change = "gone"    // no longer there; kept
	Pruned    Change = "pruned"
)

// An Outcome is what became of one source.
type Outcome struct {
	Path    string
	Change  Change
	Records int64 // read this time
	Bytes   int64 // the same
	Err     error // why it was not fully read
}

// A Result is what Add did.
type Result struct {
	Outcomes []Outcome
	Skipped  []source.Skipped
	Problems []string // what the user should know of profiles and cache files
	Profiles int      // that stand beside the logs, and are kept
	Caches   int      // the same, of cache files
}

// Count returns the number of sources with a change.
func (r *Result) Count(c Change) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.Change == c {
			n++
		}
	}
	return n
}

// Incomplete reports whether something was not fully read.
func (r *Result) Incomplete() bool {
	for _, o := range r.Outcomes {
		if o.Err != nil {
			return true
		}
	}
	for _, s := range r.Skipped {
		if !s.Note {
			return true
		}
	}
	return false
}

// Add brings an index up to date with everything that paths name. When ctx ends,
// what was read until then is in the index.
func Add(ctx context.Context, dir string, paths []string, opts Options) (*Result, error) {
	t := newTagger(opts.Rules)
	w, err := index.NewWriter(dir, index.WriterOptions{Jobs: opts.Jobs, Tag: t.tag})
	if err != nil {
		return nil, err
	}
	a := &adder{ctx: ctx, dir: dir, w: w, opts: opts, res: &Result{}, seen: make(map[string]bool), bases: make(map[string]bool), fields: make(map[string]bool)}
	err = a.walk(paths)
	a.gone()
	w.NoteFields(sortedNames(a.fields))
	if err == nil || errors.Is(err, context.Canceled) {
		if e := w.Commit(); e != nil {
			err = e
		}
	}
	if err == nil && opts.Evidence != nil {
		err = a.keep(dir, paths, a.from)
	}
	if err == nil {
		err = w.Tidy(ctx, Lookup(opts.Formats))
	}
	if e := w.Close(); err == nil {
		err = e
	}
	return a.res, err
}

// walk takes all streams in.
func (a *adder) walk(paths []string) error {
	visit := a.outside(a.visit)
	if a.opts.Evidence != nil {
		a.from = evidence.New(*a.opts.Evidence)
		beside, err := source.Walk(a.ctx, a.opts.Beside, a.opts.Walk, a.from.Add)
		if err != nil {
			return err
		}
		a.res.Skipped = beside
		visit = a.outside(func(st *source.Stream) error {
			if err := a.from.Add(st); err != nil {
				return err
			}
			return a.visit(st)
		})
	}
	skipped, err := source.Walk(a.ctx, paths, a.opts.Walk, visit)
	a.res.Skipped = append(a.res.Skipped, skipped...)
	return err
}

// outside leaves the files of the index itself out: it may lie among the logs.
func (a *adder) outside(visit func(*source.Stream) error) func(*source.Stream) error {
	own, err := filepath.Abs(a.dir)
	if err != nil {
		return visit
	}
	own += string(filepath.Separator)
	return func(st *source.Stream) error {
		if base, err := filepath.Abs(st.Base); err == nil && strings.HasPrefix(base, own) {
			return nil
		}
		return visit(st)
	}
}

// An adder is the state of one Add.
type adder struct {
	dir    string             // of the index
	from   *evidence.Gatherer // nil when profiles and cache files are not read
	ctx    context.Context
	w      *index.Writer
	opts   Options
	res    *Result
	seen   map[string]bool // paths of streams that were met
	bases  map[string]bool // files on disk that were met
	fields map[string]bool // names of fields
	apart  *[]index.Source // see away; nil until asked for
}

// visit brings the index up to date with one stream.
func (a *adder) visit(st *source.Stream) error {
	a.bases[st.Base] = true
	if !st.Kind.HasRecords() {
		return nil
	}
	a.seen[st.Path] = true
	id := identify(st)
	old, known := a.w.Lookup(st.Path)
	still := Unchanged
	if !known {
		if old, known = a.moved(st); known {
			still = Renamed
		}
	}
	change := Added
	switch {
	case known && old.Complete && id.same(old) && !a.w.Intact(st.Path):
		change = Repaired
	case known && old.Complete && id.same(old):
		a.res.Outcomes = append(a.res.Outcomes, Outcome{Path: st.Path, Change: still})
		return nil
	case known && a.touched(st, old) && a.w.Intact(st.Path):
		old.BaseSize, old.BaseTime, old.ModTime = id.size, id.time, st.ModTime
		a.w.Update(old)
		a.res.Outcomes = append(a.res.Outcomes, Outcome{Path: st.Path, Change: still})
		return nil
	case known && a.continues(st, old):
		return a.grow(st, old, id)
	case known:
		change = Replaced
	}
	return a.read(st, id, change)
}

// moved finds the source whose content now stands under another path: a log that was
// rotated, or that is named in another way. It takes the new path and keeps its ID.
func (a *adder) moved(st *source.Stream) (index.Source, bool) {
	if st.Once || st.ReaderAt == nil {
		return index.Source{}, false
	}
	if old, ok := spelled(a.w, st.Path); ok && st.Path == st.Base {
		a.w.Rename(func(s index.Source) bool { return s.ID == old.ID }, st.Path)
		return a.w.Lookup(st.Path)
	}
	for _, old := range a.away() {
		if !a.w.Has(old.ID, old.Path) || !begins(st, old) { // the first: it moved already
			continue
		}
		a.w.Rename(func(s index.Source) bool { return s.ID == old.ID }, st.Path)
		return a.w.Lookup(st.Path)
	}
	return index.Source{}, false
}

// away returns the sources that were in the index before and whose path holds another
// content by now, or none.
func (a *adder) away() []index.Source {
	if a.apart != nil {
		return *a.apart
	}
	a.apart = new([]index.Source)
	for _, s := range a.w.Sources() {
		_, err := os.Stat(s.Base)
		if s.Past || errors.Is(err, fs.ErrNotExist) {
			*a.apart = append(*a.apart, s)
		}
	}
	return *a.apart
}

// gone finds sources of the index that are no longer there: their file, or their
// place in an archive that was read.
func (a *adder) gone() {
	for _, s := range a.w.Sources() {
		if a.seen[s.Path] && !s.Past || s.Base == "-" {
			continue
		}
		_, err := os.Stat(s.Base)
		if !s.Past && !errors.Is(err, fs.ErrNotExist) && !a.bases[s.Base] {
			continue
		}
		change := Gone
		if a.opts.Prune {
			a.w.RemoveID(s.ID)
			change = Pruned
		}
		a.res.Outcomes = append(a.res.Outcomes, Outcome{Path: s.Path, Change: change})
	}
}

// Lookup returns the function by which an index finds the formats of its sources.
func Lookup(list []parser.Format) func(name string) parser.Format {
	byName := make(map[string]parser.Format, len(list))
	for _, f := range list {
		byName[f.Name()] = f
	}
	return func(name string) parser.Format { return byName[name] }
}
