package query

import (
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Fold appends text in the form in which it is searched: letters in lower case and
// without accents, other characters beyond ASCII that are neither letter nor digit
// as a blank. Bytes that are not UTF-8 are read as Windows-1252, as the parser does.
// In the result, every byte from 0x80 on belongs to a token.
func Fold(dst, text []byte) []byte {
	for len(text) > 0 {
		n := foldASCII(&dst, text)
		text = text[n:]
		for len(text) > 0 && text[0] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text)
			if r == utf8.RuneError && size == 1 {
				r = legacy(text[0])
			}
			dst = appendFolded(dst, r)
			text = text[size:]
		}
	}
	return dst
}

// FoldString is Fold for a string.
func FoldString(s string) string { return string(Fold(nil, []byte(s))) }

const (
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// foldASCII folds the ASCII bytes at the start of text, eight at a time, and returns
// their number.
func foldASCII(dst *[]byte, text []byte) int {
	from := len(*dst)
	out := slices.Grow(*dst, len(text))[:from+len(text)]
	to := out[from:]
	n := 0
	for n+8 <= len(text) && n+8 <= len(to) {
		w := binary.LittleEndian.Uint64(text[n:])
		if w&highBits != 0 {
			break
		}
		binary.LittleEndian.PutUint64(to[n:], folded8(w))
		n += 8
	}
	if end := len(text) - 8; n > end && end >= 0 { // the rest together with bytes that are done
		if w := binary.LittleEndian.Uint64(text[end:]); w&highBits == 0 {
			binary.LittleEndian.PutUint64(to[end:], folded8(w))
			n = len(text)
		}
	}
	for n < len(text) && text[n] < utf8.RuneSelf {
		c := text[n]
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		to[n] = c
		n++
	}
	*dst = out[:from+n]
	return n
}

// folded8 folds eight ASCII bytes.
func folded8(w uint64) uint64 {
	upper := (w + (0x80-'A')*ones) &^ (w + (0x80-'Z'-1)*ones) & highBits
	return w | upper>>2
}

// appendFolded appends a character beyond ASCII.
func appendFolded(dst []byte, r rune) []byte {
	if r >= 0x300 && r <= 0x36f { // combining accents
		return dst
	}
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return append(dst, ' ')
	}
	r = unicode.ToLower(unicode.ToUpper(r))
	if r < utf8.RuneSelf {
		return append(dst, byte(r))
	}
	if base, ok := plain[r]; ok {
		return append(dst, base...)
	}
	return utf8.AppendRune(dst, r)
}

// legacy returns the Windows-1252 character of a byte from 0x80 on. Only letters
// matter: all else is a separator.
func legacy(c byte) rune {
	switch c {
	case 0x83:
		return 'ƒ'
	case 0x8a, 0x9a:
		return 'š'
	case 0x8c, 0x9c:
		return 'œ'
	case 0x8e, 0x9e:
		return 'ž'
	case 0x9f:
		return 'ÿ'
	}
	if c < 0xa0 {
		return ' '
	}
	return rune(c)
}

// plain maps lower-case letters with accents to those without.
var plain = map[rune]string{
	'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'ä': "a", 'å': "a", 'ā': "a", 'ă': "a", 'ą': "a", 'æ': "ae",
	'ç': "c", 'ć': "c", 'ĉ': "c", 'ċ': "c", 'č': "c", 'ď': "d", 'đ': "d", 'ð': "d",
	'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ē': "e", 'ĕ': "e", 'ė': "e", 'ę': "e", 'ě': "e",
	'ĝ': "g", 'ğ': "g", 'ġ': "g", 'ģ': "g", 'ĥ': "h", 'ħ': "h",
	'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ĩ': "i", 'ī': "i", 'ĭ': "i", 'į': "i", 'ı': "i",
	'ĵ': "j", 'ķ': "k", 'ĺ': "l", 'ļ': "l", 'ľ': "l", 'ł': "l",
	'ñ': "n", 'ń': "n", 'ņ': "n", 'ň': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ö': "o", 'ø': "o", 'ō': "o", 'ŏ': "o", 'ő': "o", 'œ': "oe",
	'ŕ': "r", 'ŗ': "r", 'ř': "r", 'ś': "s", 'ŝ': "s", 'ş': "s", 'š': "s", 'ș': "s", 'ß': "ss", 'ẞ': "ss",
	'ţ': "t", 'ť': "t", 'ț': "t", 'þ': "th", 'ù': "u", 'ú': "u", 'û': "u", 'ü': "u", 'ũ': "u", 'ū': "u", 'ŭ': "u", 'ů': "u", 'ű': "u", 'ų': "u",
	'ŵ': "w", 'ý': "y", 'ÿ': "y", 'ŷ': "y", 'ź': "z", 'ż': "z", 'ž': "z",
}

// isToken reports whether a byte of folded text belongs to a token.
func isToken(c byte) bool { return c-'a' < 26 || c-'0' < 10 || c >= utf8.RuneSelf }

// A Token is a piece of folded text.
type Token struct {
	Start, End int
	Digit      bool // holds an ASCII digit: an identifier, not a word
}

// NextToken returns the first token of folded text at or after an index. ok is false
// when there is none.
func NextToken(folded []byte, at int) (t Token, ok bool) {
	for at < len(folded) && !isToken(folded[at]) {
		at++
	}
	t.Start = at
	for at < len(folded) && isToken(folded[at]) {
		if folded[at]-'0' < 10 {
			t.Digit = true
		}
		at++
	}
	t.End = at
	return t, t.End > t.Start
}

// Tokens returns the tokens of folded text.
func Tokens(folded string) []string {
	var out []string
	b := []byte(folded)
	for t, ok := NextToken(b, 0); ok; t, ok = NextToken(b, t.End) {
		out = append(out, folded[t.Start:t.End])
	}
	return out
}

// Hash is the 64-bit hash by which tokens are known to the filters.
func Hash(token []byte) uint64 {
	h := uint64(len(token))
	for len(token) >= 8 {
		h = mix(h, binary.LittleEndian.Uint64(token))
		token = token[8:]
	}
	if len(token) == 0 {
		return h
	}
	var w uint64
	for i, c := range token {
		w |= uint64(c) << (8 * i)
	}
	return mix(h, w)
}

// HashIn is Hash of text[from:to]. It reads whole words where the text goes on, which
// is twice as fast for the many short tokens.
func HashIn(text []byte, from, to int) uint64 {
	if to-from >= 8 || from+8 > len(text) {
		return Hash(text[from:to])
	}
	w := binary.LittleEndian.Uint64(text[from:]) & (1<<(8*(to-from)) - 1)
	return mix(uint64(to-from), w)
}

func mix(h, w uint64) uint64 {
	h = (h ^ w) * 0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// HashString is Hash for a string.
func HashString(s string) uint64 { return Hash([]byte(s)) }
