package index

import (
	"cmp"
	"context"
	"math"
	"slices"

	"oxtail/index/query"
	"oxtail/parser"
)

// Order is the order of hits.
type Order uint8

// The orders. Records without a time stand last in the orders by time.
const (
	NewestFirst Order = iota
	OldestFirst
	BySource // in the order of the sources, each from front to back
)

// SearchOptions are the choices of a search.
type SearchOptions struct {
	Sources func(Source) bool // sources to look at; nil: all
	Order   Order
	Limit   int // hits at most; 0: all

	// Beyond is how many bytes of a source are left out, as far as whole blocks lie in
	// them; nil: none. What follows an index asks for what is new.
	Beyond func(Source) int64
}

// A Hit is a record that fits a query.
type Hit struct {
	Source *Source
	Time   int64 // Unix nanoseconds, if Timed
	Timed  bool
	ref    ref
	at     int
}

// Search returns the hits of a query, in order. more is set when there are others
// beyond the limit.
func (x *Index) Search(ctx context.Context, q *query.Query, opts SearchOptions) (hits []Hit, more bool, err error) {
	list, err := x.candidates(ctx, q, opts.Sources)
	if err != nil {
		return nil, false, err
	}
	if opts.Beyond != nil {
		list = slices.DeleteFunc(list, func(r ref) bool {
			row := r.row()
			return row.offset+row.size <= opts.Beyond(*x.cat.Sources[r.source])
		})
	}
	sortBlocks(list, opts.Order)
	c := &collector{opts: opts}
	err = x.match(ctx, q, list, func(r ref, v *view, set query.Bits, next *ref) bool {
		set.Each(func(i int) bool {
			c.hits = append(c.hits, x.hit(r, i, v))
			return true
		})
		if opts.Limit > 0 && opts.Limit <= cachedBlocks && !set.Empty() {
			x.keep(r, v) // its hits will be shown
		} else {
			v.release()
		}
		return !c.enough(next)
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(c.hits, opts.Order.compare)
	if opts.Limit > 0 && len(c.hits) > opts.Limit {
		return c.hits[:opts.Limit], true, nil
	}
	return c.hits, c.stopped, nil
}

func (x *Index) hit(r ref, i int, v *view) Hit {
	t, basis := v.Time(i)
	return Hit{Source: x.cat.Sources[r.source], Time: t, Timed: basis != parser.TimeNone, ref: r, at: i}
}

// compare orders hits.
func (o Order) compare(a, b Hit) int {
	place := cmp.Or(cmp.Compare(a.ref.source, b.ref.source), cmp.Compare(a.ref.nth, b.ref.nth), cmp.Compare(a.at, b.at))
	if o == BySource {
		return place
	}
	if a.Timed != b.Timed {
		if a.Timed {
			return -1
		}
		return 1
	}
	if !a.Timed {
		return place
	}
	if o == OldestFirst {
		return cmp.Or(cmp.Compare(a.Time, b.Time), place)
	}
	return cmp.Or(cmp.Compare(b.Time, a.Time), -place)
}

// edge is the best time that a block may offer, as a number that sorts ascending.
func (o Order) edge(r ref) int64 {
	row := r.row()
	switch {
	case o == BySource:
		return 0
	case row.first > row.last:
		return math.MaxInt64
	case o == OldestFirst:
		return row.first
	}
	return -row.last
}

func sortBlocks(list []ref, o Order) {
	slices.SortStableFunc(list, func(a, b ref) int { return cmp.Compare(o.edge(a), o.edge(b)) })
}

// A collector gathers hits until no other can be among the first.
type collector struct {
	opts    SearchOptions
	hits    []Hit
	stopped bool
}

// enough reports whether the blocks from next on cannot improve the result. Worse
// hits are dropped now and then so that memory stays bounded.
func (c *collector) enough(next *ref) bool {
	limit := c.opts.Limit
	if limit <= 0 || len(c.hits) < limit || next == nil {
		return false
	}
	if c.opts.Order == BySource {
		c.stopped = true
		return true
	}
	slices.SortFunc(c.hits, c.opts.Order.compare)
	if len(c.hits) > limit {
		c.hits = c.hits[:limit+1]
	}
	worst := c.hits[limit-1]
	if !worst.Timed {
		return false
	}
	at := worst.Time
	if c.opts.Order == NewestFirst {
		at = -at
	}
	c.stopped = at < c.opts.Order.edge(*next)
	return c.stopped
}

// match evaluates the query on blocks in parallel and hands over what each gives, in
// order, until take returns false. Blocks without a match are handed over, too.
func (x *Index) match(ctx context.Context, q *query.Query, list []ref, take func(r ref, v *view, set query.Bits, next *ref) bool) error {
	type result struct {
		view *view
		set  query.Bits
	}
	read := func(r ref) (result, bool) {
		v, set := x.matchBlock(q, r)
		return result{v, set}, v != nil
	}
	at := 0
	return ordered(ctx, x.opts.Jobs, list, read, func(r ref, res result) bool {
		for list[at] != r {
			at++
		}
		var next *ref
		if at+1 < len(list) {
			next = &list[at+1]
		}
		return take(r, res.view, res.set, next)
	})
}

// ordered reads blocks in parallel and hands over what each gives, in order, until take
// returns false. What read does not vouch for is left out.
func ordered[T any](ctx context.Context, jobs int, list []ref, read func(ref) (T, bool), take func(ref, T) bool) error {
	type result struct {
		got T
		ok  bool
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slots := make(chan chan result, 2*jobs)
	go func() {
		defer close(slots)
		for _, r := range list {
			out := make(chan result, 1)
			select {
			case slots <- out:
			case <-ctx.Done():
				return
			}
			go func() {
				got, ok := read(r)
				out <- result{got, ok}
			}()
		}
	}()
	for _, r := range list {
		out, ok := <-slots
		if !ok {
			return ctx.Err()
		}
		res := <-out
		if err := ctx.Err(); err != nil {
			return err
		}
		if res.ok && !take(r, res.got) {
			return nil
		}
	}
	return nil
}

// matchBlock evaluates the query on one block. A damaged one is noted and left out.
func (x *Index) matchBlock(q *query.Query, r ref) (*view, query.Bits) {
	v, err := x.view(r)
	if err == nil {
		set := q.Match(v)
		if err = v.err; err == nil {
			return v, set
		}
	}
	x.lose(Loss{Place: r.scope.name, Source: x.cat.Sources[r.source].Path, Err: err})
	return nil, nil
}

// Each calls take for each block with its matches, in order of the sources: for
// counts and sums over all hits. The block is valid until take returns.
func (x *Index) Each(ctx context.Context, q *query.Query, wanted func(Source) bool, take func(b query.Block, set query.Bits)) error {
	list, err := x.candidates(ctx, q, wanted)
	if err != nil {
		return err
	}
	return x.match(ctx, q, list, func(_ ref, v *view, set query.Bits, _ *ref) bool {
		if !set.Empty() {
			take(v, set)
		}
		v.release()
		return true
	})
}

// Record returns the record of a hit.
func (x *Index) Record(h Hit) (*parser.Record, error) {
	v, err := x.load(h.ref)
	if err != nil {
		return nil, err
	}
	return v.Record(h.at), nil
}

// Tags returns what rules said of a hit's record.
func (x *Index) Tags(h Hit) ([]parser.Field, error) {
	v, err := x.load(h.ref)
	if err != nil {
		return nil, err
	}
	return v.Tags(h.at), nil
}

// Link returns the permanent name of a hit's record.
func (x *Index) Link(h Hit) (Link, error) {
	v, err := x.load(h.ref)
	if err != nil {
		return Link{}, err
	}
	return Link{h.Source.ID, v.offset(h.at)}, nil
}

// Step returns the record that stands a number of records behind a hit in its
// source, or before it. ok is false when the source ends before.
func (x *Index) Step(h Hit, by int) (Hit, bool) {
	list := x.blocks[h.ref.source]
	nth, at := h.ref.nth, h.at+by
	for at < 0 {
		if nth--; nth < 0 {
			return Hit{}, false
		}
		at += list[nth].row().records
	}
	for at >= list[nth].row().records {
		at -= list[nth].row().records
		if nth++; nth == len(list) {
			return Hit{}, false
		}
	}
	v, err := x.load(list[nth])
	if err != nil {
		return Hit{}, false
	}
	return x.hit(list[nth], at, v), true
}

// Same reports whether two hits are the same record.
func (h Hit) Same(o Hit) bool { return h.ref == o.ref && h.at == o.at }
