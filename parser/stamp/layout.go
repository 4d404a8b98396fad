package stamp

import (
	"fmt"
	"strings"
)

// maxLayout bounds a layout's length in bytes: it is text that a person wrote.
const maxLayout = 200

// A Layout is a compiled strptime-like timestamp layout, with lnav's extensions:
//
//	%Y %y %m %d %e %b %B %h %a %A %H %k %I %l %M %S %p %z %Z %n %t %%  as in strptime(3)
//	%D = %m/%d/%y, %F = %Y-%m-%d, %R = %H:%M, %T = %H:%M:%S
//	%L milliseconds (3 digits), %f fraction (1 to 9 digits), %N nanoseconds (9 digits)
//	%s epoch seconds, %i epoch milliseconds, %6 epoch microseconds, %9 epoch nanoseconds,
//	%q epoch seconds in hexadecimal, %@ TAI64N
type Layout struct {
	text  string
	codes []byte // conversion letter at even places, literal byte at odd ones: "%Y-" is 'Y',0, 0,'-'
}

// Compile checks and compiles a layout.
func Compile(layout string) (*Layout, error) {
	if len(layout) > maxLayout {
		return nil, fmt.Errorf("timestamp layout is longer than %d bytes", maxLayout)
	}
	expanded := strings.NewReplacer("%%", "%%", "%D", "%m/%d/%y", "%F", "%Y-%m-%d", "%R", "%H:%M", "%T", "%H:%M:%S").Replace(layout)
	l := &Layout{text: layout}
	for i := 0; i < len(expanded); i++ {
		c := expanded[i]
		if c != '%' {
			l.codes = append(l.codes, 0, c)
			continue
		}
		i++
		if i == len(expanded) || !strings.ContainsRune(conversions, rune(expanded[i])) {
			return nil, fmt.Errorf("timestamp layout %q: %%%s is not known; use one of %s", layout, expanded[i:min(i+1, len(expanded))], spaced(conversions))
		}
		if expanded[i] == '%' {
			l.codes = append(l.codes, 0, '%')
			continue
		}
		l.codes = append(l.codes, expanded[i], 0)
	}
	return l, nil
}

const conversions = "YymdebBhaAHkIlMSpzZntLfNsi69q@%"

func spaced(letters string) string {
	var b strings.Builder
	for i, c := range letters {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte('%')
		b.WriteRune(c)
	}
	return b.String()
}

// String returns the layout as it was written.
func (l *Layout) String() string { return l.text }

// Parse reads a timestamp of the layout at the start of text.
func (l *Layout) Parse(text string) (Stamp, int, bool) { return parseLayout(l.codes, text) }

// ParseBytes is Parse for the raw bytes of a line.
func (l *Layout) ParseBytes(text []byte) (Stamp, int, bool) { return parseLayout(l.codes, text) }

func parseLayout[S bytesOf](codes []byte, text S) (Stamp, int, bool) {
	if len(text) > MaxBytes {
		text = text[:MaxBytes]
	}
	var s Stamp
	at := 0
	for i := 0; i < len(codes); i += 2 {
		if codes[i] == 0 {
			next := literal(text, at, codes[i+1])
			if next < 0 {
				return Stamp{}, 0, false
			}
			at = next
			continue
		}
		next, ok := convert(codes[i], text, at, &s)
		if !ok {
			return Stamp{}, 0, false
		}
		at = next
	}
	if n := len(codes); n >= 2 && codes[n-2] == 'S' {
		at = fraction(text, at, &s) // one that the layout forgot; dropping it would mix up the order
	}
	if at == 0 || !s.valid() {
		return Stamp{}, 0, false
	}
	return s, at, true
}

// literal matches one byte of the layout; a blank matches any run of blanks.
func literal[S bytesOf](text S, at int, want byte) int {
	if want == ' ' {
		if next := skipBlanks(text, at); next > at {
			return next
		}
		return -1
	}
	if byteAt(text, at) != want || at >= len(text) {
		return -1
	}
	return at + 1
}

// convert reads one conversion at index at and returns the index after it.
func convert[S bytesOf](code byte, text S, at int, s *Stamp) (int, bool) {
	switch code {
	case 'Y', 'y', 'm', 'd', 'e', 'H', 'k', 'I', 'l', 'M', 'S':
		return convertNumber(code, text, at, s)
	case 'L', 'f', 'N':
		return convertFraction(code, text, at, s)
	case 's', 'i', '6', '9', 'q', '@':
		return convertEpoch(code, text, at, s)
	case 'b', 'B', 'h', 'a', 'A', 'p':
		return convertName(code, text, at, s)
	case 'z', 'Z':
		next := zone(text, at, s)
		if next == at && code == 'Z' { // a zone that is not known is skipped, not guessed
			next = at + wordLen(text[min(at, len(text)):])
		}
		return next, next > at
	}
	next := skipBlanks(text, at) // %n, %t
	return next, true
}

