// Package evtxtest builds small Windows event logs for tests, with what real ones
// have: names and templates that stand in the first event that uses them, lists of
// values, values of most types, and right checksums. Errors of the caller panic: only
// tests use it.
package evtxtest

import (
	"encoding/binary"
	"hash/crc32"
	"time"
	"unicode/utf16"
)

// An Event is what one event of a built log says.
type Event struct {
	ID        uint64 // record number; chunks are read in its order
	Time      time.Time
	Provider  string
	EventID   uint16
	Level     uint8
	Channel   string
	Computer  string
	SID       []byte      // as in the file, may be nil
	Data      []string    // values without names, as programs of the old interface write them
	Named     [][2]string // values with names; an event with some has no template
	Binary    []byte
	Qualifier uint16
}

// Layout of a log.
const (
	HeaderBytes = 4096
	ChunkBytes  = 64 << 10
	chunkHead   = 512
	eventHead   = 24
)

// Log returns a log with one chunk for each list of events.
func Log(chunks ...[]Event) []byte {
	out := make([]byte, HeaderBytes)
	copy(out, "ElfFile\x00")
	le := binary.LittleEndian
	next := uint64(1)
	for _, events := range chunks {
		for _, e := range events {
			next = max(next, e.ID+1)
		}
		out = append(out, Chunk(events)...)
	}
	le.PutUint64(out[16:], uint64(max(len(chunks), 1)-1))
	le.PutUint64(out[24:], next)
	le.PutUint32(out[32:], 128)
	le.PutUint16(out[36:], 1)
	le.PutUint16(out[38:], 3)
	le.PutUint16(out[40:], HeaderBytes)
	le.PutUint16(out[42:], uint16(len(chunks)))
	SealHeader(out)
	return out
}

// SealHeader mends the checksum of a log's header.
func SealHeader(log []byte) {
	binary.LittleEndian.PutUint32(log[124:], crc32.ChecksumIEEE(log[:120]))
}

// Chunk returns one chunk.
func Chunk(events []Event) []byte {
	b := &builder{b: make([]byte, chunkHead, ChunkBytes), names: map[string]int{}}
	last := chunkHead
	for _, e := range events {
		last = len(b.b)
		b.event(e)
	}
	free := len(b.b)
	if free > ChunkBytes {
		panic("BUG: the events do not fit into a chunk")
	}
	c := b.b[:ChunkBytes]
	copy(c, "ElfChnk\x00")
	le := binary.LittleEndian
	if n := len(events); n > 0 {
		for _, at := range [...]int{8, 24} {
			le.PutUint64(c[at:], events[0].ID)
			le.PutUint64(c[at+8:], events[n-1].ID)
		}
	}
	le.PutUint32(c[40:], 128)
	le.PutUint32(c[44:], uint32(last))
	le.PutUint32(c[48:], uint32(free))
	le.PutUint32(c[120:], 1)
	Seal(c)
	return c
}

// Seal mends the checksums of a chunk.
func Seal(c []byte) {
	le := binary.LittleEndian
	if free := int(le.Uint32(c[48:])); free >= chunkHead && free <= len(c) {
		le.PutUint32(c[52:], crc32.ChecksumIEEE(c[chunkHead:free]))
	}
	le.PutUint32(c[124:], crc32.Update(crc32.ChecksumIEEE(c[:120]), crc32.IEEETable, c[128:chunkHead]))
}

// A builder writes one chunk.
type builder struct {
	b        []byte
	names    map[string]int // offset of each name
	template int            // offset of the template, 0 if there is none yet
}

func (b *builder) u8(n ...byte) { b.b = append(b.b, n...) }
func (b *builder) u16(n int)    { b.b = binary.LittleEndian.AppendUint16(b.b, uint16(n)) }
func (b *builder) u32(n int)    { b.b = binary.LittleEndian.AppendUint32(b.b, uint32(n)) }
func (b *builder) u64(n uint64) { b.b = binary.LittleEndian.AppendUint64(b.b, n) }

// hole leaves room for a size; the function that it returns fills it.
func (b *builder) hole() (fill func()) {
	at := len(b.b)
	b.u32(0)
	return func() { binary.LittleEndian.PutUint32(b.b[at:], uint32(len(b.b)-at-4)) }
}

// UTF16 returns a text as UTF-16LE.
func UTF16(text string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func (b *builder) text(s string) {
	units := UTF16(s)
	b.u16(len(units) / 2)
	b.u8(units...)
}

// name writes the offset of a name, and the name if it is new.
func (b *builder) name(s string) {
	at, known := b.names[s]
	if known {
		b.u32(at)
		return
	}
	b.names[s] = len(b.b) + 4
	b.u32(len(b.b) + 4)
	b.u32(0)
	b.u16(0)
	b.text(s)
	b.u16(0)
}

// An attr is an attribute: a literal text, or the number of a value.
type attr struct {
	name, text string
	value      int // -1: text
	kind       byte
}

// open writes a start tag; dep is set inside a template.
func (b *builder) open(name string, dep bool, attrs ...attr) (end func()) {
	token := byte(0x01)
	if len(attrs) > 0 {
		token = 0x41
	}
	b.u8(token)
	if dep {
		b.u16(0xffff)
	}
	size := b.hole()
	b.name(name)
	if len(attrs) > 0 {
		b.attributes(attrs)
	}
	b.u8(0x02)
	return func() {
		b.u8(0x04)
		size()
	}
}

func (b *builder) attributes(attrs []attr) {
	size := b.hole()
	for i, a := range attrs {
		token := byte(0x06)
		if i < len(attrs)-1 {
			token = 0x46
		}
		b.u8(token)
		b.name(a.name)
		if a.value >= 0 {
			b.subst(0x0e, a.value, a.kind)
			continue
		}
		b.u8(0x05, 0x01)
		b.text(a.text)
	}
	size()
}

func (b *builder) subst(token byte, value int, kind byte) {
	b.u8(token)
	b.u16(value)
	b.u8(kind)
}

const xmlns = "http://schemas.microsoft.com/win/2004/08/events/event"

// FileTime returns a time as Windows counts it.
func FileTime(t time.Time) uint64 {
	const unixEpoch = 11644473600 // seconds from 1601 to 1970
	return uint64(t.Unix()+unixEpoch)*1e7 + uint64(t.Nanosecond()/100)
}

func (b *builder) event(e Event) {
	start := len(b.b)
	b.u8(0x2a, 0x2a, 0, 0)
	b.u32(0)
	b.u64(e.ID)
	b.u64(FileTime(e.Time))
	b.u8(0x0f, 1, 1, 0)
	if len(e.Named) > 0 {
		b.plain(e)
	} else {
		b.instance(e)
	}
	b.u8(0)
	for len(b.b)%8 != 4 { // events are aligned
		b.u8(0)
	}
	size := len(b.b) + 4 - start
	b.u32(size)
	binary.LittleEndian.PutUint32(b.b[start+4:], uint32(size))
}
