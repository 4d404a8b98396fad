package cli

import (
	"context"
	"time"

	"oxtail/index"
	"oxtail/index/query"
	"oxtail/internal/tail"
)

// followPause is how often an index is looked at for new records. A look that finds
// nothing new asks for the state of one file.
const followPause = time.Second

// A follower shows what another process adds to an index.
type follower struct {
	f    *searchFlags
	t    *term
	q    *query.Query
	open func() (*index.Index, error)
	seen map[string]int64 // ID of a source → bytes of it that were looked at
}

// run shows hits that are new to the index x, until ctx ends. It does not close x.
func (l *follower) run(ctx context.Context, x *index.Index, waker tail.Waker) error {
	l.note(x)
	shown := x
	defer func() {
		if shown != x {
			shown.Close()
		}
	}()
	for ctx.Err() == nil {
		waker.Wait(ctx, followPause)
		if ctx.Err() != nil || shown.Current() {
			continue
		}
		next, err := l.open()
		if err != nil {
			return err
		}
		if shown != x {
			shown.Close()
		}
		shown = next
		if err := l.f.label(ctx, next, l.q); err != nil {
			return err
		}
		if err := l.show(ctx, next); err != nil && ctx.Err() == nil {
			return err
		}
		l.note(next)
	}
	return nil
}

// note remembers how far each source was looked at.
func (l *follower) note(x *index.Index) {
	for _, s := range x.Sources() {
		l.seen[s.ID] = s.Done
	}
}

// beyond is where the new part of a source begins: at its start, when it was replaced
// by a shorter one.
func (l *follower) beyond(s index.Source) int64 {
	if from := l.seen[s.ID]; from <= s.Done {
		return from
	}
	return 0
}

// show writes the hits in the new part of each source. The record at the border counts
// as new: its end may have come just now.
func (l *follower) show(ctx context.Context, x *index.Index) error {
	found, _, err := x.Search(ctx, l.q, index.SearchOptions{
		Order: index.OldestFirst, Beyond: l.beyond,
		Sources: func(s index.Source) bool { return s.Done > l.beyond(s) },
	})
	if err != nil {
		return err
	}
	var fresh []index.Hit
	for _, h := range found {
		r, err := x.Record(h)
		if err != nil {
			return err
		}
		if r.End() > l.beyond(*h.Source) {
			fresh = append(fresh, h)
		}
	}
	return l.f.writeHits(l.t.stdout, l.t.colour, x, fresh)
}
