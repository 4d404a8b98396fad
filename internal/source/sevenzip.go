package source

import (
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/bodgit/sevenzip"
)

// trialBytes of a member are unpacked to see whether a password fits: 7z stores
// nothing to check it with.
const trialBytes = 1 << 20

// sevenZip gives the members of a 7z archive. Most are packed together, so that
// they are read in order, as those of a compressed tar.
func (w *walker) sevenZip(o *origin) error {
	ra, closer, ok := w.random(o)
	if !ok {
		return nil
	}
	defer closer.Close()
	r, err := openSevenZip(ra, o.at.n, w.opts.Passwords)
	if err != nil {
		w.skip(o.path, sevenZipFault(o.path, err, len(w.opts.Passwords)))
		return nil
	}
	s := &sevenZipWalk{w: w, o: o}
	for _, f := range r.File {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if stop, err := s.member(f); stop || err != nil {
			return err
		}
	}
	return nil
}

// openSevenZip opens an archive, with the first password that fits if it seems
// to need one. A member that cannot be read does not make the others unreadable.
func openSevenZip(ra io.ReaderAt, size int64, passwords []string) (*sevenzip.Reader, error) {
	r, err := trySevenZip(func() (*sevenzip.Reader, error) { return sevenzip.NewReader(ra, size) })
	if err == nil {
		return r, nil
	}
	for _, password := range passwords {
		open := func() (*sevenzip.Reader, error) { return sevenzip.NewReaderWithPassword(ra, size, password) }
		if _, err := trySevenZip(open); err != nil {
			continue
		}
		// Opened again: deriving a key for the first time overwrites the start
		// vector in the decoder's copy of the header (sevenzip v1.6.5), so that
		// only the first stream opened is right. Now the key is in its cache.
		return trySevenZip(open)
	}
	if r == nil || isEncrypted(err) {
		return nil, err
	}
	return r, nil
}

// trySevenZip opens an archive and reads the start of its smallest member.
func trySevenZip(open func() (*sevenzip.Reader, error)) (r *sevenzip.Reader, err error) {
	err = guard(func() error {
		var err error
		if r, err = open(); err != nil {
			r = nil
			return err
		}
		return trySmallest(r)
	})
	return r, err
}

// trySmallest reads the smallest member that has content.
func trySmallest(r *sevenzip.Reader) error {
	var smallest *sevenzip.File
	for _, f := range r.File {
		if f.UncompressedSize > 0 && (smallest == nil || f.UncompressedSize < smallest.UncompressedSize) {
			smallest = f
		}
	}
	if smallest == nil {
		return nil
	}
	rc, err := smallest.Open()
	if err != nil {
		return err
	}
	defer rc.Close()
	sum := crc32.NewIEEE()
	want := int64(min(smallest.UncompressedSize, trialBytes))
	if _, err := io.CopyN(sum, rc, want); err != nil {
		return err
	}
	if uint64(want) == smallest.UncompressedSize && smallest.CRC32 != 0 && sum.Sum32() != smallest.CRC32 {
		return errWrongContent
	}
	return nil
}

// errWrongContent is a checksum that does not match. What is decrypted without a
// password may look like content up to there.
var errWrongContent = errors.New("checksum does not match: it is damaged, or encrypted and needs a password (--password-file)")

// A checkedReader compares the checksum of a member at its end: the decoder does not.
type checkedReader struct {
	r    io.Reader
	sum  hash.Hash32
	want uint32 // 0 means that there is none
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	if err == io.EOF && c.want != 0 && c.sum.Sum32() != c.want {
		err = errWrongContent
	}
	return n, err
}

// isEncrypted tells whether err comes from reading something encrypted.
func isEncrypted(err error) bool {
	var e *sevenzip.ReadError
	return errors.As(err, &e) && e.Encrypted
}

func sevenZipFault(path string, err error, tried int) error {
	if isEncrypted(err) {
		return needsPassword(path, tried)
	}
	return &Error{Path: path, Reason: ReasonDamaged, After: -1, Err: errors.New("the 7z archive is damaged or cut off, and its directory is at the end"), Remedy: "ask for it again"}
}

// A sevenZipWalk is the state of the walk through one 7z archive.
type sevenZipWalk struct {
	w     *walker
	o     *origin
	namer namer
}

// member gives one member; stop ends the walk through this archive.
func (s *sevenZipWalk) member(f *sevenzip.File) (stop bool, err error) {
	info := f.FileInfo()
	if info.IsDir() {
		return false, nil
	}
	name, note := s.namer.name(f.Name)
	if !s.w.filter.wants(name, s.o.picked) {
		return false, nil
	}
	if !s.o.led.member() {
		s.w.skip(s.o.path, budgetError(s.o.path, "members", int64(s.w.opts.Budget.MaxMembers)))
		return true, nil
	}
	size := int64(min(f.UncompressedSize, 1<<62))
	c := s.o.member(name, note, size, f.Modified)
	if info.Mode()&fs.ModeSymlink != 0 {
		s.w.note(c.path, &Error{Path: c.path, Reason: ReasonUnsupported, After: -1, Err: errors.New("is a link, which is not followed inside an archive")})
		return false, nil
	}
	granted, budget, value := c.led.charge(size)
	if granted == 0 && size > 0 {
		s.w.skip(s.o.path, budgetError(s.o.path, budget, value))
		return true, nil
	}
	var rc io.ReadCloser
	err = guard(func() error {
		var err error
		rc, err = f.Open()
		return err
	})
	if err != nil {
		s.w.skip(c.path, sevenZipFault(c.path, err, len(s.w.opts.Passwords)))
		return false, nil
	}
	defer rc.Close()
	return false, s.w.sequential(c, &checkedReader{r: rc, sum: crc32.NewIEEE(), want: f.CRC32}, capped{granted: granted, budget: budget, value: value})
}
