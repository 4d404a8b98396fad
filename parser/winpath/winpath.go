// Package winpath compares Windows paths as Windows does, on any system and without touching a disk.
//
// A path reaches us in many spellings: from a registry value (with variables, "\\?\", mixed slashes), from a log line, from
// the live disk, and from inside a bundle ("bundle.zip!/C/Users/alex/…"). This package reduces them to elements that can be
// compared. It never opens, lists or resolves anything: short names (ALEX~1), links and mounted folders stay as they are.
//
// The same place has different names over time: "Documents and Settings\NAME\Local Settings\Application Data" of XP, its German
// form "Dokumente und Einstellungen\NAME\Lokale Einstellungen\Anwendungsdaten", and "Users\NAME\AppData\Local" since Vista, where
// the old names live on as junctions. They count as equal: no computer has two different folders of these names.
//
// Invariant: Key(Clean(p)) == Key(p), and Equal is an equivalence.
package winpath

import "strings"

// MaxElements bounds how many elements of a path are looked at. Windows ends at 32,767 characters; what is longer is no path.
const MaxElements = 16384

// Clean returns the path with backslashes, without the prefixes "\\?\" and "\??\", quotes, doubled and trailing separators and
// trailing blanks of elements, and with "." and ".." resolved. Letter case, drive and variables are kept.
func Clean(path string) string {
	path = strings.TrimLeft(strings.ReplaceAll(strings.ReplaceAll(path, `"`, ""), "/", `\`), blanks)
	lead := len(path) - len(strings.TrimLeft(path, `\`))
	elements, lead := cutPrefixes(resolve(strings.Split(path, `\`)), lead)
	cleaned := strings.Join(elements, `\`)
	switch {
	case len(elements) > 0 && isDrive(elements[0]):
		return cleaned
	case lead >= 2 && len(elements) > 0:
		return `\\` + cleaned
	case lead > 0:
		return `\` + cleaned
	}
	return cleaned
}

// blanks do not count at the edges of an element: Windows drops them too.
const blanks = " \t\r\n"

// cutPrefixes removes the elements that only concern the system call ("\\?\", "\??\", "\\?\UNC\"), and tells how many separators
// the rest begins with; two make a network path.
func cutPrefixes(elements []string, lead int) ([]string, int) {
	for len(elements) > 0 && (lead >= 2 && elements[0] == "?" || lead == 1 && elements[0] == "??") {
		elements, lead = elements[1:], 0
		if len(elements) > 0 && strings.EqualFold(elements[0], "UNC") {
			elements, lead = elements[1:], 2
		}
	}
	return elements, lead
}

// resolve drops empty and "." elements and lets ".." take back the element before it, but never a drive.
func resolve(elements []string) []string {
	kept := make([]string, 0, len(elements))
	for _, e := range elements {
		e = strings.Trim(e, blanks)
		switch {
		case e == "" || e == ".":
		case e == ".." && len(kept) > 0 && kept[len(kept)-1] != ".." && !isDrive(kept[len(kept)-1]):
			kept = kept[:len(kept)-1]
		case len(kept) < MaxElements:
			kept = append(kept, e)
		}
	}
	return kept
}

// Base is the last element of the path, "" for an empty path.
func Base(path string) string {
	path = Clean(path)
	return path[strings.LastIndexByte(path, '\\')+1:]
}

// Dir is the path without its last element, cleaned; "" when there is none before it.
func Dir(path string) string {
	path = Clean(path)
	at := strings.LastIndexByte(path, '\\')
	if at <= 0 {
		return ""
	}
	return path[:at]
}

// Ext is the extension of the last element in lower case with its dot, "" when there is none. A leading dot begins no extension.
func Ext(path string) string {
	base := Base(path)
	return strings.ToLower(base[extAt(base):])
}

// Stem is the path without its extension, cleaned.
func Stem(path string) string {
	path, base := Clean(path), Base(path)
	return path[:len(path)-len(base)+extAt(base)] // not the length of Ext: lower case may be longer
}

// extAt is where the extension begins in a base name.
func extAt(base string) int {
	if at := strings.LastIndexByte(base, '.'); at > 0 {
		return at
	}
	return len(base)
}

// Key is the path in the one spelling in which all spellings of it are equal.
func Key(path string) string { return strings.Join(Elements(path), `\`) }

// Equal reports whether Windows would take both for the same file.
func Equal(a, b string) bool { return Key(a) == Key(b) }

// CommonTail is the number of elements that both paths have in common at their ends.
func CommonTail(a, b string) int { return CommonElements(Elements(a), Elements(b)) }

// CommonElements is CommonTail of paths that are split already, for those who compare many.
func CommonElements(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
