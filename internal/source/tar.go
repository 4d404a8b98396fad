package source

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A tarWalk is the state of the walk through one tar archive.
type tarWalk struct {
	w     *walker
	o     *origin
	r     *tar.Reader
	plain *io.SectionReader // under r if the archive allows random access, else nil
	namer namer
}

// tar gives the members of a tar archive. Where the archive itself allows
// random access, its members do.
func (w *walker) tar(o *origin) error {
	t := &tarWalk{w: w, o: o}
	if o.at != nil {
		ra, closer, err := o.at.open()
		if err != nil {
			w.skip(o.path, err)
			return nil
		}
		defer closer.Close()
		t.plain = io.NewSectionReader(ra, 0, o.at.n)
		t.r = tar.NewReader(t.plain)
		return t.all()
	}
	rc, err := o.open()
	if err != nil {
		w.skip(o.path, err)
		return nil
	}
	defer rc.Close()
	t.r = tar.NewReader(&faultReader{rc: rc, path: o.path})
	return t.all()
}

func (t *tarWalk) all() error {
	for {
		if err := t.w.ctx.Err(); err != nil {
			return err
		}
		var h *tar.Header
		err := guard(func() error {
			var err error
			h, err = t.r.Next()
			return err
		})
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			t.w.skip(t.o.path, tarFault(t.o.path, err))
			return nil
		}
		if stop, err := t.member(h); stop || err != nil {
			return err
		}
	}
}

// tarFault tells what ended the walk through an archive.
func tarFault(path string, err error) error {
	if errors.Is(err, tar.ErrHeader) {
		return &Error{Path: path, Reason: ReasonDamaged, After: -1, Err: errors.New("a header of the tar archive is damaged; the members before it were read")}
	}
	return err
}

// member gives one member; stop ends the walk through this archive.
func (t *tarWalk) member(h *tar.Header) (stop bool, err error) {
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
	case tar.TypeLink, tar.TypeSymlink:
		name, _ := t.namer.name(h.Name)
		path := t.o.path + memberMark + name
		t.w.note(path, &Error{Path: path, Reason: ReasonUnsupported, After: -1,
			Err: fmt.Errorf("is a link to %q, which is not followed inside an archive", h.Linkname)})
		return false, nil
	default: // folders, devices, global headers: no content
		return false, nil
	}
	name, note := t.namer.name(h.Name)
	if !t.w.filter.wants(name, t.o.picked) {
		return false, nil
	}
	if !t.o.led.member() {
		t.w.skip(t.o.path, budgetError(t.o.path, "members", int64(t.w.opts.Budget.MaxMembers)))
		return true, nil
	}
	c := t.o.member(name, note, h.Size, h.ModTime)
	granted, budget, value := c.led.charge(h.Size)
	if granted == 0 && h.Size > 0 {
		t.w.skip(t.o.path, budgetError(t.o.path, budget, value))
		return true, nil
	}
	limit := capped{granted: granted, budget: budget, value: value}
	if t.plain != nil && !isSparse(h) && granted == h.Size {
		return false, t.random(c)
	}
	return false, t.w.sequential(c, t.r, limit)
}

// isSparse tells whether the content is not one piece of the archive.
func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if len(key) > 11 && key[:11] == "GNU.sparse." {
			return true
		}
	}
	return false
}

// random gives a member that is one piece of a file.
func (t *tarWalk) random(c *origin) error {
	offset, err := t.plain.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	there := max(min(c.size, t.plain.Size()-offset), 0)
	c.at = t.o.at.part(offset, there)
	at, cut := c.at, there < c.size
	c.open = func() (io.ReadCloser, error) {
		rc, err := at.stream()
		if err != nil || !cut {
			return rc, err
		}
		return &joined{Reader: io.MultiReader(rc, failing{io.ErrUnexpectedEOF}), c: rc}, nil
	}
	return t.w.enter(c)
}

// sequential gives a member that can only be read now. A small one is read into
// memory so that it can be opened later and again.
func (w *walker) sequential(c *origin, r io.Reader, limit capped) error {
	r = &limitedReader{r: guardedReader{r}, left: min(limit.granted, c.size), path: c.path, limit: limit, whole: limit.granted >= c.size}
	if c.size <= bufferBytes {
		var b bytes.Buffer
		_, err := b.ReadFrom(r)
		c.fromBytes(b.Bytes(), err)
		return w.enter(c)
	}
	c.once = true
	passing := &passingReader{r: r}
	defer passing.pass()
	c.open = onlyOnce(c.path, passing)
	return w.enter(c)
}

// A limitedReader ends with a budget error where the budget ends.
type limitedReader struct {
	r     io.Reader
	left  int64
	path  string
	limit capped
	whole bool // the budget allows all of it
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 && !l.whole {
		return 0, budgetError(l.path, l.limit.budget, l.limit.value)
	}
	if l.whole {
		return l.r.Read(p)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// A passingReader reads from a stream that moves on: after that it must not give
// the bytes of the next member as its own.
type passingReader struct {
	r      io.Reader
	passed bool
}

func (p *passingReader) Read(b []byte) (int, error) {
	if p.passed {
		return 0, errors.New("was read after the archive had moved on")
	}
	return p.r.Read(b)
}

func (p *passingReader) Close() error { return nil }

func (p *passingReader) pass() { p.passed = true }