func convertNumber[S bytesOf](code byte, text S, at int, s *Stamp) (int, bool) {
	if code == 'e' || code == 'k' || code == 'l' {
		at = skipBlanks(text, at)
	}
	width := 2
	if code == 'Y' {
		width = 4
	}
	n := min(digitsAt(text, at), width)
	if n == 0 || code == 'Y' && n < width {
		return 0, false
	}
	v := number(text, at, n)
	switch code {
	case 'Y':
		s.Year, s.parts = v, s.parts|Year
	case 'y':
		s.Year, s.parts = fullYear(v, 2), s.parts|Year
	case 'm':
		s.Month, s.parts = v, s.parts|Date
	case 'd', 'e':
		s.Day, s.parts = v, s.parts|Date
	case 'H', 'k':
		s.Hour, s.parts = v, s.parts|Clock
	case 'I', 'l':
		s.Hour, s.parts = twelveHour(v), s.parts|Clock
	case 'M':
		s.Minute = v
	case 'S':
		s.Sec = v
	}
	return at + n, true
}

// twelveHour refuses hours that no 12-hour clock shows; %p makes it a 24-hour one.
func twelveHour(hour int) int {
	if hour > 12 || hour < 1 {
		return 99 // out of range; valid refuses it
	}
	return hour
}

func convertFraction[S bytesOf](code byte, text S, at int, s *Stamp) (int, bool) {
	width := 9
	if code == 'L' {
		width = 3
	}
	n := min(digitsAt(text, at), width)
	if n == 0 || code == 'L' && n < width {
		return 0, false
	}
	s.Nanosecond = nanoseconds(text, at, n)
	return at + n, true
}

func convertName[S bytesOf](code byte, text S, at int, s *Stamp) (int, bool) {
	if at >= len(text) {
		return 0, false
	}
	if code == 'p' {
		next, ok := meridiem(text, at, s)
		return next, ok && next > at
	}
	n := wordLen(text[at:])
	names, least := monthNames[:], 3
	if code == 'a' || code == 'A' {
		names, least = dayNames[:], 2
	}
	v, ok := lookup(names, text[at:at+n], least)
	if !ok {
		return 0, false
	}
	if least == 3 {
		s.Month, s.parts = v, s.parts|Date
	}
	return at + n, true
}

func convertEpoch[S bytesOf](code byte, text S, at int, s *Stamp) (int, bool) {
	switch code {
	case 'q':
		return hexEpoch(text, at, 16, 0, s)
	case '@':
		const taiEpoch = 1<<62 + 10 // TAI64 counts from 1970 TAI, ten seconds ahead of UTC
		if byteAt(text, at) != '@' {
			return 0, false
		}
		return hexEpoch(text, at+1, 16, taiEpoch, s)
	}
	n := digitsAt(text, at)
	places := 0
	switch code {
	case 'i':
		places = 3
	case '6', '9':
		places = int(code - '0')
	}
	const leastDigits, mostDigits = 9, 11 // of seconds: from 1973 to 5138; fewer are no time of a log
	if n-places < leastDigits || n-places > mostDigits {
		return 0, false
	}
	*s = FromEpoch(int64(number(text, at, n-places)), nanoseconds(text, at+n-places, places))
	return at + n, true
}

func hexEpoch[S bytesOf](text S, at, maxDigits int, from int64, s *Stamp) (int, bool) {
	var v int64
	n := 0
	for ; n < maxDigits && at+n < len(text); n++ {
		d := hexDigit(text[at+n])
		if d < 0 {
			break
		}
		v = v<<4 | int64(d)
	}
	const maxSeconds = 1 << 36 // year 4147
	if n == 0 || v < from || v-from > maxSeconds {
		return 0, false
	}
	nsec := 0
	if from > 0 && digitsHex(text, at+n) >= 8 {
		for i := range 8 {
			nsec = nsec<<4 | hexDigit(text[at+n+i])
		}
		n += 8
	}
	*s = FromEpoch(v-from, nsec%1_000_000_000)
	return at + n, true
}

func digitsHex[S bytesOf](text S, at int) int {
	n := 0
	for at+n < len(text) && hexDigit(text[at+n]) >= 0 {
		n++
	}
	return n
}

func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
