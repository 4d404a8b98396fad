package lnav

import (
	"fmt"
	"strings"

	"oxtail/parser"
)

// A LineReport says what a format makes of one line.
type LineReport struct {
	Line      int    // 1-based number
	Text      string // the line
	Matched   bool
	Continues bool   // not matched, but part of the entry above
	Pattern   string // name of the pattern that matched, or that came furthest
	Record    *parser.Record
	Why       string // why it did not match, for people; or what is wrong with the match

	// Where the pattern that came furthest stopped, if none matched.
	Reached  int    // bytes of the line that it matched
	Prefix   string // its part that matched
	Expected string // its next part, that did not
}

// Explain reports line by line what matched and, where nothing did, how far the
// best pattern came.
func (f *Format) Explain(lines []parser.Line, src parser.Source) []LineReport {
	reports := make([]LineReport, 0, len(lines))
	inEntry := false
	for _, l := range lines {
		rep := f.explainLine(l, src)
		if !rep.Matched && inEntry && f.def.multiline {
			rep.Continues = true
		}
		inEntry = inEntry || rep.Matched
		reports = append(reports, rep)
	}
	return reports
}

func (f *Format) explainLine(l parser.Line, src parser.Source) LineReport {
	rep := LineReport{Line: l.Number, Text: l.Text}
	r := &parser.Record{Offset: l.Offset, Raw: l.Raw, Line: l.Number, Text: l.Text}
	in, ok := f.head.Read(l.Text, r)
	if ok {
		rep.Matched, rep.Record, rep.Why = true, r, in.Problem
		var days dayOrder
		days.settle(r, in, src)
		rep.Pattern = f.patternOf(l.Text)
		return rep
	}
	if r.Problem != "" {
		rep.Why = r.Problem
		return rep
	}
	f.explainMiss(&rep)
	return rep
}

// patternOf names the pattern that matches a line.
func (f *Format) patternOf(line string) string {
	for _, p := range f.def.patterns {
		if !p.module && p.matches(line) {
			return p.name
		}
	}
	return f.def.form
}

// explainMiss fills in how far the patterns came.
func (f *Format) explainMiss(rep *LineReport) {
	if len(f.def.patterns) == 0 {
		rep.Why = f.formMiss(rep.Text)
		return
	}
	for _, p := range f.def.patterns {
		if p.module {
			continue
		}
		m := p.furthest(rep.Text)
		if rep.Pattern == "" || m.reached > rep.Reached {
			rep.Pattern, rep.Reached, rep.Prefix, rep.Expected = p.name, m.reached, m.prefix, m.expected
		}
	}
	if rep.Pattern != "" {
		rep.Why = fmt.Sprintf("pattern %s matched the first %d bytes, then wants %s but finds %q",
			rep.Pattern, rep.Reached, rep.Expected, clip(rep.Text[rep.Reached:]))
	}
}

func (f *Format) formMiss(line string) string {
	switch f.def.form {
	case "json":
		if _, err := parseJSON(line, false); err != nil {
			return "not a JSON object: " + err.Error()
		}
		return "not a JSON object"
	case "logfmt":
		return "not a line of key=value pairs with a time, level or message"
	}
	return "no timestamp at the start of the line"
}

// furthest returns the end of the explanation of a line that no pattern matches.
func (f *Format) furthest(line string) string {
	rep := LineReport{Text: line}
	f.explainMiss(&rep)
	if rep.Why == "" {
		return ""
	}
	return " (" + rep.Why + ")"
}

// A reach is how far a pattern matched a line.
type reach struct {
	reached  int
	prefix   string
	expected string
}

