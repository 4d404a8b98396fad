package detectors

import (
	"errors"
	"fmt"
	"strings"
)

// A LoadError is one thing that is wrong in a rule file, with its place.
type LoadError struct {
	File    string // path inside the rules folder
	Line    int    // 1-based; 0 when the whole file is meant
	Problem string
}

// Error returns "file:line: problem".
func (e *LoadError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Problem
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem)
}

// maxSuggestDistance is how many letters a word may be off and still be taken for a
// slip of a known one.
const maxSuggestDistance = 3

// suggest returns `; did you mean "x"?` for the known word that is closest to a
// misspelt one, or "".
func suggest(word string, known []string) string {
	best, bestDistance := "", maxSuggestDistance+1
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k))
		if d < bestDistance && d <= (len(k)+1)/2 {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// unexpected returns the error for a word that is not one of a list.
func unexpected(what, word string, known []string) error {
	return errors.New(unexpectedText(what, word, known))
}

func unexpectedText(what, word string, known []string) string {
	text := fmt.Sprintf("unexpected %s %q", what, word)
	if hint := suggest(word, known); hint != "" {
		return text + hint
	}
	return text + "; want one of " + strings.Join(known, ", ")
}

// maxWord bounds the words that are compared for a suggestion, in bytes.
const maxWord = 64

// distance is the Levenshtein distance of two words in bytes.
func distance(a, b string) int {
	if len(a) > maxWord || len(b) > maxWord {
		return maxWord
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
