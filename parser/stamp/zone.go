package stamp

// zone reads the offset from UTC after a clock: Z, UTC, CEST, +02:00, +0200, and
// +02 when it touches the clock. It returns i when there is none.
func zone[S bytesOf](text S, i int, s *Stamp) int {
	at := skipBlanks(text, i)
	switch c := byteAt(text, at); {
	case c == '+' || c == '-':
		return numericZone(text, i, at, s)
	case c >= 'A' && c <= 'Z':
		return namedZone(text, i, at, s)
	}
	return i
}

func numericZone[S bytesOf](text S, i, at int, s *Stamp) int {
	n := digitsAt(text, at+1)
	hours, minutes, end := 0, 0, 0
	switch {
	case n == 4:
		hours, minutes, end = number(text, at+1, 2), number(text, at+3, 2), at+5
	case n == 2 && byteAt(text, at+3) == ':' && digitsAt(text, at+4) == 2:
		hours, minutes, end = number(text, at+1, 2), number(text, at+4, 2), at+6
	case n == 2 && at == i:
		hours, end = number(text, at+1, 2), at+3
	default:
		return i
	}
	const maxHours = 14
	if hours > maxHours || minutes%15 != 0 || minutes > 45 || !ends(text, end) {
		return i // a number with a sign, not a zone
	}
	s.setZone(hours*60 + minutes)
	if text[at] == '-' {
		s.ZoneSeconds = -s.ZoneSeconds
	}
	return end
}

func namedZone[S bytesOf](text S, i, at int, s *Stamp) int {
	n := 0
	for c := byteAt(text, at); c >= 'A' && c <= 'Z'; c = byteAt(text, at+n) {
		n++
	}
	if n == 1 && at != i || !ends(text, at+n) {
		return i
	}
	minutes, ok := zoneByName(text[at : at+n])
	if !ok {
		return i
	}
	s.setZone(minutes)
	if minutes == 0 && (byteAt(text, at+n) == '+' || byteAt(text, at+n) == '-') {
		return numericZone(text, at+n, at+n, s) // GMT+02:00
	}
	return at + n
}

func zoneByName[S bytesOf](word S) (int, bool) {
	for _, z := range zoneNames {
		if len(z.word) == len(word) && string(word) == z.word {
			return z.value, true
		}
	}
	return 0, false
}

func (s *Stamp) setZone(minutes int) {
	s.ZoneSeconds = minutes * 60
	s.parts |= Zone
}
