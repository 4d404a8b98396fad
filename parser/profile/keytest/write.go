package keytest

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"oxtail/parser/profile"
)

// RegFile writes trees as a version 5 .reg file without byte order mark, in
// UTF-8. Each root's name is the path of its key, such as HKEY_CURRENT_USER.
func RegFile(roots ...*Node) []byte {
	var out strings.Builder
	out.WriteString("Windows Registry Editor Version 5.00\r\n")
	for _, root := range roots {
		writeRegKey(&out, root, root.KeyName)
	}
	return []byte(out.String())
}

// RegFileUTF16 writes trees as the registry editor does: UTF-16LE with byte
// order mark.
func RegFileUTF16(roots ...*Node) []byte {
	data := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(RegFile(roots...)))) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}

// writeRegKey writes one key and those below it.
func writeRegKey(out *strings.Builder, n *Node, path string) {
	fmt.Fprintf(out, "\r\n[%s]\r\n", path)
	for _, v := range n.Vals {
		name := "@"
		if v.Name != "" {
			name = `"` + escape(v.Name) + `"`
		}
		fmt.Fprintf(out, "%s=%s\r\n", name, regData(v))
	}
	for _, sub := range n.Subs {
		writeRegKey(out, sub, path+`\`+sub.KeyName)
	}
}

// regData writes the data of a value.
func regData(v profile.Value) string {
	if text, ok := regText(v); ok {
		return `"` + escape(text) + `"`
	}
	if v.Type == profile.TypeDword && len(v.Data) == 4 {
		return fmt.Sprintf("dword:%08x", binary.LittleEndian.Uint32(v.Data))
	}
	var out strings.Builder
	out.WriteString("hex:")
	if v.Type != profile.TypeBinary {
		out.Reset()
		fmt.Fprintf(&out, "hex(%x):", v.Type)
	}
	for i, b := range v.Data {
		if i > 0 {
			out.WriteByte(',')
		}
		if i%25 == 24 {
			out.WriteString("\\\r\n  ")
		}
		fmt.Fprintf(&out, "%02x", b)
	}
	return out.String()
}

// regText gives the text of a REG_SZ that the quoted form can hold exactly.
func regText(v profile.Value) (string, bool) {
	text := profile.DecodeUTF16(v.Data)
	return text, v.Type == profile.TypeString && string(UTF16(text)) == string(v.Data)
}

// escape writes the two characters that .reg files escape.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
}

// HiveFile writes a tree as a clean primary hive file of version 1.5. The name
// of the root is kept.
func HiveFile(root *Node) []byte {
	w := &hiveWriter{bins: make([]byte, 32)}
	rootCell := w.key(root, 0xffffffff)
	w.bins = append(w.bins, make([]byte, -len(w.bins)&4095)...)
	copy(w.bins, "hbin")
	binary.LittleEndian.PutUint32(w.bins[8:], uint32(len(w.bins)))
	head := make([]byte, 4096)
	copy(head, "regf")
	for pos, n := range map[int]uint32{4: 1, 8: 1, 20: 1, 24: 5, 32: 1, 36: rootCell, 40: uint32(len(w.bins)), 44: 1} {
		binary.LittleEndian.PutUint32(head[pos:], n)
	}
	Seal(head)
	return append(head, w.bins...)
}

// Seal puts the checksum into a base block after a change.
func Seal(block []byte) {
	var sum uint32
	for pos := 0; pos < 508; pos += 4 {
		sum ^= binary.LittleEndian.Uint32(block[pos:])
	}
	binary.LittleEndian.PutUint32(block[508:], sum)
}

// hiveWriter puts cells into one large bin.
type hiveWriter struct{ bins []byte }

// cell adds a cell and gives its offset.
func (w *hiveWriter) cell(content []byte) uint32 {
	offset := len(w.bins)
	size := (len(content) + 4 + 7) &^ 7
	w.bins = binary.LittleEndian.AppendUint32(w.bins, uint32(-size))
	w.bins = append(w.bins, content...)
	w.bins = append(w.bins, make([]byte, size-4-len(content))...)
	return uint32(offset)
}

// key adds a key with all below it and gives its offset.
func (w *hiveWriter) key(n *Node, parent uint32) uint32 {
	name, isANSI := hiveName(n.KeyName)
	cell := make([]byte, 76+len(name))
	copy(cell, "nk")
	flags := uint16(0)
	if isANSI {
		flags = 0x20
	}
	binary.LittleEndian.PutUint16(cell[2:], flags)
	binary.LittleEndian.PutUint32(cell[16:], parent)
	binary.LittleEndian.PutUint16(cell[72:], uint16(len(name)))
	copy(cell[76:], name)
	offset := w.cell(cell)
	var subs []uint32
	for _, sub := range n.Subs {
		subs = append(subs, w.key(sub, offset))
	}
	put := func(pos int, number uint32) { binary.LittleEndian.PutUint32(w.bins[int(offset)+4+pos:], number) }
	subList, valueList := w.keyList(subs), w.valueList(n.Vals)
	put(20, uint32(len(subs)))
	put(28, subList)
	put(36, uint32(len(n.Vals)))
	put(40, valueList)
	return offset
}

// hiveName encodes a name: Latin-1 if it fits, else UTF-16LE.
func hiveName(name string) (raw []byte, isANSI bool) {
	for _, r := range name {
		if r > 0xff {
			wide := UTF16(name)
			return wide[:len(wide)-2], false
		}
		raw = append(raw, byte(r))
	}
	return raw, true
}

// listKeys is how many keys go into one list; more need an index above them.
const listKeys = 500

// keyList adds lh lists, below an ri list if there are several.
func (w *hiveWriter) keyList(subs []uint32) uint32 {
	if len(subs) == 0 {
		return 0xffffffff
	}
	var lists []uint32
	for ; len(subs) > 0; subs = subs[min(len(subs), listKeys):] {
		part := subs[:min(len(subs), listKeys)]
		cell := binary.LittleEndian.AppendUint16([]byte("lh"), uint16(len(part)))
		for _, sub := range part {
			cell = binary.LittleEndian.AppendUint32(cell, sub)
			cell = append(cell, 0, 0, 0, 0) // the hash is not looked at
		}
		lists = append(lists, w.cell(cell))
	}
	if len(lists) == 1 {
		return lists[0]
	}
	cell := binary.LittleEndian.AppendUint16([]byte("ri"), uint16(len(lists)))
	for _, list := range lists {
		cell = binary.LittleEndian.AppendUint32(cell, list)
	}
	return w.cell(cell)
}

// valueList adds values and the list of them.
func (w *hiveWriter) valueList(values []profile.Value) uint32 {
	if len(values) == 0 {
		return 0xffffffff
	}
	var list []byte
	for _, v := range values {
		list = binary.LittleEndian.AppendUint32(list, w.value(v))
	}
	return w.cell(list)
}

// value adds one value with its data.
func (w *hiveWriter) value(v profile.Value) uint32 {
	name, isANSI := hiveName(v.Name)
	cell := make([]byte, 20+len(name))
	copy(cell, "vk")
	binary.LittleEndian.PutUint16(cell[2:], uint16(len(name)))
	binary.LittleEndian.PutUint32(cell[12:], v.Type)
	if isANSI {
		cell[16] = 1
	}
	copy(cell[20:], name)
	if len(v.Data) <= 4 {
		binary.LittleEndian.PutUint32(cell[4:], uint32(len(v.Data))|1<<31)
		copy(cell[8:12], v.Data)
		return w.cell(cell)
	}
	binary.LittleEndian.PutUint32(cell[4:], uint32(len(v.Data)))
	binary.LittleEndian.PutUint32(cell[8:], w.data(v.Data))
	return w.cell(cell)
}

// data adds data, in pieces if it is long.
func (w *hiveWriter) data(data []byte) uint32 {
	const piece = 16344
	if len(data) <= piece {
		return w.cell(data)
	}
	var list []byte
	for rest := data; len(rest) > 0; rest = rest[min(len(rest), piece):] {
		list = binary.LittleEndian.AppendUint32(list, w.cell(rest[:min(len(rest), piece)]))
	}
	cell := binary.LittleEndian.AppendUint16([]byte("db"), uint16(len(list)/4))
	cell = binary.LittleEndian.AppendUint32(cell, w.cell(list))
	return w.cell(cell)
}
