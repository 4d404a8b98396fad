package hive

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"

	"oxtail/parser/profile"
)

// noCell marks an offset that points nowhere.
const noCell = 0xffffffff

// Layout of the cells that are read, in bytes from the start of their content.
const (
	nkBytes        = 76 // before the name
	vkBytes        = 20 // before the name
	nameIsANSI     = 0x20
	valueIsANSI    = 1
	dataInline     = 1 << 31 // of the data size: the offset field is the data
	bigDataMinor   = 4       // from this minor version on long data is cut up
	bigDataSegment = 16344   // bytes of one piece
)

// keyCell is what is used of an nk cell.
type keyCell struct {
	name       string
	subkeys    uint32 // count
	subkeyList uint32
	values     uint32 // count
	valueList  uint32
}

// cell gives the content of a cell, without its size field.
func (h *Hive) cell(offset uint32) ([]byte, error) {
	start := baseBytes + int64(offset)
	if offset&7 != 0 || start+4 > int64(len(h.data)) {
		return nil, fmt.Errorf("no cell at offset 0x%x", offset)
	}
	size := int64(int32(binary.LittleEndian.Uint32(h.data[start:])))
	if size >= 0 {
		return nil, fmt.Errorf("cell at offset 0x%x is not in use", offset)
	}
	if end := start - size; end <= int64(len(h.data)) && -size > 4 {
		return h.data[start+4 : end : end], nil
	}
	return nil, fmt.Errorf("cell at offset 0x%x has an impossible size of %d bytes", offset, -size)
}

// keyCell reads an nk cell.
func (h *Hive) keyCell(offset uint32) (keyCell, error) {
	cell, err := h.cell(offset)
	if err != nil {
		return keyCell{}, err
	}
	if len(cell) < nkBytes || string(cell[:2]) != "nk" {
		return keyCell{}, fmt.Errorf("cell at offset 0x%x is no key", offset)
	}
	at := func(pos int) uint32 { return binary.LittleEndian.Uint32(cell[pos:]) }
	nameBytes := int(binary.LittleEndian.Uint16(cell[72:]))
	if nkBytes+nameBytes > len(cell) {
		return keyCell{}, fmt.Errorf("name of the key at offset 0x%x is cut", offset)
	}
	isANSI := binary.LittleEndian.Uint16(cell[2:])&nameIsANSI != 0
	return keyCell{
		name:    decodeName(cell[nkBytes:nkBytes+nameBytes], isANSI),
		subkeys: at(20), subkeyList: at(28), values: at(36), valueList: at(40),
	}, nil
}

// decodeName decodes the name of a key or value: Latin-1 where the cell says
// "compressed", else UTF-16LE. Unlike a text it may hold a NUL.
func decodeName(raw []byte, isANSI bool) string {
	if isANSI {
		runes := make([]rune, len(raw))
		for i, b := range raw {
			runes[i] = rune(b)
		}
		return string(runes)
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}

// listItems reads the offsets of an lf, lh or li list; for an ri list it gives
// the offsets of the lists below it.
func (h *Hive) listItems(offset uint32) (items []uint32, isIndex bool, err error) {
	cell, err := h.cell(offset)
	if err != nil {
		return nil, false, err
	}
	if len(cell) < 4 {
		return nil, false, fmt.Errorf("list at offset 0x%x is cut", offset)
	}
	step := 4
	switch string(cell[:2]) {
	case "lf", "lh":
		step = 8
	case "li":
	case "ri":
		isIndex = true
	default:
		return nil, false, fmt.Errorf("cell at offset 0x%x is no list of keys", offset)
	}
	count := int(binary.LittleEndian.Uint16(cell[2:]))
	if fit := (len(cell) - 4) / step; count > fit {
		err = fmt.Errorf("list at offset 0x%x is cut: %d of %d keys", offset, fit, count)
		count = fit
	}
	for i := range count {
		items = append(items, binary.LittleEndian.Uint32(cell[4+i*step:]))
	}
	return items, isIndex, err
}

// valueCell is what is used of a vk cell.
type valueCell struct {
	name   string
	kind   uint32
	inline []byte // data that stands in the cell itself; nil if it has its own
	size   uint32 // bytes of the data that has its own cell
	data   uint32 // offset of that cell
}

// valueCell reads a vk cell without its data.
func (h *Hive) valueCell(offset uint32) (valueCell, error) {
	cell, err := h.cell(offset)
	if err != nil {
		return valueCell{}, err
	}
	if len(cell) < vkBytes || string(cell[:2]) != "vk" {
		return valueCell{}, fmt.Errorf("cell at offset 0x%x is no value", offset)
	}
	at := func(pos int) uint32 { return binary.LittleEndian.Uint32(cell[pos:]) }
	nameBytes := int(binary.LittleEndian.Uint16(cell[2:]))
	if vkBytes+nameBytes > len(cell) {
		return valueCell{}, fmt.Errorf("name of the value at offset 0x%x is cut", offset)
	}
	isANSI := binary.LittleEndian.Uint16(cell[16:])&valueIsANSI != 0
	v := valueCell{name: decodeName(cell[vkBytes:vkBytes+nameBytes], isANSI), kind: at(12)}
	if size := at(4); size&dataInline != 0 {
		v.inline = cell[8 : 8+min(size&^dataInline, 4)]
	} else {
		v.size, v.data = size, at(8)
	}
	return v, nil
}

// value reads a vk cell with its data.
func (h *Hive) value(offset uint32) (profile.Value, error) {
	cell, err := h.valueCell(offset)
	if err != nil {
		return profile.Value{}, err
	}
	v := profile.Value{Name: cell.name, Type: cell.kind, Data: cell.inline}
	if cell.inline == nil {
		v.Data, err = h.valueData(cell.data, cell.size)
	}
	return v, err
}

// valueData reads data that has a cell of its own.
func (h *Hive) valueData(offset, size uint32) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	cell, err := h.cell(offset)
	if err != nil {
		return nil, err
	}
	if h.isBigData(cell, size) {
		return h.bigData(cell, size)
	}
	if uint64(size) > uint64(len(cell)) {
		return cell, fmt.Errorf("data is cut: %d of %d bytes", len(cell), size)
	}
	return cell[:size], nil
}

// isBigData reports whether a cell only lists the pieces of the data.
func (h *Hive) isBigData(cell []byte, size uint32) bool {
	return size > bigDataSegment && h.base.minor >= bigDataMinor && len(cell) >= 8 && string(cell[:2]) == "db"
}

// bigData puts together data that is cut into pieces.
func (h *Hive) bigData(cell []byte, size uint32) ([]byte, error) {
	count := int(binary.LittleEndian.Uint16(cell[2:]))
	list, err := h.cell(binary.LittleEndian.Uint32(cell[4:]))
	if err != nil {
		return nil, err
	}
	// No piece is longer than a segment, so the memory is bounded by the list.
	var data []byte
	for i := range min(count, len(list)/4) {
		piece, err := h.cell(binary.LittleEndian.Uint32(list[4*i:]))
		if err != nil {
			return data, err
		}
		piece = piece[:min(len(piece), bigDataSegment, int(size)-len(data))]
		data = append(data, piece...)
	}
	if len(data) < int(size) {
		return data, fmt.Errorf("data is cut: %d of %d bytes", len(data), size)
	}
	return data, nil
}
