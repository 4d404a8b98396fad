package outlook

import (
	"strconv"
	"strings"
	"time"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// syncFormat reads the items that Outlook puts into the folder Sync Issues, subject
// "Synchronization Log: ", and what people quote of them.
type syncFormat struct{}

func (syncFormat) Name() string  { return "outlook_sync" }
func (syncFormat) Title() string { return "Outlook synchronization log" }

func (syncFormat) Assembler(parser.Source) parser.Assembler { return &syncAssembler{} }

// maxSyncVectors bounds the vectors that are remembered within one scope.
const maxSyncVectors = 64

// A syncAssembler turns the lines of synchronization logs into records: one for each
// progress or count line, one for an error with its details.
type syncAssembler struct {
	open *syncEntry // nil when none is open
	run  syncRun
}

// A syncRun is what the lines of one log have said so far.
type syncRun struct {
	number    int  // 1-based number of the log in the source
	begun     bool // a line of a log was seen
	version   string
	mailbox   string
	server    string
	scope     string
	folder    string
	direction string
	headed    syncClass           // last heading line seen, syncOther if content followed
	vectors   map[string]struct{} // of message, send and view errors in this scope
}

// A syncEntry is an entry that may go on.
type syncEntry struct {
	entry
	class syncClass
	what  string
	clock time.Duration // of the first line that has a time
	timed bool
	gap   bool // the last line was blank
	parts []syncPart

	vector   codes.Vector // first one seen
	vectored bool
	indented bool // that vector stood away from the margin
	coded    bool // a code of an address-book entry was seen
}

// A syncPart is a line of an entry with the wrapped lines that continue it.
type syncPart struct {
	class    syncClass
	text     string
	indented bool
	marked   parser.Mark
}

// Add implements parser.Assembler.
func (a *syncAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	if a.open != nil && a.open.full() {
		a.flush(emit)
	}
	cutSync(l, func(part parser.Line) { a.add(parseSyncLine(part), emit) })
}

// Close implements parser.Assembler.
func (a *syncAssembler) Close(emit func(*parser.Record)) { a.flush(emit) }

func (a *syncAssembler) add(s syncLine, emit func(*parser.Record)) {
	switch {
	case s.text == "" && a.open == nil:
		emit(blankRecord(s.line))
	case s.text == "":
		a.open.entry.add(s.line)
		a.open.gap = true
	case a.open != nil && a.open.takes(s):
		a.open.take(s)
	default:
		a.flush(emit)
		a.open = &syncEntry{class: s.class, what: s.what}
		a.open.become(s)
		a.open.take(s)
	}
}

// become settles what kind of entry a line begins when it is not a heading of its own.
func (e *syncEntry) become(s syncLine) {
	switch s.class {
	case syncVector:
		e.class, e.what = syncError, "vector"
	case syncOABText, syncOABCode:
		e.class = syncOAB
	case syncOther, syncDetail:
		e.class = syncOther
		switch {
		case s.class == syncOther && mentionsVector(s.text):
			e.class, e.what = syncError, "vector"
		case s.mark == parser.MarkError:
			e.class, e.what = syncError, ""
		}
	}
}

// takes reports whether a line belongs to the entry.
func (e *syncEntry) takes(s syncLine) bool {
	switch s.class {
	case syncOther:
		return e.takesText(s) && (e.class != syncOther || !mentionsVector(s.text))
	case syncVector:
		return e.takesVector(s)
	case syncOABText:
		return e.class == syncOAB
	case syncOABCode:
		return e.class == syncOAB || e.class == syncError || e.class == syncOther
	case syncDetail:
		return e.isBlock() || !s.timed
	case syncContext:
		return e.isBlock()
	}
	return false
}

// isBlock reports whether the entry takes detail lines along.
func (e *syncEntry) isBlock() bool { return e.class == syncError || e.class == syncOAB }

// takesText decides about a line that no phrase names: it is the text of a message,
// a wrapped line, or a sentence in another language. The latter begin at the margin
// while details are indented, and are red.
func (e *syncEntry) takesText(s syncLine) bool {
	switch {
	case !s.timed && s.mark == parser.MarkNone:
		return !e.complete()
	case !e.isBlock():
		return !s.timed
	case beginsPhrase(s.text):
		return false
	case s.indented:
		return true
	case s.mark != parser.MarkNone, e.parts[0].marked != parser.MarkNone:
		return false
	}
	return !e.indented
}

// complete reports whether text without a time can no longer belong to the entry:
// the code ends an address-book entry, and behind a blank line only the texts of
// errors go on.
func (e *syncEntry) complete() bool {
	switch e.class {
	case syncError:
		return false
	case syncOAB:
		return e.coded
	}
	return e.gap && !e.wrapped()
}

// takesVector decides about a vector. The second one in an entry is another error,
// unless it repeats the first, as the link does.
func (e *syncEntry) takesVector(s syncLine) bool {
	if e.class != syncError && e.class != syncOAB && e.class != syncOther {
		return false
	}
	if !e.vectored || s.text[0] != '[' {
		return true
	}
	v, _ := vectorIn(s.text)
	return v == e.vector
}

// take appends a line.
func (e *syncEntry) take(s syncLine) {
	e.entry.add(s.line)
	e.gap = false
	if s.timed && !e.timed {
		e.clock, e.timed = s.clock, true
	}
	switch {
	case len(e.parts) == 0:
	case s.class == syncVector && e.class == syncOther:
		e.class, e.what = syncError, "vector"
	case s.class == syncOABCode && e.class == syncOther:
		e.class = syncOAB
	case s.class == syncOther && !s.timed && e.wrapped():
		e.wrap(s.text)
		return
	}
	e.note(s)
	e.parts = append(e.parts, syncPart{s.class, s.text, s.indented, s.mark})
}

// wrap joins a wrapped line to the one above, which may become a known sentence by it.
func (e *syncEntry) wrap(text string) {
	last := &e.parts[len(e.parts)-1]
	last.text += " " + text
	if e.class != syncOther || len(e.parts) > 1 {
		return
	}
	if class, what := classifySync(last.text); beginsLine(class, what) || class == syncScope {
		e.class, e.what, last.class = class, what, class
	}
}

// note remembers what decides about the lines that follow.
func (e *syncEntry) note(s syncLine) {
	if v, ok := vectorIn(s.text); ok && !e.vectored {
		e.vector, e.vectored = v, true
		e.indented = s.indented && s.class == syncVector
	}
	e.coded = e.coded || e.class == syncOAB && (s.class == syncOABCode || bareCode(s.text) != "" || len(codes.Find(s.text)) > 0)
}

// maxSentence is the longest sentence in bytes that is joined from wrapped lines.
const maxSentence = 4 << 10

// wrapped reports whether text without a time continues the last part: message text
// always does, a heading only while it is not complete.
func (e *syncEntry) wrapped() bool {
	last := e.parts[len(e.parts)-1]
	if len(last.text) > maxSentence {
		return false
	}
	switch last.class {
	case syncVector, syncOABCode, syncDetail, syncDone:
		return false
	case syncOther:
		return true
	case syncError:
		if e.what == "" {
			return true
		}
	}
	if len(e.parts) == 1 && endsPhrase(last.text) {
		return true
	}
	return quotes(last.text)%2 == 1 && !endsQuoted(last.text)
}

// flush emits the open entry.
func (a *syncAssembler) flush(emit func(*parser.Record)) {
	if a.open == nil {
		return
	}
	e := a.open
	a.open = nil
	r := e.record()
	if e.timed {
		r.SetClock(e.clock)
	}
	r.Message = e.message()
	a.run.describe(e, r)
	emit(r)
}

// message returns the entry's text without quote marks and times.
func (e *syncEntry) message() string {
	texts := make([]string, len(e.parts))
	for i, p := range e.parts {
		texts[i] = p.text
	}
	return strings.Join(texts, "\n")
}

// setCount sets the fields of a count line.
func setCount(r *parser.Record, text string) {
	digits := 0
	for digits < len(text) && isDigit(text[digits]) {
		digits++
	}
	if n, err := strconv.Atoi(text[:digits]); err == nil {
		r.Set("count", strconv.Itoa(n))
	}
	r.Set("count_of", countOf(text))
	for _, did := range [...][2]string{{"added to", "added"}, {"updated in", "updated"}, {"deleted in", "deleted"}, {"changed read-state in", "read-state"}} {
		rest, ok := within(text, did[0])
		if !ok {
			continue
		}
		r.Set("count_did", did[1])
		for _, place := range [...]string{"offline", "online"} {
			if starts(trim(rest), place) {
				r.Set("count_in", place)
			}
		}
	}
}
