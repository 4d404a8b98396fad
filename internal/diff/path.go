package diff

import (
	"path"
	"strings"
)

// place is a path from the root of its side on, in a form that is the same for a
// folder, an archive and a disk: "c/users/anna/a.log". It is empty for the root itself.
func place(root, name string) string {
	name, root = slashed(name), strings.TrimRight(slashed(root), "/")
	if rest, ok := strings.CutPrefix(name, root); ok && (rest == "" || strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "!/")) {
		name = strings.TrimPrefix(rest, "!")
	}
	name = strings.TrimLeft(name, "/")
	if len(name) > 1 && name[1] == ':' { // a drive
		name = name[:1] + name[2:]
	}
	return strings.ToLower(name)
}

func slashed(name string) string {
	return strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "./")
}

// masked replaces what dates and numbers a name holds: the logs of two days are one log.
func masked(name string) string {
	var b strings.Builder
	digit := false
	for _, r := range name {
		if was := digit; r >= '0' && r <= '9' {
			digit = true
			if !was {
				b.WriteByte('#')
			}
			continue
		}
		digit = false
		b.WriteRune(r)
	}
	return b.String()
}

func base(name string) string { return path.Base(name) }
