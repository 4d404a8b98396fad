package index

import (
	"oxtail/parser"
)

// packed is a block ready to be written.
type packed struct {
	entry        entry
	text, cols   []byte // compressed
	filter       []byte
	words, stems string
	err          error
}

// A Piece is a full block on its way to the disk, as a Tagger sees it.
type Piece struct {
	Path    string // of the source
	Format  string // name of its format
	Decoded bool   // the text is not the bytes of the source
	Records []*parser.Record
	Text    []byte  // of all records
	Starts  []int32 // of each record in Text, and its length
}

// A Tagger says what rules say of the records of a block, and marks in rising order the
// records that whoever judges the source later must look at. It is called from several
// goroutines at once.
type Tagger func(p Piece) (tags []Tag, marks []int)

// pack makes a block of records.
func pack(path, format string, records []*parser.Record, decoded bool, before int64, tag Tagger, z *zipper) *packed {
	text, c := layOut(records, decoded)
	if tag != nil {
		c.tags, c.marks = tag(Piece{path, format, c.kind == kindDecoded, records, text, c.starts})
	}
	t := newTerms(len(text))
	buf := t.addText(c, text)
	known := len(t.ids)
	for _, r := range records {
		buf = t.addRecord(r, buf)
	}
	c.extra = len(t.ids) > known
	last := records[len(records)-1]
	return c.pack(text, t, buf, z, entry{
		kind: c.kind, offset: records[0].Offset, size: last.End() - records[0].Offset, line: records[0].Line, before: before,
	})
}

// pack makes a block of text and columns. The entry says where it stands; the terms have
// what is found beside the columns.
func (c *columns) pack(text []byte, t *terms, buf []byte, z *zipper, place entry) *packed {
	for _, d := range [2]*dictionary{&c.comps, &c.threads} {
		for _, w := range d.words {
			buf = t.addField(w, buf)
		}
	}
	for _, tag := range c.tags {
		buf = t.addField(tag.Field.Value, buf)
	}
	p := &packed{entry: place}
	p.filter, p.words, p.stems = newFilter(t.ids, place.offset), joined(t.words), joined(t.stems)
	c.hold(text)
	p.text = z.packText(c.thin(text))
	p.cols = z.pack(c.encode(text))
	p.entry.textLen, p.entry.textSum, p.entry.textSize = len(p.text), checksum(p.text), len(text)
	p.entry.colsLen, p.entry.colsSum, p.entry.records = len(p.cols), checksum(p.cols), len(c.times)
	p.entry.cover(c)
	return p
}
