package lnav

import (
	"fmt"
	"strings"
)

// A perlPattern is a Perl-style pattern on its way to one of the two engines.
//
// The backtracking engine knows atomic groups but not the shorter possessive
// quantifiers, so a*+ is rewritten to (?>a*). Constructs that neither engine knows
// are refused by name: silently changing what a pattern means is not an option.
type perlPattern struct {
	in     string
	at     int
	groups []int // len(out) where each open group starts
	atom   int   // len(out) where the last atom starts, -1 if there is none
}

// translate rewrites a Perl-style pattern for the engines. It fails with the name
// of the construct that cannot be supported.
func translate(pattern string) (string, error) {
	p := &perlPattern{in: pattern, atom: -1}
	out := make([]byte, 0, len(pattern)+16)
	for p.at < len(p.in) {
		var err error
		if out, err = p.step(out); err != nil {
			return "", err
		}
	}
	return string(out), nil
}

func (p *perlPattern) step(out []byte) ([]byte, error) {
	switch c := p.in[p.at]; c {
	case '\\':
		return p.escape(out)
	case '[':
		p.atom = len(out)
		end := classEnd(p.in, p.at)
		out = append(out, strings.ReplaceAll(p.in[p.at:end], `\h`, ` \t`)...)
		p.at = end
	case '(':
		if err := refused(p.in[p.at:]); err != nil {
			return nil, err
		}
		if name, n := backReference(p.in[p.at:]); n > 0 {
			p.atom = len(out)
			p.at += n
			return append(append(append(out, `\k<`...), name...), '>'), nil
		}
		p.groups = append(p.groups, len(out))
		p.atom = -1
		out = append(out, c)
		p.at++
		if strings.HasPrefix(p.in[p.at:], "?") { // not a quantifier
			out = append(out, '?')
			p.at++
		}
	case ')':
		if n := len(p.groups); n > 0 {
			p.atom = p.groups[n-1]
			p.groups = p.groups[:n-1]
		}
		out = append(out, c)
		p.at++
	case '*', '+', '?', '{':
		return p.quantifier(out), nil
	default:
		p.atom = len(out)
		out = append(out, c)
		p.at++
	}
	return out, nil
}

// backReference reads (?P=name) and returns its length, 0 if it is not there.
func backReference(s string) (name string, n int) {
	end := strings.IndexByte(s, ')')
	if !strings.HasPrefix(s, "(?P=") || end < 0 {
		return "", 0
	}
	return s[len("(?P="):end], end + 1
}

// escape copies a backslash sequence, or what it stands for.
func (p *perlPattern) escape(out []byte) ([]byte, error) {
	p.atom = len(out)
	if p.at+1 >= len(p.in) {
		p.at++
		return append(out, '\\'), nil // the engine reports it
	}
	next := p.in[p.at+1]
	p.at += 2
	switch next {
	case 'h':
		return append(out, `[ \t]`...), nil
	case 'H':
		return append(out, `[^ \t]`...), nil
	case 'R':
		return append(out, `(?:\r\n|[\n\r])`...), nil
	case 'K', 'G', 'X', 'C':
		return nil, fmt.Errorf(`\%c is not supported`, next)
	case 'Q':
		return p.quoted(out), nil
	}
	return append(out, '\\', next), nil
}

// quoted copies a \Q…\E part, escaped.
func (p *perlPattern) quoted(out []byte) []byte {
	text, _, _ := strings.Cut(p.in[p.at:], `\E`)
	p.at = min(p.at+len(text)+len(`\E`), len(p.in))
	for _, c := range []byte(text) {
		p.atom = len(out)
		if c < 0x80 && !isWord(c) {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return out
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
}

// quantifier copies * + ? {n,m}; when a + follows, the atom before becomes atomic.
func (p *perlPattern) quantifier(out []byte) []byte {
	n := 1
	if p.in[p.at] == '{' {
		if n = countedLen(p.in[p.at:]); n == 0 { // a literal brace
			p.atom = len(out)
			p.at++
			return append(out, '\\', '{')
		}
	}
	text := p.in[p.at : p.at+n]
	p.at += n
	switch {
	case strings.HasPrefix(p.in[p.at:], "+") && p.atom >= 0:
		p.at++
		atom := string(out[p.atom:])
		return append(append(out[:p.atom], "(?>"...), atom+text+")"...)
	case strings.HasPrefix(p.in[p.at:], "?"):
		p.at++
		text += "?"
	}
	return append(out, text...)
}

// countedLen returns the length of {n}, {n,} or {n,m} at the start of s, or 0.
func countedLen(s string) int {
	end := strings.IndexByte(s, '}')
	if end < 2 {
		return 0
	}
	low, high, _ := strings.Cut(s[1:end], ",")
	if low == "" || strings.Trim(low+high, "0123456789") != "" {
		return 0
	}
	return end + 1
}

// classEnd returns the index after the bracket expression that starts at i.
func classEnd(s string, i int) int {
	at := i + 1
	if at < len(s) && s[at] == '^' {
		at++
	}
	if at < len(s) && s[at] == ']' { // literal as the first member
		at++
	}
	for at < len(s) {
		switch {
		case s[at] == '\\':
			at += 2
		case s[at] == '[' && at+1 < len(s) && s[at+1] == ':':
			if n := strings.Index(s[at:], ":]"); n > 0 {
				at += n + len(":]")
				continue
			}
			at++
		case s[at] == ']':
			return at + 1
		default:
			at++
		}
	}
	return len(s)
}

// refused reports group constructs that neither engine knows.
func refused(s string) error {
	for _, r := range [...]struct{ prefix, name string }{
		{"(?|", "branch reset (?|…)"}, {"(?R", "recursion (?R)"}, {"(?&", "subroutine call (?&name)"}, {"(?P>", "subroutine call (?P>name)"},
		{"(?C", "callout (?C)"}, {"(*", "backtracking verb (*…)"}, {"(?0", "recursion (?0)"}, {"(?1", "subroutine call (?1)"}, {"(?+", "subroutine call (?+1)"},
	} {
		if strings.HasPrefix(s, r.prefix) {
			return fmt.Errorf("%s is not supported", r.name)
		}
	}
	return nil
}
