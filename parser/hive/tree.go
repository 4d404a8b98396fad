package hive

import (
	"encoding/binary"
	"errors"
	"fmt"

	"oxtail/parser/profile"
)

// node is one key of the tree. Its values are read when they are asked for.
type node struct {
	hive        *Hive
	cell        keyCell
	offset      uint32 // of the cell
	subkeys     []*node
	values      []uint32 // offsets of the vk cells
	keyDamage   error    // what could not be listed below it
	valueDamage error    // what could not be listed of its values
}

var _ profile.Placed = (*node)(nil)

// Name gives the name as stored.
func (n *node) Name() string { return n.cell.name }

// Subkeys lists the subkeys in stored order.
func (n *node) Subkeys() ([]profile.Key, error) {
	keys := make([]profile.Key, len(n.subkeys))
	for i, sub := range n.subkeys {
		keys[i] = sub
	}
	return keys, n.keyDamage
}

// Values lists the values in stored order. A value whose data is cut is given
// as far as it goes, together with the error.
func (n *node) Values() ([]profile.Value, error) {
	damage := n.valueDamage
	values := make([]profile.Value, 0, len(n.values))
	for _, offset := range n.values {
		v, err := n.hive.value(offset)
		if err != nil {
			damage = err
			if v.Data == nil {
				continue
			}
		}
		values = append(values, v)
	}
	return values, damage
}

// Place is the cell of the key.
func (n *node) Place() profile.Place { return n.hive.place(n.offset) }

// ValuePlace finds the cell of a value; its data may stand in another one.
func (n *node) ValuePlace(name string) (profile.Place, bool) {
	for _, offset := range n.values {
		if v, err := n.hive.valueCell(offset); err == nil && profile.FoldName(v.name) == profile.FoldName(name) {
			return n.hive.place(offset), true
		}
	}
	return profile.Place{}, false
}

// place is that of a cell, with its size field.
func (h *Hive) place(offset uint32) profile.Place {
	const sizeField = 4
	content, err := h.cell(offset)
	if err != nil {
		panic("BUG: a cell of the tree is no cell: " + err.Error())
	}
	return profile.Place{Offset: fileOffset(offset), Length: len(content) + sizeField}
}

// builder makes the tree. Each cell of a key, value or list is taken once: a
// list that names it again is damage, be it a cycle or a copy. That also bounds
// the time to the size of the file.
type builder struct {
	hive  *Hive
	seen  map[uint32]bool
	names map[string]bool // folded names within the list that is being read
}

// usualRoot is where the root key of every known hive lies: in the first cell.
const usualRoot = 0x20

// build reads the tree of all keys.
func (h *Hive) build() error {
	cell, err := h.keyCell(h.base.root)
	if err != nil && h.base.root != usualRoot {
		h.problem(fileOffset(h.base.root), fmt.Sprintf("root key: %v; the usual place is tried", err))
		h.base.root = usualRoot
		cell, err = h.keyCell(usualRoot)
	}
	if err != nil {
		return fmt.Errorf("root key: %w", err)
	}
	h.root = &node{hive: h, cell: cell, offset: h.base.root}
	h.Keys = 1
	b := &builder{hive: h, seen: map[uint32]bool{h.base.root: true}}
	b.fill(h.root, "", 0)
	return nil
}

