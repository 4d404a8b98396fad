package watch

import (
	"errors"
	"fmt"
	"os"

	"oxtail/internal/report"
)

// Defaults of a File.
const (
	DefaultFileBytes = 64 << 20 // bytes after which it is rotated
	keepFiles        = 5        // rotated ones
)

// A File is an Output of JSON lines that is rotated by size: name, name.1, … name.5.
type File struct {
	name  string
	limit int64
	f     *os.File
	size  int64
	buf   []byte
	sent  int64
}

var _ Output = (*File)(nil)

// OpenFile opens a file for appending, or makes it. It is rotated when it is longer than
// limit bytes; 0 means DefaultFileBytes.
func OpenFile(name string, limit int64) (*File, error) {
	if limit <= 0 {
		limit = DefaultFileBytes
	}
	o := &File{name: name, limit: limit}
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
	if len(o.buf) == 0 {
		return nil
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
	if err := o.f.Close(); err != nil {
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

// Close implements Output.
func (o *File) Close() error {
	err := o.Flush()
	if err == nil {
		err = o.Syncer()()
	}
	if e := o.f.Close(); err == nil {
		err = e
	}
	return err
}

// Status implements Output.
func (o *File) Status() report.SinkStatus {
	return report.SinkStatus{Name: "file " + o.name, Sent: o.sent}
}
