package stamp

// byteAt returns the byte at i, 0 beyond the end.
func byteAt[S bytesOf](text S, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// digitsAt counts the digits at i.
func digitsAt[S bytesOf](text S, i int) int {
	n := 0
	for i+n < len(text) && isDigit(text[i+n]) {
		n++
	}
	return n
}

// number returns the value of the n digits at i, which must be there; n ≤ 18.
func number[S bytesOf](text S, i, n int) int {
	v := 0
	for end := i + n; i < end; i++ {
		v = v*10 + int(text[i]-'0')
	}
	return v
}

// nanoseconds reads n digits at i as a fraction of a second; what is finer than a
// nanosecond is dropped.
func nanoseconds[S bytesOf](text S, i, n int) int {
	const places = 9
	v := number(text, i, min(n, places))
	for ; n < places; n++ {
		v *= 10
	}
	return v
}

// skipBlanks skips up to maxBlanks blanks and tabs. More do not stand inside a timestamp.
func skipBlanks[S bytesOf](text S, i int) int {
	const maxBlanks = 4
	for n := 0; n < maxBlanks && i < len(text) && (text[i] == ' ' || text[i] == '\t'); n++ {
		i++
	}
	return i
}
