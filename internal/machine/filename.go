package machine

import (
	"errors"
	"fmt"
	"strings"
)

// errName says that a path cannot be taken as the name of one file of this computer.
var errName = errors.New("no full path of a file")

// checkName refuses what is not the full path of a file: names that Windows would take
// for something else than they look like.
func checkName(path string) error {
	rest, long := strings.CutPrefix(path, `\\?\`)
	switch {
	case len(rest) > 3 && isLetter(rest[0]) && rest[1] == ':' && rest[2] == '\\':
		rest = rest[3:]
	case !long && strings.HasPrefix(path, `\\`) && strings.Count(path, `\`) >= uncSeparators && !strings.HasPrefix(path, `\\.\`):
		rest = path[2:]
	default:
		return fmt.Errorf("%s: %w; want one that starts with a drive", path, errName)
	}
	for part := range strings.SplitSeq(rest, `\`) {
		if why := badPart(part); why != "" {
			return fmt.Errorf("%s: %w: %s", path, errName, why)
		}
	}
	return nil
}

// uncSeparators is how many a path has at least that names a file of a share.
const uncSeparators = 4

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// badPart says what is wrong with one name of a path, "" when nothing is.
func badPart(part string) string {
	switch {
	case part == "" || part == "." || part == "..":
		return "it is not in its shortest form"
	case strings.Contains(part, ":"):
		return `it names a stream of a file (":")`
	case strings.ContainsAny(part, `/*?"<>|`) || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' }):
		return "it has a character that no file name has"
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return "a name in it ends in a dot or blank, which Windows drops"
	case isDevice(part):
		return part + " is a device"
	}
	return ""
}

// isDevice reports whether a name means a device in every folder.
func isDevice(part string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(part), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && '0' <= base[3] && base[3] <= '9'
}

// longName gives a path the prefix with which Windows takes more than 260 characters.
func longName(path string) string {
	switch {
	case strings.HasPrefix(path, `\\?\`):
		return path
	case strings.HasPrefix(path, `\\`):
		return `\\?\UNC` + path[1:]
	}
	return `\\?\` + path
}

// below reports whether a path lies in a folder, by its text: neither has "..".
func below(folder, path string) bool {
	folder = strings.TrimRight(strings.TrimPrefix(folder, `\\?\`), `\`)
	path = strings.TrimPrefix(path, `\\?\`)
	return len(path) > len(folder)+1 && strings.EqualFold(path[:len(folder)], folder) && path[len(folder)] == '\\'
}
