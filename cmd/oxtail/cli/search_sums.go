package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/index/query"
	"oxtail/internal/report"
	"oxtail/parser"
)

func (f *searchFlags) runCount(ctx context.Context, w io.Writer, x *index.Index, q *query.Query) error {
	n := 0
	if err := x.Each(ctx, q, nil, func(_ query.Block, set query.Bits) { n += set.Count() }); err != nil {
		return err
	}
	if f.format.value == "json" {
		return report.WriteJSON(w, map[string]int{"count": n})
	}
	_, err := fmt.Fprintln(w, n)
	return err
}

// maxBars bounds a histogram: a step of a millisecond over a year is a mistake.
const maxBars = 100_000

func (f *searchFlags) runHistogram(ctx context.Context, w io.Writer, x *index.Index, q *query.Query) error {
	step, ok := parseAgo(f.histogram)
	if !ok || step <= 0 {
		return fmt.Errorf("--histogram: unexpected step %q; want a time such as 10m, 1h or 1d", f.histogram)
	}
	counts := make(map[int64]*[parser.LevelFatal + 1]int)
	untimed := 0
	err := x.Each(ctx, q, nil, func(b query.Block, set query.Bits) {
		set.Each(func(i int) bool {
			at, basis := b.Time(i)
			if basis == parser.TimeNone {
				untimed++
				return true
			}
			bin := at - mod(at, int64(step))
			if counts[bin] == nil {
				counts[bin] = new([parser.LevelFatal + 1]int)
			}
			counts[bin][b.Level(i)]++
			return len(counts) <= maxBars
		})
	})
	if err != nil {
		return err
	}
	if len(counts) > maxBars {
		return withHint(errors.New("--histogram has too many bars"), "take a longer step")
	}
	return f.writeBars(w, counts, int64(step), untimed)
}

// mod is the remainder that is never negative.
func mod(a, b int64) int64 { return (a%b + b) % b }

func (f *searchFlags) writeBars(w io.Writer, counts map[int64]*[parser.LevelFatal + 1]int, step int64, untimed int) error {
	var bars []report.Bar
	bins := slices.Sorted(maps.Keys(counts))
	for i, bin := range bins {
		if i > 0 && (bin-bins[i-1])/step <= maxEmptyBars {
			for empty := bins[i-1] + step; empty < bin; empty += step {
				bars = append(bars, newBar(empty, nil))
			}
		}
		bars = append(bars, newBar(bin, counts[bin]))
	}
	if f.format.value != "json" {
		return report.WriteHistogram(w, bars, untimed)
	}
	for i := range bars {
		if err := report.WriteJSON(w, &bars[i]); err != nil {
			return err
		}
	}
	return nil
}

// maxEmptyBars is how many steps without a hit are shown; a longer silence is left out.
const maxEmptyBars = 48

func newBar(at int64, levels *[parser.LevelFatal + 1]int) report.Bar {
	b := report.Bar{Schema: report.SchemaBar, From: time.Unix(0, at).UTC().Format(time.RFC3339)}
	if levels == nil {
		return b
	}
	b.Levels = make(map[string]int)
	for l, n := range levels {
		if b.Count += n; n > 0 && parser.Level(l) != parser.LevelNone {
			b.Levels[parser.Level(l).String()] = n
		}
	}
	return b
}

func (f *searchFlags) runFacets(ctx context.Context, w io.Writer, x *index.Index, q *query.Query) error {
	known := slices.Concat(query.Builtin(), query.Captures(), x.Fields())
	sums := make([]map[string]int, len(f.facets))
	for i, name := range f.facets {
		if !slices.Contains(known, name) {
			return unknownValue("field", name, known)
		}
		sums[i] = make(map[string]int)
	}
	err := x.Each(ctx, q, nil, func(b query.Block, set query.Bits) {
		for n, name := range f.facets {
			set.Each(func(i int) bool {
				for _, v := range query.Values(b, i, name) {
					sums[n][v]++
				}
				return true
			})
		}
	})
	if err != nil {
		return err
	}
	var rows []report.Facet
	for n, name := range f.facets {
		rows = append(rows, topValues(name, sums[n], f.top)...)
	}
	if f.format.value != "json" {
		return report.WriteFacets(w, rows)
	}
	for i := range rows {
		if err := report.WriteJSON(w, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func topValues(field string, sums map[string]int, top int) []report.Facet {
	values := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		return cmp.Or(cmp.Compare(sums[b], sums[a]), strings.Compare(a, b))
	})
	if top > 0 && len(values) > top {
		values = values[:top]
	}
	var rows []report.Facet
	for _, v := range values {
		rows = append(rows, report.NewFacet(field, v, sums[v]))
	}
	return rows
}

func (f *searchFlags) runTemplates(ctx context.Context, w io.Writer, x *index.Index, q *query.Query) error {
	groups := detectors.NewTemplates()
	err := x.Each(ctx, q, nil, func(b query.Block, set query.Bits) {
		set.Each(func(i int) bool {
			groups.Add(b.Record(i), b.Source())
			return ctx.Err() == nil
		})
	})
	if err != nil {
		return err
	}
	list := report.NewTemplates(groups.List())
	if f.limit > 0 && len(list) > f.limit {
		list = list[:f.limit]
	}
	if f.format.value != "json" {
		return report.WriteTemplates(w, list)
	}
	for i := range list {
		if err := report.WriteJSON(w, &list[i]); err != nil {
			return err
		}
	}
	return nil
}
