package index

import (
	"fmt"
	"slices"

	"oxtail/parser"
)

// A SourceWriter adds the records of one source.
type SourceWriter struct {
	w       *Writer
	s       *Source
	pool    []*parser.Record // of the block at hand
	size    int
	before  int64 // time before the block at hand
	last    int64
	lastEnd int64
}

// Begin starts a source anew: what the index has of its path goes.
func (w *Writer) Begin(s Source) *SourceWriter {
	w.Remove(s.Path)
	s.Extents, s.Records, s.Problems, s.Done = nil, 0, 0, 0
	s.Complete = false
	if s.ID != "" {
		s.ID = w.freeID(s.ID)
	}
	added := &s
	w.cat.Sources = append(w.cat.Sources, added)
	return &SourceWriter{w: w, s: added}
}

// freeID makes an ID unique: copies of a log have the same first bytes.
func (w *Writer) freeID(id string) string {
	out := id
	for n := 2; slices.ContainsFunc(w.cat.Sources, func(s *Source) bool { return s.ID == out }); n++ {
		out = fmt.Sprintf("%s-%d", id, n)
	}
	return out
}

// Resume continues a source that has grown. Its last block goes, since its last
// record may have been incomplete; the caller reads on from the place that is returned.
func (w *Writer) Resume(path string) (*SourceWriter, parser.Place, error) {
	s := w.cat.source(path)
	if s == nil || len(s.Extents) == 0 || s.Decoded || s.Whole {
		return nil, parser.Place{}, fmt.Errorf("continue %s: it is not in the index in a form that can be continued", path)
	}
	x := &s.Extents[len(s.Extents)-1]
	row, err := w.row(x.Segment, x.From+x.Blocks-1)
	if err != nil {
		return nil, parser.Place{}, err
	}
	if x.Blocks--; x.Blocks == 0 {
		s.Extents = s.Extents[:len(s.Extents)-1]
	}
	s.Records -= int64(row.records)
	s.Done, s.Complete = row.offset, false
	w.dirty = true
	at := parser.Place{Offset: row.offset, Line: row.line}
	if row.before != 0 {
		at.Last = nanoTime(row.before)
	}
	return &SourceWriter{w: w, s: s, before: row.before, last: row.before, lastEnd: row.offset}, at, nil
}

// row reads the entry of a block of a committed segment.
func (w *Writer) row(name string, block int) (entry, error) {
	seg, err := openSegment(w.path(name), w.zip)
	if err != nil {
		return entry{}, err
	}
	defer seg.close()
	if block >= len(seg.table) {
		return entry{}, fmt.Errorf("read %s: %w", name, errDamaged)
	}
	return seg.table[block], nil
}

// Source returns what is known of the source, to be changed by the caller until Close.
func (sw *SourceWriter) Source() *Source { return sw.s }

// Add takes the next record of the source.
func (sw *SourceWriter) Add(r *parser.Record) error {
	if len(sw.pool) > 0 && !sw.s.Decoded && r.Offset != sw.lastEnd { // a gap: the text of a block has none
		if err := sw.flush(); err != nil {
			return err
		}
	}
	sw.pool = append(sw.pool, r)
	sw.size += len(r.Raw)
	if r.Basis != parser.TimeNone {
		sw.last = r.Time.UnixNano()
	}
	sw.s.Records++
	if r.Problem != "" {
		sw.s.Problems++
	}
	sw.lastEnd = r.End()
	if sw.size >= sw.w.opts.blockBytes || len(sw.pool) >= blockRecords {
		return sw.flush()
	}
	return nil
}

// flush hands the records at hand over as a block.
func (sw *SourceWriter) flush() error {
	if len(sw.pool) == 0 {
		return nil
	}
	records, before, decoded := sw.pool, sw.before, sw.s.Decoded
	path, format := sw.s.Path, sw.s.Format
	sw.pool, sw.size, sw.before = make([]*parser.Record, 0, len(records)+64), 0, sw.last
	err := sw.w.submit(sw.s, func() *packed { return pack(path, format, records, decoded, before, sw.w.opts.Tag, sw.w.zip) })
	sw.s.Done = max(sw.s.Done, sw.lastEnd)
	if err == nil && sw.w.Full() {
		err = sw.w.Commit()
	}
	return err
}

// Flush makes the records so far part of the index's next state, without ending the source.
func (sw *SourceWriter) Flush() error { return sw.flush() }

// Close ends the source.
func (sw *SourceWriter) Close() error {
	err := sw.flush()
	sw.s.Complete = true
	sw.w.dirty = true
	return err
}

// Abort forgets the source: it must be read in another way.
func (sw *SourceWriter) Abort() {
	sw.pool = nil
	sw.w.Remove(sw.s.Path)
}
