package outlook

import (
	"strings"
	"unicode/utf8"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// cutSync hands the entries' lines of a line to each: a log whose lines were all
// joined into one is split before every clock, and before the sentences that only
// begin a line.
func cutSync(l parser.Line, each func(parser.Line)) {
	quoted := strings.HasPrefix(strings.TrimLeft(l.Text, " "), ">")
	for {
		at := nextSyncEntry(l.Text, quoted)
		if at <= 0 {
			each(l)
			return
		}
		head, tail := l.Cut(at)
		each(head)
		l = tail
	}
}

// nextSyncEntry returns the index in text at which another entry begins, or 0.
func nextSyncEntry(text string, quoted bool) int {
	start := headLen(text)
	marks := 0
	for i := start; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && c != '\'' && c != '"' && c != '`' {
			if at := entryAt(text, i, start, marks); at > 0 {
				return withQuoteMark(text, at, quoted)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if isQuote(r) {
			marks++
		}
		i += n
	}
	return 0
}

// headLen returns the length of the quote marks, clock and blanks at the start of text.
func headLen(text string) int {
	rest := strings.TrimLeft(unquote(text), " \t\u00a0")
	_, n := parseClock(rest)
	return len(text) - len(strings.TrimLeft(rest[n:], " \t\u00a0"))
}

// entryAt reports whether an entry begins at i, and returns where.
func entryAt(text string, i, start, marks int) int {
	if i == start {
		return 0
	}
	switch c := text[i]; {
	case isDigit(c):
		return clockAt(text, i, marks)
	case c == '[' && marks%2 == 0 && startsWithVector(text[i:]):
		return vectorAt(text, i, start)
	case marks%2 == 0 && (text[i-1] == ' ' || text[i-1] == '\t') && strings.IndexByte("AESTDUM", c) >= 0:
		if class, what := classifySync(text[i:]); beginsLine(class, what) && !behindError(text[:i], class) {
			return i
		}
	}
	return 0
}

// vectorAt reports whether the vector at i begins an entry: it does behind another
// one, for an error has but one.
func vectorAt(text string, i, start int) int {
	first, at, _, ok := codes.FindVector(text[start:i])
	if !ok || text[start+at] != '[' {
		return 0
	}
	if v, _ := vectorIn(text[i:]); v == first {
		return 0
	}
	return i
}

// behindError reports whether the word before a scope makes it an error: in capitals
// "ERROR SYNCHRONIZING FOLDER" holds a scope line.
func behindError(before string, class syncClass) bool {
	before = trim(before)
	return class == syncScope && len(before) >= 5 && strings.EqualFold(before[len(before)-5:], "error")
}

// beginsLine reports whether a sentence of this class begins a line and is too
// peculiar to stand inside another one.
func beginsLine(class syncClass, what string) bool {
	switch class {
	case syncVersion, syncMailbox, syncConnect, syncMoved, syncOAB:
		return true
	case syncScope:
		return what == "folder"
	case syncError, syncDetail:
		return what != ""
	}
	return false
}

// clockAt reports whether the clock at i begins an entry. Inside quotation marks a
// clock is part of a name unless a sentence of the grammar follows; so it is
// behind other digits, where the clock's hour is not told from them.
func clockAt(text string, i, marks int) int {
	_, n := parseClock(text[i:])
	if n == 0 {
		return 0
	}
	before := text[i-1]
	if before == ':' || before == '.' || before == ',' || before == '-' || before == '/' || before == '+' {
		return 0
	}
	if marks%2 == 0 && !isDigit(before) && !behindDate(text[:i]) {
		return i
	}
	if class, _ := classifySync(trim(text[i+n:])); class != syncOther {
		return i
	}
	if class, what := classifySync(firstSentence(text[i+n:])); class != syncOther || what != "" {
		return i
	}
	return 0
}

// firstSentence returns the text up to the next clock, for phrases that must be a
// whole line.
func firstSentence(text string) string {
	const longest = 64 // bytes; the phrases that are a whole line are shorter
	text = trim(text[:min(len(text), longest)])
	for i := 1; i < len(text); i++ {
		if isDigit(text[i]) && !isDigit(text[i-1]) {
			if _, n := parseClock(text[i:]); n > 0 {
				return trim(text[:i])
			}
		}
	}
	return text
}

// behindDate reports whether text ends in a date: the clock behind it belongs to it.
func behindDate(text string) bool {
	text = strings.TrimRight(text, " ")
	n := len(text)
	for n > 0 && (isDigit(text[n-1]) || strings.IndexByte("-/.", text[n-1]) >= 0) {
		n--
	}
	date := text[n:]
	return len(date) >= 8 && len(date) <= 10 && strings.ContainsAny(date, "-/.") && isDigit(date[0]) && isDigit(date[len(date)-1])
}

// withQuoteMark moves the cut before the mark of a quoted mail that belongs to the
// next entry.
func withQuoteMark(text string, at int, quoted bool) int {
	if !quoted {
		return at
	}
	head := strings.TrimRight(text[:at], " ")
	for strings.HasSuffix(head, " >") {
		head = strings.TrimRight(head[:len(head)-1], " ")
		at = len(head) + 1
	}
	return at
}
