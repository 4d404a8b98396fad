package query

import (
	"strings"
	"unicode/utf8"
)

// maxWord is the longest token in bytes that counts as a word; longer ones are
// identifiers (encoded data), which the word index leaves out.
const maxWord = 48

// IsWord reports whether a token goes to the word index. All others are identifiers.
func IsWord(token string) bool {
	return len(token) <= maxWord && !strings.ContainsAny(token, "0123456789")
}

// IsCommonHex reports whether an identifier is left out of the filters: four
// hexadecimal digits, letters among them, are a group of a UUID most of the time.
// They would be a fifth of all keys and tell little.
func IsCommonHex(token []byte) bool {
	letters, digits := 0, 0
	for _, c := range token {
		switch {
		case c-'0' < 10:
			digits++
		case c-'a' < 6:
			letters++
		}
	}
	return len(token) == 4 && letters > 0 && digits > 0 && letters+digits == 4
}

// stemBytes is how much of the letters at the start of an identifier is kept, so
// that patterns can be looked up.
const stemBytes = 4

// Stem returns the letters at the start of an identifier as they are indexed, or ""
// when they could be the start of any hexadecimal number.
func Stem(token string) string {
	n := 0
	for n < len(token) && n < stemBytes && token[n]-'0' >= 10 {
		n++
	}
	if !tellsStem(token[:n]) {
		return ""
	}
	return token[:n]
}

// tellsStem reports whether a letter rules out a hexadecimal number.
func tellsStem(s string) bool {
	for i := range len(s) {
		if s[i] > 'f' {
			return true
		}
	}
	return false
}

// A part is the pattern of one token: a literal, a glob, or a fuzzy word.
type part struct {
	literal string // folded; also the word of a fuzzy part
	glob    string // folded, with * and ?; empty unless the part is one
	fuzz    int    // edits that a fuzzy word may differ by
}

// match reports whether a token fits.
func (p part) match(token string) bool {
	switch {
	case p.glob != "":
		return globMatch(p.glob, token)
	case p.fuzz > 0:
		return fuzzyMatch(p.literal, token, p.fuzz)
	}
	return token == p.literal
}

// cannot reports that a token does not fit, by its length alone. That rules out most
// tokens of a fuzzy search.
func (p part) cannot(token []byte) bool {
	if p.fuzz == 0 || len(token) >= len(p.literal)-p.fuzz && len(token) <= len(p.literal)+p.fuzz {
		return false
	}
	for _, c := range token {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return isASCII(p.literal)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// fuzzyMatch compares words only: identifiers that differ by a digit are different things.
func fuzzyMatch(word, token string, edits int) bool {
	if !IsWord(token) || len(token) > 4*(len(word)+edits) {
		return false
	}
	return distance([]rune(word), []rune(token), edits) <= edits
}

// globMatch matches * and ? against a whole text, in time proportional to the
// product of both lengths at worst. ? is one character.
func globMatch(glob, text string) bool {
	star, mark := -1, 0
	g, t := 0, 0
	for t < len(text) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, t
			g++
		case g < len(glob) && glob[g] == '?':
			g++
			t += charLen(text, t)
		case g < len(glob) && glob[g] == text[t]:
			g++
			t++
		case star >= 0:
			mark += charLen(text, mark)
			g, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(glob[g:], "*") == ""
}

// charLen is the length in bytes of the character at an index.
func charLen(s string, at int) int {
	n := 1
	for at+n < len(s) && s[at+n]&0xc0 == 0x80 {
		n++
	}
	return n
}

// core returns the longest literal piece of a glob.
func core(glob string) string {
	best := ""
	for piece := range strings.FieldsFuncSeq(glob, func(r rune) bool { return r == '*' || r == '?' }) {
		if len(piece) > len(best) {
			best = piece
		}
	}
	return best
}

// StemFits reports whether an identifier with an indexed stem may begin with prefix.
func StemFits(stem, prefix string) bool {
	return strings.HasPrefix(stem, prefix)
}
