package parser

import "strings"

// A UUID is a 128-bit identifier in its canonical spelling: lower case, 8-4-4-4-12.
type UUID string

// ParseUUID reads one UUID in any spelling: with hyphens, in braces, or as 32 bare
// hexadecimal digits, in any case. It reports whether s is one.
func ParseUUID(s string) (UUID, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "{"), "}")
	n := uuidLen(s)
	if n == 0 || n != len(s) {
		return "", false
	}
	return canonicalUUID(s), true
}

// UUIDs returns the UUIDs in text in order of appearance, without repeats. Bare
// runs of more than 32 digits (entry ids, hashes) hold none.
func UUIDs(text string) []UUID {
	var out []UUID
	for i := 0; i+32 <= len(text); i++ {
		if !isHex(text[i]) {
			continue
		}
		end := i
		for end < len(text) && (isHex(text[end]) || text[end] == '-') {
			end++
		}
		if i == 0 || !isWordByte(text[i-1]) {
			if n := uuidLen(text[i:end]); n > 0 && !endsInWord(text, i+n) {
				out = appendUUID(out, canonicalUUID(text[i:i+n]))
			}
		}
		i = end
	}
	return out
}

func endsInWord(text string, at int) bool {
	return at < len(text) && (isWordByte(text[at]) || text[at] == '-' && at+1 < len(text) && isHex(text[at+1]))
}

func appendUUID(list []UUID, u UUID) []UUID {
	for _, have := range list {
		if have == u {
			return list
		}
	}
	return append(list, u)
}

// uuidLen returns the length of the UUID at the start of s, or 0.
func uuidLen(s string) int {
	if hexRun(s) >= 32 {
		if hexRun(s) == 32 {
			return 32
		}
		return 0
	}
	if len(s) < 36 {
		return 0
	}
	at := 0
	for i, group := range [...]int{8, 4, 4, 4, 12} {
		if i > 0 {
			if s[at] != '-' {
				return 0
			}
			at++
		}
		if hexRun(s[at:]) < group {
			return 0
		}
		at += group
	}
	return at
}

func hexRun(s string) int {
	n := 0
	for n < len(s) && isHex(s[n]) {
		n++
	}
	return n
}

func canonicalUUID(s string) UUID {
	b := make([]byte, 0, 36)
	for i := 0; i < len(s); i++ {
		if s[i] == '-' {
			continue
		}
		switch len(b) {
		case 8, 13, 18, 23:
			b = append(b, '-')
		}
		c := s[i]
		if c >= 'A' && c <= 'F' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return UUID(b)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
}
