package foldercount

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// decode turns the bytes of a file into UTF-8 by its byte order mark, else by its zero bytes, else by whether it is UTF-8. What is left
// is Windows-1252, the code page of Western Windows, which Export-Csv -Encoding Default writes.
func decode(raw []byte) (text []byte, encoding string) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		return bytes.ToValidUTF8(raw[3:], []byte("\uFFFD")), "utf-8"
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		return decode16(raw[2:], binary.LittleEndian), "utf-16le"
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		return decode16(raw[2:], binary.BigEndian), "utf-16be"
	case len(raw) >= 4 && raw[0] != 0 && raw[1] == 0 && raw[2] != 0 && raw[3] == 0:
		return decode16(raw, binary.LittleEndian), "utf-16le"
	case len(raw) >= 4 && raw[0] == 0 && raw[1] != 0 && raw[2] == 0 && raw[3] != 0:
		return decode16(raw, binary.BigEndian), "utf-16be"
	case utf8.Valid(raw):
		return raw, "utf-8"
	}
	return decode1252(raw), "windows-1252"
}

// decode16 leaves out an odd last byte.
func decode16(raw []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	text := make([]byte, 0, len(raw))
	for _, r := range utf16.Decode(units) {
		text = utf8.AppendRune(text, r)
	}
	return text
}

// decode1252 differs from Latin-1 only in 80–9F. The five bytes without a character become U+FFFD.
func decode1252(raw []byte) []byte {
	high := []rune("€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ")
	text := make([]byte, 0, len(raw)+len(raw)/8)
	for _, c := range raw {
		r := rune(c)
		if c >= 0x80 && c <= 0x9F {
			r = high[c-0x80]
		}
		text = utf8.AppendRune(text, r)
	}
	return text
}
