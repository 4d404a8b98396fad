package outlook

import (
	"strings"

	"oxtail/parser"
)

// Claim implements parser.Format.
func (syncFormat) Claim(head []parser.Line) parser.Claim {
	t := syncTally{}
	for _, l := range head {
		if isBlank(l.Text) {
			continue
		}
		if isForeign(unquote(l.Text)) {
			t.lines++
			t.alien()
			continue
		}
		cutSync(l, t.see)
	}
	return t.claim()
}

// A syncTally counts the marks of synchronization logs.
type syncTally struct {
	tally
	follow int // lines of text that may still belong to the last mark
}

// textLines is how many lines without a mark an error may have: its message, wrapped.
const textLines = 4

func (t *syncTally) see(l parser.Line) {
	s := parseSyncLine(l)
	if s.text == "" {
		return
	}
	t.lines++
	strong := isSyncMark(s)
	switch {
	case strong && (t.strong > 0 || s.timed || t.lines == 1 || s.class != syncError):
		t.mark(true)
		t.follow = textLines
	case s.timed || s.class != syncOther && t.strong > 0:
		t.mark(false)
		t.follow = textLines
	case t.follow > 0:
		t.follow--
		t.mark(false)
	}
}

// isSyncMark reports whether a line is one that only these logs have. Lines without
// a time must be whole: prose also says "error synchronizing folder".
func isSyncMark(s syncLine) bool {
	switch s.class {
	case syncVersion, syncMoved:
		return true
	case syncMailbox:
		rest, _ := after(s.text, "synchronizing mailbox")
		return s.timed || startsQuoted(rest)
	case syncScope:
		return s.timed || s.what == "folder" && endsQuoted(s.text)
	case syncConnect:
		return endsQuoted(s.text)
	case syncCount:
		return strings.Contains(s.text, "line folder") || strings.Contains(s.text, "line store")
	case syncError:
		return s.what != "" && (s.timed || isWholeError(s.text) || mentionsVector(s.text))
	case syncOAB:
		rest, _ := after(s.text, "microsoft exchange offline address book")
		rest = trim(rest)
		return s.timed || rest == "" || starts(rest, "0x") || starts(rest, "not downloading")
	case syncOABText:
		return true
	case syncVector:
		return s.timed || s.text[0] == '['
	case syncOther:
		return mentionsVector(s.text)
	}
	return false
}

func startsQuoted(s string) bool {
	s = trim(s)
	return isQuoteStart(s) || strings.HasPrefix(s, "<")
}

// isWholeError reports whether a line is the first sentence of an error and nothing else.
func isWholeError(text string) bool {
	text = strings.TrimRight(trim(withoutVector(text)), ". ")
	if endsQuoted(text) {
		return true
	}
	for _, whole := range [...]string{
		"error synchronizing folder", "error synchronizing view/form", "error synchronizing hierarchy", "error sending message",
		"terminated in error", "synchronization of some deletions failed", "could not connect to public folder server",
	} {
		if rest, ok := after(text, whole); ok && rest == "" {
			return true
		}
	}
	return false
}
