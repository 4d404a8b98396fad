package index

import (
	"fmt"
	"slices"

	"oxtail/parser"
)

// A Generation of a file is the content between two truncations. What follows files
// hands records over by generation, since a path has one after the other.

// BeginGeneration starts a source for a new generation. A source that had its path
// stays in the index as a past one.
func (w *Writer) BeginGeneration(s Source) *SourceWriter {
	if old := w.cat.source(s.Path); old != nil {
		old.Past = true
	}
	s.Extents, s.Records, s.Problems, s.Done = nil, 0, 0, 0
	if s.ID != "" {
		s.ID = w.freeID(s.ID)
	}
	added := &s
	w.cat.Sources = append(w.cat.Sources, added)
	w.dirty = true
	return &SourceWriter{w: w, s: added}
}

// Name gives a source its ID, when its first bytes are known.
func (w *Writer) Name(s *Source, id string) { s.ID = w.freeID(id) }

// Continue goes on with the source of a path that is not past, or of a generation.
// Nothing of it is taken back; covered tells what it has.
func (w *Writer) Continue(match func(Source) bool) (sw *SourceWriter, covered []Range, err error) {
	at := slices.IndexFunc(w.cat.Sources, func(s *Source) bool { return match(*s) })
	if at < 0 {
		return nil, nil, nil
	}
	sw = &SourceWriter{w: w, s: w.cat.Sources[at], lastEnd: w.cat.Sources[at].Done}
	err = w.eachRow(sw.s, func(_ string, _ int, row *entry) {
		covered = append(covered, Range{row.offset, row.offset + row.size})
	})
	return sw, covered, err
}

// A Range is a part of a source, in bytes.
type Range struct{ From, To int64 }

// eachRow calls do for each block of a source in committed segments.
func (w *Writer) eachRow(s *Source, do func(segment string, block int, row *entry)) error {
	var seg *segment
	name := ""
	for _, x := range s.Extents {
		if x.Segment != name {
			if seg != nil {
				_ = seg.close() // opened for reading
			}
			var err error
			if seg, err = openSegment(w.path(x.Segment), w.zip); err != nil {
				return err
			}
			name = x.Segment
		}
		for b := x.From; b < x.From+x.Blocks; b++ {
			if b >= len(seg.table) {
				_ = seg.close() // opened for reading
				return fmt.Errorf("read %s: %w", name, errDamaged)
			}
			do(x.Segment, b, &seg.table[b])
		}
	}
	if seg != nil {
		return seg.close()
	}
	return nil
}

// Displace takes the records out of a source that begin in a range: what comes next is
// a newer reading of them. Everything must be committed.
func (sw *SourceWriter) Displace(r Range, formats func(string) parser.Format) error {
	type place struct {
		segment  string
		block    int
		from, to int64
	}
	var hit []place
	err := sw.w.eachRow(sw.s, func(segment string, block int, row *entry) {
		if row.offset < r.To && row.offset+row.size > r.From {
			hit = append(hit, place{segment, block, row.offset, row.offset + row.size})
		}
	})
	if err != nil {
		return err
	}
	for _, p := range hit {
		records, err := sw.w.blockRecords(sw.s, p.segment, p.block, formats)
		if err != nil {
			return err
		}
		if sw.s.cut(p.segment, p.block); p.to == sw.s.Done {
			sw.s.Done = p.from
		} else {
			sw.s.Whole = true // its blocks are not in order any more
		}
		for _, rec := range records {
			sw.s.Records--
			if rec.Problem != "" {
				sw.s.Problems--
			}
			if rec.Offset < r.From || rec.Offset >= r.To {
				if err := sw.Add(rec); err != nil {
					return err
				}
			}
		}
		if err := sw.flush(); err != nil {
			return err
		}
	}
	return nil
}

// blockRecords reads the records of a committed block.
func (w *Writer) blockRecords(s *Source, name string, block int, formats func(string) parser.Format) ([]*parser.Record, error) {
	seg, err := openSegment(w.path(name), w.zip)
	if err != nil {
		return nil, err
	}
	defer seg.close()
	x := &Index{dir: w.dir, opts: Options{Formats: formats}, zip: w.zip, cat: &catalogue{Sources: []*Source{s}}}
	v, err := x.view(ref{scope: &scope{seg: seg, name: name}, block: block})
	if err != nil {
		return nil, err
	}
	if !v.loadText() {
		return nil, v.err
	}
	return v.all(), nil
}

// Has reports whether there is a source of an ID and a path.
func (w *Writer) Has(id, path string) bool {
	return slices.ContainsFunc(w.cat.Sources, func(s *Source) bool { return s.ID == id && s.Path == path })
}

// Rename gives a source that is past, or whose file is gone, the path under which its
// content was met again.
func (w *Writer) Rename(match func(Source) bool, path string) {
	for _, s := range w.cat.Sources {
		if match(*s) {
			s.Path, s.Base, s.Past, w.dirty = path, path, false, true
			return
		}
	}
}

// all returns all records of a block.
func (v *view) all() []*parser.Record {
	out := make([]*parser.Record, v.Len())
	for i := range out {
		out[i] = v.Record(i)
	}
	return out
}

// cut takes one block out of the extents.
func (s *Source) cut(segment string, block int) {
	var out []Extent
	for _, x := range s.Extents {
		if x.Segment != segment || block < x.From || block >= x.From+x.Blocks {
			out = append(out, x)
			continue
		}
		if n := block - x.From; n > 0 {
			out = append(out, Extent{segment, x.From, n})
		}
		if n := x.From + x.Blocks - block - 1; n > 0 {
			out = append(out, Extent{segment, block + 1, n})
		}
	}
	s.Extents = out
}
