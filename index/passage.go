package index

import (
	"context"

	"oxtail/index/query"
	"oxtail/parser"
)

// A Passage is a block as someone sees it who judges a source from the index: the times
// of all records, and the records that were marked when they were written.
type Passage struct {
	Source *Source
	v      *view
	ref    ref
}

// Len returns the number of records.
func (p *Passage) Len() int { return p.v.Len() }

// Marks returns the records that were marked, in rising order.
func (p *Passage) Marks() []int { return p.v.cols.marks }

// Time returns the time of a record in Unix nanoseconds.
func (p *Passage) Time(i int) (int64, parser.TimeBasis) { return p.v.Time(i) }

// Record returns a record. That costs little for those that are marked.
func (p *Passage) Record(i int) *parser.Record { return p.v.Record(i) }

// Hit returns a record as a hit.
func (p *Passage) Hit(i int) Hit { return p.x().hit(p.ref, i, p.v) }

func (p *Passage) x() *Index { return p.v.x }

// Passages calls look for each block, for several at once, and take with what that
// returned, in the order of the sources and blocks. A block that is damaged is left out
// and stands in Losses.
func Passages[T any](ctx context.Context, x *Index, look func(*Passage) T, take func(*Source, T)) error {
	var list []ref
	for _, blocks := range x.blocks {
		list = append(list, blocks...)
	}
	read := func(r ref) (T, bool) {
		v, err := x.view(r)
		if err != nil {
			x.lose(Loss{Place: r.scope.name, Source: x.cat.Sources[r.source].Path, Err: err})
			return *new(T), false
		}
		got := look(&Passage{v.source, v, r})
		if v.err != nil {
			x.lose(Loss{Place: r.scope.name, Source: v.source.Path, Err: v.err})
		}
		v.release()
		return got, true
	}
	return ordered(ctx, x.opts.Jobs, list, read, func(r ref, got T) bool {
		take(x.cat.Sources[r.source], got)
		return true
	})
}

// A Label is what someone who judged the records says of one: the case that it belongs
// to, for instance. Labels are found by queries like the tags that are stored.
type Label struct {
	Hit    Hit
	Fields []parser.Field
}

// SetLabels replaces the labels. It is called before a search, not beside one.
func (x *Index) SetLabels(list []Label) {
	x.labels = make(map[ref]map[int][]parser.Field)
	for _, l := range list {
		block := x.labels[l.Hit.ref]
		if block == nil {
			block = make(map[int][]parser.Field)
			x.labels[l.Hit.ref] = block
		}
		block[l.Hit.at] = append(block[l.Hit.at], l.Fields...)
	}
}

// labelled returns the blocks of a segment of which a record has a label.
func (x *Index) labelled(sc *scope) query.Bits {
	set := query.NewBits(len(sc.seg.table))
	for r := range x.labels {
		if r.scope == sc {
			set.Set(r.block)
		}
	}
	return set
}
