package tail

import (
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// memFS is a file system in memory with files that have identities, as a real one: ids
// are given again at once, open files outlive their name, and time stands still unless
// the test moves it.
type memFS struct {
	names  map[string]*memFile
	dirs   map[string]bool
	denied map[string]bool // paths that cannot be opened
	free   []uint64        // ids to use again, the last freed first
	lastID uint64
	now    time.Time
	hold   bool
	opens  int
}

type memFile struct {
	id    uint64
	data  []byte
	mod   time.Time
	links int
	gen   int // contents before this one
	open  int
}

func newMemFS(hold bool) *memFS {
	return &memFS{names: map[string]*memFile{}, dirs: map[string]bool{"log": true}, denied: map[string]bool{}, hold: hold,
		now: time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)}
}

func (m *memFS) tick() { m.now = m.now.Add(time.Millisecond) }

func (m *memFS) create(name string) *memFile {
	m.remove(name)
	f := &memFile{links: 1, mod: m.now}
	if n := len(m.free); n > 0 {
		f.id, m.free = m.free[n-1], m.free[:n-1]
	} else {
		m.lastID++
		f.id = m.lastID
	}
	m.names[name] = f
	return f
}

func (m *memFS) unlink(f *memFile) {
	f.links--
	m.reap(f)
}

func (m *memFS) reap(f *memFile) {
	if f.links == 0 && f.open == 0 {
		m.free = append(m.free, f.id)
		f.links = -1
	}
}

func (m *memFS) remove(name string) {
	m.tick()
	if f := m.names[name]; f != nil {
		delete(m.names, name)
		m.unlink(f)
	}
}

func (m *memFS) rename(from, to string) {
	m.tick()
	f := m.names[from]
	if old := m.names[to]; old != nil && old != f {
		m.unlink(old)
	}
	delete(m.names, from)
	m.names[to] = f
}

func (m *memFS) append(name, text string) *memFile {
	m.tick()
	f := m.names[name]
	if f == nil {
		f = m.create(name)
	}
	f.write(text, m.now)
	return f
}

func (f *memFile) write(text string, now time.Time) { f.data, f.mod = append(f.data, text...), now }

func (m *memFS) truncate(name string, n int) {
	m.tick()
	f := m.names[name]
	f.data, f.mod = append([]byte(nil), f.data[:n]...), m.now
	f.gen++
}

func (m *memFS) copy(from, to string) {
	m.tick()
	f := m.create(to)
	f.write(string(m.names[from].data), m.now)
}

func (m *memFS) ReadDir(dir string) ([]Entry, error) {
	dir = filepath.ToSlash(dir)
	if m.denied[dir] {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrPermission}
	}
	var out []Entry
	seen := map[string]bool{}
	for name := range m.names {
		rest, ok := strings.CutPrefix(name, dir+"/")
		if !ok {
			continue
		}
		first, _, below := strings.Cut(rest, "/")
		if !seen[first] {
			seen[first] = true
			out = append(out, Entry{Name: first, Dir: below})
		}
	}
	if len(out) == 0 && !m.dirs[dir] {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func (m *memFS) Stat(path string) (Info, error) {
	path = filepath.ToSlash(path)
	if f := m.names[path]; f != nil {
		return f.info(), nil
	}
	if m.dirs[path] {
		return Info{Dir: true}, nil
	}
	return Info{}, &fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}
}

func (f *memFile) info() Info {
	return Info{ID: FileID{7, f.id}, Size: int64(len(f.data)), ModTime: f.mod, Regular: true}
}

func (m *memFS) Open(path string) (File, error) {
	path = filepath.ToSlash(path)
	f := m.names[path]
	switch {
	case f == nil:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	case m.denied[path]:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	f.open++
	m.opens++
	return &memHandle{m, f, false}, nil
}

func (m *memFS) MayHold() bool { return m.hold }

type memHandle struct {
	m      *memFS
	f      *memFile
	closed bool
}

func (h *memHandle) ReadAt(p []byte, off int64) (int, error) {
	if h.closed || off < 0 {
		return 0, fmt.Errorf("read at %d of a file that is closed (%v)", off, h.closed)
	}
	if off >= int64(len(h.f.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.f.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *memHandle) Info() (Info, error) { return h.f.info(), nil }

func (h *memHandle) Close() error {
	if h.closed {
		return fs.ErrClosed
	}
	h.closed = true
	h.f.open--
	h.m.reap(h.f)
	return nil
}
