package source

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// An origin is a place that bytes come from, before it is known what they are.
type origin struct {
	path, base string
	note       string    // what has to be told about the name
	size       int64     // bytes, -1 if unknown
	modTime    time.Time // zero if unknown
	depth      int       // archives around it
	coded      bool      // unpacked from a compressed file: a tar in it is no further level
	picked     bool      // an include glob named the file that holds it
	once       bool      // as Stream.Once
	derived    bool      // the bytes that open gives are not those of the file: their count says nothing of it
	led        *ledger   // of the file on disk

	open func() (io.ReadCloser, error)
	at   *region // random access, nil if there is none
}

// member returns the origin of a member of o, without a way to open it.
func (o *origin) member(name, note string, size int64, modTime time.Time) *origin {
	return &origin{
		path: o.path + memberMark + name, base: o.base, note: note, size: size, modTime: modTime,
		depth: o.depth + 1, picked: o.picked, once: o.once, led: o.led,
	}
}

// peek reads the first bytes of o into buf. With an error it returns the bytes
// before the error. What is peeked of an origin that opens once is not lost.
func (o *origin) peek(buf []byte) ([]byte, error) {
	rc, err := o.open()
	if err != nil {
		return nil, err
	}
	n, err := readHead(rc, buf)
	if !o.once {
		return buf[:n], errors.Join(err, rc.Close())
	}
	o.open = onlyOnce(o.path, &joined{Reader: io.MultiReader(bytes.NewReader(bytes.Clone(buf[:n])), failing{err}, rc), c: rc})
	return buf[:n], err
}

// readHead fills buf as far as r goes. The end of r is no error; an early end
// that r itself reports is one, which io.ReadFull would hide.
func readHead(r io.Reader, buf []byte) (n int, err error) {
	for idle := 0; n < len(buf) && err == nil; idle++ {
		var k int
		k, err = r.Read(buf[n:])
		n += k
		if k > 0 {
			idle = 0
		} else if err == nil && idle > maxIdleReads {
			err = io.ErrNoProgress
		}
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// maxIdleReads is how often a reader may give nothing before it counts as stuck.
const maxIdleReads = 100

// onlyOnce returns an open function that gives rc to its first caller.
func onlyOnce(path string, rc io.ReadCloser) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		if rc == nil {
			return nil, &Error{Path: path, Reason: ReasonUnreadable, After: -1, Err: errors.New("is part of a stream and was read already")}
		}
		given := rc
		rc = nil
		return given, nil
	}
}

// guarded returns the open function of o, which reports faults as *Error.
func (o *origin) guarded() func() (io.ReadCloser, error) {
	open, path, derived := o.open, o.path, o.derived
	return func() (io.ReadCloser, error) {
		rc, err := open()
		if err != nil {
			return nil, asError(path, err)
		}
		return &faultReader{rc: rc, path: path, derived: derived}, nil
	}
}

// A joined reader is a reader with the Close of another one.
type joined struct {
	io.Reader
	c io.Closer
}

func (j *joined) Close() error { return j.c.Close() }

// A failing reader ends with err, or without one if err is nil.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// fromBytes makes o give b, and then err if it is not nil.
func (o *origin) fromBytes(b []byte, err error) {
	o.once = false
	o.at = &region{b: loadedBlob(b), n: int64(len(b))}
	o.open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(b), failing{err})), nil
	}
}

// lookBeyondNuls looks further into a stream that begins with NULs: a log that
// was cut by copytruncate, or lost its first blocks, starts like that.
func (w *walker) lookBeyondNuls(o *origin, nuls look) look {
	if o.once {
		return nuls
	}
	rc, err := o.open()
	if err != nil {
		return nuls
	}
	defer rc.Close()
	for read := 0; read < nulScanBytes; {
		n, err := io.ReadFull(rc, w.head)
		if text := bytes.TrimLeft(w.head[:n], "\x00"); len(text) > 0 {
			if found := sniff(text); found.form == formText {
				return found
			}
			return nuls
		}
		if err != nil {
			return nuls
		}
		read += n
	}
	return nuls
}
