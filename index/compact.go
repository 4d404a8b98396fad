package index

import (
	"context"
	"fmt"
	"slices"

	"oxtail/parser"
)

// Compact writes the used blocks of small and of half-used segments anew, in as few
// segments as possible, and returns the bytes on disk before and after. Small blocks of a
// source are joined if the format of the source is known. Blocks that are damaged are left
// out, and their sources are to be read again.
func Compact(ctx context.Context, dir string, formats func(name string) parser.Format) (before, after int64, err error) {
	if _, err := readCatalogue(dir); err != nil {
		return 0, 0, err
	}
	w, err := NewWriter(dir, WriterOptions{})
	if err != nil {
		return 0, 0, err
	}
	before = diskUse(dir)
	err = w.compact(ctx, formats)
	if e := w.Close(); err == nil {
		err = e
	}
	return before, diskUse(dir), err
}

func (w *Writer) compact(ctx context.Context, formats func(string) parser.Format) error {
	x, err := Open(w.dir, Options{Jobs: w.opts.Jobs, Formats: formats})
	if err != nil {
		return err
	}
	defer x.Close()
	keep := x.settled(w.opts.segmentBytes)
	if len(x.Losses()) == 0 && len(x.scopes)-len(keep) <= 1 && x.Info().Dead == 0 {
		return nil
	}
	return w.rewrite(ctx, x, keep)
}

// rewrite writes the used blocks of all segments that are not kept anew. The copies are
// put together first and take the place of the old blocks in one commit: an interrupted
// run changes nothing.
func (w *Writer) rewrite(ctx context.Context, x *Index, keep map[*scope]bool) error {
	tables := make(map[*scope]*wordTable)
	for _, sc := range x.scopes {
		if sc.seg != nil && !keep[sc] {
			tables[sc], _ = x.wordTable(ctx, sc) // without one, its blocks count as damaged
		}
	}
	moved := make([][]Extent, len(x.cat.Sources))
	for i, s := range w.cat.Sources {
		m := &mover{w: w, x: x, s: s, tables: tables}
		for _, r := range x.blocks[i] {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := m.move(r, keep[r.scope]); err != nil {
				return err
			}
		}
		if err := m.flush(); err != nil {
			return err
		}
		moved[i] = m.to.Extents
	}
	for i, s := range w.cat.Sources {
		s.Extents = moved[i]
	}
	w.dirty = true
	return w.Commit()
}

// settled returns the segments that compacting leaves alone: large ones of which all
// blocks are used.
func (x *Index) settled(full int64) map[*scope]bool {
	keep := make(map[*scope]bool)
	for i, sc := range x.scopes {
		if sc.seg != nil && x.cat.Segments[i].Raw >= full/2 && !slices.Contains(sc.owners, -1) {
			keep[sc] = true
		}
	}
	return keep
}

// repack makes a block ready to be written again, without packing its text again.
func (x *Index) repack(r ref, t *wordTable) (*packed, error) {
	if t == nil {
		return nil, errDamaged
	}
	v, err := x.view(r)
	if err != nil {
		return nil, err
	}
	if !v.loadText() {
		return nil, v.err
	}
	row := v.row
	seg := r.scope.seg
	p := &packed{entry: *row}
	if p.text, err = seg.readPacked(row.at, row.textLen, row.textSum); err != nil {
		return nil, err
	}
	if p.cols, err = seg.readPacked(row.at+int64(row.textLen), row.colsLen, row.colsSum); err != nil {
		return nil, err
	}
	p.filter = make([]byte, row.filterLen)
	if _, err := seg.file.ReadAt(p.filter, seg.filterAt+row.filterAt); err != nil {
		return nil, fmt.Errorf("read %s: %w", seg.name, err)
	}
	p.words, p.stems = t.words[r.block], t.stems[r.block]
	return p, nil
}

// A wordTable holds the words of each block of a segment.
type wordTable struct{ words, stems []string }

// wordTable turns the word index of a segment round.
func (x *Index) wordTable(ctx context.Context, sc *scope) (*wordTable, error) {
	words, err := x.words(sc)
	if err != nil {
		return nil, err
	}
	t := &wordTable{}
	if t.words, err = words.byBlock(ctx, fieldWords, len(sc.seg.table)); err != nil {
		return nil, err
	}
	t.stems, err = words.byBlock(ctx, fieldStems, len(sc.seg.table))
	return t, err
}
