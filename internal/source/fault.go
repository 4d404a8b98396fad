package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// A Reason says why something was not, or not fully, read.
type Reason string

// The reasons.
const (
	ReasonUnreadable  Reason = "unreadable"     // missing, no permission, vanished, device error
	ReasonTruncated   Reason = "truncated"      // ends too early
	ReasonDamaged     Reason = "damaged"        // checksum or structure is wrong
	ReasonPassword    Reason = "needs password" // encrypted and no password fits
	ReasonBudget      Reason = "over budget"    // a Budget stopped it
	ReasonUnsupported Reason = "unsupported"    // a form that oxtail cannot read
)

// An Error tells what could not be read, where and what helps.
type Error struct {
	Path   string // of the stream
	Reason Reason
	After  int64  // bytes of the stream that could be read before, -1 if that has no meaning
	Err    error  // cause
	Remedy string // what the user can do, empty if nothing is known
	Budget string // name of the budget if Reason is ReasonBudget: bytes, ratio, members, depth, device, spill
}

func (e *Error) Error() string {
	s := fmt.Sprintf("read %s: ", e.Path)
	if e.After > 0 {
		s = fmt.Sprintf("read %s after byte %d: ", e.Path, e.After)
	}
	s += e.cause()
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

func (e *Error) cause() string {
	var p *fs.PathError
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "truncated: it ends too early"
	case errors.As(e.Err, &p):
		return p.Err.Error() // the path stands before it already
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// asError gives err the form of an *Error about path.
func asError(path string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	e = &Error{Path: path, Reason: ReasonDamaged, After: -1, Err: err}
	var p *fs.PathError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason = ReasonTruncated
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.Remedy = ReasonUnreadable, "run oxtail as a user who may read it"
	case errors.Is(err, fs.ErrNotExist):
		e.Reason = ReasonUnreadable
	case errors.As(err, &p):
		e.Reason = ReasonUnreadable
	}
	return e
}

func unsupported(path, what, remedy string) *Error {
	return &Error{Path: path, Reason: ReasonUnsupported, After: -1, Err: errors.New(what), Remedy: remedy}
}

func needsPassword(path string, tried int) *Error {
	e := &Error{Path: path, Reason: ReasonPassword, After: -1, Err: errors.New("is encrypted and needs a password"), Remedy: "give it with --password-file"}
	if tried > 0 {
		e.Err = fmt.Errorf("is encrypted and needs a password; none of the %d given fits", tried)
	}
	return e
}

// budgetError tells that path was stopped by a budget, and how to raise it.
func budgetError(path, budget string, value int64) *Error {
	e := &Error{Path: path, Reason: ReasonBudget, After: -1, Budget: budget}
	switch budget {
	case "bytes":
		e.Err = fmt.Errorf("unpacks to more than the limit of %s", byteSize(value))
		e.Remedy = "raise --max-archive-bytes if you trust it"
	case "ratio":
		e.Err = fmt.Errorf("unpacks to more than %d times its size, as archive bombs do", value)
		e.Remedy = "raise --max-archive-ratio if you trust it"
	case "members":
		e.Err = fmt.Errorf("has more than the limit of %d members", value)
		e.Remedy = "raise --max-archive-members if you trust it"
	case "depth":
		e.Err = fmt.Errorf("is an archive inside %d others, which is the limit", value)
		e.Remedy = "raise --max-archive-depth if you trust it"
	case "device":
		e.Err = fmt.Errorf("is a device and gave more than the limit of %s", byteSize(value))
		e.Remedy = "copy the part that you want into a file"
	case "spill":
		e.Err = fmt.Errorf("needs more than %s of temporary space", byteSize(value))
		e.Remedy = "unpack it and name the unpacked files"
	default:
		panic("BUG: unknown budget " + budget)
	}
	return e
}

// byteSize writes a limit for people: limits are round numbers of their unit.
func byteSize(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	u := 0
	for u < len(units)-1 && n >= 1<<10 && n%(1<<10) == 0 {
		n >>= 10
		u++
	}
	return fmt.Sprintf("%d %s", n, units[u])
}

// A faultReader gives errors of r the form of an *Error with the place.
type faultReader struct {
	rc      io.ReadCloser
	path    string
	pos     int64
	derived bool // pos is no place in the file
}

func (f *faultReader) Read(p []byte) (int, error) {
	n, err := f.rc.Read(p)
	f.pos += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	e := *asError(f.path, err)
	e.Path, e.After = f.path, f.pos
	if f.derived {
		e.After = -1
	}
	return n, &e
}

func (f *faultReader) Close() error { return f.rc.Close() }

// guard calls f, which enters a third-party decoder, and turns its panic into an
// error: one damaged file must not end the work on all others.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDecoder, p)
		}
	}()
	return f()
}

// A guardedReader is guard for the Read calls of a third-party decoder.
type guardedReader struct{ r io.Reader }

func (g guardedReader) Read(p []byte) (n int, err error) {
	err = guard(func() error {
		var err error
		n, err = g.r.Read(p)
		return err
	})
	return n, err
}
