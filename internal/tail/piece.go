package tail

import (
	"errors"
	"fmt"
	"time"
)

var errShort = errors.New("the file is shorter than it was")

// A Piece is what of one generation of a file is not settled yet.
type Piece struct {
	Key     string    // of the generation: no two contents share it
	Source  string    // path under which the file was met; it stays when the file is renamed
	Offset  int64     // of Data in the file
	Data    []byte    // all bytes from Offset to what was read so far; valid during the call
	ModTime time.Time // last change of the file, as far as known

	Calm bool // nothing came for a moment: whole lines may be handed out
	Old  bool // calm, and not changed for long when it was met: a log that is finished, most likely
	Idle bool // nothing came for a while: what is there may be handed out
	Last bool // nothing follows in this generation, or a gap does: settle everything
	Full bool // the limit of memory is met: settle at least something
	Skip bool // the file was begun at Offset; what is before it is not wanted

	contents func(n int64) ([]byte, error)
}

// Head returns the first bytes of the file, at most limit and no more than to the end of
// Data. It fails when the file is gone.
func (p *Piece) Head(limit int64) ([]byte, error) {
	if p.Offset == 0 {
		return p.Data[:min(limit, int64(len(p.Data)))], nil
	}
	return p.contents(min(limit, p.Offset+int64(len(p.Data))))
}

// Whole returns the file from its start to the end of Data. It fails when the file is
// gone or longer than limit bytes.
func (p *Piece) Whole(limit int64) ([]byte, error) {
	if end := p.Offset + int64(len(p.Data)); end > limit {
		return nil, fmt.Errorf("read %s from its start: %d bytes are over the limit of %d", p.Source, end, limit)
	}
	return p.Head(limit)
}

// A Consumer takes a piece and returns how many bytes of its Data are settled: handed
// on, never to be seen again. The rest comes back with the next piece.
type Consumer func(*Piece) int

// offer hands what is pending to the consumer.
func (t *Tailer) offer(f *follow, p Piece) {
	p.Key, p.Source, p.Offset, p.Data, p.ModTime = f.key(), f.name, f.settled, f.pending(), f.mod
	p.Full = len(p.Data) >= MaxPending
	p.Skip = f.settled > 0 && f.settled == f.skippedToOffset
	p.contents = func(n int64) ([]byte, error) { return f.contents(t.fsys, n) }
	n := t.consume(&p)
	if n < 0 || n > len(p.Data) {
		panic(fmt.Sprintf("BUG: consumer settled %d of %d bytes", n, len(p.Data)))
	}
	left := len(p.Data) - n
	f.settle(n)
	switch {
	case left > 0 && p.Last:
		t.lose(f, Loss{From: f.settled, To: f.read, Why: WhyPending})
		f.settle(left)
	case p.Full && n == 0:
		t.lose(f, Loss{From: f.settled, To: f.read, Why: WhyPending})
		f.settle(left)
	}
}

// contents reads the first n bytes of the file.
func (f *follow) contents(fsys FS, n int64) ([]byte, error) {
	file := f.standIn
	if file == nil {
		file = f.handle
	}
	if file == nil {
		var err error
		if file, err = fsys.Open(f.path); err != nil {
			return nil, err
		}
		defer file.Close()
	}
	info, err := file.Info()
	if err != nil {
		return nil, err
	}
	if f.standIn == nil && info.ID != f.id || info.Size < f.read {
		return nil, fmt.Errorf("read %s from its start: %w", f.path, errShort)
	}
	buf := make([]byte, n)
	got, err := readFull(file, buf, 0)
	if err == nil && got < len(buf) {
		err = errShort
	}
	return buf, err
}
