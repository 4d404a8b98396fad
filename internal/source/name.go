package source

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// memberMark stands between the path of an archive and the name of a member.
	memberMark = "!/"

	maxNameBytes = 1024 // of a member; longer names are cut
)

// A namer makes the names of the members of one archive harmless and distinct.
type namer struct{ used map[string]int }

// name returns the name to use for a member that calls itself raw, and a note if
// it had to be changed.
func (n *namer) name(raw string) (name, note string) {
	name = harmless(raw)
	if name != strings.TrimPrefix(raw, "./") {
		note = fmt.Sprintf("the archive calls it %q", raw)
	}
	if n.used == nil {
		n.used = map[string]int{}
	}
	n.used[name]++
	if times := n.used[name]; times > 1 {
		first := name
		name = fmt.Sprintf("%s#%d", first, times)
		for n.used[name] > 0 {
			times++
			name = fmt.Sprintf("%s#%d", first, times)
		}
		n.used[first] = times
		n.used[name]++
		if note == "" {
			note = fmt.Sprintf("the archive has several members called %q", raw)
		}
	}
	return name, note
}

// harmless returns a name without anything that means more than a label: it is
// relative, has no "..", no drive, no device, and nothing that a terminal obeys.
func harmless(raw string) string {
	s := strings.Map(harmlessRune, strings.ToValidUTF8(raw, "\ufffd"))
	if len(s) >= 2 && s[1] == ':' && isFieldName([]byte(s[:1])) {
		s = s[:1] + "_" + s[2:]
	}
	var parts []string
	for part := range strings.SplitSeq(s, "/") {
		if part = harmlessPart(part); part != "" {
			parts = append(parts, part)
		}
	}
	s = strings.Join(parts, "/")
	for len(s) > maxNameBytes {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	if s == "" {
		return "unnamed"
	}
	return s
}

// harmlessRune maps Windows separators to ours, and control characters and those
// that turn the direction of writing to an underscore.
func harmlessRune(r rune) rune {
	switch {
	case r == '\\':
		return '/'
	case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return '_'
	}
	return r
}

// harmlessPart makes one part of a path harmless; empty means that it says nothing.
func harmlessPart(part string) string {
	switch {
	case part == ".":
		return ""
	case part == "..":
		return "__"
	case strings.HasSuffix(part, "!"): // would look like our own mark
		part = part[:len(part)-1] + "_"
	}
	if isDeviceName(part) {
		return "_" + part
	}
	return part
}

// isDeviceName tells whether Windows takes the name for a device, in any folder
// and with any extension.
func isDeviceName(part string) bool {
	stem, _, _ := strings.Cut(part, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}
