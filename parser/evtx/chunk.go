package evtx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
)

// eventMagic is what an event begins with.
const eventMagic = "\x2a\x2a\x00\x00"

// A chunk walks over the events of one chunk.
type chunk struct {
	b      []byte // the chunk, or what is left of it
	base   int64  // offset in the file
	number int    // of the slot, from 0
	write  writer

	at     int    // next byte to look at
	free   int    // first byte behind the events, by the header; len(b) if it is not known
	sound  bool   // the header can be trusted
	nextID uint64 // number that the next event should have
	known  bool   // nextID is known
	endID  uint64 // number behind that of the last event, by the header; 0 if it does not say
	losses []Loss // since the last event
	gap    bool   // the last of losses is a place where events are missing
	behind []Loss // what is lost behind the chunk
	event  Event
}

func newChunk(b []byte, base int64, number int, noCRC bool) *chunk {
	c := &chunk{b: b, base: base, number: number, at: chunkHeadBytes, free: len(b)}
	c.write.reset(b)
	if len(b) < chunkHeadBytes {
		c.at = len(b)
		return c
	}
	c.readHeader(noCRC)
	return c
}

// readHeader reads the head of the chunk and looks at its checksums.
func (c *chunk) readHeader(noCRC bool) {
	le, b := binary.LittleEndian, c.b
	magic := bytes.HasPrefix(b, []byte(ChunkMagic))
	noCRC = noCRC || le.Uint32(b[120:])&flagNoCRC != 0
	free := int(le.Uint32(b[48:]))
	headSum := crc32.Update(crc32.ChecksumIEEE(b[:120]), crc32.IEEETable, b[128:chunkHeadBytes])
	bounded := free >= chunkHeadBytes && free <= chunkBytes
	c.sound = magic && bounded && (noCRC || headSum == le.Uint32(b[124:]))
	intact := bounded && free <= len(b) && crc32.ChecksumIEEE(b[chunkHeadBytes:free]) == le.Uint32(b[52:])
	if !c.sound {
		if intact {
			c.free = free
		}
		c.lose(0, chunkHeadBytes, "the header of chunk %d is damaged; the events behind it were searched", c.number)
		return
	}
	c.free = min(free, len(b))
	if first, last := le.Uint64(b[24:]), le.Uint64(b[32:]); last >= first && last-first < maxChunkEvents {
		c.nextID, c.known, c.endID = first, true, last+1
	}
	if !noCRC && !intact && free <= len(b) {
		c.lose(chunkHeadBytes, free-chunkHeadBytes, "the checksum of the events in chunk %d is wrong: what was read of them may be altered", c.number)
	}
}

// lose notes that length bytes of the chunk cannot be read.
func (c *chunk) lose(at, length int, why string, args ...any) {
	c.losses = append(c.losses, Loss{Offset: c.base + int64(at), Length: int64(length), Why: fmt.Sprintf(why, args...)})
}

// next returns the next event, nil behind the last one.
func (c *chunk) next() *Event {
	for c.at < len(c.b) {
		size, ok := c.eventAt(c.at)
		id := uint64(0)
		if ok {
			id = binary.LittleEndian.Uint64(c.b[c.at+8:])
		}
		switch {
		case c.at >= c.free && !(ok && c.known && id == c.nextID), ok && c.isOlder(id):
			c.at = len(c.b) // remains of older events
		case ok:
			return c.take(size, id)
		default:
			c.skip()
		}
	}
	c.end()
	return nil
}

// isOlder reports whether an event is left from before the chunk was begun, where the
// header cannot tell it: its number does not follow.
func (c *chunk) isOlder(id uint64) bool {
	return !c.sound && c.known && id-c.nextID >= maxChunkEvents // less than nextID wraps round
}

// eventAt reports whether an event begins at a place, and its size: it stands at its
// head and again at its end, or another event follows there.
func (c *chunk) eventAt(at int) (size int, ok bool) {
	if len(c.b)-at < eventMinBytes || string(c.b[at:at+len(eventMagic)]) != eventMagic {
		return 0, false
	}
	size = int(binary.LittleEndian.Uint32(c.b[at+4:]))
	if size < eventMinBytes || size > len(c.b)-at {
		return 0, false
	}
	end := at + size
	return size, c.sizeAt(end) == size || end == c.free || strings.HasPrefix(string(c.b[end:min(end+len(eventMagic), len(c.b))]), eventMagic)
}

// sizeAt returns the size that stands at the end of an event.
func (c *chunk) sizeAt(end int) int { return int(binary.LittleEndian.Uint32(c.b[end-4:])) }

// skip passes over bytes that are no event.
func (c *chunk) skip() {
	start, end := c.at, c.free
	for at := start + 1; ; at++ {
		i := bytes.Index(c.b[min(at, len(c.b)):c.free], []byte(eventMagic))
		if i < 0 {
			break
		}
		at += i
		if _, ok := c.eventAt(at); ok {
			end = at
			break
		}
	}
	c.at = end
	if !c.sound && isZero(c.b[start:end]) {
		return // the end of the events, wherever the header puts it
	}
	if end == len(c.b) && len(c.behind) > 0 { // half an event before the cut
		c.behind[0].Offset -= int64(end - start)
		c.behind[0].Length += int64(end - start)
		return
	}
	c.lose(start, end-start, "bytes of chunk %d hold no event that can be read", c.number)
	c.gap = true
}

// take reads the event at hand.
func (c *chunk) take(size int, id uint64) *Event {
	start := c.at
	c.at += size
	c.count(id)
	c.nextID, c.known, c.gap = id+1, true, false
	c.event = Event{
		ID: id, Time: fileTime(binary.LittleEndian.Uint64(c.b[start+16:])),
		Offset: c.base + int64(start), Length: size,
	}
	text, err := c.write.event(start+eventHeadBytes, c.at-4, &c.event)
	c.event.XML = text
	switch {
	case err != nil:
		c.event.Problem = err.Error()
	case c.sizeAt(c.at) != size:
		c.event.Problem = "the size at its end is damaged"
	}
	return &c.event
}

// count says how many events the last loss cost, when the number of the next event is
// known. Numbers follow one another in a chunk.
func (c *chunk) count(next uint64) {
	if missing := next - c.nextID; c.gap && c.known && next > c.nextID && missing < maxChunkEvents {
		c.losses[len(c.losses)-1].Events = int(missing)
	}
}

// end compares what was found with what the header promises.
func (c *chunk) end() {
	if c.endID > c.nextID {
		switch {
		case len(c.behind) > 0:
			c.losses, c.gap = append(c.losses, c.behind[0]), true
			c.behind = nil
		case !c.gap:
			c.lose(chunkHeadBytes, c.free-chunkHeadBytes, "chunk %d lacks events that its header names", c.number)
			c.gap = true
		}
		c.count(c.endID)
	}
	c.losses = append(c.losses, c.behind...)
}

// fileTime is Windows' count of 100 ns since 1601; times that no log can hold are
// the zero time.
func fileTime(ticks uint64) time.Time {
	const (
		unixEpoch = 116444736000000000  // 1970 in ticks
		most      = 2650467744000000000 // the year 9999
	)
	if ticks == 0 || ticks > most {
		return time.Time{}
	}
	t := int64(ticks) - unixEpoch
	return time.Unix(t/1e7, t%1e7*100).UTC()
}
