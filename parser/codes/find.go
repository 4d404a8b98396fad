package codes

import (
	"strconv"
	"strings"
)

// Find returns the error codes in text, in order of appearance and without repeats:
// 0x8004010F in any case, 8 bare hex digits behind a word that announces a code,
// decimal negatives, unsigned decimals behind such a word, vectors, object-model codes with the MAPI code that they map
// to, names such as MAPI_E_NOT_FOUND, and OX server codes. Success codes and hex numbers that are no codes are left out.
func Find(text string) []Code {
	f := finder{text: text}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '0' && i+10 <= len(text) && text[i+1]|0x20 == 'x':
			i += f.prefixed(i)
		case c == '[' || c|0x20 == 'e':
			f.vector(i)
		case c == '-':
			f.decimal(i)
		case c >= 'A' && c <= 'Z' && !inWord(text, i):
			f.server(i)
		}
		if text[i] == '2' && !inWord(text, i) {
			f.unsigned(i)
		}
		if isHex(text[i]) && (!inWord(text, i) || strings.HasSuffix(text[:i], "&H")) {
			f.bare(i)
		}
	}
	return f.found
}

type finder struct {
	text  string
	found []Code
}

func (f *finder) add(c Code) {
	for _, have := range f.found {
		if have == c {
			return
		}
	}
	f.found = append(f.found, c)
}

// prefixed handles 0x followed by hex digits at i and returns how many bytes to skip.
func (f *finder) prefixed(i int) int {
	n := hexRun(f.text[i+2:])
	if n != 8 || i > 0 && isWord(f.text[i-1]) && !gluedTime(f.text[:i]) || i+10 < len(f.text) && isWord(f.text[i+10]) {
		return 1
	}
	if strings.HasSuffix(strings.ToLower(f.text[:i]), "property: ") {
		return 1
	}
	v := parseHex(f.text[i+2 : i+10])
	f.value(v, f.errorWorded())
	if v>>31 == 1 && strings.HasSuffix(f.text[:i], "COMException (") {
		f.add(FromHRESULT(v))
	}
	return 9
}

// gluedTime reports whether text ends in a clock that lost the blank behind it, as
// in "13:22:010x8004010f".
func gluedTime(text string) bool {
	n := len(text)
	return n >= 5 && text[n-3] == ':' && isDigit(text[n-1]) && isDigit(text[n-2]) && isDigit(text[n-4])
}

// value adds a 32-bit value if it is a code: one of the table, one of the common
// error facilities (0x80…), or, in text about an error, an object-model code.
func (f *finder) value(v uint32, errorWorded bool) {
	c := FromHRESULT(v)
	if _, known := Lookup(c); known || v>>24 == 0x80 && v&0xffffff != 0 {
		f.add(c)
		return
	}
	if mapi, ok := ObjectModel(c); ok && errorWorded {
		f.add(c)
		f.add(mapi)
	}
}

// announcements are the words behind which 8 bare hex digits are a code.
var announcements = [...]string{"hr=", "hr:", "hr", "hresult:", "hresult=", "hresult", "error:", "error", "errorcode", "errorcode:", "code=", "code:", "code", "result=", "err=", "fehler", "fehler:", "rc=", "status=", "returned", "returns", "failed", "failed:", "failedwith", "withcode", "errorcodeis", "fehlgeschlagen", "fehlgeschlagen:"}

func (f *finder) bare(i int) {
	if c := f.text[i]; c != '8' || hexRun(f.text[i:]) != 8 || i+8 < len(f.text) && isWord(f.text[i+8]) {
		return
	}
	v := parseHex(f.text[i : i+8])
	if v>>24 == 0x80 && (announced(f.text[:i]) || f.bracketed(i, v)) {
		f.value(v, true)
	}
}

// bracketed reports whether 8 bare hex digits at i are a code of the table that
// stands in parentheses or behind a colon in a line about an error, or behind the
// name of a code.
func (f *finder) bracketed(i int, v uint32) bool {
	if _, known := Lookup(FromHRESULT(v)); !known {
		return false
	}
	before := f.text[:i]
	inParens := strings.HasSuffix(before, "(") && strings.HasPrefix(f.text[i+8:], ")")
	if (inParens || strings.HasSuffix(before, ": ")) && f.errorWorded() {
		return true
	}
	words := strings.FieldsFunc(before[max(0, len(before)-maxSymbol):], func(r rune) bool { return strings.ContainsRune(" \t()=:,", r) })
	return len(words) > 0 && strings.Contains(words[len(words)-1], "_E_")
}

// maxSymbol is how many bytes before a code its name may take, MAPI_E_INVALID_WORKSTATION_ACCOUNT being the longest.
const maxSymbol = 48