// furthest finds the longest beginning of the pattern that matches the line. It
// tries the pattern cut after each of its parts; whether a beginning matches falls
// from yes to no once, so halving finds the place.
func (p *pattern) furthest(line string) reach {
	cuts := cutsOf(p.text)
	low, high := 0, len(cuts) // cuts[:low] match, cuts[high:] do not
	best := 0
	for low < high {
		mid := (low + high) / 2
		end, ok := matchPrefix(cuts[mid].closed(p.text), line)
		if ok {
			low, best = mid+1, end
		} else {
			high = mid
		}
	}
	r := reach{reached: best, prefix: p.text, expected: "the end of the line"}
	if low > 0 {
		r.prefix = p.text[:cuts[low-1].at]
	} else {
		r.prefix = ""
	}
	if low < len(cuts) {
		r.expected = strings.Trim(p.text[len(r.prefix):cuts[low].at], " ")
	}
	if r.expected == "" {
		r.expected = "a blank"
	}
	return r
}

// A cut is a place at which a pattern can be cut, with the groups open there.
type cut struct{ at, open int }

func (c cut) closed(pattern string) string {
	return pattern[:c.at] + strings.Repeat(")", c.open)
}

// cutsOf returns the places after the parts of a pattern. Groups with alternatives
// or a quantifier, and look-arounds, are one part; other groups are looked into.
func cutsOf(pattern string) []cut {
	var cuts []cut
	open := 0
	for at := 0; at < len(pattern); {
		switch pattern[at] {
		case '(':
			if n := opaqueGroup(pattern, at); n > 0 {
				at += n
				break
			}
			at += groupHead(pattern[at:])
			open++
			continue
		case ')':
			at++
			open--
			continue
		case '|':
			return cuts // alternatives at the top: no beginning to speak of
		case '[':
			at = classEnd(pattern, at)
		case '\\':
			at += 2
		default:
			at++
		}
		at = min(at+quantifierLen(pattern[min(at, len(pattern)):]), len(pattern))
		cuts = append(cuts, cut{at, max(open, 0)})
	}
	return cuts
}

// groupHead returns the length of ( with what says its kind: (?<name> and so on.
func groupHead(s string) int {
	switch {
	case strings.HasPrefix(s, "(?<") || strings.HasPrefix(s, "(?P<"):
		return strings.IndexByte(s, '>') + 1
	case strings.HasPrefix(s, "(?:"), strings.HasPrefix(s, "(?>"):
		return len("(?:")
	}
	return 1
}

// opaqueGroup returns the length of the group at i if it is one part, else 0.
func opaqueGroup(s string, i int) int {
	end, alternatives := groupEnd(s, i)
	special := false
	for _, prefix := range [...]string{"(?=", "(?!", "(?<=", "(?<!", "(?'", "(?i", "(?s", "(?m", "(?x", "(?-", "(?#"} {
		special = special || strings.HasPrefix(s[i:], prefix)
	}
	if special || alternatives || quantifierLen(s[end:]) > 0 {
		return end - i
	}
	return 0
}

// groupEnd returns the index after the group that starts at i, and whether it has
// alternatives at its own level.
func groupEnd(s string, i int) (end int, alternatives bool) {
	depth := 0
	for at := i; at < len(s); {
		switch s[at] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return at + 1, alternatives
			}
		case '|':
			alternatives = alternatives || depth == 1
		case '[':
			at = classEnd(s, at)
			continue
		case '\\':
			at++
		}
		at++
	}
	return len(s), alternatives
}

// quantifierLen returns the length of the quantifier at the start of s, with its
// lazy or possessive mark.
func quantifierLen(s string) int {
	if s == "" {
		return 0
	}
	n := 0
	switch s[0] {
	case '*', '+', '?':
		n = 1
	case '{':
		n = countedLen(s)
	}
	if n > 0 && n < len(s) && (s[n] == '?' || s[n] == '+') {
		n++
	}
	return n
}

// matchPrefix reports whether a beginning of a pattern matches a line, and up to
// where.
func matchPrefix(text, line string) (end int, ok bool) {
	p, err := compile(text)
	if err != nil {
		return 0, false
	}
	spans, err := p.match(line)
	if spans == nil || err != nil {
		return 0, false
	}
	return spans[0].end, true
}
