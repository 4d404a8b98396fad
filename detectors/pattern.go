package detectors

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pattern is a text of a rule with its wildcards: * any text, ? any character.
// Sigma's escapes are undone: \* \? \\ stand for themselves, and a backslash before
// any other character is just a backslash.
type pattern []token

type token struct {
	kind tokenKind
	text string // for literal
}

type tokenKind uint8

const (
	literal tokenKind = iota
	anyText           // *
	anyChar           // ?
	dash              // one of the characters that Windows takes for the dash of a switch
)

// parsePattern reads Sigma's text with wildcards.
func parsePattern(text string) pattern {
	var p pattern
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			p = append(p, token{literal, plain.String()})
			plain.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && strings.IndexByte(`*?\`, text[i+1]) >= 0:
			i++
			plain.WriteByte(text[i])
		case c == '*':
			flush()
			p = append(p, token{kind: anyText})
		case c == '?':
			flush()
			p = append(p, token{kind: anyChar})
		default:
			plain.WriteByte(c)
		}
	}
	flush()
	return p
}

// wild reports whether the pattern is more than one plain text.
func (p pattern) wild() bool {
	return len(p) > 1 || len(p) == 1 && p[0].kind != literal
}

// plain returns the text of a pattern without wildcards.
func (p pattern) plain() string {
	if len(p) == 0 {
		return ""
	}
	return p[0].text
}

// around returns the pattern with any text before and after it, as asked.
func (p pattern) around(before, after bool) pattern {
	var out pattern
	if before {
		out = append(out, token{kind: anyText})
	}
	out = append(out, p...)
	if after {
		out = append(out, token{kind: anyText})
	}
	return out
}

// mapText returns the pattern with f applied to its plain parts.
func (p pattern) mapText(f func(string) string) pattern {
	out := make(pattern, len(p))
	for i, t := range p {
		if t.kind == literal {
			t.text = f(t.text)
		}
		out[i] = t
	}
	return out
}

// dashes are the characters that Windows programs take for the dash of a switch.
const dashes = "-/–—―"

// windash returns the pattern with each dash before a word replaced by any dash.
func (p pattern) windash() pattern {
	var out pattern
	for _, t := range p {
		if t.kind != literal {
			out = append(out, t)
			continue
		}
		out = append(out, splitDashes(t.text)...)
	}
	return out
}

func splitDashes(text string) pattern {
	var out pattern
	start, before := 0, rune(' ')
	for i, r := range text {
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		if strings.ContainsRune(dashes, r) && !isWordRune(before) && isWordRune(after) {
			if i > start {
				out = append(out, token{literal, text[start:i]})
			}
			out = append(out, token{kind: dash})
			start = i + utf8.RuneLen(r)
		}
		before = r
	}
	if start < len(text) {
		out = append(out, token{literal, text[start:]})
	}
	return out
}

func isWordRune(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// match reports whether the whole of s fits the pattern. It takes time
// proportional to the product of both lengths at worst: only the last * is
// ever tried again.
func (p pattern) match(s string) bool {
	at, i := 0, 0
	starToken, starAt := -1, 0
	for {
		if i == len(p) && at == len(s) {
			return true
		}
		if i < len(p) && p[i].kind == anyText {
			starToken, starAt = i, at
			i++
			continue
		}
		if i < len(p) {
			if n := p[i].step(s[at:]); n >= 0 {
				at += n
				i++
				continue
			}
		}
		if starToken < 0 || starAt >= len(s) {
			return false
		}
		starAt = p.retry(starToken, s, starAt)
		if starAt < 0 {
			return false
		}
		at, i = starAt, starToken+1
	}
}

// retry returns the next place in s, behind at, where the text after the star may
// begin, or -1.
func (p pattern) retry(star int, s string, at int) int {
	_, n := utf8.DecodeRuneInString(s[at:])
	at += n
	if star+1 == len(p) {
		return len(s)
	}
	if next := p[star+1]; next.kind == literal {
		found := strings.Index(s[at:], next.text)
		if found < 0 {
			return -1
		}
		return at + found
	}
	return at
}

// step returns how many bytes at the start of s the token takes, or -1.
func (t token) step(s string) int {
	if t.kind == literal {
		if strings.HasPrefix(s, t.text) {
			return len(t.text)
		}
		return -1
	}
	if s == "" {
		return -1
	}
	r, n := utf8.DecodeRuneInString(s)
	if t.kind == dash && !strings.ContainsRune(dashes, r) {
		return -1
	}
	return n
}

// fold returns s in lower case for comparisons that ignore case. It is not
// strings.ToLower: a letter outside ASCII never becomes one of ASCII (the Kelvin
// sign is no k, the Turkish dotted İ no i), so that an ASCII word in a rule is always
// found by its own bytes.
func fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return foldFrom(s, i)
		}
	}
	return s
}

func foldFrom(s string, at int) string {
	out := make([]byte, at, len(s)+8)
	copy(out, s[:at])
	for at < len(s) {
		c := s[at]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			at++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		if lower := unicode.ToLower(r); lower >= utf8.RuneSelf && r != utf8.RuneError {
			out = utf8.AppendRune(out, lower)
		} else {
			out = append(out, s[at:at+n]...)
		}
		at += n
	}
	return string(out)
}
