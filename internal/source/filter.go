package source

import (
	"fmt"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A filter decides by name what is read, with the user's globs. A glob with a
// slash is matched with the path below the folder or inside the archive, one
// without a slash with the last part of it.
type filter struct {
	include, exclude []string
}

func newFilter(include, exclude []string) (*filter, error) {
	f := &filter{include: slashed(include), exclude: slashed(exclude)}
	for _, glob := range append(f.include[:len(f.include):len(f.include)], f.exclude...) {
		if !doublestar.ValidatePattern(glob) {
			return nil, fmt.Errorf("unexpected glob %q; want one such as *.log or logs/**/*.txt", glob)
		}
	}
	return f, nil
}

// slashed accepts Windows separators: a backslash never quotes in our globs.
func slashed(globs []string) []string {
	out := make([]string, len(globs))
	for i, g := range globs {
		out[i] = strings.ReplaceAll(g, `\`, "/")
	}
	return out
}

// included tells whether an include glob names the slash-separated name.
func (f *filter) included(name string) bool { return matchAny(f.include, name) }

// excluded tells whether an exclude glob names it, or a folder that it is in.
func (f *filter) excluded(name string) bool {
	if len(f.exclude) == 0 {
		return false
	}
	for ; name != "." && name != "/" && name != ""; name = path.Dir(name) {
		if matchAny(f.exclude, name) {
			return true
		}
	}
	return false
}

// wants tells whether a file or member is to be read; picked is whether an
// include glob named what it is inside of.
func (f *filter) wants(name string, picked bool) bool {
	if f.excluded(name) {
		return false
	}
	return picked || len(f.include) == 0 || f.included(name)
}

func matchAny(globs []string, name string) bool {
	for _, g := range globs {
		subject := name
		if !strings.Contains(g, "/") {
			subject = path.Base(name)
		}
		if ok, _ := doublestar.Match(g, subject); ok { // validated in newFilter
			return true
		}
	}
	return false
}

// expandGlob returns the files that a glob names on disk, sorted.
func expandGlob(glob string) ([]string, error) {
	return doublestar.FilepathGlob(glob, doublestar.WithNoFollow())
}

// isGlob tells whether path has characters that a glob uses.
func isGlob(path string) bool { return strings.ContainsAny(path, "*?[{") }
