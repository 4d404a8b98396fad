package pipeline

import (
	"bytes"
	"time"

	"oxtail/parser"
)

// A stampMemo reads the times of lines that follow one another. Most lines of a busy
// log share their second with the line before: then only the three digits behind it
// are read, which costs a tenth of reading the whole.
type stampMemo struct {
	read  func(line []byte) (time.Time, parser.TimeBasis, bool)
	head  []byte // the line that was read, up to and with the mark before its milliseconds
	after byte   // what follows its milliseconds
	whole time.Time
	basis parser.TimeBasis
}

// maxStampHead is how far into a line the milliseconds of its time may begin.
const maxStampHead = 40

// at returns the time at the head of a line.
func (m *stampMemo) at(line []byte) (time.Time, parser.TimeBasis, bool) {
	n := len(m.head)
	if n > 0 && len(line) > n+3 && line[n+3] == m.after && bytes.Equal(line[:n], m.head) {
		if ms, ok := millis(line[n : n+3]); ok {
			return m.whole.Add(ms), m.basis, true
		}
	}
	t, basis, ok := m.read(line)
	m.head = nil
	if n = millisAt(line); ok && n > 0 && line[n+3] != '+' && line[n+3] != '-' { // a zone may change from line to line
		if ms, _ := millis(line[n : n+3]); t.Nanosecond() == int(ms) {
			m.head, m.after, m.whole, m.basis = line[:n], line[n+3], t.Add(-ms), basis
		}
	}
	return t, basis, ok
}

// millisAt returns the index of the milliseconds of a clock at the head of a line,
// "10:11:12.345" or with a comma, or 0. No further digit may follow them.
func millisAt(line []byte) int {
	for i := 6; i < maxStampHead && i+4 <= len(line); i++ {
		if (line[i-1] == '.' || line[i-1] == ',') && line[i-4] == ':' && isDigit(line[i-2]) && isDigit(line[i-3]) {
			if _, ok := millis(line[i : i+3]); ok && i+3 < len(line) && !isDigit(line[i+3]) {
				return i
			}
			return 0
		}
	}
	return 0
}

func millis(digits []byte) (time.Duration, bool) {
	n := 0
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return time.Duration(n) * time.Millisecond, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
