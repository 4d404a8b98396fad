package redact

import (
	"strconv"
	"strings"
)

// parsePseudonym reads "user-12" and "domain-3.invalid". SIDs are read by their own
// pattern.
func parsePseudonym(s string) (Kind, int, bool) {
	s = strings.TrimSuffix(s, ".invalid")
	word, digits, ok := strings.Cut(s, "-")
	if !ok || len(digits) == 0 || len(digits) > 9 || digits[0] == '0' {
		return "", 0, false
	}
	for _, k := range Kinds() {
		if k != SID && word == string(k) {
			n, err := strconv.Atoi(digits)
			return k, n, err == nil
		}
	}
	return "", 0, false
}
