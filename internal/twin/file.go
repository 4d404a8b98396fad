package twin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"oxtail/actions/apply"
	"oxtail/parser/winpath"
)

// A File is one that a twin begins with.
type File struct {
	Path     string
	Modified time.Time
	Data     []byte
	Bytes    int64 // when more than Data: the rest is not known, and reads as zeros
}

// file is a file of a twin.
type file struct {
	path     string
	modified time.Time
	data     []byte
	bytes    int64
	born     time.Time // when not zero, it grows since then
}

func newFile(f File) *file {
	return &file{path: winpath.Clean(f.Path), modified: f.Modified, data: f.Data, bytes: max(f.Bytes, int64(len(f.Data)))}
}

// growth is how fast a new cache grows, in bytes a second, and from what size.
const (
	growth     = 4096
	firstBytes = 8192
)

// size is the size now.
func (f *file) size(now time.Time) int64 {
	if f.born.IsZero() {
		return f.bytes
	}
	return firstBytes + int64(now.Sub(f.born)/time.Second)*growth
}

// reader reads what is known, then zeros.
func (f *file) reader(now time.Time) io.Reader {
	return io.LimitReader(io.MultiReader(bytes.NewReader(f.data), zeros{}), f.size(now))
}

// zeros is an endless file of zeros.
type zeros struct{}

// Read fills p with zeros.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func pathKey(path string) string { return strings.ToLower(winpath.Clean(path)) }

// errHeld is what Windows says when somebody has a file open.
var errHeld = errors.New("the process cannot access the file because it is being used by another process")

// errFull is what Windows says when a disk is full.
var errFull = errors.New("there is not enough space on the disk")

// Stat looks at a file.
func (t *Twin) Stat(ctx context.Context, path string) (apply.File, error) {
	if err := t.enter(ctx, "Stat"); err != nil {
		return apply.File{}, err
	}
	f := t.files[pathKey(path)]
	if f == nil {
		return apply.File{}, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return t.view(f), nil
}

func (t *Twin) view(f *file) apply.File {
	modified := f.modified
	if !f.born.IsZero() {
		modified = t.now
	}
	return apply.File{Path: f.path, Bytes: f.size(t.now), Modified: modified}
}

// List lists the files of a folder.
func (t *Twin) List(ctx context.Context, folder string) ([]apply.File, error) {
	if err := t.enter(ctx, "List"); err != nil {
		return nil, err
	}
	start := pathKey(folder) + `\`
	var out []apply.File
	exists := false
	for _, key := range slices.Sorted(maps.Keys(t.files)) {
		rest, is := strings.CutPrefix(key, start)
		exists = exists || is
		if is && !strings.Contains(rest, `\`) && len(out) < apply.MaxListed {
			out = append(out, t.view(t.files[key]))
		}
	}
	if !exists {
		return nil, fmt.Errorf("%s: %w", folder, fs.ErrNotExist)
	}
	return out, nil
}

// Open reads a file.
func (t *Twin) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	if err := t.enter(ctx, "Open"); err != nil {
		return nil, err
	}
	f := t.files[pathKey(path)]
	if f == nil {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return io.NopCloser(f.reader(t.now)), nil
}

// A writer writes a file of a twin.
type writer struct {
	t *Twin
	f *file
}

// Write appends to the file as long as there is space.
func (w *writer) Write(p []byte) (int, error) {
	if w.t.quota >= 0 && int64(len(p)) > w.t.quota {
		return 0, fmt.Errorf("write %s: %w", w.f.path, errFull)
	}
	if w.t.quota >= 0 {
		w.t.quota -= int64(len(p))
	}
	w.t.free -= int64(len(p))
	w.f.data = append(w.f.data, p...)
	w.f.bytes, w.f.modified = int64(len(w.f.data)), w.t.now
	return len(p), nil
}

// Close does nothing: what was written is there.
func (w *writer) Close() error { return nil }

// Create makes a new file.
func (t *Twin) Create(ctx context.Context, path string) (io.WriteCloser, error) {
	if err := t.enter(ctx, "Create"); err != nil {
		return nil, err
	}
	if t.files[pathKey(path)] != nil {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	f := newFile(File{Path: path, Modified: t.now})
	t.files[pathKey(path)] = f
	return &writer{t, f}, nil
}

// Append opens a file at its end.
func (t *Twin) Append(ctx context.Context, path string) (io.WriteCloser, error) {
	if err := t.enter(ctx, "Append"); err != nil {
		return nil, err
	}
	f := t.files[pathKey(path)]
	if f == nil {
		f = newFile(File{Path: path, Modified: t.now})
		t.files[pathKey(path)] = f
	}
	f.data = slices.Clip(f.data)
	return &writer{t, f}, nil
}

// Rename moves a file.
func (t *Twin) Rename(ctx context.Context, from, to string) error {
	if err := t.enter(ctx, "Rename"); err != nil {
		return err
	}
	f := t.files[pathKey(from)]
	switch {
	case f == nil:
		return fmt.Errorf("%s: %w", from, fs.ErrNotExist)
	case t.files[pathKey(to)] != nil:
		return fmt.Errorf("%s: %w", to, fs.ErrExist)
	case t.holdsAny(from):
		return fmt.Errorf("rename %s: %w", from, errHeld)
	case !strings.EqualFold(pathKey(from)[:1], pathKey(to)[:1]):
		return fmt.Errorf("rename %s to %s: not on the same disk", from, to)
	}
	delete(t.files, pathKey(from))
	f.path = winpath.Clean(to)
	t.files[pathKey(to)] = f
	return nil
}

// errOutside says that only what oxtail wrote itself is removed.
var errOutside = errors.New("not below the folder of oxtail")

// Remove deletes a file of the state folder.
func (t *Twin) Remove(ctx context.Context, path string) error {
	if err := t.enter(ctx, "Remove"); err != nil {
		return err
	}
	if !strings.HasPrefix(pathKey(path), pathKey(t.StateFolder())+`\`) {
		return fmt.Errorf("remove %s: %w", path, errOutside)
	}
	f := t.files[pathKey(path)]
	if f == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	delete(t.files, pathKey(path))
	t.free += f.bytes
	return nil
}

// FreeBytes tells the free space.
func (t *Twin) FreeBytes(ctx context.Context, _ string) (int64, error) {
	return t.free, t.enter(ctx, "FreeBytes")
}

// IsLocal tells network drives by their names.
func (t *Twin) IsLocal(ctx context.Context, path string) (bool, error) {
	if err := t.enter(ctx, "IsLocal"); err != nil {
		return false, err
	}
	if strings.HasPrefix(path, `\\`) {
		return false, nil
	}
	return !slices.ContainsFunc(t.remote, func(start string) bool { return strings.HasPrefix(strings.ToLower(path), strings.ToLower(start)) }), nil
}

// Files gives the contents of all files, by path.
func (t *Twin) Files() map[string][]byte {
	out := map[string][]byte{}
	for _, f := range t.files {
		data, err := io.ReadAll(f.reader(t.now))
		if err != nil {
			panic("BUG: a file in memory cannot be read: " + err.Error())
		}
		out[f.path] = data
	}
	return out
}

// Put writes a file as another program would.
func (t *Twin) Put(path string, data []byte) {
	t.files[pathKey(path)] = newFile(File{Path: path, Data: data, Modified: t.now})
}

// SetQuota lets only so many bytes more be written, whatever FreeBytes says.
func (t *Twin) SetQuota(bytes int64) { t.quota = bytes }

// SetFree sets what FreeBytes says.
func (t *Twin) SetFree(bytes int64) { t.free = bytes }
