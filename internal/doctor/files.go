package doctor

import (
	"strings"

	"oxtail/parser/winpath"
)

// A knownFile is a file of a list, or of the evidence itself.
type knownFile struct {
	ListedFile
	source string
}

// A fileIndex finds files by name, and knows which folders were listed.
type fileIndex struct {
	byName  map[string][]*knownFile // base name in lower case
	byPath  map[string]*knownFile   // winpath.Key
	folders map[string]ListedPath   // winpath.Key
	count   int
}

func newFileIndex() *fileIndex {
	return &fileIndex{byName: map[string][]*knownFile{}, byPath: map[string]*knownFile{}, folders: map[string]ListedPath{}}
}

// add takes a file and reports whether there was room.
func (x *fileIndex) add(f ListedFile, source string) bool {
	if x.count >= maxFiles {
		return false
	}
	key := winpath.Key(f.Path)
	if old := x.byPath[key]; old != nil {
		if old.Version == "" {
			old.Version, old.Product, old.Machine = f.Version, f.Product, f.Machine
		}
		return true
	}
	x.count++
	k := &knownFile{f, source}
	x.byPath[key] = k
	base := strings.ToLower(winpath.Base(f.Path))
	x.byName[base] = append(x.byName[base], k)
	return true
}

// addFolder notes that a folder was listed; a whole list goes before one that is not.
func (x *fileIndex) addFolder(l ListedPath) {
	key := winpath.Key(l.Path)
	if old, is := x.folders[key]; key != "" && len(x.folders) < maxFiles && (!is || !old.Complete || l.Complete && l.Recursive) {
		x.folders[key] = l
	}
}

// named finds files by their base name.
func (x *fileIndex) named(base string) []*knownFile { return x.byName[strings.ToLower(base)] }

// at finds a file by its path. known is false when nobody looked there.
func (x *fileIndex) at(path string) (file *knownFile, known bool) {
	if f := x.byPath[winpath.Key(path)]; f != nil {
		return f, true
	}
	return nil, x.listed(path)
}

// listed reports whether the folder of a path was listed so that the file would be there.
func (x *fileIndex) listed(path string) bool {
	base := strings.ToLower(winpath.Base(path))
	dir := winpath.Dir(path)
	for depth := 0; dir != "" && depth < winpath.MaxElements; depth++ {
		l, is := x.folders[winpath.Key(dir)]
		if is && (l.Complete || l.Missing) && (depth == 0 || l.Recursive || l.Missing) && (l.Missing || wants(l.Patterns, base)) {
			return true
		}
		up := winpath.Dir(dir)
		if up == dir {
			return false
		}
		dir = up
	}
	return false
}

// wants reports whether a name fits one of the patterns; no patterns fit all.
func wants(patterns []string, base string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		before, after, star := strings.Cut(strings.ToLower(p), "*")
		if !star && base == before || star && len(base) >= len(before)+len(after) && strings.HasPrefix(base, before) && strings.HasSuffix(base, after) {
			return true
		}
	}
	return false
}
