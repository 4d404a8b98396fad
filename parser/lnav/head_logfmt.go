package lnav

import (
	"strconv"
	"strings"

	"oxtail/parser"
)

// A logfmtHead reads lines of key=value pairs. To count as one, a line must hold
// nothing else, and name its time, level or message: a line of prose that mentions
// "a=b" is not logfmt.
type logfmtHead struct{ def *definition }

// Read implements Head.
func (h *logfmtHead) Read(line string, r *parser.Record) (Reading, bool) {
	pairs, ok := logfmtPairs(line)
	const least = 2 // one pair is an assignment
	if !ok || len(pairs) < least {
		return Reading{}, false
	}
	d := h.def
	if firstPair(pairs, d.timestamp) < 0 && firstPair(pairs, d.levelField) < 0 && firstPair(pairs, d.body) < 0 {
		return Reading{}, false
	}
	return d.fillPairs(pairs, line, r), true
}

func logfmtPairs(line string) ([]pair, bool) {
	var pairs []pair
	rest := strings.TrimSpace(line)
	for rest != "" && len(pairs) < maxFields {
		p, n := logfmtPair(rest)
		if n == 0 {
			return nil, false
		}
		pairs = append(pairs, p)
		rest = strings.TrimLeft(rest[n:], " \t")
	}
	return pairs, true
}

// logfmtPair reads one pair and returns its length, 0 if there is none.
func logfmtPair(s string) (pair, int) {
	n := 0
	for n < len(s) && isKeyByte(s[n]) {
		n++
	}
	if n == 0 || n >= len(s) || s[n] != '=' {
		return pair{}, 0
	}
	p := pair{name: s[:n]}
	value, end := logfmtValue(s, n+1)
	p.value = value
	_, err := strconv.ParseFloat(value, 64)
	p.number = err == nil
	return p, end
}

func isKeyByte(c byte) bool {
	return isWord(c) || c == '.' || c == '-' || c == '/' || c == '@' || c == ':'
}

func logfmtValue(s string, at int) (string, int) {
	if at < len(s) && s[at] == '"' {
		r := jsonReader{text: s, at: at}
		if text, err := r.string(); err == nil {
			return text, r.at
		}
		return "", 0
	}
	end := at
	for end < len(s) && s[end] != ' ' && s[end] != '\t' {
		end++
	}
	return s[at:end], end
}
