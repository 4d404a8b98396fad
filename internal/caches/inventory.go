package caches

import (
	"io"
	"slices"
	"strings"
	"time"

	"oxtail/parser/store"
	"oxtail/parser/winpath"
)

// File is an opened candidate.
type File interface {
	io.ReaderAt
	io.Closer
}

// Candidate is a file that may be a cache, from wherever it was found.
type Candidate struct {
	Path     string               // as found, e.g. `C:\Users\…` or "bundle.zip!/C/Users/…"
	Size     int64                // bytes
	Modified time.Time            // zero when not known
	Open     func() (File, error) // nil when the bytes are not at hand: then the name alone decides
	HeldBy   []string             // programs that have it open, when a live computer told
}

// Wanted reports whether a file may be a cache by its path, so that a caller need not open every file of a disk. Stores under
// foreign names are found only when their candidates are given without asking.
func Wanted(path string) bool {
	n := parseName(path)
	return n.kind != KindOther || n.stale != "" || inCacheFolder(path) && !isLogName(path)
}

// isLogName keeps the provider's logs, which may lie in the same folder, out of the caches.
func isLogName(path string) bool {
	switch winpath.Ext(path) {
	case ".log", ".txt":
		return true
	}
	return strings.HasPrefix(strings.ToLower(winpath.Base(path)), "oxst")
}

// Inventory tells which candidates are cache files and what each is. The result is sorted by path; a path that is given twice, as
// when two arguments of a command overlap, is told once.
func Inventory(candidates []Candidate) []Cache {
	var found []Cache
	for _, c := range candidates {
		if cache, is := classify(c); is {
			found = append(found, cache)
		}
	}
	sortCaches(found)
	found = slices.CompactFunc(found, func(a, b Cache) bool { return a.Path == b.Path })
	pair(found)
	return found
}

// classify reads one candidate.
func classify(candidate Candidate) (cache Cache, is bool) {
	name := parseName(candidate.Path)
	seen := read(candidate)
	is = name.kind != KindOther || seen.header.IsStore || inCacheFolder(candidate.Path) && !isLogName(candidate.Path)
	if !is {
		return Cache{}, false
	}
	cache = Cache{
		Schema: Schema, Path: candidate.Path, Kind: name.kind, Content: seen.content, Bytes: Size(candidate.Size),
		Modified: candidate.Modified, State: StatePresent, User: winpath.User(candidate.Path), Entropy: seen.entropy,
		HeldBy: slices.Clone(candidate.HeldBy), Header: seen.header,
	}
	cache.judgeContent(name, seen)
	if name.stale != "" {
		cache.State = StateStale
		cache.note(name.stale)
	}
	if len(candidate.HeldBy) > 0 {
		cache.State = StateHeld
	}
	return cache, true
}

// read opens a candidate and looks at its beginning.
func read(candidate Candidate) sniffed {
	if candidate.Open == nil {
		return sniffed{}
	}
	file, err := candidate.Open()
	if err != nil {
		return sniffed{content: ContentUnreadable, err: err}
	}
	defer file.Close() // read only: nothing is lost when closing fails
	return sniff(file, candidate.Size)
}

// judgeContent lets the content decide where it can.
func (c *Cache) judgeContent(name named, seen sniffed) {
	switch {
	case seen.err != nil:
		c.note("could not be read: " + seen.err.Error())
	case seen.header.IsStore:
		c.Problems = append(slices.Clone(seen.header.Problems), seen.header.CheckName(c.Path)...)
		c.Problems = append(c.Problems, seen.header.CheckLimits(store.DefaultLimits(seen.header.Layout, 0))...)
		c.kindByStore(name)
	case seen.content == contentOpenDocument && (name.kind == KindODB || name.kind == KindPSZ):
		c.Kind = KindOther
		c.note("a database of an office program, not a cache: only the extension is the same")
	case (name.kind == KindOST || name.kind == KindPST) && seen.content != "":
		c.note("named as a store, but its content is " + string(seen.content))
		c.Problems = slices.Clone(seen.header.Problems)
	case seen.content == ContentOpaque && seen.entropy > 7.9:
		c.note("looks encrypted or compressed")
	}
}

// kindByStore sets the kind of a file that is a store. An .odb or .psz stays one: its provider may wrap a store.
func (c *Cache) kindByStore(name named) {
	if name.kind == KindODB || name.kind == KindPSZ {
		c.note("content is a store of Outlook's kind")
		return
	}
	switch c.Header.Kind {
	case store.KindOST:
		c.Kind = KindOST
	case store.KindPST:
		c.Kind = KindPST
	}
	if name.kind == KindOther {
		c.note("a store by its content")
	}
}

// pair joins .odb and .psz of one folder and base name, whatever their letter case. Leftovers pair among themselves only.
func pair(found []Cache) {
	type key struct {
		stem  string
		stale bool
	}
	byStem := map[key][2]int{} // index + 1 of .odb and .psz
	for i, c := range found {
		name := parseName(c.Path)
		if c.Kind != KindODB && c.Kind != KindPSZ {
			continue
		}
		at := key{name.stem, isLeftoverExt(winpath.Ext(c.Path))}
		both := byStem[at]
		both[boolIndex(c.Kind == KindPSZ)] = i + 1
		byStem[at] = both
	}
	for _, both := range byStem {
		if both[0] > 0 && both[1] > 0 {
			found[both[0]-1].Pair, found[both[1]-1].Pair = found[both[1]-1].Path, found[both[0]-1].Path
		}
	}
	for i, c := range found {
		if (c.Kind == KindODB || c.Kind == KindPSZ) && c.Pair == "" {
			found[i].note("the other file of its pair is not here")
		}
	}
}

func boolIndex(b bool) int {
	if b {
		return 1
	}
	return 0
}
