package index

import (
	"bytes"
	"sort"

	"oxtail/parser"
)

// Most searches ask for what is rare: errors, and records that rules know. A block has a
// few of these among thousands of records, so their text is stored with the columns and
// not with the rest: then a search for "level:error timeout" reads the columns alone,
// which is less than a tenth of the block.

// A heldRecord is a record whose text stands with the columns.
type heldRecord struct {
	record int
	start  int32 // index of its first byte in the text of the block
	line   int   // lines of the block before it
	raw    []byte
}

// Of a block at most one part in these many is held.
const (
	heldRecords = 16
	heldText    = 16
)

// hold chooses the records that are held: those that are marked, and those of the highest
// levels, as far as they are few.
func (c *columns) hold(text []byte) {
	if c.kind != kindRaw {
		return
	}
	least := c.rareLevel()
	wanted := make([]bool, len(c.times))
	for _, i := range c.marks {
		wanted[i] = true
	}
	if !c.fewHeld(wanted, len(text)) {
		clear(wanted)
	}
	for i, s := range c.states {
		if parser.Level(s&15) >= least {
			wanted[i] = true
		}
	}
	if c.fewHeld(wanted, len(text)) {
		c.take(wanted, text)
	}
}

// rareLevel returns the lowest level from warning on that few records reach.
func (c *columns) rareLevel() parser.Level {
	var count [16]int
	for _, s := range c.states {
		count[s&15]++
	}
	least, sum := parser.LevelFatal+1, 0
	for l := parser.LevelFatal; l >= parser.LevelWarning; l-- {
		if sum += count[l]; sum*heldRecords > len(c.states) {
			break
		}
		least = l
	}
	return least
}

func (c *columns) fewHeld(wanted []bool, size int) bool {
	records, bytes := 0, 0
	for i, w := range wanted {
		if w {
			records++
			bytes += int(c.starts[i+1] - c.starts[i])
		}
	}
	return records*heldRecords <= len(wanted) && bytes*heldText <= size
}

func (c *columns) take(wanted []bool, text []byte) {
	at, line := int32(0), 0
	for i, w := range wanted {
		if !w {
			continue
		}
		line += bytes.Count(text[at:c.starts[i]], []byte{'\n'})
		at = c.starts[i]
		c.held = append(c.held, heldRecord{i, at, line, text[at:c.starts[i+1]]})
	}
}

func encodeNumbers(e *encoder, list []int) {
	e.uint(uint64(len(list)))
	last := 0
	for _, n := range list {
		e.uint(uint64(n - last))
		last = n
	}
}

func decodeNumbers(d *decoder, below int) []int {
	var out []int
	last := 0
	for range d.count() {
		last += int(d.uint())
		if last < 0 || last >= below {
			d.bad = true
			return nil
		}
		out = append(out, last)
	}
	return out
}

func encodeHeld(e *encoder, list []heldRecord) {
	e.uint(uint64(len(list)))
	last := heldRecord{}
	for _, h := range list {
		e.uint(uint64(h.record - last.record))
		e.uint(uint64(h.start - last.start))
		e.uint(uint64(h.line - last.line))
		e.uint(uint64(len(h.raw)))
		e.b = append(e.b, h.raw...)
		last = h
	}
}

func decodeHeld(d *decoder, below, textLen int) []heldRecord {
	n := d.count()
	out := make([]heldRecord, 0, min(n, below))
	last := heldRecord{}
	for range n {
		last.record += int(d.uint())
		last.start += int32(d.uint())
		last.line += int(d.uint())
		last.raw = d.bytes(d.count())
		if d.bad || last.record < 0 || last.record >= below || last.start < 0 || int(last.start)+len(last.raw) > textLen {
			d.bad = true
			return nil
		}
		out = append(out, last)
	}
	return out
}

// heldAt returns a record that is held.
func (c *columns) heldAt(i int) (*heldRecord, bool) {
	n := sort.Search(len(c.held), func(n int) bool { return c.held[n].record >= i })
	if n == len(c.held) || c.held[n].record != i {
		return nil, false
	}
	return &c.held[n], true
}
