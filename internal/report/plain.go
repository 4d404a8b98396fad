package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes text of logs and names of files safe to show on one line of a
// terminal: line ends and tabs become blanks, other control characters (terminal
// escapes among them), bidirectional overrides and invalid bytes become visible
// stand-ins.
func Plain(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(plainRune(r))
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func plainRune(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return ' '
	case r < 0x20:
		return 0x2400 + r // the visible picture of the control character
	case r == 0x7f:
		return '␡'
	case r == utf8.RuneError || 0x80 <= r && r < 0xa0:
		return '�'
	case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
		return '·' // invisible, or changes the order of what follows
	}
	return r
}

// tame is Plain for a cell of CSV, where tabs and line ends may stay.
func tame(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' || unicode.Is(unicode.Cf, r) {
			return r
		}
		return plainRune(r)
	}, s)
}
