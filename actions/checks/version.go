package checks

import (
	"strconv"
	"strings"
)

// maxVersionParts bounds the numbers of a version; real ones have four.
const maxVersionParts = 8

// ParseVersion reads the numbers of a version such as 6.5.8353.0. Words around it make
// it no version.
func ParseVersion(text string) (numbers []uint64, ok bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "v")
	if text == "" {
		return nil, false
	}
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.ParseUint(strings.TrimSpace(part), 10, 63)
		if err != nil || len(numbers) == maxVersionParts {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}

// CompareVersions compares two versions number by number; missing numbers are 0.
func CompareVersions(a, b []uint64) int {
	at := func(v []uint64, i int) uint64 {
		if i < len(v) {
			return v[i]
		}
		return 0
	}
	for i := range max(len(a), len(b)) {
		switch x, y := at(a, i), at(b, i); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
	}
	return 0
}

// Release gives the first two numbers of a version, 15.0 of 15.0.712.24.
func Release(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return version
	}
	return parts[0] + "." + parts[1]
}
