package index

import (
	"context"
	"strings"

	"oxtail/parser"
)

// A log that is followed gives a small segment every second, and each costs a search a
// moment. They are joined when there are many of about the same size, so a block is
// written anew a few times and not with every join.

// joinAt is how many segments of a size are joined.
const joinAt = 12

// sizeClass returns the class of a segment by its text; segments of the last class stay
// as they are.
func sizeClass(raw, full int64) int {
	class := 0
	for limit := full >> 7; limit < full && raw >= limit; limit <<= 3 { // 2, 16, 128 MB
		class++
	}
	return class
}

// Tidy joins small segments when there are many. Everything must be committed.
func (w *Writer) Tidy(ctx context.Context, formats func(name string) parser.Format) error {
	class := w.crowded()
	if class < 0 {
		return nil
	}
	if err := w.join(ctx, class, formats); err != nil {
		return err
	}
	return w.sweep() // of what is closed by now
}

// join writes the segments up to a class anew.
func (w *Writer) join(ctx context.Context, class int, formats func(string) parser.Format) error {
	x, err := Open(w.dir, Options{Jobs: w.opts.Jobs, Formats: formats})
	if err != nil {
		return err
	}
	defer x.Close()
	if len(x.Losses()) > 0 {
		return nil // damage stays as it is until the sources are read again
	}
	keep := make(map[*scope]bool)
	for i, sc := range x.scopes {
		keep[sc] = sizeClass(x.cat.Segments[i].Raw, w.opts.segmentBytes) > class
	}
	return w.rewrite(ctx, x, keep)
}

// crowded returns the highest class of which, with all smaller ones, there are enough
// segments to be joined; -1 if there is none.
func (w *Writer) crowded() int {
	var count [8]int
	for _, p := range w.cat.Segments {
		count[sizeClass(p.Raw, w.opts.segmentBytes)]++
	}
	last := sizeClass(w.opts.segmentBytes, w.opts.segmentBytes)
	found, sum := -1, 0
	for class := range last {
		if sum += count[class]; sum >= joinAt {
			found, sum = class, 1
		}
	}
	return found
}

// A mover copies the blocks of one source.
type mover struct {
	w      *Writer
	x      *Index
	s      *Source
	tables map[*scope]*wordTable
	to     Source // its extents are the new ones
	joined []*view
	size   int // bytes of text in joined
}

// move takes the next block of the source.
func (m *mover) move(r ref, keep bool) error {
	if keep {
		if err := m.flush(); err != nil {
			return err
		}
		m.to.extend(r.scope.name, r.block)
		return nil
	}
	if !m.joins(r) {
		if err := m.flush(); err != nil {
			return err
		}
		p, err := m.x.repack(r, m.tables[r.scope])
		return m.write(r, p, err)
	}
	v, err := m.x.view(r)
	if err == nil && !v.loadText() {
		err = v.err
	}
	if err != nil {
		return m.write(r, nil, err)
	}
	if m.size += len(v.text); len(m.joined) > 0 && !m.follows(v) || m.size > blockBytes {
		if err := m.flush(); err != nil {
			return err
		}
		m.size = len(v.text)
	}
	m.joined = append(m.joined, v)
	return nil
}

// joins reports whether a block is small, and its records can be made again.
func (m *mover) joins(r ref) bool {
	row := r.row()
	known := m.s.Format == "" || m.x.opts.Formats != nil && m.x.opts.Formats(m.s.Format) != nil
	return m.tables[r.scope] != nil && row.textSize < m.w.opts.blockBytes/2 && row.records < blockRecords/2 && (known || row.kind == kindDecoded)
}

// follows reports whether a block begins where the last one ends.
func (m *mover) follows(v *view) bool {
	last := m.joined[len(m.joined)-1].row
	return m.s.Decoded || last.offset+last.size == v.row.offset
}

// write adds a block to the source. One that is damaged is left out.
func (m *mover) write(r ref, p *packed, err error) error {
	if err != nil {
		m.s.Complete = false
		m.s.Records -= int64(r.row().records)
		return nil
	}
	return m.put(p)
}

func (m *mover) put(p *packed) error {
	if err := m.w.write(&m.to, p); err != nil {
		return err
	}
	if m.w.Full() {
		return m.w.closeSegment()
	}
	return nil
}

// flush writes the blocks that are joined as one.
func (m *mover) flush() error {
	if len(m.joined) == 0 {
		return nil
	}
	p := m.asOne()
	for _, v := range m.joined {
		v.release()
	}
	m.joined, m.size = nil, 0
	return m.put(p)
}

// asOne packs the blocks that are joined. Most are joined as they are; records are made
// of their bytes again only where fields say what the text does not.
func (m *mover) asOne() *packed {
	for _, v := range m.joined {
		if v.cols.kind != kindRaw || v.cols.extra {
			return m.anew()
		}
	}
	var text []byte
	c := &columns{kind: kindRaw}
	var views []*view // of each record
	var nth []int     // in its view
	for _, v := range m.joined {
		c.marks, c.tags = appendMarks(c.marks, c.tags, v, len(c.times))
		for i := range v.Len() {
			c.starts = append(c.starts, int32(len(text))+v.cols.starts[i])
			views, nth = append(views, v), append(nth, i)
		}
		text = append(text, v.text...)
		c.times, c.states = append(c.times, v.cols.times...), append(c.states, v.cols.states...)
	}
	c.starts = append(c.starts, int32(len(text)))
	c.comps = newDictionary(len(views), func(i int) string { return views[i].Component(nth[i]) })
	c.threads = newDictionary(len(views), func(i int) string { return views[i].Thread(nth[i]) })
	t := newTerms(len(text))
	buf := t.addText(c, text)
	for _, v := range m.joined {
		m.addWords(t, v.ref)
	}
	first, last := m.joined[0].row, m.joined[len(m.joined)-1].row
	return c.pack(text, t, buf, m.w.zip, entry{
		kind: kindRaw, offset: first.offset, size: last.offset + last.size - first.offset, line: first.line, before: first.before,
	})
}

// addWords takes the words that a block had.
func (m *mover) addWords(t *terms, r ref) {
	table := m.tables[r.scope]
	for w := range strings.FieldsSeq(table.words[r.block]) {
		t.words[w] = struct{}{}
	}
	for w := range strings.FieldsSeq(table.stems[r.block]) {
		t.stems[w] = struct{}{}
	}
}

// anew packs the records of the blocks that are joined.
func (m *mover) anew() *packed {
	var records []*parser.Record
	var tags []Tag
	var marks []int
	for _, v := range m.joined {
		marks, tags = appendMarks(marks, tags, v, len(records))
		records = append(records, v.all()...)
	}
	said := func(Piece) ([]Tag, []int) { return tags, marks }
	return pack(m.s.Path, m.s.Format, records, m.s.Decoded, m.joined[0].row.before, said, m.w.zip)
}

// appendMarks adds the marks and tags of a block before which so many records stand.
func appendMarks(marks []int, tags []Tag, v *view, before int) ([]int, []Tag) {
	for _, i := range v.cols.marks {
		marks = append(marks, i+before)
	}
	for _, t := range v.cols.tags {
		tags = append(tags, Tag{t.Record + before, t.Field})
	}
	return marks, tags
}
