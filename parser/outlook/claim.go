package outlook

import (
	"strings"

	"oxtail/parser"
)

// decisive is the specificity of a claim by marks that no other log carries; see
// parser.Choose.
const decisive = 120

// A tally counts what a grammar recognises in a source's head.
type tally struct {
	strong  int // lines that no other kind of log has
	weak    int // lines that fit, but prove nothing
	foreign int // lines that begin like those of another log: a full date, JSON, markup
	lines   int // lines that are not blank
	first   int // number of the line (not blank) with the first strong mark, 1-based
	last    int
	opening bool // the first line is foreign
}

func (t *tally) mark(strong bool) {
	if !strong {
		t.weak++
		return
	}
	t.strong++
	if t.first == 0 {
		t.first = t.lines
	}
	t.last = t.lines
}

func (t *tally) alien() {
	t.foreign++
	t.opening = t.opening || t.lines == 1
}

// refuse reports whether another log merely quotes this grammar.
func (t *tally) refuse() bool {
	const quotes = 3 // marks for each foreign line that make the quotation the main thing
	return t.strong == 0 || t.foreign > t.strong+t.weak || t.opening && t.strong < quotes*t.foreign
}

// claim turns the counts into a claim. Several strong marks in the middle of a mail
// are a quoted log: what stands around them is not judged.
func (t *tally) claim() parser.Claim {
	const several = 3
	if t.refuse() {
		return parser.Claim{}
	}
	c := parser.Claim{Matched: t.strong + t.weak, Considered: t.lines, Specificity: decisive}
	if t.strong >= several {
		span := t.last - t.first + 1
		c.Considered = min(t.lines, max(c.Matched, span))
	}
	c.Matched = min(c.Matched, c.Considered)
	return c
}

// isForeign reports whether a line begins as lines of other logs do: with a full
// date, a JSON object, or markup.
func isForeign(text string) bool {
	text = strings.TrimLeft(text, " \t[(\"")
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "<?xml") || strings.HasPrefix(text, "//") {
		return true
	}
	n, separators := 0, 0
	for n < len(text) && n < 10 {
		switch c := text[n]; {
		case isDigit(c):
		case (c == '-' || c == '/' || c == '.') && n > 0:
			separators++
		default:
			return separators == 2 && n >= 6
		}
		n++
	}
	return separators == 2
}
