package evtx

import (
	"encoding/binary"
	"errors"
)

// errShort is the error of a structure that goes on behind its end.
var errShort = errors.New("it ends too early")

// A cursor reads numbers from a part of a chunk. After the first that does not fit
// all are zero and err is set, so that callers look once at the end of a structure.
type cursor struct {
	b   []byte // the chunk: offsets in binary XML count from its start
	at  int
	end int
	err error
}

func (c *cursor) take(n int) []byte {
	if c.err != nil || n < 0 || n > c.end-c.at {
		c.err, c.at = errShort, c.end
		return nil
	}
	c.at += n
	return c.b[c.at-n : c.at]
}

func (c *cursor) u8() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) u16() int {
	if b := c.take(2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) u32() int {
	if b := c.take(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// peek returns the byte n bytes ahead, 0 behind the end.
func (c *cursor) peek(n int) byte {
	if c.err != nil || n >= c.end-c.at {
		return 0
	}
	return c.b[c.at+n]
}

// utf16 returns a text that stands behind the number of its characters.
func (c *cursor) utf16() []byte { return c.take(2 * c.u16()) }
