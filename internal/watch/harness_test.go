package watch

import (
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"sync"
	"testing"
	"time"

	"oxtail/detectors"
	"oxtail/internal/tail"
	"oxtail/parser"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

// fakeFS is a folder of files in memory.
type fakeFS struct {
	files map[string]*fakeFile
	ids   uint64
}

type fakeFile struct {
	id   uint64
	data []byte
	mod  time.Time
}

func newFakeFS() *fakeFS { return &fakeFS{files: map[string]*fakeFile{}} }

func (f *fakeFS) append(name string, data []byte, mod time.Time) {
	x := f.files[name]
	if x == nil {
		f.ids++
		x = &fakeFile{id: f.ids}
		f.files[name] = x
	}
	x.data, x.mod = append(x.data, data...), mod
}

func (f *fakeFS) ReadDir(dir string) ([]tail.Entry, error) {
	dir = filepath.ToSlash(dir)
	var out []tail.Entry
	for name := range f.files {
		if path.Dir(name) == dir {
			out = append(out, tail.Entry{Name: path.Base(name)})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func (f *fakeFS) Stat(name string) (tail.Info, error) {
	x := f.files[filepath.ToSlash(name)]
	if x == nil {
		return tail.Info{}, fs.ErrNotExist
	}
	return x.Info()
}

func (f *fakeFS) Open(name string) (tail.File, error) {
	if x := f.files[filepath.ToSlash(name)]; x != nil {
		return x, nil
	}
	return nil, fs.ErrNotExist
}

func (f *fakeFS) MayHold() bool { return true }

func (x *fakeFile) Info() (tail.Info, error) {
	return tail.Info{ID: tail.FileID{Volume: 1, Index: x.id}, Size: int64(len(x.data)), ModTime: x.mod, Regular: true}, nil
}

func (x *fakeFile) Close() error { return nil }

func (x *fakeFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(x.data)) {
		return 0, io.EOF
	}
	n := copy(p, x.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// What is compiled from the embedded formats and rules is immutable, and needed by most tests.
var (
	onceFormats = sync.OnceValues(func() ([]parser.Format, error) {
		set, err := formats.Default(outlook.Formats()...)
		if err != nil {
			return nil, err
		}
		return set.Formats(), nil
	})
	onceRules = sync.OnceValues(detectors.Default)
)

func allFormats(t testing.TB) []parser.Format {
	t.Helper()
	list, err := onceFormats()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func allRules(t testing.TB) *detectors.Rules {
	t.Helper()
	rules, err := onceRules()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}
