package stamp

// Parse reads the timestamp at the start of text, in any of the spellings that
// logs commonly use, and returns it with the number of bytes it takes. It does not
// skip anything before it. A clock counts as a timestamp only with seconds.
func Parse[S bytesOf](text S) (Stamp, int, bool) {
	if len(text) > MaxBytes {
		text = text[:MaxBytes]
	}
	if len(text) == 0 {
		return Stamp{}, 0, false
	}
	var s Stamp
	n := 0
	switch c := text[0]; {
	case isDigit(c):
		n = numeric(text, 0, &s)
	case isWordByte(c):
		n = worded(text, &s)
	}
	if n == 0 || !s.valid() || !ends(text, n) {
		return Stamp{}, 0, false
	}
	return s, n, true
}

// ends reports whether no letter or digit follows that would make the timestamp
// part of something longer.
func ends[S bytesOf](text S, at int) bool {
	return at >= len(text) || !isDigit(text[at]) && !isWordByte(text[at])
}

// All functions below read at index i, fill in s and return the index after what
// they read, 0 if it is not there.

func numeric[S bytesOf](text S, i int, s *Stamp) int {
	n := digitsAt(text, i)
	after := byteAt(text, i+n)
	switch {
	case n == 4 && (after == '-' || after == '/' || after == '.'):
		return yearFirst(text, i, s)
	case n <= 2 && after == ':' && i == 0:
		return bareClock(text, s)
	case n <= 2 && isDateSeparator(after) && isDigit(byteAt(text, i+n+1)):
		return yearLast(text, i, s)
	case n <= 2:
		return dayMonthName(text, i, s)
	case n == 8 || n == 14 || n == 17:
		return compact(text, i, n, s)
	case i == 0:
		return epoch(text, n, s)
	}
	return 0
}

func isDateSeparator(c byte) bool { return c == '.' || c == '/' || c == '-' }

// yearFirst reads 2012-03-05T10:11:12 and its relatives.
func yearFirst[S bytesOf](text S, i int, s *Stamp) int {
	s.Year = number(text, i, 4)
	sep := text[i+4]
	m := digitsAt(text, i+5)
	if m < 1 || m > 2 || byteAt(text, i+5+m) != sep {
		return 0
	}
	s.Month = number(text, i+5, m)
	i += 6 + m
	d := digitsAt(text, i)
	if d < 1 || d > 2 {
		return 0
	}
	s.Day = number(text, i, d)
	s.parts |= Date | Year
	return clockAfterDate(text, i+d, s)
}

// yearLast reads 05.03.2012 10:11:12, 05/03/2012 and 3/5/12 10:11 PM.
func yearLast[S bytesOf](text S, i int, s *Stamp) int {
	n := digitsAt(text, i)
	first, sep := number(text, i, n), text[i+n]
	i += n + 1
	n = digitsAt(text, i)
	if n > 2 || byteAt(text, i+n) != sep {
		return 0
	}
	second := number(text, i, n)
	i += n + 1
	n = digitsAt(text, i)
	if n != 4 && n != 2 {
		return 0
	}
	s.Year = fullYear(number(text, i, n), n)
	s.parts |= Date | Year
	i = clockAfterDate(text, i+n, s)
	s.setDayMonth(first, second, sep)
	return i
}

// setDayMonth decides which number is the day. Dates with dots are European without
// exception; for others the file decides (Survey), and the day comes first until then.
func (s *Stamp) setDayMonth(first, second int, sep byte) {
	s.Day, s.Month = first, second
	if sep == '.' {
		return
	}
	s.parts |= Conventional
	const months = 12
	switch {
	case first > months && second <= months:
		s.parts |= ShowsDayFirst
	case second > months && first <= months:
		s.Day, s.Month = second, first
		s.parts |= ShowsMonthFirst
	case first != second:
		s.parts |= Ambiguous
	}
}

func fullYear(year, digits int) int {
	const pivot = 70 // of two-digit years: 69 is 2069, 70 is 1970, as in strptime
	switch {
	case digits == 4:
		return year
	case year < pivot:
		return 2000 + year
	}
	return 1900 + year
}

// dayMonthName reads 05/Mar/2012:10:11:12 +0100, 5 Mar 2012 10:11 and 05. März 2012, 10:11.
func dayMonthName[S bytesOf](text S, i int, s *Stamp) int {
	n := digitsAt(text, i)
	s.Day = number(text, i, n)
	i = skipSeparator(text, i+n)
	w := wordLen(text[i:])
	month, ok := lookup(monthNames[:], text[i:i+w], 3)
	if !ok {
		return 0
	}
	s.Month = month
	s.parts |= Date
	i = skipSeparator(text, i+w)
	if digitsAt(text, i) == 4 {
		s.Year = number(text, i, 4)
		s.parts |= Year
		return clockAfterDate(text, i+4, s)
	}
	return clock(text, i, s)
}

// skipSeparator skips what stands between the parts of a date with a month's name.
func skipSeparator[S bytesOf](text S, i int) int {
	if c := byteAt(text, i); c == '.' || c == '/' || c == '-' || c == ',' {
		i++
	}
	return skipBlanks(text, i)
}

// worded reads what begins with the name of a weekday or month.
func worded[S bytesOf](text S, s *Stamp) int {
	w := wordLen(text)
	if month, ok := lookup(monthNames[:], text[:w], 3); ok {
		return monthDay(text, w, month, s)
	}
	if _, ok := lookup(dayNames[:], text[:w], 2); !ok {
		return 0
	}
	i := skipSeparator(text, w)
	if i == w || i >= len(text) {
		return 0
	}
	if isDigit(text[i]) {
		return numeric(text, i, s)
	}
	w = wordLen(text[i:])
	month, ok := lookup(monthNames[:], text[i:i+w], 3)
	if !ok {
		return 0
	}
	end := monthDay(text, i+w, month, s)
	return yearAfterClock(text, end, s)
}

