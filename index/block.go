package index

import (
	"bytes"
	"time"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// Sizes of a block.
const (
	blockBytes   = 256 << 10 // text from which a block is full: larger ones compress little better, and each hit reads one
	blockRecords = 1 << 14   // the same for records, so that sets of them stay small
	maxBlockText = 64 << 20  // the largest text that is read back; one record is at most an item of mail
)

// A raw block holds the bytes of the source, and its records are assembled again
// when they are asked for. A decoded one holds records of formats that need to see
// the whole source, and of encodings other than UTF-8 and Windows-1252.
const (
	kindRaw     = 0
	kindDecoded = 1
)

// A Tag is what the caller says of one record of a block, such as the rule that it hit.
type Tag struct {
	Record int // index in the block
	Field  parser.Field
}

// columns are the facts of a block's records without their text.
type columns struct {
	kind    int
	starts  []int32 // of each record in the text, and its length as last element
	times   []int64 // Unix nanoseconds
	states  []byte  // level, and time basis << 4
	comps   dictionary
	threads dictionary
	tags    []Tag
	stamp   stamp
	marks   []int // records that rules have something to say of, or that speak of unknown trouble
	held    []heldRecord
	extra   bool             // fields of records hold identifiers that their text does not
	records []*parser.Record // of a decoded block, without text, time, level, component and thread
}

// A dictionary is a column of few distinct strings.
type dictionary struct {
	words []string
	ids   []uint32 // empty when all records have words[0]
}

func (d *dictionary) at(i int) string {
	if len(d.words) == 0 {
		return ""
	}
	if len(d.ids) == 0 {
		return d.words[0]
	}
	return d.words[d.ids[i]]
}

func newDictionary(n int, at func(i int) string) dictionary {
	var d dictionary
	known := make(map[string]uint32)
	d.ids = make([]uint32, n)
	for i := range n {
		s := at(i)
		id, ok := known[s]
		if !ok {
			id = uint32(len(d.words))
			known[s] = id
			d.words = append(d.words, s)
		}
		d.ids[i] = id
	}
	if len(d.words) == 1 {
		d.ids = nil
	}
	return d
}

func (d *dictionary) encode(e *encoder) {
	e.uint(uint64(len(d.words)))
	for _, w := range d.words {
		e.string(w)
	}
	for _, id := range d.ids {
		e.uint(uint64(id))
	}
}

func decodeDictionary(d *decoder, n int) dictionary {
	var out dictionary
	for range d.count() {
		out.words = append(out.words, d.string())
	}
	if len(out.words) <= 1 {
		return out
	}
	out.ids = make([]uint32, n)
	for i := range out.ids {
		if out.ids[i] = uint32(d.uint()); int(out.ids[i]) >= len(out.words) {
			d.bad = true
			out.ids[i] = 0
		}
	}
	return out
}

// layOut turns records into text and columns.
func layOut(records []*parser.Record, decoded bool) ([]byte, *columns) {
	c := &columns{kind: kindRaw, starts: make([]int32, 0, len(records)+1)}
	text := joinRaw(records)
	if decoded || bytes.IndexByte(text, 0) >= 0 || len(text) > maxBlockText {
		c.kind, c.records = kindDecoded, records
		text = joinText(records, c)
	} else {
		at := int32(0)
		for _, r := range records {
			c.starts = append(c.starts, at)
			at += int32(len(r.Raw))
		}
	}
	c.starts = append(c.starts, int32(len(text)))
	for _, r := range records {
		t := int64(0)
		if r.Basis != parser.TimeNone {
			t = r.Time.UnixNano()
		}
		c.times = append(c.times, t)
		c.states = append(c.states, byte(r.Level)|byte(r.Basis)<<4)
	}
	c.comps = newDictionary(len(records), func(i int) string { return records[i].Component })
	c.threads = newDictionary(len(records), func(i int) string { return records[i].Thread })
	return text, c
}

func joinRaw(records []*parser.Record) []byte {
	n := 0
	for _, r := range records {
		n += len(r.Raw)
	}
	out := make([]byte, 0, n)
	for _, r := range records {
		out = append(out, r.Raw...)
	}
	return out
}

func joinText(records []*parser.Record, c *columns) []byte {
	var out []byte
	for _, r := range records {
		c.starts = append(c.starts, int32(len(out)))
		out = append(out, r.Text...)
		out = append(out, '\n')
	}
	return out
}

// encode writes the columns. The text is needed to see where lines end.
func (c *columns) encode(text []byte) []byte {
	e := &encoder{}
	n := len(c.times)
	e.uint(uint64(n))
	e.uint(uint64(c.kind))
	if c.kind == kindRaw && eachLine(text, c.starts) {
		e.uint(1)
	} else {
		e.uint(0)
		for i := range n {
			e.uint(uint64(c.starts[i+1] - c.starts[i]))
		}
	}
	e.b = append(e.b, c.states...)
	c.encodeTimes(e)
	c.comps.encode(e)
	c.threads.encode(e)
	e.uint(uint64(len(c.tags)))
	for _, t := range c.tags {
		e.uint(uint64(t.Record))
		e.string(t.Field.Name)
		e.string(t.Field.Value)
	}
	c.stamp.encode(e)
	encodeNumbers(e, c.marks)
	encodeHeld(e, c.held)
	e.uint(uint64(flag(c.extra)))
	for _, r := range c.records {
		encodeRecord(e, r)
	}
	return e.b
}

// eachLine reports whether every line of the text is a record.
func eachLine(text []byte, starts []int32) bool {
	at := 0
	for i := 0; i+1 < len(starts); i++ {
		if int(starts[i]) != at {
			return false
		}
		at = nextLine(text, at)
	}
	return at == len(text)
}

func nextLine(text []byte, at int) int {
	if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(text)
}

func (c *columns) encodeTimes(e *encoder) {
	unit := int64(time.Millisecond)
	for _, t := range c.times {
		if t%unit != 0 {
			unit = 1
			break
		}
	}
	e.uint(uint64(unit))
	last := int64(0)
	for i, t := range c.times {
		if parser.TimeBasis(c.states[i]>>4) == parser.TimeNone {
			continue
		}
		e.int(t/unit - last)
		last = t / unit
	}
}

func decodeColumns(b []byte, textLen int) (*columns, error) {
	d := &decoder{b: b}
	c := &columns{}
	n := d.count()
	c.kind = int(d.uint())
	lines := d.uint() == 1
	if !lines {
		at := int32(0)
		for range n {
			c.starts = append(c.starts, at)
			at += int32(d.uint())
		}
		c.starts = append(c.starts, at)
	}
	c.states = d.bytes(n)
	c.decodeTimes(d, n)
	c.comps = decodeDictionary(d, n)
	c.threads = decodeDictionary(d, n)
	for range d.count() {
		t := Tag{Record: int(d.uint())}
		t.Field = parser.Field{Name: d.string(), Value: d.string()}
		d.bad = d.bad || t.Record >= n
		c.tags = append(c.tags, t)
	}
	c.stamp = decodeStamp(d, n)
	c.marks = decodeNumbers(d, n)
	c.held = decodeHeld(d, n, textLen)
	c.extra = d.uint() == 1
	if c.kind == kindDecoded {
		for range n {
			c.records = append(c.records, decodeRecord(d))
		}
	}
	if d.bad || c.starts != nil && int(c.starts[len(c.starts)-1]) != textLen {
		return nil, errDamaged
	}
	return c, nil
}

func lineStarts(text []byte, n int) []int32 {
	starts := make([]int32, 1, n+1)
	for at := nextLine(text, 0); len(starts) <= n; at = nextLine(text, at) {
		starts = append(starts, int32(at))
		if at == len(text) {
			break
		}
	}
	return starts
}

func (c *columns) decodeTimes(d *decoder, n int) {
	c.times = make([]int64, n)
	unit := int64(d.uint())
	last := int64(0)
	for i := range c.times {
		if parser.TimeBasis(c.states[i]>>4) != parser.TimeNone {
			last += d.int()
			c.times[i] = last * unit
		}
	}
}

// encodeRecord writes what a decoded block needs beside its text and columns.
func encodeRecord(e *encoder, r *parser.Record) {
	e.uint(uint64(r.Offset))
	e.uint(uint64(len(r.Raw)))
	e.uint(uint64(r.Line))
	if r.Message == r.Text {
		e.uint(1)
	} else {
		e.uint(0)
		e.string(r.Message)
	}
	e.string(r.Problem)
	e.uint(uint64(len(r.Fields)))
	for _, f := range r.Fields {
		e.string(f.Name)
		e.string(f.Value)
	}
	e.uint(uint64(len(r.Codes)))
	for _, c := range r.Codes {
		e.string(string(c))
	}
	e.uint(uint64(len(r.UUIDs)))
	for _, u := range r.UUIDs {
		e.string(string(u))
	}
}

// sameAsText marks a message that is the whole text, until the text is known.
const sameAsText = "\x00"

func decodeRecord(d *decoder) *parser.Record {
	r := &parser.Record{Offset: int64(d.uint())}
	r.Raw = make([]byte, min(d.uint(), maxBlockText))
	r.Line = int(d.uint())
	if d.uint() == 1 {
		r.Message = sameAsText
	} else {
		r.Message = d.string()
	}
	r.Problem = d.string()
	for range d.count() {
		r.Fields = append(r.Fields, parser.Field{Name: d.string(), Value: d.string()})
	}
	for range d.count() {
		r.Codes = append(r.Codes, codes.Code(d.string()))
	}
	for range d.count() {
		r.UUIDs = append(r.UUIDs, parser.UUID(d.string()))
	}
	return r
}
