package source

import (
	"errors"
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
	if err := w.makeRandom(o); err != nil {
		w.skip(o.path, err)
		return nil
	}
	ra, closer, err := o.at.open()
	if err != nil {
		w.skip(o.path, err)
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

// openSevenZip opens an archive with the first password that fits.
func openSevenZip(ra io.ReaderAt, size int64, passwords []string) (r *sevenzip.Reader, err error) {
	err = guard(func() error {
		r, err = sevenzip.NewReader(ra, size)
		if err == nil {
			err = trySevenZip(r)
		}
		return err
	})
	for _, password := range passwords {
		if !isEncrypted(err) {
			break
		}
		err = guard(func() error {
			r, err = sevenzip.NewReaderWithPassword(ra, size, password)
			if err == nil {
				err = trySevenZip(r)
			}
			return err
		})
	}
	if isEncrypted(err) {
		return nil, err
	}
	if r == nil {
		return nil, err
	}
	return r, nil // a member that cannot be read does not make the others unreadable
}

// trySevenZip reads the smallest member that has content.
func trySevenZip(r *sevenzip.Reader) error {
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
	_, err = io.CopyN(io.Discard, rc, trialBytes)
	if err == io.EOF {
		return nil
	}
	return err
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
	return false, s.w.sequential(c, rc, capped{granted: granted, budget: budget, value: value})
}