func announced(before string) bool {
	const longest = 16
	if len(before) > longest {
		before = before[len(before)-longest:]
	}
	if strings.HasSuffix(before, "&H") { // how Visual Basic writes hexadecimal numbers
		return true
	}
	before = strings.ToLower(strings.ReplaceAll(strings.TrimRight(before, " (["), " ", ""))
	for _, a := range announcements {
		if rest, ok := strings.CutSuffix(before, a); ok && (rest == "" || !isWord(rest[len(rest)-1]) || len(a) > 4) {
			return true
		}
	}
	return false
}

func (f *finder) vector(i int) {
	rest := f.text[i:]
	if v, start, _, ok := FindVector(rest[:min(len(rest), 48)]); ok && start == 0 && v.HRESULT != "" {
		f.add(Code("0x" + v.HRESULT))
		if len(v.Result) == 8 && v.Result[0] == '8' {
			f.add(Code("0x" + v.Result))
		}
	}
}

// decimal handles a negative decimal HRESULT such as -2147221233 at i.
func (f *finder) decimal(i int) {
	n := 0
	for i+1+n < len(f.text) && isDigit(f.text[i+1+n]) {
		n++
	}
	if n < 9 || n > 10 || i > 0 && isWord(f.text[i-1]) || i+1+n < len(f.text) && isWord(f.text[i+1+n]) {
		return
	}
	v, err := strconv.ParseInt(f.text[i:i+1+n], 10, 32)
	if err != nil {
		return
	}
	c := FromHRESULT(uint32(v))
	if _, known := Lookup(c); known {
		f.add(c)
	} else if _, ok := ObjectModel(c); ok && f.errorWorded() {
		f.value(uint32(v), true)
	}
}

// unsigned handles an HRESULT that was printed as an unsigned number at i, such as
// 2147746063 for 0x8004010F: one of the table behind a word that announces a code.
// Sizes and counters are as long.
func (f *finder) unsigned(i int) {
	const digits = 10
	end := i + digits
	if end > len(f.text) || i > 0 && f.text[i-1] == '-' {
		return
	}
	rest := f.text[end:]
	if rest != "" && isWord(rest[0]) || len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
		return
	}
	v, err := strconv.ParseUint(f.text[i:end], 10, 32)
	if err != nil || v>>31 == 0 || !announced(f.text[:i]) {
		return
	}
	if c := FromHRESULT(uint32(v)); known(c) {
		f.add(c)
	}
}

func known(c Code) bool {
	_, ok := Lookup(c)
	return ok
}

// serverPrefixes are the modules of the OX server whose codes a client receives.
// An open list would also hit ISO-8859 and RFC-2822.
var serverPrefixes = [...]string{"SVL", "SES", "LGI", "FLD", "CON", "TSK", "APP", "MSG"}

// server handles an OX code at i: a known prefix and four digits, or any prefix in
// the server's own log form, "CODE Categories=".
func (f *finder) server(i int) {
	end := i
	for end < len(f.text) && (f.text[end] >= 'A' && f.text[end] <= 'Z' || f.text[end] == '_') {
		end++
	}
	if f.symbol(i, end) || end-i < 3 || end+5 > len(f.text) || f.text[end] != '-' {
		return
	}
	for _, c := range []byte(f.text[end+1 : end+5]) {
		if !isDigit(c) {
			return
		}
	}
	if end+5 < len(f.text) && (isWord(f.text[end+5]) || f.text[end+5] == '-') {
		return
	}
	for _, p := range serverPrefixes {
		if f.text[i:end] == p {
			f.add(Code(f.text[i : end+5]))
			return
		}
	}
	if strings.HasPrefix(f.text[end+5:], " Categories=") {
		f.add(Code(f.text[i : end+5]))
	}
}

// symbol adds the code whose name stands from i to end, such as MAPI_E_NOT_FOUND.
func (f *finder) symbol(i, end int) bool {
	if !strings.Contains(f.text[i:end], "_E_") || end < len(f.text) && isWord(f.text[end]) {
		return false
	}
	c, known := symbols()[f.text[i:end]]
	if known {
		f.add(c)
	}
	return known
}

func (f *finder) errorWorded() bool {
	lower := strings.ToLower(f.text)
	for _, w := range [...]string{"error", "exception", "code", "hresult", "fail", "fehler"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

func inWord(text string, i int) bool { return i > 0 && isWord(text[i-1]) }

func parseHex(s string) uint32 {
	v, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		panic("BUG: not hexadecimal: " + s)
	}
	return uint32(v)
}

func hexRun(s string) int {
	n := 0
	for n < len(s) && isHex(s[n]) {
		n++
	}
	return n
}

func isHex(c byte) bool   { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isWord(c byte) bool  { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
