package outlook

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// trim removes blanks of every kind, among them the fixed ones of web pages, and
// marks of no width.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == '\u200e' || r == '\u200f' || r == 0
	})
}

// unquote removes the marks of a quoted mail ("> > ") and the blanks around them.
func unquote(s string) string {
	for {
		t := strings.TrimLeft(s, " \u00a0\ufeff")
		if !strings.HasPrefix(t, ">") {
			break
		}
		s = t[1:]
	}
	return s
}

// after compares the start of s with phrase, which is lower case, and returns the
// rest of s. Case, British spelling (phrase says z) and the amount of white space
// make no difference.
func after(s, phrase string) (string, bool) {
	for i := 0; i < len(phrase); i++ {
		if phrase[i] == ' ' {
			n := blanks(s)
			if n == 0 {
				return "", false
			}
			s = s[n:]
			continue
		}
		if s == "" || !sameLetter(s[0], phrase[i]) {
			return "", false
		}
		s = s[1:]
	}
	return s, true
}

// starts reports whether s starts with phrase as after compares.
func starts(s, phrase string) bool {
	_, ok := after(s, phrase)
	return ok
}

// within reports whether phrase occurs in s as after compares, and the rest behind it.
func within(s, phrase string) (rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		if !sameLetter(s[i], phrase[0]) {
			continue
		}
		if rest, ok := after(s[i:], phrase); ok {
			return rest, true
		}
	}
	return "", false
}

func sameLetter(c, want byte) bool {
	if c >= 'A' && c <= 'Z' {
		c |= 0x20
	}
	return c == want || want == 'z' && c == 's'
}

// blanks returns the length of the white space at the start of s.
func blanks(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !unicode.IsSpace(r) {
			break
		}
		n += size
	}
	return n
}

// isQuote reports whether r is a quotation mark of any kind that stands around names.
func isQuote(r rune) bool {
	switch r {
	case '\'', '"', '`', '´', '‘', '’', '‚', '‛', '“', '”', '„', '‟', '′', '«', '»':
		return true
	}
	return false
}

// quotes counts the quotation marks in s.
func quotes(s string) int {
	n := 0
	for _, r := range s {
		if isQuote(r) {
			n++
		}
	}
	return n
}

// quoted returns what stands between the first and the last quotation mark of s.
// Names hold apostrophes. Without marks it is the whole text.
func quoted(s string) string {
	open := strings.IndexFunc(s, isQuote)
	last := strings.LastIndexFunc(s, isQuote)
	if open < 0 {
		return trim(s)
	}
	_, n := utf8.DecodeRuneInString(s[open:])
	if last <= open {
		return trim(s[open+n:])
	}
	return s[open+n : last]
}

// endsQuoted reports whether s ends in a quotation mark.
func endsQuoted(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return isQuote(r)
}
