package profile

import (
	"slices"
	"strings"
)

// A Place is where a key or a value stands in the file that it was read from.
type Place struct {
	Offset int64 // bytes from the start of the file
	Length int   // bytes
	Line   int   // 1-based; 0 in files without lines
}

// Placed is a Key that was read from a file and knows where it stands.
type Placed interface {
	Key
	Place() Place
	// ValuePlace finds the place of a value; a value without a name is "".
	ValuePlace(name string) (Place, bool)
}

// Locate finds the place of a registry path such as an Origin of the inventory that
// Read took of the same tree. Of what is not there, it is the place of the key that
// lacks it. It reports false for a tree that stands in no file, and for a path of
// another tree.
func Locate(root Key, path string) (Place, bool) {
	hive, rest, _ := strings.Cut(path, `\`)
	found, ok := hiveOf(root, hive).(Placed)
	if !ok || rest == "" {
		return Place{}, false
	}
	for depth := 0; ; depth++ {
		name, below, more := strings.Cut(rest, `\`)
		next, _ := child(found, name) // a list with damage is searched as far as it goes
		placed, ok := next.(Placed)
		if !ok {
			if p, isValue := found.ValuePlace(rest); isValue {
				return p, true
			}
			if depth == 0 {
				return Place{}, false
			}
			return found.Place(), true
		}
		if !more {
			return placed.Place(), true
		}
		found, rest = placed, below
	}
}

// hiveOf gives the key that a registry path begins with: the root when it is one
// user's hive, else its subkey of that name. It is nil when there is none.
func hiveOf(root Key, name string) Key {
	top, _ := root.Subkeys() // what can be listed is enough
	if hasSoftware(top) {
		return root
	}
	i := slices.IndexFunc(top, func(k Key) bool { return shortHive(k.Name()) == name })
	if i < 0 {
		return nil
	}
	return top[i]
}
