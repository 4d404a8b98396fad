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

// CommonRoot is the root of a side that was made of several paths: the one of them, or the
// longest folder that all lie in.
func CommonRoot(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	root := strings.Split(strings.TrimRight(slashed(paths[0]), "/"), "/")
	for _, p := range paths[1:] {
		parts := strings.Split(slashed(p), "/")
		n := 0
		for n < len(root) && n < len(parts) && root[n] == parts[n] {
			n++
		}
		root = root[:n]
	}
	return strings.Join(root, "/")
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
