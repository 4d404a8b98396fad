package watch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"oxtail/internal/report"
)

// Defaults of a File.
const (
	DefaultFileBytes = 64 << 20 // bytes after which it is rotated
	keepFiles        = 5        // rotated ones

	// maxFileHeld is how many bytes wait in memory while the file cannot be written.
	maxFileHeld = 16 << 20
)

// A File is an Output of JSON lines that is rotated by size: name, name.1, … name.5.
// When it cannot be written, it is tried again with pauses that grow, and the checkpoint
// waits; when too much waits, the output is gone for good.
type File struct {
	name  string
	limit int64
	now   func() time.Time
	f     *os.File
	size  int64
	buf   []byte
	sent  int64

	trouble error
	pause   time.Duration
	retry   time.Time // no try before
}

var _ Output = (*File)(nil)

// OpenFile opens a file for appending, or makes it. It is rotated when it is longer than
// limit bytes; 0 means DefaultFileBytes.
func OpenFile(name string, limit int64, now func() time.Time) (*File, error) {
	if limit <= 0 {
		limit = DefaultFileBytes
	}
	o := &File{name: name, limit: limit, now: now}
	return o, o.open()
}

func (o *File) open() error {
	f, err := os.OpenFile(o.name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) // it quotes logs
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	o.f, o.size = f, info.Size()
	return nil
}

// Put implements Output.
func (o *File) Put(e *Event) error {
	lines, err := e.Lines()
	if err != nil {
		return err
	}
	o.sent++
	o.buf = append(o.buf, lines...)
	if len(o.buf) >= maxPrint {
		return o.Flush()
	}
	return nil
}

// Flush implements Output.
func (o *File) Flush() error {
	now := o.now()
	if len(o.buf) == 0 || o.trouble != nil && now.Before(o.retry) && o.retry.Sub(now) <= maxPause && len(o.buf) <= maxFileHeld {
		return nil
	}
	err := o.write()
	if err == nil {
		o.trouble, o.pause = nil, 0
		return nil
	}
	o.trouble, o.pause = err, min(max(firstPause, 2*o.pause), maxPause)
	o.retry = now.Add(o.pause)
	if len(o.buf) > maxFileHeld {
		return err
	}
	return nil
}

// Behind reports whether something could not be written yet.
func (o *File) Behind() bool { return o.trouble != nil }

// write writes what waits.
func (o *File) write() error {
	if o.f == nil {
		if err := o.open(); err != nil {
			return err
		}
	}
	if o.size > 0 && o.size+int64(len(o.buf)) > o.limit {
		if err := o.rotate(); err != nil {
			return err
		}
	}
	n, err := o.f.Write(o.buf)
	o.size += int64(n)
	o.buf = o.buf[:copy(o.buf, o.buf[n:])]
	if err != nil {
		return fmt.Errorf("write %s: %w", o.name, err)
	}
	return nil
}

// Syncer returns what brings the file, as far as it is written, to the disk. It may be
// called while the file is written on or rotated.
func (o *File) Syncer() func() error {
	f := o.f
	if f == nil {
		return func() error { return nil }
	}
	return func() error {
		if err := f.Sync(); err != nil && !errors.Is(err, os.ErrClosed) { // rotated meanwhile
			return fmt.Errorf("write %s: %w", o.name, err)
		}
		return nil
	}
}

// rotate renames the file and its predecessors, and begins a new one.
func (o *File) rotate() error {
	if err := o.Syncer()(); err != nil {
		return err
	}
	err := o.f.Close()
	o.f = nil // opened again, whatever fails from here on
	if err != nil {
		return fmt.Errorf("close %s: %w", o.name, err)
	}
	for i := keepFiles - 1; i >= 0; i-- {
		from := fmt.Sprintf("%s.%d", o.name, i)
		if i == 0 {
			from = o.name
		}
		if err := os.Rename(from, fmt.Sprintf("%s.%d", o.name, i+1)); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("rotate %s: %w", o.name, err)
		}
	}
	return o.open()
}

// Close implements Output. What waits is tried a last time.
func (o *File) Close() error {
	var err error
	if len(o.buf) > 0 {
		err = o.write()
	}
	if o.f == nil {
		return err
	}
	if err == nil {
		err = o.Syncer()()
	}
	if e := o.f.Close(); err == nil {
		err = e
	}
	if err == nil {
		o.trouble = nil
	}
	return err
}

// Status implements Output.
func (o *File) Status() report.SinkStatus {
	st := report.SinkStatus{Name: "file " + o.name, Sent: o.sent}
	if o.trouble != nil {
		st.Queue, st.Error = bytes.Count(o.buf, []byte{'\n'}), o.trouble.Error()
	}
	return st
}
