package regfile

import (
	"slices"
	"strings"

	"oxtail/parser/profile"
)

// node is one key of the tree.
type node struct {
	name    string
	subkeys []*node
	byName  map[string]*node // folded name; filled from the second subkey on
	values  []profile.Value
	valueAt map[string]int  // folded name → index of values; filled lazily
	listed  bool            // has a line of its own; else it only leads to one
	place   profile.Place   // of that line, else of the first key below it
	places  []profile.Place // of values
}

var _ profile.Placed = (*node)(nil)

// Name gives the name as the file spells it where it first occurs.
func (n *node) Name() string { return n.name }

// Listed reports whether a key of a [File] has a line of its own, so that the export
// covers it and everything below it. Keys that only lead to such a key are not listed:
// what else is in them is not known.
func Listed(key profile.Key) bool {
	n, ok := key.(*node)
	return ok && n.listed
}

// Subkeys lists the subkeys in the order of the file.
func (n *node) Subkeys() ([]profile.Key, error) {
	keys := make([]profile.Key, len(n.subkeys))
	for i, sub := range n.subkeys {
		keys[i] = sub
	}
	return keys, nil
}

// Values lists the values in the order of the file.
func (n *node) Values() ([]profile.Value, error) { return n.values, nil }

// Place is the line of the key.
func (n *node) Place() profile.Place { return n.place }

// ValuePlace finds the lines of a value.
func (n *node) ValuePlace(name string) (profile.Place, bool) {
	i, ok := n.valueAt[profile.FoldName(name)]
	if !ok {
		return profile.Place{}, false
	}
	return n.places[i], true
}

// sub finds a subkey.
func (n *node) sub(name string) *node { return n.byName[profile.FoldName(name)] }

// add gives the subkey of a name and makes it if there is none.
func (n *node) add(name string, at profile.Place) (sub *node, isNew bool) {
	if sub := n.sub(name); sub != nil {
		return sub, false
	}
	if n.byName == nil {
		n.byName = map[string]*node{}
	}
	sub = &node{name: name, place: at}
	n.byName[profile.FoldName(name)] = sub
	n.subkeys = append(n.subkeys, sub)
	return sub, true
}

// remove forgets a subkey with all below it; compact takes it off the list.
func (n *node) remove(name string) bool {
	_, ok := n.byName[profile.FoldName(name)]
	delete(n.byName, profile.FoldName(name))
	return ok
}

// compact drops the subkeys and values that the maps no longer know.
func (n *node) compact() {
	n.subkeys = slices.DeleteFunc(n.subkeys, func(sub *node) bool {
		return n.byName[profile.FoldName(sub.name)] != sub
	})
	kept := n.values[:0]
	for i, v := range n.values {
		name := profile.FoldName(v.Name)
		if at, ok := n.valueAt[name]; !ok || at != i {
			continue
		}
		n.valueAt[name] = len(kept)
		n.places[len(kept)] = n.places[i]
		kept = append(kept, v)
	}
	clear(n.values[len(kept):])
	n.values, n.places = kept, n.places[:len(kept)]
}

// count counts the keys below n. Its recursion ends at MaxDepth.
func (n *node) count() int {
	total := len(n.subkeys)
	for _, sub := range n.subkeys {
		total += sub.count()
	}
	return total
}

// set stores a value; a later one of the same name replaces the data of the
// earlier one, as an import does.
func (n *node) set(v profile.Value, at profile.Place) {
	if n.valueAt == nil {
		n.valueAt = map[string]int{}
	}
	name := profile.FoldName(v.Name)
	if i, ok := n.valueAt[name]; ok {
		v.Name = n.values[i].Name
		n.values[i], n.places[i] = v, at
		return
	}
	n.valueAt[name] = len(n.values)
	n.values, n.places = append(n.values, v), append(n.places, at)
}

// unset forgets a value; compact takes it off the list.
func (n *node) unset(name string) bool {
	_, ok := n.valueAt[profile.FoldName(name)]
	delete(n.valueAt, profile.FoldName(name))
	return ok
}

// fullHive gives the full name of a predefined key; both spellings occur in
// files written by hand.
func fullHive(name string) (full string, known bool) {
	switch upper := strings.ToUpper(name); upper {
	case "HKCU":
		return "HKEY_CURRENT_USER", true
	case "HKLM":
		return "HKEY_LOCAL_MACHINE", true
	case "HKU":
		return "HKEY_USERS", true
	case "HKCR":
		return "HKEY_CLASSES_ROOT", true
	case "HKCC":
		return "HKEY_CURRENT_CONFIG", true
	case "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE", "HKEY_USERS", "HKEY_CLASSES_ROOT",
		"HKEY_CURRENT_CONFIG", "HKEY_DYN_DATA", "HKEY_PERFORMANCE_DATA":
		return upper, true
	}
	return name, false
}
