package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// recover gives the members of an archive whose directory is missing: it walks
// from local header to local header, and searches the next one where a length
// is missing or wrong.
func (z *zipWalk) recover(cause error) error {
	stop := false
	for at := int64(0); !stop; {
		var ok bool
		if at, ok = z.find(zipLocalMark, at); !ok {
			break
		}
		if err := z.w.ctx.Err(); err != nil {
			return err
		}
		m, err := readLocal(z.ra, at, z.size)
		if err != nil {
			at += int64(len(zipLocalMark))
			continue
		}
		at = z.endOf(&m)
		z.found++
		if stop, err = z.member(&m); err != nil {
			return err
		}
	}
	e := asError(z.o.path, fmt.Errorf("%w; %d members were found without it", cause, z.found))
	e.Reason = ReasonTruncated
	z.w.skip(z.o.path, e)
	return nil
}

// find finds the next place of a mark at or after at.
func (z *zipWalk) find(mark string, at int64) (int64, bool) {
	buf := make([]byte, decodeBufferBytes)
	for at < z.size {
		n, err := z.ra.ReadAt(buf, at)
		if i := bytes.Index(buf[:n], []byte(mark)); i >= 0 {
			return at + int64(i), true
		}
		if err != nil || n < len(mark) {
			return 0, false
		}
		at += int64(n - len(mark) + 1)
	}
	return 0, false
}

// endOf finds where the packed bytes of m end, and completes m.
func (z *zipWalk) endOf(m *zipMember) int64 {
	if !m.streamed() || m.packed > 0 {
		end := m.offset + m.packed
		if end > z.size || end < m.offset {
			m.packed, m.cut = z.size-m.offset, true
			return z.size
		}
		return end
	}
	if m.method == zipDeflated && !m.encrypted() {
		return z.endOfDeflated(m)
	}
	return z.endByDescriptor(m)
}

// endOfDeflated inflates m to learn its length: a deflate stream knows its end.
func (z *zipWalk) endOfDeflated(m *zipMember) int64 {
	packed := &countedBytes{r: bufio.NewReaderSize(io.NewSectionReader(z.ra, m.offset, z.size-m.offset), decodeBufferBytes)}
	room, _, _ := z.o.led.room()
	var n int64
	err := guard(func() error {
		var err error
		n, err = io.Copy(io.Discard, io.LimitReader(inflate(packed), room))
		return err
	})
	if err != nil || n == room {
		m.packed, m.unpacked, m.cut = z.size-m.offset, -1, true
		if err == nil || z.size == m.offset+packed.n {
			return z.size
		}
		return m.offset + packed.n // damaged inside: the next header is searched from here
	}
	m.packed, m.unpacked = packed.n, n
	end := m.offset + packed.n
	if crc, length, ok := z.descriptor(end, m); ok {
		m.crc = crc
		return end + length
	}
	m.unpacked = -1 // nothing to compare with
	return end
}

// A countedBytes counts the bytes that a decompressor takes; it has ReadByte so
// that the decompressor takes no more than it needs.
type countedBytes struct {
	r *bufio.Reader
	n int64
}

func (c *countedBytes) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *countedBytes) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// descriptor reads the record behind a member of which the length was not known
// when it was written; its mark is optional, its lengths have 4 or 8 bytes.
func (z *zipWalk) descriptor(at int64, m *zipMember) (crc uint32, length int64, ok bool) {
	var b [24]byte
	n, _ := z.ra.ReadAt(b[:], at)
	d, mark := b[:n], int64(0)
	if bytes.HasPrefix(d, []byte(zipDescMark)) {
		d, mark = d[4:], 4
	}
	le := binary.LittleEndian
	if len(d) >= 12 && int64(le.Uint32(d[4:])) == m.packed && int64(le.Uint32(d[8:])) == m.unpacked {
		return le.Uint32(d), mark + 12, true
	}
	if len(d) >= 20 && int64(le.Uint64(d[4:])) == m.packed && int64(le.Uint64(d[12:])) == m.unpacked {
		return le.Uint32(d), mark + 20, true
	}
	return 0, 0, false
}

// endByDescriptor searches the record behind a member that does not know its own
// end, by the length that the record names.
func (z *zipWalk) endByDescriptor(m *zipMember) int64 {
	for from := m.offset; ; {
		at, ok := z.find(zipDescMark, from)
		if !ok {
			m.packed, m.unpacked, m.cut = z.size-m.offset, -1, true
			return z.size
		}
		var b [16]byte
		z.ra.ReadAt(b[:], at)
		if int64(binary.LittleEndian.Uint32(b[8:])) == at-m.offset {
			m.crc = binary.LittleEndian.Uint32(b[4:])
			m.packed, m.unpacked = at-m.offset, int64(binary.LittleEndian.Uint32(b[12:]))
			return at + int64(len(b))
		}
		from = at + 1
	}
}
