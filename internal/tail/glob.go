package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// maxDepth is how many folders below its root a pattern is followed.
	maxDepth = 32

	// MaxFiles is how many files are followed at most; more are told, not followed.
	MaxFiles = 50_000
)

// A pattern is what the user named: a file, a folder (all files below it), or a glob.
type pattern struct {
	root  string   // folder without meta characters
	parts []string // below root; "**" is any number of folders
	whole string   // as given
}

// joinPath joins as filepath.Join does, but keeps a relative "." invisible.
func joinPath(dir, name string) string { return filepath.Join(dir, name) }

// compile splits a pattern into its fixed folder and the parts to be matched.
func compile(text string) (pattern, error) {
	if text == "" {
		return pattern{}, errors.New("empty pattern; want a file, a folder or a glob")
	}
	clean := filepath.Clean(text)
	volume := filepath.VolumeName(clean)
	rest := clean[len(volume):]
	root := volume
	if rest != "" && isSeparator(rest[0]) {
		root, rest = root+string(filepath.Separator), rest[1:]
	}
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r < 0x80 && isSeparator(byte(r)) })
	p := pattern{whole: text}
	for len(parts) > 1 && !hasMeta(parts[0]) {
		root, parts = joinPath(root, parts[0]), parts[1:]
	}
	p.root, p.parts = root, parts
	if p.root == "" {
		p.root = "."
	}
	for _, part := range parts {
		if _, err := filepath.Match(part, "x"); err != nil {
			return p, fmt.Errorf("pattern %s: %w", text, err)
		}
	}
	return p, nil
}

func isSeparator(c byte) bool { return c == '/' || runtime.GOOS == "windows" && c == '\\' }

func hasMeta(s string) bool { return strings.ContainsAny(s, "*?[") }

// match compares one name, without letter case where names have none.
func match(part, name string) bool {
	if runtime.GOOS == "windows" {
		part, name = strings.ToLower(part), strings.ToLower(name)
	}
	ok, err := filepath.Match(part, name)
	return err == nil && ok || part == name // a file may really be called a[1].log
}

// A listing is what the patterns name now.
type listing struct {
	fsys  FS
	paths map[string]bool
	order []string
	dirs  map[string]bool  // folders that were looked into
	fault map[string]error // folders that could not be listed
	full  bool             // MaxFiles was met
}

func newListing(fsys FS) *listing {
	return &listing{fsys: fsys, paths: map[string]bool{}, dirs: map[string]bool{}, fault: map[string]error{}}
}

// expand adds the files that a pattern names. A pattern without meta characters that
// names a folder stands for all files below it.
func (l *listing) expand(p pattern) {
	if len(p.parts) == 0 {
		l.walk(p.root, []string{"**", "*"}, 0)
		return
	}
	if len(p.parts) == 1 && !hasMeta(p.parts[0]) {
		l.literal(joinPath(p.root, p.parts[0]))
		return
	}
	l.walk(p.root, p.parts, 0)
}

func (l *listing) literal(path string) {
	info, err := l.fsys.Stat(path)
	switch {
	case err == nil && info.Dir:
		l.walk(path, []string{"**", "*"}, 0)
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		l.add(path)
		l.dirs[filepath.Dir(path)] = true
	default:
		l.dirs[filepath.Dir(path)] = true
	}
}

func (l *listing) add(path string) {
	if l.paths[path] {
		return
	}
	if len(l.order) >= MaxFiles {
		l.full = true
		return
	}
	l.paths[path] = true
	l.order = append(l.order, path)
}

// walk adds the files below dir that match parts.
func (l *listing) walk(dir string, parts []string, depth int) {
	if depth > maxDepth {
		return
	}
	if parts[0] == "**" {
		rest := parts[1:]
		if len(rest) == 0 {
			rest = []string{"*"}
		}
		l.walk(dir, rest, depth)
		for _, e := range l.list(dir) {
			if e.Dir {
				l.walk(joinPath(dir, e.Name), parts, depth+1)
			}
		}
		return
	}
	for _, e := range l.list(dir) {
		if !match(parts[0], e.Name) {
			continue
		}
		path := joinPath(dir, e.Name)
		switch {
		case len(parts) > 1 && e.Dir:
			l.walk(path, parts[1:], depth+1)
		case len(parts) == 1 && !e.Dir:
			l.add(path)
		}
	}
}

func (l *listing) list(dir string) []Entry {
	entries, err := l.fsys.ReadDir(dir)
	l.dirs[dir] = true
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.fault[dir] = err
	}
	return entries
}

// rotatedName reports whether name is what a rotation makes of base: the same stem,
// and beside it only numbers, dates and words such as "old".
func rotatedName(base, name string) bool {
	if base == name {
		return false
	}
	base, name = strings.ToLower(base), strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, base); ok {
		return rotationMark(rest)
	}
	ext := filepath.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	rest, ok := strings.CutPrefix(name, stem)
	if !ok || stem == "" {
		return false
	}
	return rotationMark(strings.TrimSuffix(rest, ext))
}

// rotationMark reports whether s is a separator and a number, a date or a known word.
func rotationMark(s string) bool {
	if s == "" || !strings.ContainsRune(".-_~ (", rune(s[0])) {
		return false
	}
	word := strings.Trim(s, ".-_~ ()0123456789tz")
	switch word {
	case "", "old", "bak", "prev", "previous", "backup", "orig", "copy", "log":
		return true
	}
	return false
}

// compressedName reports whether a name says that the file is compressed: its content
// was read before, or is for scan.
func compressedName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".gz", ".zip", ".zst", ".bz2", ".xz", ".7z", ".lz4", ".z":
		return true
	}
	return false
}
