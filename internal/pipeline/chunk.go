package pipeline

import (
	"bytes"
	"errors"
	"io"

	"oxtail/parser"
)

// Sizes of the pieces that large sources are read in.
const (
	chunkBytes    = 2 << 20  // one read: large enough to keep the cores busy, small enough for the memory limit
	maxChunkBytes = 16 << 20 // a chunk grows until it holds a record's start; a longer record is not for the fast path
)

// errNotRaw says that a source cannot be scanned as raw bytes after all: it holds
// NULs (another encoding), or lines or records beyond the limits. It is then read
// record by record.
var errNotRaw = errors.New("not scannable as raw bytes")

// A chunk is a piece of a source that begins and ends at record boundaries.
type chunk struct {
	at  parser.Place
	raw []byte
}

// A chunker cuts a stream into chunks.
type chunker struct {
	in     io.Reader
	starts func(line []byte) bool
	free   chan []byte // buffers to use again
	rest   []byte      // read, but belonging to the next chunk
	at     parser.Place
	err    error
}

// next returns the next chunk. After the last one it returns io.EOF, or the error
// that the stream failed with.
func (c *chunker) next() (chunk, error) {
	buf := append(c.buffer(), c.rest...)
	for c.err == nil {
		buf = c.fill(buf)
		if c.err != nil {
			break
		}
		if at := lastStart(buf, c.starts); at > 0 {
			return c.cut(buf, at)
		}
		if len(buf) >= maxChunkBytes {
			return chunk{}, errNotRaw
		}
		buf = append(make([]byte, 0, 2*cap(buf)), buf...)
	}
	if len(buf) == 0 {
		return chunk{}, c.err
	}
	return c.cut(buf, len(buf))
}

func (c *chunker) buffer() []byte {
	select {
	case b := <-c.free:
		return b[:0]
	default:
		return make([]byte, 0, chunkBytes)
	}
}

// fill reads until buf is full or the stream ends. io.ReadFull is not used: it
// would hide whether a compressed stream was cut off or just ended.
func (c *chunker) fill(buf []byte) []byte {
	const maxEmptyReads = 100 // in a row: the stream gives neither bytes nor an error
	for empty := 0; len(buf) < cap(buf) && c.err == nil; {
		n, err := c.in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		c.err = err
		if n > 0 {
			empty = 0
		} else if empty++; empty == maxEmptyReads && err == nil {
			c.err = io.ErrNoProgress
		}
	}
	return buf
}

func (c *chunker) cut(buf []byte, end int) (chunk, error) {
	out := chunk{at: c.at, raw: buf[:end]}
	c.rest = append(c.rest[:0], buf[end:]...)
	if bytes.IndexByte(out.raw, 0) >= 0 {
		return chunk{}, errNotRaw
	}
	c.at.Offset += int64(end)
	c.at.Line += bytes.Count(out.raw, []byte{'\n'})
	return out, nil
}

// lastStart returns the index of the last whole line in buf that begins a record,
// or -1 when only the first one does. The line after the last line end does not
// count: its head may not be complete.
func lastStart(buf []byte, starts func([]byte) bool) int {
	end := bytes.LastIndexByte(buf, '\n')
	for end >= 0 {
		begin := bytes.LastIndexByte(buf[:end], '\n') + 1
		if begin == 0 {
			return -1
		}
		if starts(buf[begin : end+1]) {
			return begin
		}
		end = begin - 1
	}
	return -1
}
