package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"oxtail/parser/codes"
)

// This file holds the small conversions that all results go through on their way
// into the schemas.

// stamp returns a time in RFC 3339, "" for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// clean makes text of a log fit for output: secrets out, valid UTF-8.
func clean(s string) string { return Redact(strings.ToValidUTF8(s, "\uFFFD")) }

func cleanAll(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}

func codeStrings(list []codes.Code) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = string(c)
	}
	return out
}

// pairs returns "name=value" of each entry, by name.
func pairs(m map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+m[k])
	}
	return out
}
