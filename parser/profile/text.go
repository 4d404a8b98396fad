package profile

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
)

// DecodeUTF16 decodes UTF-16LE up to the first NUL. An odd last byte is
// dropped; text beyond [MaxTextBytes] is cut.
func DecodeUTF16(data []byte) string {
	data = data[:min(len(data), MaxTextBytes)&^1]
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i < len(data); i += 2 {
		unit := binary.LittleEndian.Uint16(data[i:])
		if unit == 0 {
			break
		}
		units = append(units, unit)
	}
	return string(utf16.Decode(units))
}

// DecodeANSI decodes Windows-1252 up to the first NUL. The true code page of
// the machine is not recorded anywhere in a profile.
func DecodeANSI(data []byte) string {
	data = data[:min(len(data), MaxTextBytes)]
	if end := bytes.IndexByte(data, 0); end >= 0 {
		data = data[:end]
	}
	var text strings.Builder
	text.Grow(len(data))
	for _, b := range data {
		text.WriteRune(ANSIRune(b))
	}
	return text.String()
}

// ANSIRune gives the character of one Windows-1252 byte. The five unassigned
// bytes stay control characters, as Windows itself maps them.
func ANSIRune(b byte) rune {
	high := [32]rune{
		'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
		0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
	}
	if b >= 0x80 && b < 0xa0 {
		return high[b-0x80]
	}
	return rune(b)
}

// DecodeName undoes MAPI's escaping in the name of a profile key: '[' and two
// characters of 0x70–0x7F stand for one byte of 0x80–0xFF, low half first. A
// '[' itself is not known to be escaped, so the result is for display only:
// it must never be used to build a key name.
func DecodeName(stored string) string {
	if !strings.Contains(stored, "[") {
		return stored
	}
	var name strings.Builder
	for i := 0; i < len(stored); i++ {
		if b, ok := escapedByte(stored[i:]); ok {
			name.WriteRune(ANSIRune(b))
			i += 2
			continue
		}
		name.WriteByte(stored[i])
	}
	return name.String()
}

// escapedByte reads one escape at the start of text.
func escapedByte(text string) (byte, bool) {
	if len(text) < 3 || text[0] != '[' || text[1]&^0xf != 0x70 || text[2]&^0xf != 0x70 {
		return 0, false
	}
	b := text[1]&0xf | text[2]&0xf<<4
	return b, b >= 0x80
}

// valueText decodes the text of a value. What a binary value holds follows
// from the property type in its name: 001e is ANSI, everything else UTF-16.
func valueText(v Value) (string, bool) {
	switch v.Type {
	case TypeString, TypeExpand:
		return DecodeUTF16(v.Data), true
	case TypeBinary:
		if tag, ok := parseTag(v.Name); ok && tag.kind == typeString8 {
			return DecodeANSI(v.Data), true
		}
		return DecodeUTF16(v.Data), true
	default:
		return "", false
	}
}

// printable reports whether a text has content and no control characters, so
// that binary data under a text name is not taken for a fact.
func printable(text string) bool {
	if strings.TrimSpace(text) == "" {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r == unicode.ReplacementChar
	})
}
