package pe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"
)

// Layout of VS_VERSIONINFO: blocks of a length, the length of their value, a type, a key
// in UTF-16 with NUL, padding to four bytes, the value, padding, and blocks inside.
const (
	blockHead      = 6
	fixedSignature = 0xFEEF04BD
	fixedBytes     = 52
)

// A block is one block of the version resource.
type block struct {
	key    string
	isText bool
	value  []byte
	inside []byte
}

// takeVersion reads the version resource.
func (i *Info) takeVersion(data []byte) error {
	b, _, ok := nextBlock(data)
	if !ok || b.key != "VS_VERSION_INFO" {
		return fmt.Errorf("read program: the version resource is damaged: %w", ErrNoVersion)
	}
	if len(b.value) < fixedBytes || binary.LittleEndian.Uint32(b.value) != fixedSignature {
		return fmt.Errorf("read program: the version resource has no numbers: %w", ErrNoVersion)
	}
	i.Version, i.Product = fourNumbers(b.value[8:]), fourNumbers(b.value[16:])
	i.Strings = map[string]string{}
	r := &stringReader{into: i.Strings, left: maxBlocks}
	if !r.read(b.inside, 0) {
		return errors.New("read program: the strings of the version resource are damaged")
	}
	return nil
}

// fourNumbers reads a version: the high and the low half of two numbers.
func fourNumbers(b []byte) string {
	high, low := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	return fmt.Sprintf("%d.%d.%d.%d", high>>16, high&0xffff, low>>16, low&0xffff)
}

// A stringReader collects the strings of blocks inside blocks.
type stringReader struct {
	into map[string]string
	left int // blocks that may still be looked at
}

// read goes through the blocks of a list and reports whether all were sound.
func (r *stringReader) read(data []byte, depth int) bool {
	for len(data) >= blockHead {
		r.left--
		b, size, ok := nextBlock(data)
		if !ok || r.left < 0 || depth > maxNesting {
			return false
		}
		if b.isText && len(b.inside) == 0 && depth > 0 && len(r.into) < maxStrings {
			if text := decode(b.value); text != "" {
				r.into[b.key] = text
			}
		} else if !r.read(b.inside, depth+1) {
			return false
		}
		data = data[min(align(size), len(data)):]
	}
	return true
}

// nextBlock cuts the first block off data.
func nextBlock(data []byte) (b block, size int, ok bool) {
	if len(data) < blockHead {
		return b, 0, false
	}
	size = int(binary.LittleEndian.Uint16(data))
	valueSize := int(binary.LittleEndian.Uint16(data[2:]))
	b.isText = binary.LittleEndian.Uint16(data[4:]) == 1
	if size < blockHead || size > len(data) {
		return b, 0, false
	}
	rest := data[blockHead:size]
	end := 0
	for end+1 < len(rest) && (rest[end] != 0 || rest[end+1] != 0) {
		end += 2
	}
	if end+1 >= len(rest) {
		return b, 0, false
	}
	b.key = decode(rest[:end])
	at := align(blockHead+end+2) - blockHead
	if b.isText {
		valueSize *= 2
	}
	if at >= len(rest) {
		return b, size, valueSize == 0
	}
	// Some linkers count the value of a text in bytes; what is too long is cut.
	stop := min(at+valueSize, len(rest))
	b.value = rest[at:stop]
	if next := align(blockHead+stop) - blockHead; next < len(rest) {
		b.inside = rest[next:]
	}
	return b, size, true
}

func align(n int) int { return (n + 3) &^ 3 }

// decode reads UTF-16 up to a NUL.
func decode(b []byte) string {
	var units []uint16
	for ; len(b) >= 2 && len(units) < maxText; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
