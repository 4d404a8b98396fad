package sentry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"oxtail/actions"
	"oxtail/detectors"
)

// A Waker ends the pause between two looks, in time or earlier.
type Waker interface {
	Wait(ctx context.Context, pause time.Duration)
}

// Options are the choices of a Sentry.
type Options struct {
	Look   Looker           // required
	Now    func() time.Time // required
	Waker  Waker            // required
	Poll   time.Duration    // zero: DefaultPoll
	Memory string           // file that keeps what is known over a restart; empty: none
	Warn   func(string)     // told what could not be read, each thing once; nil: nobody
}

// A Sentry watches profiles and cache files. It is not safe for concurrent use.
type Sentry struct {
	opts   Options
	files  map[string]*file
	faults map[string]*fault
	uses   map[string][]string // who used a store at the last look, by object
	warned map[string]bool

	now      time.Time // of the current look
	looked   bool      // a look was taken in this run
	recalled bool      // something is known of an earlier run
	suspect  bool      // something has to be looked at again soon
	changed  bool      // more than sizes changed since the memory was written
	saved    time.Time
	news     []string // keys of faults to be said
	ended    []detectors.Finding
}

// New returns a Sentry that knows what its memory holds.
func New(opts Options) *Sentry {
	if opts.Poll <= 0 {
		opts.Poll = DefaultPoll
	}
	s := &Sentry{opts: opts, files: map[string]*file{}, faults: map[string]*fault{}, uses: map[string][]string{}, warned: map[string]bool{}}
	s.remember()
	return s
}

// Run looks until ctx ends, and emits findings: those that stand at its start, new ones,
// and those that are over with IsGone set. A look that gave nothing is told to Warn once,
// and the next one may work: a drive may be connected later. The error is always nil.
func (s *Sentry) Run(ctx context.Context, emit func(detectors.Finding)) error {
	for ctx.Err() == nil {
		began := s.opts.Now()
		err := s.Step(ctx, emit)
		ended := s.opts.Now()
		if err != nil && !errors.Is(err, ctx.Err()) {
			s.warnOnce("look", fmt.Sprintf("profiles and cache files could not be looked at: %v", err))
		}
		pause := s.opts.Poll
		if s.suspect {
			pause = min(pause, recheckAfter)
		}
		s.opts.Waker.Wait(ctx, pause)
		rest(ctx, min(restShare*ended.Sub(began), s.opts.Poll)-s.opts.Now().Sub(ended))
	}
	s.save(true)
	return nil
}

// rest waits, whoever rings.
func rest(ctx context.Context, pause time.Duration) {
	if pause <= 0 {
		return
	}
	tick := time.NewTimer(pause)
	defer tick.Stop()
	select {
	case <-ctx.Done():
	case <-tick.C:
	}
}

// Step looks once.
func (s *Sentry) Step(ctx context.Context, emit func(detectors.Finding)) error {
	s.now = s.opts.Now()
	s.suspect, s.news, s.ended = false, nil, nil
	snap, err := s.opts.Look.Look(ctx, s.now)
	if err != nil {
		return err
	}
	delete(s.warned, "look") // it works again: the next failure is news
	for _, place := range snap.Unsure {
		s.warnOnce("unsure "+place, place+" could not be read; what lies there is not watched until it can be")
	}
	s.judgeInventory(snap)
	s.judgeFiles(snap)
	s.judgeLimits(snap)
	s.tell(emit)
	if d, ok := s.opts.Look.(interface{ Doubt() }); ok && s.suspect {
		d.Doubt() // the same answer again would prove nothing
	}
	s.changed = s.changed || len(s.news)+len(s.ended) > 0
	s.looked = true
	s.save(false)
	return nil
}

// tell emits what is new, and at the first look all that stands.
func (s *Sentry) tell(emit func(detectors.Finding)) {
	keys := s.news
	if !s.looked {
		keys = slices.Sorted(maps.Keys(s.faults))
	}
	for _, f := range s.ended {
		emit(f)
	}
	for _, key := range keys {
		if x := s.faults[key]; x != nil {
			emit(x.Finding)
		}
	}
}

// warnOnce tells each thing once, as long as there are not too many.
func (s *Sentry) warnOnce(what, text string) {
	const most = 1000 // things that are remembered
	if s.opts.Warn == nil || s.warned[what] || len(s.warned) >= most {
		return
	}
	s.warned[what] = true
	s.opts.Warn(text)
}

// judgeFiles compares the cache files with those that are known.
func (s *Sentry) judgeFiles(snap *Snapshot) {
	found := snap.files()
	owners := ownersOf(snap.Inventory)
	for _, path := range slices.Sorted(maps.Keys(found)) {
		f := s.files[path]
		if f == nil {
			f = &file{Path: path}
			if s.looked || s.recalled {
				f.Born = s.now
			}
			s.files[path], s.changed = f, true
		}
		if key := faultKey(RuleCacheVanished, path); s.faults[key] != nil {
			s.close(key, fmt.Sprintf("a file of this name is there, with %s", size(found[path].Bytes)))
		}
		f.take(found[path], s.now)
		f.belong(owners[path])
		s.judgeJump(f)
	}
	for _, path := range slices.Sorted(maps.Keys(s.files)) {
		if found[path] == nil {
			s.judgeMissing(s.files[path], snap)
		}
	}
}

// ownersOf tells which store each cache file belongs to.
func ownersOf(inv *actions.Inventory) map[string]*actions.Store {
	out := map[string]*actions.Store{}
	stores := inv.Stores()
	for i := range stores {
		for _, f := range stores[i].Files {
			out[f.Path] = &stores[i]
		}
		for _, p := range stores[i].Paths {
			if out[p.Path] == nil {
				out[p.Path] = &stores[i]
			}
		}
	}
	return out
}
