package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// stdinPath is the path that stands for standard input.
	stdinPath = "-"

	// maxFolderDepth bounds folders in folders: deeper than any system can name.
	maxFolderDepth = 255
)

// path reads one path as the user gave it.
func (w *walker) path(given string) error {
	if given == stdinPath {
		return w.stdin()
	}
	if given == "" {
		w.skip(given, &Error{Path: `""`, Reason: ReasonUnreadable, After: -1, Err: errors.New("is an empty path")})
		return nil
	}
	name := clean(given)
	info, err := os.Stat(name)
	if err != nil && isGlob(given) {
		return w.glob(name)
	}
	if err != nil {
		w.skip(name, err)
		return nil
	}
	return w.named(name, info)
}

// clean simplifies a path and keeps the separators that the user typed.
func clean(given string) string {
	name := filepath.Clean(given)
	if strings.Contains(given, "/") {
		name = filepath.ToSlash(name)
	}
	return name
}

// join appends a name to a path, with the separator that the path has.
func join(folder, name string) string {
	if strings.HasSuffix(folder, "/") || strings.HasSuffix(folder, string(filepath.Separator)) {
		return folder + name
	}
	if filepath.Separator == '\\' && !strings.Contains(folder, "/") {
		return folder + `\` + name
	}
	if folder == "." {
		return name
	}
	return folder + "/" + name
}

// glob reads what a glob names. The user's shell may have left it to us.
func (w *walker) glob(glob string) error {
	names, err := expandGlob(glob)
	if err != nil || len(names) == 0 {
		w.skip(glob, &Error{Path: glob, Reason: ReasonUnreadable, After: -1, Err: errors.New("no file matches this glob")})
		return nil
	}
	slices.Sort(names)
	for _, name := range names {
		name = clean(name)
		if strings.Contains(glob, "/") {
			name = filepath.ToSlash(name)
		}
		info, err := os.Stat(name)
		switch {
		case err != nil:
			w.skip(name, err)
		case info.IsDir() && strings.Contains(glob, "**"):
			// The glob names what is inside as well, or leaves it out on purpose.
		case w.filter.excluded(path.Base(filepath.ToSlash(name))):
		default:
			if err := w.named(name, info); err != nil {
				return err
			}
		}
	}
	return nil
}

// named reads a path that the user named: links are followed, devices are read.
func (w *walker) named(name string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return w.root(name)
	case mode.IsRegular():
		return w.file(name, w.filter.included(path.Base(filepath.ToSlash(name))))
	case mode&fs.ModeSocket != 0:
		w.skip(name, &Error{Path: name, Reason: ReasonUnreadable, After: -1, Err: errors.New("is a socket, not a file")})
		return nil
	default:
		return w.device(name, mode)
	}
}

// stdin reads standard input.
func (w *walker) stdin() error {
	if w.opts.Stdin == nil {
		w.skip(stdinPath, &Error{Path: stdinPath, Reason: ReasonUnreadable, After: -1, Err: errors.New("there is no standard input")})
		return nil
	}
	return w.pipe(stdinPath, io.NopCloser(w.opts.Stdin))
}

// pipe reads something that can be read once and whose size is unknown.
func (w *walker) pipe(name string, rc io.ReadCloser) error {
	led := &ledger{budget: w.opts.Budget}
	o := &origin{path: name, base: name, size: -1, once: true, picked: true, led: led}
	o.open = onlyOnce(name, &joined{Reader: hostReader{r: rc, led: led}, c: rc})
	defer rc.Close() // read only; whoever read it may have closed it before
	return w.enter(o)
}

// device reads a pipe or a device that the user named; a device may be endless.
func (w *walker) device(name string, mode fs.FileMode) error {
	f, err := os.Open(name)
	if err != nil {
		w.skip(name, err)
		return nil
	}
	if mode&fs.ModeNamedPipe != 0 {
		return w.pipe(name, f)
	}
	limit := min(w.opts.Budget.MaxDeviceBytes, w.opts.Budget.MaxBytes)
	return w.pipe(name, &joined{Reader: &deviceReader{r: f, name: name, limit: limit, left: limit}, c: f})
}

// A deviceReader ends with an error after limit bytes.
type deviceReader struct {
	r           io.Reader
	name        string
	limit, left int64
}

func (d *deviceReader) Read(p []byte) (int, error) {
	if d.left <= 0 {
		return 0, budgetError(d.name, "device", d.limit)
	}
	n, err := d.r.Read(p[:min(int64(len(p)), d.left)])
	d.left -= int64(n)
	return n, err
}

// file reads a regular file.
func (w *walker) file(name string, picked bool) error {
	if w.seen != nil {
		if w.seen[name] {
			return nil
		}
		w.seen[name] = true
	}
	info, err := os.Stat(name)
	if err != nil {
		w.skip(name, err)
		return nil
	}
	o := &origin{
		path: name, base: name, size: info.Size(), modTime: info.ModTime(), picked: picked,
		led:  &ledger{budget: w.opts.Budget, hosted: info.Size()},
		open: func() (io.ReadCloser, error) { return os.Open(name) },
	}
	o.at = &region{b: fileBlob(name), n: info.Size()}
	return w.enter(o)
}

// A tree is a folder that the user named, while it is read.
type tree struct {
	root string // as named
	real string // without links
}

// root reads a folder that the user named.
func (w *walker) root(name string) error {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		w.skip(name, err)
		return nil
	}
	return w.folder(&tree{root: name, real: real}, name, "", 0)
}

// folder reads what is in a folder, sorted by name; below is its slash-separated
// path below the root, empty for the root itself.
func (w *walker) folder(t *tree, name, below string, depth int) error {
	entries, err := os.ReadDir(name)
	if err != nil {
		w.skip(name, err) // what was listed before the error is read nevertheless
	}
	if depth > maxFolderDepth {
		w.skip(name, fmt.Errorf("is inside more than %d folders", maxFolderDepth))
		return nil
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.entry(t, e, join(name, e.Name()), path.Join(below, e.Name()), depth); err != nil {
			return err
		}
	}
	return nil
}

// entry reads one entry of a folder.
func (w *walker) entry(t *tree, e fs.DirEntry, name, below string, depth int) error {
	if w.filter.excluded(below) {
		return nil
	}
	kind := e.Type()
	if kind.IsDir() {
		return w.folder(t, name, below, depth+1)
	}
	if !w.filter.wants(below, false) {
		return nil
	}
	switch {
	case kind.IsRegular():
		return w.file(name, w.filter.included(below))
	case kind&fs.ModeSymlink != 0:
		return w.link(t, name, below)
	default:
		w.skip(name, &Error{Path: name, Reason: ReasonUnreadable, After: -1,
			Err: errors.New("is a pipe, socket or device"), Remedy: "name it to read it"})
		return nil
	}
}

// link reads a symbolic link in a folder if it leads to a file inside the folder
// that is not read under its own name anyway: reading it twice would count
// its errors twice. Links to folders need no visit for the same reason.
func (w *walker) link(t *tree, name, below string) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		w.skip(name, &Error{Path: name, Reason: ReasonUnreadable, After: -1, Err: errors.New("is a link that leads nowhere")})
		return nil
	}
	inside, err := filepath.Rel(t.real, target)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		w.skip(name, &Error{Path: name, Reason: ReasonUnreadable, After: -1,
			Err: errors.New("is a link that leads out of the folder"), Remedy: "name it to read it"})
		return nil
	}
	info, err := os.Stat(target)
	if err != nil {
		w.skip(name, err)
		return nil
	}
	if !info.Mode().IsRegular() || w.filter.wants(filepath.ToSlash(inside), false) {
		return nil
	}
	return w.file(name, w.filter.included(below))
}
