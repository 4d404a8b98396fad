package index

import (
	"oxtail/index/query"
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
	p := &packed{}
	t := newTerms()
	var buf []byte
	for i := range records {
		buf = query.Fold(buf[:0], text[c.starts[i]:c.starts[i+1]])
		t.add(buf)
	}
	for _, r := range records {
		buf = t.addRecord(r, buf)
	}
	for _, d := range [2]*dictionary{&c.comps, &c.threads} {
		for _, w := range d.words {
			buf = t.addField(w, buf)
		}
	}
	for _, tag := range c.tags {
		buf = t.addField(tag.Field.Value, buf)
	}
	p.filter, p.words, p.stems = newFilter(t.ids, records[0].Offset), joined(t.words), joined(t.stems)
	c.hold(text)
	p.text = z.packText(c.thin(text))
	p.cols = z.pack(c.encode(text))
	last := records[len(records)-1]
	p.entry = entry{
		textLen: len(p.text), colsLen: len(p.cols), textSize: len(text), textSum: checksum(p.text), colsSum: checksum(p.cols),
		records: len(records), kind: c.kind, offset: records[0].Offset, size: last.End() - records[0].Offset, line: records[0].Line, before: before,
	}
	p.entry.cover(c)
	return p
}
