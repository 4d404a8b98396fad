package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oxtail/parser/hive"
)

// A tree is a folder that is collected from. It is opened as a root, so that no link
// inside it leads out.
type tree struct {
	name  string // as given
	root  *os.Root
	files int // looked at

	prefix string // of names in the bundle: "C/" where the tree is drive C

	hiveName string // the hive that was read last: all its exports follow one another
	lastHive *hive.Hive
}

// A found is one file of a tree.
type found struct {
	rel      string // with slashes
	size     int64
	modified time.Time
}

var errTooMany = fmt.Errorf("more than %d files; give the folders that matter instead of the whole", MaxFiles)

// errLink says why a link is not followed.
var errLink = errors.New("is a link; give what it leads to as a path of its own")

var errMissing = errors.New("does not exist")

// openTree opens a folder, or the folder of a file.
func openTree(name string) (*tree, string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, "", err
	}
	dir, only := name, ""
	if !info.IsDir() {
		dir, only = filepath.Dir(name), filepath.Base(name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", err
	}
	return &tree{name: dir, root: root}, only, nil
}

// open opens a file for reading. A file that others have open, to write, rename or
// delete, stays so: os.Root shares everything on Windows.
func (t *tree) open(rel string) (*os.File, error) {
	f, err := t.root.Open(filepath.FromSlash(rel))
	if err != nil {
		return nil, cause(err)
	}
	return f, nil
}

// cause is an error without the path, which the caller tells in its own form.
func cause(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errMissing // each system has words of its own
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// list lists a folder by name. A folder that does not exist has no entries.
func (t *tree) list(rel string) ([]fs.DirEntry, error) {
	f, err := t.root.Open(filepath.FromSlash(rel))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close() // read only: nothing is lost when closing fails
	entries, err := f.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	if err != nil {
		err = cause(err)
	}
	return entries, err
}

// resolve finds a folder or file by a path whose letter case may differ, as Windows
// does. It returns "" if there is none.
func (t *tree) resolve(rel string) string {
	if _, err := t.root.Lstat(filepath.FromSlash(path.Clean(rel))); err == nil {
		return path.Clean(rel)
	}
	at := "."
	for part := range strings.SplitSeq(rel, "/") {
		if part == "" {
			continue
		}
		entries, err := t.list(at)
		if err != nil {
			return ""
		}
		i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return strings.EqualFold(e.Name(), part) })
		if i < 0 {
			return ""
		}
		at = path.Join(at, entries[i].Name())
	}
	return at
}

// walk gives every file below a folder to visit, sorted by name.
func (t *tree) walk(ctx context.Context, rel string, deep bool, visit func(found), skip func(Skipped)) error {
	return t.walkDir(ctx, rel, 0, deep, visit, skip)
}

func (t *tree) walkDir(ctx context.Context, rel string, depth int, deep bool, visit func(found), skip func(Skipped)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := t.list(rel)
	if err != nil {
		skip(Skipped{Path: t.shown(rel), Why: "list the folder: " + err.Error(), Fault: true})
	}
	for _, e := range entries {
		name := path.Join(rel, e.Name())
		if t.files++; t.files > MaxFiles {
			return fmt.Errorf("read %s: %w", t.name, errTooMany)
		}
		switch {
		case e.Type()&fs.ModeSymlink != 0 || e.Type()&fs.ModeIrregular != 0:
			skip(Skipped{Path: t.shown(name), Why: errLink.Error()})
		case e.IsDir() && (!deep || depth >= maxDepth):
			if deep {
				skip(Skipped{Path: t.shown(name), Why: "is nested too deep", Fault: true})
			}
		case e.IsDir():
			if err := t.walkDir(ctx, name, depth+1, deep, visit, skip); err != nil {
				return err
			}
		case e.Type().IsRegular():
			t.visit(name, e, visit, skip)
		}
	}
	return nil
}

func (t *tree) visit(name string, e fs.DirEntry, visit func(found), skip func(Skipped)) {
	info, err := e.Info()
	if err != nil {
		skip(Skipped{Path: t.shown(name), Why: cause(err).Error(), Fault: true})
		return
	}
	visit(found{name, info.Size(), info.ModTime()})
}

// shown is a path of the tree for people.
func (t *tree) shown(rel string) string { return path.Join(filepath.ToSlash(t.name), rel) }

// head reads the first bytes of a file.
func (t *tree) head(rel string, n int) ([]byte, error) {
	f, err := t.open(rel)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing is lost when closing fails
	buf := make([]byte, n)
	n, err = io.ReadFull(f, buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return buf[:n], err
}
