package evtx

import "encoding/binary"

// Layout of a name: offset of the next with the same hash, hash, count of characters,
// UTF-16LE, and a NUL that is not counted.
const (
	nameHeadBytes = 8
	nameCountAt   = 6
)

// nameAt returns the name at an offset of the chunk and its length in bytes.
func (w *writer) nameAt(at int) (name string, length int, ok bool) {
	if at < chunkHeadUsed || at+nameHeadBytes > len(w.chunk) {
		return "", 0, false
	}
	n := int(binary.LittleEndian.Uint16(w.chunk[at+nameCountAt:]))
	length = nameHeadBytes + 2*n + 2
	if n == 0 || n > maxNameChars || at+length > len(w.chunk) {
		return "", 0, false
	}
	if name, ok = w.names[at]; ok {
		return name, length, true
	}
	b := w.chunk[at+nameHeadBytes : at+length]
	if b[2*n] != 0 || b[2*n+1] != 0 {
		return "", 0, false
	}
	text := make([]byte, 0, n)
	for i := range n {
		c := rune(b[2*i]) | rune(b[2*i+1])<<8
		if c < ' ' {
			return "", 0, false
		}
		text = append(text, nameByte(c, i == 0))
	}
	name = string(text)
	w.names[at] = name
	return name, length, true
}

// nameByte returns a character of a name, '_' for one that is not ASCII or may not stand
// in a name.
func nameByte(c rune, first bool) byte {
	letter := c|0x20 >= 'a' && c|0x20 <= 'z'
	if letter || !first && (c >= '0' && c <= '9' || c == '-' || c == '.') {
		return byte(c)
	}
	return '_'
}

// name reads the offset of a name, and the name if it stands right behind.
func (f *fragment) name() (string, error) {
	at := f.u32()
	if f.err != nil {
		return "", f.err
	}
	name, length, ok := f.nameAt(at)
	if !ok {
		return "", errBadName
	}
	if at == f.at {
		f.take(length)
	}
	return name, nil
}

// nameFollows reports whether the offset of a name stands n bytes ahead. Elements outside of
// templates have no dependency before their size, as far as is known.
func (f *fragment) nameFollows(n int) bool {
	if n+4 > f.end-f.at {
		return false
	}
	at := int(binary.LittleEndian.Uint32(f.b[f.at+n:]))
	_, _, ok := f.nameAt(at)
	return ok
}
