package twin

import (
	"slices"
	"strings"

	"oxtail/parser/profile"
)

// A node is a registry key that can be changed.
type node struct {
	name   string
	subs   []*node
	values []profile.Value
}

var _ profile.Key = (*node)(nil)

// Name gives the name as stored.
func (n *node) Name() string { return n.name }

// Subkeys lists the subkeys in their order.
func (n *node) Subkeys() ([]profile.Key, error) {
	out := make([]profile.Key, len(n.subs))
	for i, s := range n.subs {
		out[i] = s
	}
	return out, nil
}

// Values lists the values in their order.
func (n *node) Values() ([]profile.Value, error) { return n.values, nil }

// copyTree copies a key of any kind with all below it. What cannot be read is left out;
// the first error is returned.
func copyTree(key profile.Key, depth int) (*node, error) {
	const maxDepth = 512 // as the registry
	n := &node{name: key.Name()}
	values, err := key.Values()
	for _, v := range values {
		v.Data = slices.Clone(v.Data)
		n.values = append(n.values, v)
	}
	subs, e := key.Subkeys()
	if err == nil {
		err = e
	}
	if depth >= maxDepth {
		return n, err
	}
	for _, s := range subs {
		sub, e := copyTree(s, depth+1)
		if err == nil {
			err = e
		}
		n.subs = append(n.subs, sub)
	}
	return n, err
}

// sub finds a subkey, nil when there is none.
func (n *node) sub(name string) *node {
	for _, s := range n.subs {
		if strings.EqualFold(s.name, name) {
			return s
		}
	}
	return nil
}

// at finds a key by its path, nil when there is none.
func (n *node) at(path string) *node {
	for name := range strings.SplitSeq(path, `\`) {
		if n = n.sub(name); n == nil {
			return nil
		}
	}
	return n
}

// make finds a key by its path, and makes what is missing.
func (n *node) make(path string) *node {
	for name := range strings.SplitSeq(path, `\`) {
		s := n.sub(name)
		if s == nil {
			s = &node{name: name}
			n.subs = append(n.subs, s)
		}
		n = s
	}
	return n
}

// remove deletes a subkey.
func (n *node) remove(name string) {
	n.subs = slices.DeleteFunc(n.subs, func(s *node) bool { return strings.EqualFold(s.name, name) })
}

// value finds the data of a value, nil when there is none.
func (n *node) value(name string) []byte {
	for _, v := range n.values {
		if strings.EqualFold(v.Name, name) {
			return v.Data
		}
	}
	return nil
}

// set puts a value.
func (n *node) set(name string, data []byte) {
	for i := range n.values {
		if strings.EqualFold(n.values[i].Name, name) {
			n.values[i].Data = data
			return
		}
	}
	n.values = append(n.values, profile.Value{Name: name, Type: profile.TypeBinary, Data: data})
}

// fill adds what another tree has and this one lacks.
func (n *node) fill(from *node) {
	for _, v := range from.values {
		if n.value(v.Name) == nil {
			n.values = append(n.values, v)
		}
	}
	for _, s := range from.subs {
		if have := n.sub(s.name); have != nil {
			have.fill(s)
		} else {
			n.subs = append(n.subs, s)
		}
	}
}
