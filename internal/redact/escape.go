package redact

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"oxtail/parser/profile"
)

// matchEscaped returns how many bytes of text, from i on, spell the folded character
// want in one of the encodings that logs carry: JSON, URL, quoted-printable, XML, RTF,
// and MAPI's escaping of profile names. 0 means none does.
func matchEscaped(text []byte, i int, want rune) int {
	switch text[i] {
	case '\\':
		return matchBackslash(text, i, want)
	case '%', '=':
		return matchHexEscape(text, i, text[i], want)
	case '&':
		return matchEntity(text, i, want)
	case '+':
		if want == ' ' {
			return 1
		}
	case '[':
		if i+2 < len(text) && text[i+1]&0xf0 == 0x70 && text[i+2]&0xf0 == 0x70 {
			if same(rune(text[i+1]&0xf|text[i+2]&0xf<<4), want) {
				return 3
			}
		}
	}
	return 0
}

// same compares a character with a folded one.
func same(r, folded rune) bool { return r == folded || unicode.ToLower(r) == folded }

func matchBackslash(text []byte, i int, want rune) int {
	rest := text[i+1:]
	switch {
	case len(rest) == 0:
		return 0
	case rest[0] == 'u':
		return matchUnicode(text, i, want)
	case rest[0] == '\'' && len(rest) >= 3: // RTF: \'e4
		if n, err := strconv.ParseUint(string(rest[1:3]), 16, 8); err == nil && same(profile.ANSIRune(byte(n)), want) {
			return 4
		}
		if want == '\'' {
			return 2
		}
	case (rest[0] == '\\' || rest[0] == '"' || rest[0] == '/') && rune(rest[0]) == want:
		return 2
	}
	return 0
}

// matchUnicode reads JSON's \u00e4 and RTF's \u228? or \u228\'e4.
func matchUnicode(text []byte, i int, want rune) int {
	if i+6 <= len(text) {
		if n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16); err == nil && same(rune(n), want) {
			return 6
		}
	}
	end := i + 2
	for end < len(text) && end < i+7 && isDigit(text[end]) {
		end++
	}
	n, err := strconv.Atoi(string(text[i+2 : end]))
	if err != nil || !same(rune(n), want) {
		return 0
	}
	switch {
	case end < len(text) && text[end] == '?':
		end++
	case end+3 < len(text) && text[end] == '\\' && text[end+1] == '\'':
		end += 4
	case end < len(text) && text[end] == ' ':
		end++
	}
	return end - i
}

// matchHexEscape reads %C3%A4 and %E4, and =C3=A4 of quoted-printable.
func matchHexEscape(text []byte, i int, mark byte, want rune) int {
	var raw [utf8.UTFMax]byte
	n := 0
	for n < len(raw) && i+3*n+2 < len(text) && text[i+3*n] == mark {
		b, err := strconv.ParseUint(string(text[i+3*n+1:i+3*n+3]), 16, 8)
		if err != nil {
			break
		}
		raw[n] = byte(b)
		n++
		if r, size := utf8.DecodeRune(raw[:n]); r != utf8.RuneError && size == n && same(r, want) {
			return 3 * n
		}
	}
	if n > 0 && same(profile.ANSIRune(raw[0]), want) {
		return 3
	}
	return 0
}

// maxEntity is the longest entity with its & and ;.
const maxEntity = 10

func matchEntity(text []byte, i int, want rune) int {
	end := i + 1
	for end < len(text) && end < i+maxEntity && text[end] != ';' {
		end++
	}
	if end >= len(text) || text[end] != ';' {
		return 0
	}
	if r := []rune(html.UnescapeString(string(text[i : end+1]))); len(r) == 1 && same(r[0], want) {
		return end + 1 - i
	}
	return 0
}

// unescape undoes the encodings within a name, so that it is learned as it is.
func unescape(s string) string {
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	if strings.Contains(s, `\u`) || strings.Contains(s, `\\`) || strings.Contains(s, `\"`) || strings.Contains(s, `\/`) {
		s = unescapeJSON(s)
	}
	if strings.Contains(s, `\'`) {
		s = unescapeRTF(s)
	}
	if strings.Contains(s, "%") {
		s = unescapePercent(s)
	}
	return s
}

func unescapeJSON(s string) string {
	if t, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(s, `\/`, "/"), "\n", "") + `"`); err == nil {
		return t
	}
	return s
}

func unescapeRTF(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == '\'' {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				out.WriteRune(profile.ANSIRune(byte(n)))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// unescapePercent undoes %XX where the result is text.
func unescapePercent(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHexDigit(s[i+1]) && isHexDigit(s[i+2]) {
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			out = append(out, byte(n))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	if utf8.Valid(out) {
		return string(out)
	}
	var wide strings.Builder
	for _, b := range out {
		wide.WriteRune(profile.ANSIRune(b))
	}
	return wide.String()
}
