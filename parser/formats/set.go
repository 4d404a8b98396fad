// Package formats is the list of all log formats: the grammars of Go code that the
// caller passes in, the lnav format files embedded here, and the user's own.
//
// It never opens files: user formats come through an fs.FS. What a format claims
// about a log is decided in parser.Choose.
//
// Invariant: the order of a Set is fixed, names in it are unique, and every format
// in it parses its own samples.
package formats

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"

	"oxtail/parser"
	"oxtail/parser/lnav"
)

//go:embed *.json
var embedded embed.FS

// Limits on a folder of user formats, which is somebody's home directory at worst.
const (
	maxFiles = 1000
	maxDepth = 8
)

// A Set is a list of formats in the order in which they are tried.
type Set struct {
	formats []parser.Format
	origins map[string]string // format name → file, "" for grammars
}

// Default returns the grammars followed by the embedded formats, in order of their
// names, the fallback last.
func Default(grammars ...parser.Format) (*Set, error) {
	s := &Set{origins: map[string]string{}}
	for _, g := range grammars {
		s.add(g, "")
	}
	loaded, err := loadAll(embedded, "embedded:")
	if err != nil {
		return nil, fmt.Errorf("load embedded formats: %w", err)
	}
	for _, f := range loaded {
		s.add(f, f.File())
	}
	return s, nil
}

// Load returns a set with the format files of fsys added; dir is how error messages
// name it. A format with the name of an earlier one replaces it. Files that are wrong are in the error, with file
// and line; the set holds what is right.
func (s *Set) Load(fsys fs.FS, dir string) (*Set, error) {
	prefix := ""
	if dir != "." && dir != "" {
		prefix = path.Clean(dir) + "/"
	}
	loaded, err := loadAll(fsys, prefix)
	out := &Set{formats: append([]parser.Format(nil), s.formats...), origins: map[string]string{}}
	for name, origin := range s.origins {
		out.origins[name] = origin
	}
	seen := map[string]string{}
	for _, f := range loaded {
		if first, twice := seen[f.Name()]; twice {
			err = errors.Join(err, fmt.Errorf("%s: format %q is already defined in %s; rename one of them", f.File(), f.Name(), first))
			continue
		}
		seen[f.Name()] = f.File()
		out.add(f, f.File())
	}
	return out, err
}

// add puts a format before the fallbacks, or in the place of one of the same name.
func (s *Set) add(f parser.Format, origin string) {
	s.origins[f.Name()] = origin
	for i, old := range s.formats {
		if old.Name() == f.Name() {
			s.formats[i] = f
			return
		}
	}
	at := len(s.formats)
	for at > 0 && isFallback(s.formats[at-1]) && !isFallback(f) {
		at--
	}
	s.formats = append(s.formats[:at], append([]parser.Format{f}, s.formats[at:]...)...)
}

func isFallback(f parser.Format) bool {
	l, ok := f.(*lnav.Format)
	return ok && l.Fallback()
}

// loadAll loads every *.json below the root of fsys, in order of their paths.
func loadAll(fsys fs.FS, prefix string) ([]*lnav.Format, error) {
	names, problems := formatFiles(fsys)
	if problems != nil {
		problems = fmt.Errorf("read formats in %q: %w", prefix, problems)
	}
	loader := &lnav.Loader{Recognisers: map[string]lnav.Head{"generic": generic{}}}
	var out []*lnav.Format
	for _, name := range names {
		text, err := readLimited(fsys, name)
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("read %s%s: %w", prefix, name, err))
			continue
		}
		loaded, err := loader.Load(prefix+name, text)
		problems = errors.Join(problems, err)
		out = append(out, loaded...)
	}
	return out, problems
}

// readLimited refuses a file that is too large before reading it.
func readLimited(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > lnav.MaxFile {
		return nil, fmt.Errorf("%d bytes are more than the limit of %d for a format file", info.Size(), lnav.MaxFile)
	}
	return fs.ReadFile(fsys, name)
}

// formatFiles lists the format files in order. lnav keeps each of its own in a
// sub-folder.
func formatFiles(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && depth(name) > maxDepth:
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".json":
			return nil
		case len(names) == maxFiles:
			return fmt.Errorf("more than %d format files; is this the right folder?", maxFiles)
		}
		names = append(names, name)
		return nil
	})
	sort.Strings(names)
	if err != nil {
		err = fmt.Errorf("list the format files: %w", err)
	}
	return names, err
}

func depth(name string) int {
	n := 0
	for _, c := range name {
		if c == '/' {
			n++
		}
	}
	return n
}

// Formats returns the formats in the order in which they are tried.
func (s *Set) Formats() []parser.Format { return append([]parser.Format(nil), s.formats...) }

// Lookup returns the format of a name.
func (s *Set) Lookup(name string) (parser.Format, bool) {
	for _, f := range s.formats {
		if f.Name() == name {
			return f, true
		}
	}
	return nil, false
}

// Origin returns the file that a format comes from, "" for a grammar in Go.
func (s *Set) Origin(name string) string { return s.origins[name] }

// A Rank is a format's claim on a log.
type Rank struct {
	Format parser.Format
	Claim  parser.Claim
}

// Rank returns what each format claims of the head of the log at path, the best first: in the
// order in which parser.Choose would take them.
func (s *Set) Rank(path string, head []parser.Line) []Rank {
	rest := s.Formats()
	var ranks []Rank
	for len(rest) > 0 {
		f, claim := parser.Choose(rest, path, head)
		if f == nil {
			break
		}
		ranks = append(ranks, Rank{f, claim})
		rest = without(rest, f)
	}
	var below []Rank
	for _, f := range rest { // below parser.MinShare
		if claim := f.Claim(head); claim.Matched > 0 {
			below = append(below, Rank{f, claim})
		}
	}
	sort.SliceStable(below, func(i, j int) bool { return below[i].Claim.Share() > below[j].Claim.Share() })
	return append(ranks, below...)
}

func without(formats []parser.Format, f parser.Format) []parser.Format {
	kept := formats[:0]
	for _, other := range formats {
		if other.Name() != f.Name() {
			kept = append(kept, other)
		}
	}
	return kept
}
