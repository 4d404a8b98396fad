package parser

import (
	"bytes"
	"time"
)

// Place says where a piece of a source stands in it.
type Place struct {
	Offset int64     // bytes from the start of the source
	Line   int       // 1-based number of the piece's first line
	Last   time.Time // time of the last record before the piece that has one, for inherited times
}

// Assemble returns the records of a piece of a source that begins and ends at
// record boundaries: the same records that a Reader of the whole source gives
// there. A nil format makes every line a record.
func Assemble(raw []byte, at Place, f Format, src Source, enc Encoding) []*Record {
	if enc.name == "" {
		enc = UTF8 // pieces are not sniffed: their encoding was decided at the head
	}
	r := NewReader(bytes.NewReader(raw), src, Options{Encoding: enc})
	r.begun, r.last = true, at.Last
	r.lines.offset, r.lines.number = at.Offset, at.Line-1
	r.lines.begun = true
	r.use(f)
	var out []*Record
	for {
		rec, err := r.Next()
		if err != nil {
			return out
		}
		out = append(out, rec)
	}
}
