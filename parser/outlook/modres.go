package outlook

import (
	"strings"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// modresFormat reads Modification Resolution items: what Outlook wrote when it
// merged two versions of an item.
type modresFormat struct{}

func (modresFormat) Name() string  { return "outlook_modres" }
func (modresFormat) Title() string { return "Outlook Modification Resolution item" }

func (modresFormat) Assembler(parser.Source) parser.Assembler { return &modresAssembler{} }

// Claim implements parser.Format.
func (modresFormat) Claim(head []parser.Line) parser.Claim {
	t := tally{}
	for _, l := range head {
		text, _, timed := clockText(l.Text)
		if text == "" {
			continue
		}
		t.lines++
		switch {
		case isForeign(text):
			t.alien()
		case isModresMark(text):
			t.mark(true)
		case timed:
			t.mark(false)
		}
	}
	return t.claim()
}

// isModresMark reports whether a line is one that only these items have.
func isModresMark(text string) bool {
	if starts(text, "message class: {su:") || starts(text, "successfully auto-resolved") || starts(text, "local message entry id: {cb:") {
		return true
	}
	_, property := within(text, "named property: 0x")
	return property && len(text) < 120 || strings.HasSuffix(text, "Conflict Resolution") && len(text) < 60
}

// clockText returns the text of a line without quote marks and clock, and the clock.
func clockText(line string) (text string, clock string, timed bool) {
	rest := strings.TrimLeft(unquote(line), " \t\u00a0")
	_, n := parseClock(rest)
	return trim(rest[n:]), rest[:n], n > 0
}

// A modresAssembler makes one record of a whole item.
type modresAssembler struct {
	open     entry
	conflict conflict
}

// A conflict is what an item says.
type conflict struct {
	begun    bool // the line with the message class was seen
	class    string
	subject  string
	resolved bool
	clock    string
	message  []string
	bytes    int // of message
}

// Add implements parser.Assembler. In an item whose lines were all joined into one,
// the next item begins at its clock.
func (a *modresAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	for {
		at := nextItem(l.Text)
		if at <= 0 {
			a.add(l, emit)
			return
		}
		head, tail := l.Cut(at)
		a.add(head, emit)
		l = tail
	}
}

// nextItem returns the index at which another item begins inside a line, or 0.
func nextItem(text string) int {
	const mark = "Message class: {"
	at := headLen(text)
	if strings.HasPrefix(text[at:], mark) {
		at += len(mark)
	}
	next := strings.Index(text[at:], mark)
	if next < 0 {
		return 0
	}
	before := strings.TrimRight(text[:at+next], " \t")
	for n := 8; n >= 7; n-- {
		if len(before) <= n {
			continue
		}
		if _, m := parseClock(before[len(before)-n:]); m == n {
			return len(before) - n
		}
	}
	return at + next
}

func (a *modresAssembler) add(l parser.Line, emit func(*parser.Record)) {
	text, clock, timed := clockText(l.Text)
	begins := starts(text, "message class: {")
	if a.open.begun && (begins && a.conflict.begun || a.open.full()) {
		a.Close(emit)
	}
	if !a.open.begun && text == "" {
		emit(blankRecord(l))
		return
	}
	a.open.add(l)
	if timed && a.conflict.clock == "" {
		a.conflict.clock = clock
	}
	a.conflict.begun = a.conflict.begun || begins
	a.conflict.see(text)
}

// see takes note of a line.
func (c *conflict) see(text string) {
	if c.class == "" {
		c.class = taggedText(text, "message class:")
	}
	if s := taggedText(text, "local subject:"); s != "" {
		c.subject = s
	}
	if c.subject == "" {
		c.subject = taggedText(text, "remote subject:")
	}
	if _, ok := within(text, "successfully auto-resolved"); ok {
		c.resolved = true
	}
	if text != "" && c.bytes < maxEntry {
		c.message = append(c.message, text)
		c.bytes += len(text)
	}
}

// taggedText returns the string in "label {SU:…}". It may hold braces.
func taggedText(text, label string) string {
	rest, ok := within(text, label)
	if !ok {
		return ""
	}
	value, ok := after(trim(rest), "{su:")
	if !ok {
		return ""
	}
	if end := nextClock(value); end > 0 {
		value = value[:end]
	}
	if end := strings.LastIndexByte(value, '}'); end >= 0 {
		value = value[:end]
	}
	return trim(value)
}

// nextClock returns the index of the first clock behind the end of a value in
// braces, 0 if there is none.
func nextClock(text string) int {
	for i := 1; i < len(text); i++ {
		if !isDigit(text[i]) || isDigit(text[i-1]) || !strings.HasSuffix(strings.TrimRight(text[:i], " \t>"), "}") {
			continue
		}
		if _, n := parseClock(text[i:]); n > 0 {
			return i
		}
	}
	return 0
}

// Close implements parser.Assembler.
func (a *modresAssembler) Close(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	if clock, n := parseClock(a.conflict.clock); n > 0 {
		r.SetClock(clock)
	}
	r.Message = strings.Join(a.conflict.message, "\n")
	r.Set("event", "conflict")
	r.Set("outcome", "unresolved")
	if a.conflict.resolved {
		r.Set("outcome", "auto-resolved")
	}
	r.Set("message_class", a.conflict.class)
	r.Set("subject", a.conflict.subject)
	a.open, a.conflict = entry{}, conflict{}
	emit(r)
}

// Codes implements parser.CodePolicy: an item names properties, and 0x8004010F in
// it means that one is absent.
func (a *modresAssembler) Codes(*parser.Record) []codes.Code { return nil }
