package query

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Error says what is wrong with a query, where, and what may have been meant.
type Error struct {
	Query   string
	Pos     int // byte index of what is wrong
	Reason  string
	Suggest string // remedy, or empty
	Field   string // the unknown field, if that is what is wrong: an index may know it
}

// Error names the column (1-based, in characters) and the reason.
func (e *Error) Error() string {
	shown := fmt.Sprintf("%q", e.Query)
	if strings.Contains(e.Query, `"`) && !strings.ContainsFunc(e.Query, func(r rune) bool { return r == '\'' || unicode.IsControl(r) }) {
		shown = "'" + e.Query + "'" // as it was typed: the column is counted there
	}
	return fmt.Sprintf("query %s, column %d: %s", shown, utf8.RuneCountInString(e.Query[:e.Pos])+1, e.Reason)
}

// Hint returns the remedy.
func (e *Error) Hint() string { return e.Suggest }

// nearest returns the name that a mistyped one most likely means, or "".
func nearest(word string, names []string) string {
	word = strings.ToLower(word)
	best, least := "", max(1, min(3, len(word)/2))+1
	for _, n := range names {
		if d := distance([]rune(word), []rune(n), least); d < least {
			best, least = n, d
		}
	}
	if best != "" {
		return best
	}
	if i := slices.IndexFunc(names, func(n string) bool { return len(word) >= 2 && strings.HasPrefix(n, word) }); i >= 0 {
		return names[i]
	}
	return ""
}

// distance is the number of letters to insert, delete, replace or swap with their
// neighbour to turn a into b; most+1 stands for everything above most.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		least := next[0]
		for j := range b {
			next[j+1] = step(a, b, i, j, before, row, next)
			least = min(least, next[j+1])
		}
		if least > most {
			return most + 1
		}
		before, row = row, next
	}
	return min(row[len(b)], most+1)
}

func step(a, b []rune, i, j int, before, row, next []int) int {
	cost := 1
	if a[i] == b[j] {
		cost = 0
	}
	d := min(row[j]+cost, row[j+1]+1, next[j]+1)
	if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
		d = min(d, before[j-1]+1)
	}
	return d
}
