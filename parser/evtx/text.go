package evtx

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// appendUTF16 writes UTF-16LE as the content of an element or attribute. NULs at its
// end are none of the text.
func appendUTF16(out, b []byte) []byte {
	for len(b) >= 2 && b[len(b)-1] == 0 && b[len(b)-2] == 0 && len(b)%2 == 0 {
		b = b[:len(b)-2]
	}
	for i := 0; i+1 < len(b); i += 2 {
		u := rune(b[i]) | rune(b[i+1])<<8
		if u > ' ' && u < utf8.RuneSelf && u != '<' && u != '&' && u != '"' && u != '>' {
			out = append(out, byte(u))
			continue
		}
		if utf16.IsSurrogate(u) && i+3 < len(b) {
			low := rune(b[i+2]) | rune(b[i+3])<<8
			if r := utf16.DecodeRune(u, low); r != utf8.RuneError {
				u = r
				i += 2
			}
		}
		out = appendRune(out, u)
	}
	return out
}

// appendText writes UTF-8 in the same way.
func appendText(out []byte, text string) []byte {
	for _, r := range strings.TrimRight(text, "\x00") {
		out = appendRune(out, r)
	}
	return out
}

// appendRune writes a character. Those that XML forbids, and halves of pairs, become
// U+FFFD.
func appendRune(out []byte, r rune) []byte {
	switch r {
	case '<':
		return append(out, "&lt;"...)
	case '>':
		return append(out, "&gt;"...)
	case '&':
		return append(out, "&amp;"...)
	case '"':
		return append(out, "&quot;"...)
	case '\t', '\n', '\r':
		return append(out, byte(r))
	}
	if r < ' ' || r == 0xfffe || r == 0xffff {
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r)
}
