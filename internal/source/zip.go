package source

import (
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"time"
)

// Compression methods of zip that can be read, beyond stored and deflated.
const (
	zipStored    = 0
	zipDeflated  = 8
	zipDeflate64 = 9
	zipBzip2     = 12
	zipZstd      = 93
	zipXz        = 95
)

// A zipMember is one member of a zip archive, from the directory or from its
// local header.
type zipMember struct {
	raw      string // name as stored
	mode     fs.FileMode
	modTime  time.Time
	flags    uint16
	method   uint16
	crc      uint32
	dosTime  uint16 // checks a password where the CRC is not known
	aes      *zipAES
	packed   int64 // bytes in the archive
	unpacked int64 // bytes, -1 if unknown
	header   int64 // offset of the local header
	offset   int64 // of the packed bytes, -1 if not looked up yet
	cut      bool  // the archive ends inside of it
}

func (m *zipMember) encrypted() bool { return m.flags&zipFlagEncrypted != 0 }
func (m *zipMember) streamed() bool  { return m.flags&zipFlagDescriptor != 0 }
func (m *zipMember) isDir() bool {
	return strings.HasSuffix(m.raw, "/") || strings.HasSuffix(m.raw, `\`)
}

// Bits of the general purpose flags.
const (
	zipFlagEncrypted  = 1 << 0
	zipFlagStrong     = 1 << 6
	zipFlagDescriptor = 1 << 3 // sizes and CRC stand behind the content
	zipFlagUTF8       = 1 << 11
)

// zip gives the members of a zip archive.
func (w *walker) zip(o *origin, look look) error {
	ra, closer, ok := w.random(o)
	if !ok {
		return nil
	}
	defer closer.Close()
	z := &zipWalk{w: w, o: o, ra: ra, size: o.at.n}
	members, more, err := zipDirectory(ra, o.at.n, w.opts.Budget.MaxMembers)
	if err == nil && isOffice(members) {
		look.kind, look.form, look.what = KindOther, formOther, "Office document"
		return w.give(o, look, item{})
	}
	defer z.tellLocked()
	if err != nil {
		return z.recover(err)
	}
	for i := range members {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if stop, err := z.member(&members[i]); stop || err != nil {
			return err
		}
	}
	if more {
		w.skip(o.path, budgetError(o.path, "members", int64(w.opts.Budget.MaxMembers)))
	}
	return nil
}

// isOffice tells whether a zip archive is an Office document, an e-book or a
// program: something that was never meant to be unpacked.
func isOffice(members []zipMember) bool {
	for i, m := range members {
		if m.raw == "[Content_Types].xml" || i == 0 && m.raw == "mimetype" {
			return true
		}
	}
	return false
}

// A zipWalk is the state of the walk through one zip archive.
type zipWalk struct {
	w     *walker
	o     *origin
	ra    io.ReaderAt // acquired during the walk
	size  int64
	namer namer
	found int // members met by recover

	locked int    // encrypted members that no password opens
	first  string // path of the first of them
}

// member gives one member; stop ends the walk through this archive.
func (z *zipWalk) member(m *zipMember) (stop bool, err error) {
	if m.isDir() && m.unpacked <= 0 {
		return false, nil
	}
	name, note := z.namer.name(m.name())
	if note == "" && m.name() != m.raw {
		note = fmt.Sprintf("the archive calls it %q, read as code page 437", m.raw)
	}
	if !z.w.filter.wants(name, z.o.picked) {
		return false, nil
	}
	if !z.o.led.member() {
		z.w.skip(z.o.path, budgetError(z.o.path, "members", int64(z.w.opts.Budget.MaxMembers)))
		return true, nil
	}
	c := z.o.member(name, note, m.unpacked, m.modTime)
	if m.mode&fs.ModeSymlink != 0 {
		z.w.note(c.path, &Error{Path: c.path, Reason: ReasonUnsupported, After: -1, Err: errors.New("is a link, which is not followed inside an archive")})
		return false, nil
	}
	if err := z.locate(m); err != nil {
		z.w.skip(c.path, withPath(c.path, err))
		return false, nil
	}
	if z.isLocked(m) {
		if z.locked++; z.locked == 1 {
			z.first = c.path
		}
		return false, nil
	}
	room, budget, value := c.led.charge(max(m.unpacked, 0))
	if room < m.unpacked && room == 0 {
		z.w.skip(z.o.path, budgetError(z.o.path, budget, value))
		return true, nil
	}
	z.opener(c, m, capped{granted: room, budget: budget, value: value})
	return false, z.w.enter(c)
}

// capped is how much of a member its budget allows.
type capped struct {
	granted int64
	budget  string
	value   int64
}

// locate finds where the packed bytes of a member of the directory are.
func (z *zipWalk) locate(m *zipMember) error {
	if m.offset < 0 {
		local, err := readLocal(z.ra, m.header, z.size)
		if err != nil {
			return err
		}
		m.offset = local.offset
	}
	if m.offset+m.packed > z.size {
		m.cut = true
	}
	return m.readable()
}

// isLocked tells whether no password opens m.
func (z *zipWalk) isLocked(m *zipMember) bool {
	if !m.encrypted() {
		return false
	}
	packed := io.NewSectionReader(z.ra, m.offset, max(z.size-m.offset, 0))
	_, err := m.decrypt(packed, z.w.opts.Passwords)
	var e *Error
	return errors.As(err, &e) && e.Reason == ReasonPassword
}

// tellLocked tells of all members that need a password at once: usually it is
// all of them and the same password.
func (z *zipWalk) tellLocked() {
	switch e := needsPassword(z.o.path, len(z.w.opts.Passwords)); z.locked {
	case 0:
	case 1:
		e.Path = z.first
		z.w.skip(z.first, e)
	default:
		e.Err = fmt.Errorf("%w (%d members, the first is %s)", e.Err, z.locked, z.first)
		z.w.skip(z.o.path, e)
	}
}

// readable tells why a member cannot be read, before it is tried.
func (m *zipMember) readable() error {
	method := m.method
	if m.aes != nil && m.encrypted() {
		method = m.aes.method
	}
	switch method {
	case zipStored, zipDeflated, zipBzip2, zipZstd, zipXz:
	case zipDeflate64:
		return unsupported("", "is packed with Deflate64, which oxtail cannot read", "pack it with another program, or unpack it first")
	default:
		return unsupported("", fmt.Sprintf("is packed with zip method %d, which oxtail cannot read", method), "unpack it first")
	}
	return nil
}

// opener makes c give the content of m.
func (z *zipWalk) opener(c *origin, m *zipMember, limit capped) {
	packed := z.o.at.part(m.offset, max(min(m.packed, z.size-m.offset), 0))
	if m.method == zipStored && !m.encrypted() && limit.granted >= m.unpacked && !m.cut && m.packed == m.unpacked {
		c.at = packed
	}
	passwords, t := z.w.opts.Passwords, &tally{}
	c.open = func() (io.ReadCloser, error) {
		rc, err := packed.stream()
		if err != nil {
			return nil, err
		}
		r, err := m.decode(rc, passwords)
		if err != nil {
			return nil, errors.Join(withPath(c.path, err), rc.Close())
		}
		if m.unpacked < 0 {
			r = &meteredReader{r: r, led: c.led, t: t, path: c.path}
		} else {
			r = &exactReader{r: r, m: m, limit: limit, path: c.path, left: min(m.unpacked, limit.granted), sum: crc32.NewIEEE()}
		}
		return &joined{Reader: r, c: rc}, nil
	}
}

// withPath puts the path into an error that was made without one.
func withPath(path string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Path == "" {
		c := *e
		c.Path = path
		return &c
	}
	return asError(path, err)
}

// decode returns a reader of the unpacked content.
func (m *zipMember) decode(packed io.Reader, passwords []string) (io.Reader, error) {
	if !m.encrypted() {
		return unpack(m.method, packed)
	}
	plain, err := m.decrypt(packed, passwords)
	if err != nil {
		return nil, err
	}
	if m.aes == nil {
		return unpack(m.method, plain)
	}
	r, err := unpack(m.aes.method, plain)
	return &drainedReader{r: r, rest: plain}, err
}

// unpack returns a reader of what was packed with a zip method.
func unpack(method uint16, packed io.Reader) (io.Reader, error) {
	switch method {
	case zipStored:
		return packed, nil
	case zipDeflated:
		return guardedReader{inflate(packed)}, nil
	case zipBzip2:
		return decompressor(formBzip2, packed)
	case zipZstd:
		return decompressor(formZstd, packed)
	case zipXz:
		return decompressor(formXz, packed)
	}
	panic(fmt.Sprintf("BUG: zip method %d was not refused", method))
}

// A drainedReader reads what its decompressor left over, so that the
// authentication code behind it is compared.
type drainedReader struct{ r, rest io.Reader }

func (d *drainedReader) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err == io.EOF {
		if _, restErr := io.Copy(io.Discard, d.rest); restErr != nil {
			err = restErr
		}
	}
	return n, err
}

// An exactReader gives as many bytes as the archive announces, not more, and
// compares the checksum at the end.
type exactReader struct {
	r     io.Reader
	m     *zipMember
	limit capped
	path  string
	left  int64
	sum   hash.Hash32
}

func (e *exactReader) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, e.end()
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	e.sum.Write(p[:n])
	if err == io.EOF {
		if e.left > 0 {
			return n, io.ErrUnexpectedEOF
		}
		return n, nil // end compares
	}
	return n, err
}

// end is called when all announced bytes were given.
func (e *exactReader) end() error {
	if e.limit.granted < e.m.unpacked {
		return budgetError(e.path, e.limit.budget, e.limit.value)
	}
	var more [1]byte
	if n, err := io.ReadFull(e.r, more[:]); n > 0 {
		return errors.New("is longer than the archive says")
	} else if err != io.EOF {
		return err // an authentication code that does not fit
	}
	if e.m.hasCRC() && e.sum.Sum32() != e.m.crc {
		return errors.New("checksum does not match: it is damaged")
	}
	return io.EOF
}

// hasCRC is false for AES version 2, which has an authentication code instead.
func (m *zipMember) hasCRC() bool { return m.aes == nil || m.aes.version == 1 }
