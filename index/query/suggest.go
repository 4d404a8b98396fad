package query

import (
	"fmt"
	"strings"
	"time"
)

// suggestTime returns what a time that was not understood most likely means, in the form
// of a query; spelled is the word as it was written.
func (p *reading) suggestTime(field, spelled string) string {
	for _, try := range timeGuesses(spelled) {
		if _, err := p.opts.When(try, false); err == nil {
			return fmt.Sprintf("did you mean %s:%s?", field, try)
		}
	}
	if isClock(spelled) {
		return fmt.Sprintf("a clock needs its day: %s:2026-03-05T%s", field, spelled)
	}
	return fmt.Sprintf("for instance %s:2026-03-05, %s:2026-03-05T08:00:00 or %s:2h", field, field, field)
}

// timeGuesses turns dates of other customs into those of a query.
func timeGuesses(text string) []string {
	var out []string
	for _, layout := range []string{"2.1.2006", "2.1.06", "1/2/2006", "2/1/2006", "2006/1/2", "20060102", "2006-1-2", "2006-2-1", "2 Jan 2006", "Jan 2 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			out = append(out, t.Format(time.DateOnly))
		}
	}
	if word := nearest(text, []string{"today", "yesterday", "now"}); word != "" {
		out = append(out, word)
	}
	return out
}

// isClock reports whether a text is a time of day alone.
func isClock(text string) bool {
	for _, layout := range []string{"15:04", "15:04:05", "15:04:05.000"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// missingColon notices "level>warn", which would look for the words "level" and "warn".
func (p *reading) missingColon(w word) error {
	if w.quoted {
		return nil
	}
	name, rest, found := strings.Cut(w.text, ">")
	op := ">"
	if !found {
		name, rest, found = strings.Cut(w.text, "<")
		op = "<"
	}
	name = strings.ToLower(name)
	if !found || name != "level" && name != "time" || rest == "" {
		return nil
	}
	return p.fail(w.at+len(name), fmt.Sprintf(`did you mean %s:%s%s? for the text itself write it in quotes`, name, op, rest), "a colon is missing behind %s", name)
}
