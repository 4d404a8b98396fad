package keytest

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"oxtail/parser/profile"
)

// Node is a registry key in memory. It is a [profile.Key] itself.
type Node struct {
	KeyName string
	Vals    []profile.Value
	Subs    []*Node
	// SubkeysErr and ValuesErr are returned beside the content, to try readers
	// against a registry that cannot be read completely.
	SubkeysErr, ValuesErr error
}

var _ profile.Key = (*Node)(nil)

// Name gives the key's name.
func (n *Node) Name() string { return n.KeyName }

// Subkeys gives the subkeys in the order in which they were added.
func (n *Node) Subkeys() ([]profile.Key, error) {
	keys := make([]profile.Key, len(n.Subs))
	for i, sub := range n.Subs {
		keys[i] = sub
	}
	return keys, n.SubkeysErr
}

// Values gives the values in the order in which they were added.
func (n *Node) Values() ([]profile.Value, error) { return n.Vals, n.ValuesErr }

// Key gives the key at a path below n and makes what is missing.
func (n *Node) Key(path string) *Node {
	for name := range strings.SplitSeq(path, `\`) {
		n = n.sub(name)
	}
	return n
}

// sub gives one subkey and makes it if it is missing.
func (n *Node) sub(name string) *Node {
	for _, sub := range n.Subs {
		if strings.EqualFold(sub.KeyName, name) {
			return sub
		}
	}
	sub := &Node{KeyName: name}
	n.Subs = append(n.Subs, sub)
	return sub
}

// Set adds a value of any type and gives n back.
func (n *Node) Set(name string, kind uint32, data []byte) *Node {
	n.Vals = append(n.Vals, profile.Value{Name: name, Type: kind, Data: data})
	return n
}

// Text adds a REG_SZ.
func (n *Node) Text(name, text string) *Node { return n.Set(name, profile.TypeString, UTF16(text)) }

// Binary adds a REG_BINARY.
func (n *Node) Binary(name string, data []byte) *Node {
	return n.Set(name, profile.TypeBinary, data)
}

// Wide adds a REG_BINARY that holds a UTF-16 text, as profiles do.
func (n *Node) Wide(name, text string) *Node { return n.Binary(name, UTF16(text)) }

// Long adds a REG_BINARY that holds a number, as profiles do.
func (n *Node) Long(name string, number uint32) *Node {
	return n.Binary(name, binary.LittleEndian.AppendUint32(nil, number))
}

// Dword adds a REG_DWORD.
func (n *Node) Dword(name string, number uint32) *Node {
	return n.Set(name, profile.TypeDword, binary.LittleEndian.AppendUint32(nil, number))
}

// UTF16 encodes a text with its NUL.
func UTF16(text string) []byte {
	var data []byte
	for _, unit := range append(utf16.Encode([]rune(text)), 0) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}

// bigBytes is longer than one piece of data in a hive and than one MiB.
const bigBytes = 1<<20 + 12345

// manyKeys does not fit one list of a hive.
const manyKeys = 1200

// Fixture makes the tree of the conformance suite. It lies below one key, so
// that a live registry can take it anywhere; HiveFile takes it as a root.
func Fixture() *Node {
	root := &Node{KeyName: "Fixture"}
	types := root.Key("Types")
	types.Text("", "the default value").Text("text", `C:\a "quoted" text; no comment`).Text("empty text", "")
	types.Set("expand", profile.TypeExpand, UTF16("%LOCALAPPDATA%\\OXSTORE2"))
	types.Set("none", profile.TypeNone, []byte{1, 2}).Set("none, empty", profile.TypeNone, nil)
	types.Dword("number", 0xdeadbeef).Set("big endian", profile.TypeDwordBE, []byte{1, 2, 3, 4})
	types.Set("multi", profile.TypeMultiString, append(append(UTF16("one"), UTF16("zwei")...), 0, 0))
	types.Set("qword", profile.TypeQword, []byte{8, 7, 6, 5, 4, 3, 2, 1})
	types.Set("property type", 0xffff0012, []byte{9})
	lengths := root.Key("Lengths")
	for size := range 9 {
		lengths.Binary(fmt.Sprintf("%d bytes", size), pattern(size))
	}
	lengths.Binary("16344 bytes", pattern(16344)).Binary("16345 bytes", pattern(16345)).Binary("big", pattern(bigBytes))
	names := root.Key("Names")
	names.Key("Verk[t~ufer").Text(`a"b\c=d`, "x")
	names.Key("Größe").Text("Ünïcode", "äöü€")
	names.Key("Жизнь").Text("名前", "😀")
	names.Key("[brackets]").Text("@", "no default value").Text(";", "no comment")
	names.Key("MiXeD cAsE").Text("VaLuE", "kept as stored")
	many := root.Key("Many")
	for i := range manyKeys {
		many.Key(fmt.Sprintf("key %05d", i)).Dword("n", uint32(i))
	}
	root.Key("Empty")
	deep := root
	for range 100 {
		deep = deep.Key("d")
	}
	deep.Text("bottom", "reached")
	return root
}

// pattern makes data that shows where it was cut or shifted.
func pattern(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i ^ i>>8)
	}
	return data
}
