package redact

import (
	"sync"
	"unicode/utf8"

	"oxtail/parser/profile"
)

// ansiBytes maps the characters of Windows-1252 beyond Latin-1 to their bytes.
var ansiBytes = sync.OnceValue(func() map[rune]byte {
	out := map[rune]byte{}
	for b := 0x80; b < 0xa0; b++ {
		out[profile.ANSIRune(byte(b))] = byte(b)
	}
	return out
})

// decodeANSI turns Windows-1252 into UTF-8.
func decodeANSI(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/8)
	for _, b := range data {
		if b < utf8.RuneSelf {
			out = append(out, b)
		} else {
			out = utf8.AppendRune(out, profile.ANSIRune(b))
		}
	}
	return out
}

// encodeANSI is the inverse of decodeANSI.
func encodeANSI(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			out = append(out, text[i])
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if b, ok := ansiBytes()[r]; ok {
			out = append(out, b)
		} else if r <= 0xff {
			out = append(out, byte(r))
		} else {
			out = append(out, '?')
		}
		i += n
	}
	return out
}