// fill reads the values and subkeys of a key and goes on below them.
func (b *builder) fill(n *node, path string, depth int) {
	h := b.hive
	h.Depth = max(h.Depth, depth)
	b.addValues(n, path)
	if n.cell.subkeys == 0 || n.cell.subkeyList == noCell {
		return
	}
	if depth >= MaxDepth {
		b.damage(n, path, n.cell.subkeyList, fmt.Errorf("keys are nested more than %d deep", MaxDepth))
		return
	}
	b.names = map[string]bool{}
	b.addList(n, path, n.cell.subkeyList, false)
	for _, sub := range n.subkeys {
		b.fill(sub, path+`\`+sub.cell.name, depth+1)
	}
}

// take reports whether a cell is taken for the first time.
func (b *builder) take(offset uint32) error {
	if b.seen[offset] {
		return fmt.Errorf("cell at offset 0x%x is listed twice or contains itself", offset)
	}
	b.seen[offset] = true
	return nil
}

// addValues lists the values of a key.
func (b *builder) addValues(n *node, path string) {
	if n.cell.values == 0 || n.cell.valueList == noCell {
		return
	}
	list, err := b.hive.cell(n.cell.valueList)
	if err == nil {
		err = b.take(n.cell.valueList)
	}
	if err != nil {
		n.valueDamage = fmt.Errorf("value list: %w", err)
		b.hive.problemAt(fileOffset(n.cell.valueList), path, n.valueDamage.Error())
		return
	}
	count := int64(n.cell.values)
	if fit := int64(len(list) / 4); count > fit {
		n.valueDamage = fmt.Errorf("value list is cut: %d of %d values", fit, count)
		b.hive.problemAt(fileOffset(n.cell.valueList), path, n.valueDamage.Error())
		count = fit
	}
	b.names = map[string]bool{}
	for i := range count {
		b.addValue(n, path, binary.LittleEndian.Uint32(list[4*i:]))
	}
}

// addValue adds one value, unless its cell is damaged or its name is there.
func (b *builder) addValue(n *node, path string, offset uint32) {
	v, err := b.hive.valueCell(offset)
	if err == nil {
		err = b.take(offset)
	}
	if err == nil && b.names[profile.FoldName(v.name)] {
		err = fmt.Errorf("a second value %q", v.name)
	}
	if err == nil {
		err = b.checkData(v)
	}
	if err != nil {
		n.valueDamage = err
		b.hive.problemAt(fileOffset(offset), path, err.Error())
		return
	}
	b.names[profile.FoldName(v.name)] = true
	n.values = append(n.values, offset)
	b.hive.Values++
}

// checkData makes sure that the data of a value can be read, and that data in
// pieces, which is copied when it is read, belongs to one value only.
func (b *builder) checkData(v valueCell) error {
	if v.inline != nil || v.size == 0 {
		return nil
	}
	cell, err := b.hive.cell(v.data)
	if err != nil {
		return fmt.Errorf("data of value %q: %w", v.name, err)
	}
	if b.hive.isBigData(cell, v.size) {
		err = b.take(v.data)
	} else if uint64(v.size) > uint64(len(cell)) {
		b.hive.problemAt(fileOffset(v.data), "", fmt.Sprintf("data of value %q is cut: %d of %d bytes", v.name, len(cell), v.size))
	}
	return err
}

// addList adds the keys of a list; an ri list holds further lists, one level
// deep only.
func (b *builder) addList(n *node, path string, offset uint32, inIndex bool) {
	if !inIndex {
		if err := b.take(offset); err != nil {
			b.damage(n, path, offset, err)
			return
		}
	}
	items, isIndex, err := b.hive.listItems(offset)
	if err != nil {
		b.damage(n, path, offset, err)
	}
	if isIndex && inIndex {
		b.damage(n, path, offset, errors.New("an index of keys within an index"))
		return
	}
	for _, item := range items {
		err := b.take(item)
		switch {
		case err != nil:
			b.damage(n, path, item, err)
		case isIndex:
			b.addList(n, path, item, true)
		default:
			b.addKey(n, path, item)
		}
	}
}

// addKey adds one key.
func (b *builder) addKey(n *node, path string, offset uint32) {
	cell, err := b.hive.keyCell(offset)
	if err != nil {
		b.damage(n, path, offset, err)
		return
	}
	if b.hive.Keys >= MaxKeys {
		b.damage(n, path, offset, fmt.Errorf("more than %d keys", MaxKeys))
		return
	}
	if b.names[profile.FoldName(cell.name)] {
		b.damage(n, path, offset, fmt.Errorf("a second key %q", cell.name))
		return
	}
	b.names[profile.FoldName(cell.name)] = true
	b.hive.Keys++
	n.subkeys = append(n.subkeys, &node{hive: b.hive, cell: cell, offset: offset})
}

// damage notes what is wrong with the keys below n, for the hive and for those
// who list the key. The first few causes are enough for the latter.
func (b *builder) damage(n *node, path string, offset uint32, err error) {
	b.hive.problemAt(fileOffset(offset), path, err.Error())
	if n.keyDamage == nil {
		n.keyDamage = err
	}
}

// fileOffset turns a cell offset into an offset of the file.
func fileOffset(offset uint32) int64 { return baseBytes + int64(offset) }
