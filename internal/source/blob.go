package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

const (
	// memoryBytes of an archive inside an archive are held in memory, more goes to
	// a temporary file; warmBlobs of them may be held at a time.
	memoryBytes = 8 << 20

	// bufferBytes is the largest member of a sequential archive that is held in
	// memory so that it can be opened again; larger ones open once.
	bufferBytes = 1 << 20
)

// A blob gives random access to bytes that are fetched when the first user comes
// and dropped when the last one leaves: a file handle, or an unpacked archive.
type blob struct {
	load func() (io.ReaderAt, io.Closer, error)

	mu     sync.Mutex
	users  int
	ra     io.ReaderAt
	closer io.Closer
}

func loadedBlob(b []byte) *blob {
	r := bytes.NewReader(b)
	return &blob{load: func() (io.ReaderAt, io.Closer, error) { return r, io.NopCloser(nil), nil }}
}

func fileBlob(path string) *blob {
	return &blob{load: func() (io.ReaderAt, io.Closer, error) {
		f, err := os.Open(path)
		return f, f, err
	}}
}

func (b *blob) acquire() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users == 0 {
		ra, closer, err := b.load()
		if err != nil {
			return err
		}
		b.ra, b.closer = ra, closer
	}
	b.users++
	return nil
}

func (b *blob) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users--
	if b.users < 0 {
		panic("BUG: blob released more often than acquired")
	}
	if b.users == 0 {
		b.closer.Close() // opened read-only: nothing can be lost
		b.ra, b.closer = nil, nil
	}
}

// ReadAt reads from the blob; the caller has acquired it.
func (b *blob) ReadAt(p []byte, off int64) (int, error) { return b.ra.ReadAt(p, off) }

// A region is a part of a blob.
type region struct {
	b      *blob
	off, n int64
}

// open acquires the blob until the closer is closed.
func (r *region) open() (io.ReaderAt, io.Closer, error) {
	if err := r.b.acquire(); err != nil {
		return nil, nil, err
	}
	return io.NewSectionReader(r.b, r.off, r.n), &releaser{b: r.b}, nil
}

// stream opens the region for reading from the start.
func (r *region) stream() (io.ReadCloser, error) {
	ra, closer, err := r.open()
	if err != nil {
		return nil, err
	}
	return &joined{Reader: io.NewSectionReader(ra, 0, r.n), c: closer}, nil
}

func (r *region) part(off, n int64) *region {
	return &region{b: r.b, off: r.off + off, n: n}
}

// A releaser releases a blob once, however often it is closed.
type releaser struct {
	b    *blob
	once sync.Once
}

func (r *releaser) Close() error {
	r.once.Do(r.b.release)
	return nil
}

// makeRandom gives o random access by unpacking it into memory or a temporary
// file. What can be read of a damaged origin is enough; the rest is told.
func (w *walker) makeRandom(o *origin) error {
	if o.at != nil {
		return nil
	}
	u := &unpacked{open: o.open, temp: w.temp, path: o.path}
	b := &blob{load: u.load}
	if err := b.acquire(); err != nil {
		return err
	}
	switch {
	case !o.once:
		w.keepWarm(b)
		b.release()
	case o.depth == 0: // standard input or a pipe: there is only one at a time
		w.held = append(w.held, b)
		o.once = false
	default:
		w.pinned = append(w.pinned, b) // cannot be fetched again; enter releases it
	}
	if u.fault != nil {
		w.skip(o.path, u.fault)
	}
	o.size = u.size
	o.at = &region{b: b, n: u.size}
	o.open = o.at.stream
	return nil
}

// random opens o for random access. What keeps it from that is told, and ok is false.
func (w *walker) random(o *origin) (_ io.ReaderAt, _ io.Closer, ok bool) {
	if err := w.makeRandom(o); err != nil {
		w.skip(o.path, err)
		return nil, nil, false
	}
	ra, closer, err := o.at.open()
	if err != nil {
		w.skip(o.path, err)
		return nil, nil, false
	}
	return ra, closer, true
}

// unpacked is an origin that can only be read from front to back, on its way to
// random access.
type unpacked struct {
	open  func() (io.ReadCloser, error)
	temp  *tempStore
	path  string
	size  int64 // after load
	fault error // what ended the reading early
}

func (u *unpacked) load() (io.ReaderAt, io.Closer, error) {
	rc, err := u.open()
	if err != nil {
		return nil, nil, err
	}
	defer rc.Close()
	var head bytes.Buffer
	_, err = io.CopyN(&head, rc, memoryBytes)
	u.size = int64(head.Len())
	if err != nil {
		u.fault = nil
		if err != io.EOF {
			u.fault = err
		}
		return u.small(head.Bytes())
	}
	t, err := u.temp.create(u.path)
	if err != nil {
		return nil, nil, err
	}
	u.size, u.fault, err = t.fill(io.MultiReader(&head, rc))
	if err != nil {
		return nil, nil, errors.Join(err, t.Close())
	}
	return t.f, t, nil
}

func (u *unpacked) small(b []byte) (io.ReaderAt, io.Closer, error) {
	if len(b) == 0 && u.fault != nil {
		return nil, nil, u.fault
	}
	return bytes.NewReader(b), io.NopCloser(nil), nil
}

// A tempStore makes temporary files and bounds their size in all.
type tempStore struct {
	dir   string
	limit int64

	mu    sync.Mutex
	used  int64
	files map[*tempFile]struct{}
}

func (s *tempStore) create(path string) (*tempFile, error) {
	f, err := os.CreateTemp(s.dir, "oxtail-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file to unpack %s: %w", path, err)
	}
	t := &tempFile{f: f, store: s, path: path}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[*tempFile]struct{}{}
	}
	s.files[t] = struct{}{}
	return t, nil
}

// take reserves n bytes.
func (s *tempStore) take(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > s.limit-s.used {
		return false
	}
	s.used += n
	return true
}

// close deletes the files that readers have not given back.
func (s *tempStore) close() {
	s.mu.Lock()
	left := s.files
	s.files = nil
	s.mu.Unlock()
	for t := range left {
		t.Close()
	}
}

// A tempFile is deleted when it is closed.
type tempFile struct {
	f     *os.File
	store *tempStore
	path  string
	size  int64
	once  sync.Once
}

// fill writes all of r. It returns the size, what ended the reading early, and
// an error if the file cannot hold it.
func (t *tempFile) fill(r io.Reader) (size int64, fault, err error) {
	buf := make([]byte, 256<<10)
	for {
		n, readErr := r.Read(buf)
		if n > 0 && !t.store.take(int64(n)) {
			return t.size, nil, budgetError(t.path, "spill", t.store.limit)
		}
		t.size += int64(n)
		if _, err := t.f.Write(buf[:n]); err != nil {
			return t.size, nil, fmt.Errorf("unpack %s into a temporary file: %w", t.path, err)
		}
		if readErr == io.EOF {
			return t.size, nil, nil
		}
		if readErr != nil {
			return t.size, readErr, nil
		}
	}
}

func (t *tempFile) Close() error {
	var err error
	t.once.Do(func() {
		t.store.mu.Lock()
		t.store.used -= t.size
		delete(t.store.files, t)
		t.store.mu.Unlock()
		err = errors.Join(t.f.Close(), os.Remove(t.f.Name()))
	})
	return err
}
