package codes

import (
	"strings"
	"sync"
)

// A Vector is the bracketed error of a synchronization log,
// [HRESULT-message-result-context], in upper-case hexadecimal digits without
// leading zeros. The short form [0-130] has only a Context.
type Vector struct {
	HRESULT string // 8 digits, result of the local operation; empty in the short form
	Message string // id of the message text, the same in every UI language
	Result  string // result of the server call: 0, ecXxx, HRESULT or negative JET error
	Context string // place in the synchronizer
}

// String returns the vector as it is written in the log, with its brackets.
func (v Vector) String() string {
	if v.HRESULT == "" {
		return "[0-" + v.Context + "]"
	}
	return "[" + v.HRESULT + "-" + v.Message + "-" + v.Result + "-" + v.Context + "]"
}

// FindVector returns the first vector in text, in brackets or after "err=" in the
// link that follows it, and its place.
func FindVector(text string) (v Vector, start, end int, ok bool) {
	for i := 0; i < len(text); i++ {
		var open int
		switch {
		case text[i] == '[':
			open = 1
		case text[i]|0x20 == 'e' && i+4 <= len(text) && strings.EqualFold(text[i:i+4], "err="):
			open = 4
		default:
			continue
		}
		if v, n, ok := parseVector(text[i+open:]); ok {
			after := i + open + n
			if open == 1 {
				if after >= len(text) || text[after] != ']' {
					continue
				}
				after++
			}
			return v, i, after, true
		}
	}
	return Vector{}, 0, 0, false
}

// parseVector reads the digits and hyphens of a vector at the start of s.
func parseVector(s string) (Vector, int, bool) {
	end := 0
	for end < len(s) && (isHex(s[end]) || s[end] == '-') {
		end++
	}
	parts := strings.Split(strings.ToUpper(s[:end]), "-")
	switch {
	case len(parts) == 4 && len(parts[0]) == 8 && parts[0][0] >= '8' && within(parts[1], 8) && within(parts[2], 8) && within(parts[3], 4):
		return Vector{parts[0], parts[1], parts[2], parts[3]}, end, true
	case len(parts) == 2 && parts[0] == "0" && within(parts[1], 4):
		return Vector{Context: parts[1]}, end, true
	}
	return Vector{}, 0, false
}

func within(s string, most int) bool { return len(s) >= 1 && len(s) <= most }

// A VectorField is what the tables say about one field of a vector.
type VectorField struct {
	Name    string
	Meaning string
	Verdict string // hint, may be empty
}

// Field describes a value of field 2 (message), 3 (result) or 4 (context). Any
// FFFFFxxx of field 3 is a negative JET error.
func (v Vector) Field(number int) (VectorField, bool) {
	value := [...]string{2: v.Message, 3: v.Result, 4: v.Context}[number]
	if number == 3 && len(value) == 8 && strings.HasPrefix(value, "FFFFF") {
		value = "FFFFFEAE"
	}
	f, ok := vectorTable()[vectorKey{number, value}]
	return f, ok
}

type vectorKey struct {
	number int
	value  string
}

var vectorTable = sync.OnceValue(func() map[vectorKey]VectorField {
	t := make(map[vectorKey]VectorField, 64)
	for _, row := range rows("vector.tsv", vectorTSV, 6) {
		t[vectorKey{int(row[0][0] - '0'), row[1]}] = VectorField{Name: row[2], Meaning: row[3], Verdict: row[4]}
	}
	return t
})

// Explain names what the fields say, in the order of the vector.
func (v Vector) Explain() []string {
	var out []string
	if v.HRESULT != "" {
		c := Code("0x" + v.HRESULT)
		if e, ok := Lookup(c); ok {
			out = append(out, strings.TrimSpace(string(c)+" "+e.Name)+": "+e.Meaning)
		}
	}
	for n := 2; n <= 4; n++ {
		if f, ok := v.Field(n); ok && f.Meaning != "" {
			out = append(out, f.Name+": "+f.Meaning)
		}
	}
	return out
}