// monthDay reads the rest of Mar  5 10:11:12 and Mar 5, 2012 10:11:12 PM.
func monthDay[S bytesOf](text S, i, month int, s *Stamp) int {
	i = skipBlanks(text, i)
	n := digitsAt(text, i)
	if n < 1 || n > 2 {
		return 0
	}
	s.Month, s.Day = month, number(text, i, n)
	s.parts |= Date
	i = skipSeparator(text, i+n)
	if digitsAt(text, i) == 4 {
		s.Year = number(text, i, 4)
		s.parts |= Year
		return clockAfterDate(text, i+4, s)
	}
	return clock(text, i, s)
}

// yearAfterClock reads the year of ctime(3) and date(1), which comes last.
func yearAfterClock[S bytesOf](text S, i int, s *Stamp) int {
	if i == 0 || s.Has(Year) {
		return i
	}
	at := skipBlanks(text, i)
	if at == i || digitsAt(text, at) != 4 {
		return i
	}
	s.Year = number(text, at, 4)
	s.parts |= Year
	return zone(text, at+4, s)
}

// compact reads 20120305-101112, 20120305T101112.345Z, 20120305101112(345) and 20120305 10:11:12.
func compact[S bytesOf](text S, i, digits int, s *Stamp) int {
	s.Year, s.Month, s.Day = number(text, i, 4), number(text, i+4, 2), number(text, i+6, 2)
	s.parts |= Date | Year
	i += 8
	if digits == 8 {
		c := byteAt(text, i)
		if c != '-' && c != 'T' && c != ' ' && c != '_' {
			return 0
		}
		i++
	}
	n := digitsAt(text, i)
	if digits == 8 && n <= 2 {
		return clock(text, i, s)
	}
	if n < 6 || digits == 8 && n != 6 {
		return 0
	}
	s.Hour, s.Minute, s.Sec = number(text, i, 2), number(text, i+2, 2), number(text, i+4, 2)
	s.parts |= Clock
	if n > 6 {
		s.Nanosecond = nanoseconds(text, i+6, n-6)
		return zone(text, i+n, s)
	}
	return zone(text, fraction(text, i+6, s), s)
}

// epoch reads seconds (10 digits, with or without a fraction), milliseconds (13),
// microseconds (16) or nanoseconds (19) since 1970. Ten digits that begin with 0 are
// no date after 2001, so they are taken for an identifier.
func epoch[S bytesOf](text S, digits int, s *Stamp) int {
	if text[0] == '0' || digits != 10 && digits != 13 && digits != 16 && digits != 19 {
		return 0
	}
	*s = FromEpoch(int64(number(text, 0, 10)), nanoseconds(text, 10, digits-10))
	if digits == 10 {
		return fraction(text, 10, s)
	}
	return digits
}

// clockAfterDate skips what may stand between date and clock and reads the clock.
func clockAfterDate[S bytesOf](text S, i int, s *Stamp) int {
	switch c := byteAt(text, i); c {
	case 'T', 't', '_', ':', '-':
		i++
	case ',', ';':
		i = skipBlanks(text, i+1)
	default:
		at := skipBlanks(text, i)
		if at == i {
			return 0
		}
		i = at
	}
	return clock(text, i, s)
}

// clock reads 10:11, 10:11:12.345, 1:11:12 PM, each with an optional zone.
func clock[S bytesOf](text S, i int, s *Stamp) int {
	n := digitsAt(text, i)
	if n < 1 || n > 2 || byteAt(text, i+n) != ':' || digitsAt(text, i+n+1) != 2 {
		return 0
	}
	s.Hour, s.Minute = number(text, i, n), number(text, i+n+1, 2)
	s.parts |= Clock
	i += n + 3
	if byteAt(text, i) == ':' && digitsAt(text, i+1) == 2 {
		s.Sec = number(text, i+1, 2)
		i = fraction(text, i+3, s)
	}
	i, ok := meridiem(text, i, s)
	if !ok {
		return 0
	}
	return zone(text, i, s)
}

// bareClock reads a clock without a date. One without seconds would make a
// timestamp of "3:15" in prose and of every "12:30 lunch".
func bareClock[S bytesOf](text S, s *Stamp) int {
	n := digitsAt(text, 0)
	if byteAt(text, n+3) != ':' || digitsAt(text, n+4) != 2 {
		return 0
	}
	return clock(text, 0, s)
}

// fraction reads a fraction of a second after a comma, a dot, or (three digits
// only) a colon. It returns i when there is none.
func fraction[S bytesOf](text S, i int, s *Stamp) int {
	c := byteAt(text, i)
	if c != '.' && c != ',' && c != ':' {
		return i
	}
	n := digitsAt(text, i+1)
	if n == 0 || c == ':' && n != 3 {
		return i
	}
	s.Nanosecond = nanoseconds(text, i+1, n)
	return i + 1 + n
}

// meridiem reads AM or PM. It fails on a contradiction such as 13:00 AM.
func meridiem[S bytesOf](text S, i int, s *Stamp) (int, bool) {
	at := skipBlanks(text, i)
	c := byteAt(text, at) | 0x20
	if c != 'a' && c != 'p' || byteAt(text, at+1)|0x20 != 'm' || !ends(text, at+2) {
		return i, true
	}
	if s.Hour < 1 || s.Hour > 12 {
		return i, false
	}
	s.Hour %= 12
	if c == 'p' {
		s.Hour += 12
	}
	s.parts |= American
	return at + 2, true
}
