package parser

import (
	"io"
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
// there. The piece is UTF-8 or Windows-1252. A nil format makes every line a record.
// The records' Raw are parts of raw.
func Assemble(raw []byte, at Place, f Format, src Source) []*Record {
	r := Resume(nil, at, f, src)
	r.lines.enc, r.lines.fixed = UTF8, true // decided at the head, not by one record
	r.lines.buf, r.lines.err = raw, io.EOF
	var out []*Record
	for {
		rec, err := r.Next()
		if err != nil {
			return out
		}
		out = append(out, rec)
	}
}

// Resume returns a Reader of the rest of a source, from a record boundary on, whose
// format is known. It gives the records that a Reader of the whole source gives there.
func Resume(in io.Reader, at Place, f Format, src Source) *Reader {
	r := NewReader(in, src, Options{})
	r.begun, r.last = true, at.Last
	r.lines.offset, r.lines.number = at.Offset, at.Line-1
	r.lines.begun = true
	r.use(f)
	return r
}
