package index

import (
	"cmp"
	"slices"
	"sort"

	"oxtail/parser"
)

// A Part is a hit or a record that stands beside one.
type Part struct {
	Hit
	Context bool // it is no hit itself
	Apart   bool // records that are not shown lie between it and the part before
}

// WithContext adds to each hit the records before and after it: of its source, or of
// all sources by time. A record is not shown twice.
func (x *Index) WithContext(hits []Hit, before, after int, merged bool) []Part {
	type key struct {
		r  ref
		at int
	}
	isHit := make(map[key]bool, len(hits))
	for _, h := range hits {
		isHit[key{h.ref, h.at}] = true
	}
	shown := make(map[key]bool, len(hits))
	var out []Part
	for _, h := range hits {
		around := []Hit{h}
		switch {
		case before == 0 && after == 0:
		case merged && h.Timed:
			around = x.aroundMerged(h, before, after)
		default:
			around = x.around(h, before, after)
		}
		apart := true
		for _, p := range around {
			k := key{p.ref, p.at}
			if shown[k] {
				apart = false
				continue
			}
			shown[k] = true
			out = append(out, Part{Hit: p, Context: !isHit[k], Apart: apart && len(around) > 1})
			apart = false
		}
	}
	return out
}

func (x *Index) around(h Hit, before, after int) []Hit {
	var out []Hit
	for by := -before; by <= after; by++ {
		if p, ok := x.Step(h, by); ok {
			out = append(out, p)
		}
	}
	return out
}

// Follows reports whether b is the record right behind a in its source.
func (x *Index) Follows(a, b Hit) bool {
	next, ok := x.Step(a, 1)
	return ok && next.Same(b)
}

// aroundMerged returns the records of all sources that are nearest in time.
func (x *Index) aroundMerged(h Hit, before, after int) []Hit {
	var out []Hit
	for i := range x.blocks {
		at, ok := x.seek(i, h)
		if !ok {
			continue
		}
		out = append(out, x.around(at, before, after)...)
	}
	out = slices.DeleteFunc(out, func(p Hit) bool { return !p.Timed })
	order := OldestFirst
	slices.SortFunc(out, order.compare)
	out = slices.CompactFunc(out, Hit.Same)
	at, _ := slices.BinarySearchFunc(out, h, func(a, b Hit) int { return order.compare(a, b) })
	return out[max(0, at-before):min(len(out), at+after+1)]
}

// seek returns the record of a source that is nearest to a hit in time. Sources
// whose times run back now and then are taken as if they did not.
func (x *Index) seek(source int, h Hit) (Hit, bool) {
	if source == h.ref.source {
		return h, true
	}
	list := x.blocks[source]
	n := sort.Search(len(list), func(i int) bool { row := list[i].row(); return row.first <= row.last && row.last >= h.Time })
	if n == len(list) {
		n--
	}
	if n < 0 {
		return Hit{}, false
	}
	v, err := x.load(list[n])
	if err != nil {
		return Hit{}, false
	}
	best, found := 0, false
	for i := range v.Len() {
		t, basis := v.Time(i)
		if basis == parser.TimeNone {
			continue
		}
		if b, _ := v.Time(best); !found || cmp.Compare(distance(t, h.Time), distance(b, h.Time)) < 0 {
			best, found = i, true
		}
	}
	return x.hit(list[n], best, v), found
}

func distance(a, b int64) uint64 {
	if a > b {
		return uint64(a) - uint64(b)
	}
	return uint64(b) - uint64(a)
}
