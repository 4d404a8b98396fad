package profile

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MAPI property types as they stand in value names.
const (
	typeString8   = 0x001e
	typeUnicode   = 0x001f
	typeBinary    = 0x0102
	typeMVString8 = 0x101e
	typeMVUnicode = 0x101f
	typeMVBinary  = 0x1102
)

// uidBytes is the length of a MAPIUID.
const uidBytes = 16

// tag is the name of a profile value taken apart: property type and id. In a
// value name the type stands first, in a MAPI property tag the id does.
type tag struct {
	kind    uint16
	id      uint16
	secured bool // the name has the prefix S: a DPAPI blob
}

// parseTag takes a value name apart. Names that are not eight hexadecimal
// digits, with or without S, are no properties.
func parseTag(name string) (tag, bool) {
	secured := len(name) == 9 && (name[0] == 'S' || name[0] == 's')
	if secured {
		name = name[1:]
	}
	var raw [4]byte
	if len(name) != 8 {
		return tag{}, false
	}
	if _, err := hex.Decode(raw[:], []byte(name)); err != nil {
		return tag{}, false
	}
	return tag{binary.BigEndian.Uint16(raw[:]), binary.BigEndian.Uint16(raw[2:]), secured}, true
}

// uint32Of reads a number of up to four bytes, little endian unless the
// registry type says otherwise.
func uint32Of(v Value) (uint32, bool) {
	if len(v.Data) == 0 || len(v.Data) > 8 {
		return 0, false
	}
	var raw [8]byte
	copy(raw[:], v.Data)
	if v.Type == TypeDwordBE {
		return binary.BigEndian.Uint32(raw[:]), true
	}
	return binary.LittleEndian.Uint32(raw[:]), true
}

// Errors of multi-valued layouts.
var (
	errCount  = errors.New("item count does not fit the value")
	errOffset = errors.New("first offset fits neither the 4-byte nor the 8-byte layout")
	errBeyond = errors.New("an item lies beyond the end of the value")
)

// list is a decoded multi-valued property.
type list struct {
	items [][]byte
	width int // bytes of one offset: 4 by 32-bit, 8 by 64-bit Outlook
}

// decodeList decodes PT_MV_STRING8, PT_MV_UNICODE (offsets) and PT_MV_BINARY
// (pairs of length and offset). Which Outlook wrote the value shows in its
// first offset. The readable items are returned together with an error.
func decodeList(kind uint16, data []byte) (list, error) {
	if len(data) < 4 {
		return list{}, fmt.Errorf("%w: %d bytes", errCount, len(data))
	}
	count := int(binary.LittleEndian.Uint32(data))
	if count == 0 {
		return list{}, nil
	}
	fields := 1
	if kind == typeMVBinary {
		fields = 2
	}
	if count < 0 || count > MaxListItems || 4+count*fields*4 > len(data) {
		return list{}, fmt.Errorf("%w: %d items in %d bytes", errCount, count, len(data))
	}
	width := listWidth(data, count, fields)
	if width == 0 {
		return list{}, errOffset
	}
	return sliceList(kind, data, count, width)
}

// listWidth finds the bytes of one offset from the first of them, which must
// point right behind the table.
func listWidth(data []byte, count, fields int) int {
	for _, width := range []int{4, 8} {
		at, table := 4+(fields-1)*width, 4+count*fields*width
		if table > len(data) {
			continue
		}
		if first, ok := offsetAt(data, at, width); ok && first == table {
			return width
		}
	}
	return 0
}

// offsetAt reads one offset or length; those beyond 32 bits cannot be real.
func offsetAt(data []byte, at, width int) (int, bool) {
	if at+width > len(data) {
		return 0, false
	}
	n := uint64(binary.LittleEndian.Uint32(data[at:]))
	if width == 8 {
		n = binary.LittleEndian.Uint64(data[at:])
	}
	return int(n & 0x7fffffff), n <= 0x7fffffff
}

// sliceList cuts the items of a list whose layout is known.
func sliceList(kind uint16, data []byte, count, width int) (list, error) {
	found := list{width: width}
	var err error
	for i := range count {
		item, ok := listItem(kind, data, i, width)
		if !ok {
			err = fmt.Errorf("%w: item %d of %d, value of %d bytes", errBeyond, i+1, count, len(data))
			continue
		}
		found.items = append(found.items, item)
	}
	return found, err
}

// listItem cuts one item. A text ends at its NUL, which the decoders find.
func listItem(kind uint16, data []byte, i, width int) ([]byte, bool) {
	if kind != typeMVBinary {
		start, ok := offsetAt(data, 4+i*width, width)
		if !ok || start >= len(data) {
			return nil, false
		}
		return data[start:min(len(data), start+MaxTextBytes)], true
	}
	size, okSize := offsetAt(data, 4+2*i*width, width)
	start, okStart := offsetAt(data, 4+(2*i+1)*width, width)
	if !okSize || !okStart || start > len(data) || size > len(data)-start {
		return nil, false
	}
	return data[start : start+size], true
}

// texts decodes the items of a text list.
func (l list) texts(kind uint16) []string {
	var texts []string
	for _, item := range l.items {
		if kind == typeMVString8 {
			texts = append(texts, DecodeANSI(item))
		} else {
			texts = append(texts, DecodeUTF16(item))
		}
	}
	return texts
}

// uids cuts a list of MAPIUIDs into names of sections. ok is false when the
// length is no multiple of 16 or the list is too long.
func uids(data []byte) (names []string, ok bool) {
	ok = len(data)%uidBytes == 0 && len(data) <= MaxListItems*uidBytes
	for len(data) >= uidBytes && len(names) < MaxListItems {
		names = append(names, hex.EncodeToString(data[:uidBytes]))
		data = data[uidBytes:]
	}
	return names, ok
}

// SectionNames gives the section names that an id given by a person can mean:
// the 16 bytes as they are, and, since tools print ids as GUID text too, with
// the first three groups swapped. Hyphens and braces are ignored. It gives nil
// for a text that is no id.
func SectionNames(id string) []string {
	digits := strings.ToLower(strings.NewReplacer("-", "", "{", "", "}", "", " ", "").Replace(id))
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != uidBytes {
		return nil
	}
	for _, group := range [][]byte{raw[0:4], raw[4:6], raw[6:8]} {
		slices.Reverse(group)
	}
	swapped := hex.EncodeToString(raw)
	if swapped == digits {
		return []string{digits}
	}
	return []string{digits, swapped}
}

// Offsets and constants of a PST store entry id.
const (
	wrappedStore   = "38a1bb1005e5101aa1bb08002b2a56c2" // bytes 4–19
	pstProvider    = "4e495441f9bfb80100aa0037d96e0000" // bytes 36–51
	entryIDPathPos = 54
)

// PSTPath gives the path inside a store entry id, or "" when another provider
// made the id or it is cut.
func PSTPath(entryID []byte) string {
	if len(entryID) <= entryIDPathPos ||
		hex.EncodeToString(entryID[4:20]) != wrappedStore ||
		hex.EncodeToString(entryID[36:52]) != pstProvider {
		return ""
	}
	if path := DecodeUTF16(entryID[entryIDPathPos:]); printable(path) {
		return path
	}
	return ""
}
