package outlook

import "time"

// parseClock reads H:MM:SS or HH:MM:SS at the start of s and returns its length,
// 0 if there is none. What follows may be glued to it ("13:21:53[8004…",
// "13:22:011 item(s)"): seconds have two digits. A fraction or the separator of a
// table behind it means another kind of log.
func parseClock(s string) (time.Duration, int) {
	n := 0
	for n < 2 && n < len(s) && isDigit(s[n]) {
		n++
	}
	if n == 0 || len(s) < n+6 || s[n] != ':' || s[n+3] != ':' {
		return 0, 0
	}
	hour, minute, second := number(s[:n]), number(s[n+1:n+3]), number(s[n+4:n+6])
	if hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, 0
	}
	end := n + 6
	if end < len(s) && !followsClock(s[end:]) {
		return 0, 0
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second, end
}

// followsClock reports whether rest may stand directly behind a clock of these logs.
func followsClock(rest string) bool {
	switch c := rest[0]; c {
	case ':', ';', '|', '"', '/', '-', '+', '%':
		return false
	case '.', ',':
		return false
	default:
		return true
	}
}

// number reads decimal digits; -1 if there are others. No digits are 0.
func number(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
