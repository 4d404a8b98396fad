package caches

import (
	"strings"

	"oxtail/parser/winpath"
)

// named is what a file's name says.
type named struct {
	kind  Kind   // by extension, looking through leftover endings
	stale string // why the name looks like a leftover, "" when it does not
	stem  string // key of folder and base name, by which .odb and .psz pair
}

// maxEndings bounds how many leftover endings of one name are looked through ("x.odb.old.bak").
const maxEndings = 8

// parseName reads kind, leftover signs and pairing key from a path.
func parseName(path string) named {
	n := named{kind: KindOther}
	for range maxEndings {
		ext := winpath.Ext(path)
		if kind := kindByExt(ext); kind != KindOther {
			n.kind, n.stem = kind, winpath.Key(winpath.Stem(path))
			break
		}
		if !isLeftoverExt(ext) {
			break
		}
		n.stale = "name ends in " + ext
		path = winpath.Stem(path)
	}
	if n.kind == KindOther {
		n.stem = winpath.Key(path)
	}
	if n.stale == "" && n.kind != KindOther {
		n.stale = copySign(winpath.Base(winpath.Stem(path)))
	}
	return n
}

func kindByExt(ext string) Kind {
	switch ext {
	case ".odb":
		return KindODB
	case ".psz":
		return KindPSZ
	case ".ost", ".nst":
		return KindOST
	case ".pst":
		return KindPST
	}
	return KindOther
}

// isLeftoverExt knows the endings that people and tools give to files that are put aside. KB842284 renames to .old.
func isLeftoverExt(ext string) bool {
	switch ext {
	case ".old", ".bak", ".backup", ".sav", ".save", ".orig", ".tmp":
		return true
	}
	rest, numbered := strings.CutPrefix(ext, ".old")
	return numbered && isDigits(rest)
}

// copySign tells when a base name looks like a copy. Outlook itself numbers the .ost of a second profile in the same way, so
// this counts only for a file that no profile points to.
func copySign(base string) string {
	base = strings.ToLower(strings.TrimSpace(base))
	if before, found := strings.CutSuffix(base, ")"); found {
		open := strings.LastIndexByte(before, '(')
		if open > 0 && isDigits(before[open+1:]) {
			return "name is numbered like a copy (Outlook also numbers the .ost of a second profile)"
		}
	}
	for _, end := range []string{" - copy", " - kopie"} {
		if strings.HasSuffix(base, end) {
			return "name is that of a copy"
		}
	}
	for _, begin := range []string{"copy of ", "kopie von "} {
		if strings.HasPrefix(base, begin) {
			return "name is that of a copy"
		}
	}
	return ""
}

func isDigits(s string) bool {
	if s == "" {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// inCacheFolder reports whether the path lies below the folder of the OXtender provider, where every file belongs to a cache.
func inCacheFolder(path string) bool {
	elements := winpath.Elements(path)
	for _, e := range elements[:max(0, len(elements)-1)] {
		if e == "oxstore2" {
			return true
		}
	}
	return false
}
