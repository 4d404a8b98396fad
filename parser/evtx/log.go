package evtx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// Magic is what a log begins with.
const Magic = "ElfFile\x00"

// ChunkMagic is what a chunk begins with, and FirstChunkAt where the first one stands.
const (
	ChunkMagic   = "ElfChnk\x00"
	FirstChunkAt = fileHeadBytes
)

// Flags of a log and of its chunks.
const (
	flagDirty = 1 // of the file: it was in use, its header may be old
	flagNoCRC = 4 // checksums are not kept
	fileFlags = 7 // all that are known; more are garbage
)

// ErrNotALog is returned for a file that is none.
var ErrNotALog = errors.New("is no Windows event log")

// An Event is one event of a log.
type Event struct {
	ID      uint64    // record number
	Time    time.Time // UTC, zero if the file holds none
	Offset  int64     // bytes from the start of the file
	Length  int       // bytes in the file
	XML     []byte    // the <Event> element in UTF-8; overwritten by the next call of Next
	Problem string    // why XML is not the whole event, or empty
	Before  []Loss    // what could not be read since the event before
}

// A Log gives the events of a file, oldest chunk first.
type Log struct {
	in     io.ReaderAt
	size   int64 // bytes of the file
	header header
	slots  []slot
	first  int // index of the slot with the oldest events
	next   int // how many slots were read
	last   int // index of the last slot that holds a chunk, -1 if there is none

	buf   []byte // of the chunk at hand
	chunk *chunk
	lost  []Loss // not yet handed over
	done  bool

	damage Damage
}

// header is what the head of the file tells.
type header struct {
	sound  bool // nothing contradicts it
	noCRC  bool
	chunks int // at least; a log that was in use has more
}

// A slot is a place for a chunk.
type slot struct {
	present bool
	firstID uint64 // of its first event, by its header
}

// Open looks at the head of a log of size bytes and at those of its chunks. Damage
// to them is no error: it is told by Next. The error is ErrNotALog, or that of in.
func Open(in io.ReaderAt, size int64) (*Log, error) {
	l := &Log{in: in, size: size, last: -1}
	head := make([]byte, fileHeadUsed)
	n, err := in.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	magic := bytes.HasPrefix(head[:n], []byte(Magic))
	if err := l.survey(); err != nil {
		return nil, err
	}
	if !magic && l.last < 0 {
		return nil, ErrNotALog
	}
	l.readHeader(head[:n], magic)
	return l, nil
}

// survey finds the slots that hold a chunk. A log that is full goes on at its start:
// the oldest events are those with the smallest number.
func (l *Log) survey() error {
	count := (l.size - fileHeadBytes + chunkBytes - 1) / chunkBytes
	if count > maxChunks {
		l.lose(Loss{Offset: fileHeadBytes + maxChunks*chunkBytes, Length: l.size - fileHeadBytes - maxChunks*chunkBytes, Why: "beyond the limit of 4 GiB"})
	}
	l.slots = make([]slot, max(0, min(count, maxChunks)))
	head := make([]byte, chunkHeadUsed)
	for i := range l.slots {
		n, err := l.in.ReadAt(head, slotAt(i))
		if err != nil && err != io.EOF {
			return err
		}
		if n < len(head) || !bytes.HasPrefix(head, []byte(ChunkMagic)) {
			continue
		}
		l.slots[i] = slot{present: true, firstID: binary.LittleEndian.Uint64(head[24:])}
		if l.last < 0 || l.slots[i].firstID < l.slots[l.first].firstID {
			l.first = i
		}
		l.last = i
	}
	return nil
}

func slotAt(i int) int64 { return fileHeadBytes + int64(i)*chunkBytes }

// readHeader reads the head of the file, and tells what is wrong with the whole.
func (l *Log) readHeader(b []byte, magic bool) {
	if len(b) < fileHeadUsed || l.size < fileHeadBytes {
		l.lose(Loss{Offset: l.size, Length: max(0, fileHeadBytes-l.size), Why: "the file ends inside its header"})
		return
	}
	le := binary.LittleEndian
	flags := le.Uint32(b[120:])
	h := header{noCRC: flags <= fileFlags && flags&flagNoCRC != 0, chunks: int(le.Uint16(b[42:]))}
	h.sound = magic && (h.noCRC || crc32.ChecksumIEEE(b[:120]) == le.Uint32(b[124:]))
	l.header = h
	if !h.sound {
		l.lose(Loss{Offset: 0, Length: fileHeadUsed, Why: "the header of the file is damaged; its chunks were read without it"})
		return
	}
	if missing := h.chunks - len(l.slots); missing > 0 {
		l.lose(Loss{Offset: l.size, Length: int64(missing) * chunkBytes, Why: fmt.Sprintf("the file is cut off: it has room for %d of its %d chunks", len(l.slots), h.chunks)})
	}
}

// Next returns the next event. After the last one it returns io.EOF, or a *Damage if
// something was not read, or the error of the file.
func (l *Log) Next() (*Event, error) {
	for !l.done {
		if l.chunk != nil {
			if e := l.chunk.next(); e != nil {
				return l.give(e), nil
			}
			l.lose(l.chunk.losses...)
			l.chunk = nil
		}
		if err := l.nextChunk(); err != nil {
			return nil, err
		}
	}
	if l.damage.none() {
		return nil, io.EOF
	}
	return nil, &l.damage
}

// give completes an event with what was lost before it.
func (l *Log) give(e *Event) *Event {
	l.lose(l.chunk.losses...)
	l.chunk.losses = nil
	e.Before, l.lost = l.lost, nil
	l.damage.events++
	if e.Problem != "" {
		l.damage.addProblem(e)
	}
	return e
}

// Behind returns what could not be read behind the last event, when Next has returned
// an error.
func (l *Log) Behind() []Loss { return l.lost }

// lose notes what cannot be read.
func (l *Log) lose(losses ...Loss) {
	for _, loss := range losses {
		l.damage.add(loss)
		if len(l.lost) < maxNamedLosses {
			l.lost = append(l.lost, loss)
		}
	}
}

// nextChunk reads the next slot.
func (l *Log) nextChunk() error {
	if l.next == len(l.slots) {
		l.done = true
		return nil
	}
	i := (l.first + l.next) % len(l.slots)
	l.next++
	if l.buf == nil {
		l.buf = make([]byte, chunkBytes)
	}
	n, err := l.in.ReadAt(l.buf, slotAt(i))
	if err != nil && err != io.EOF {
		l.done = true
		return err
	}
	l.enter(i, l.buf[:n])
	return nil
}

// enter begins to read the chunk in a slot, or tells why there is none.
func (l *Log) enter(i int, b []byte) {
	cut := ""
	if len(b) < chunkBytes {
		cut = fmt.Sprintf("the file is cut off inside chunk %d", i)
	}
	if l.slots[i].present || !isZero(b) {
		l.chunk = newChunk(b, slotAt(i), i, l.header.noCRC)
		if cut != "" {
			l.chunk.behind = append(l.chunk.behind, Loss{Offset: l.size, Length: int64(chunkBytes - len(b)), Why: cut})
		}
		return
	}
	switch {
	case cut != "":
		l.lose(Loss{Offset: l.size, Length: int64(chunkBytes - len(b)), Why: cut})
	case i < l.last || l.header.sound && i < l.header.chunks:
		l.lose(Loss{Offset: slotAt(i), Length: chunkBytes, Why: fmt.Sprintf("chunk %d is empty: nothing but zeros", i)})
	}
}

func isZero(b []byte) bool {
	return len(bytes.TrimLeft(b, "\x00")) == 0
}
