package formats

import (
	"strings"

	"oxtail/parser"
	"oxtail/parser/lnav"
	"oxtail/parser/stamp"
)

// generic reads any line that holds a timestamp within its first bytes. What it says
// beyond the time is guessed, and the field "guessed" says what.
type generic struct{}

var _ lnav.RawHead = generic{}

// stampWithin is how far from the start of a line its timestamp may begin, in bytes:
// room for a level, a host or a thread before it.
const stampWithin = 40

// find returns the timestamp of a line and where it stands. Bare clocks and epochs
// count only at the very start: further on they are durations and identifiers.
func find[S ~string | ~[]byte](line S) (s stamp.Stamp, start, end int, ok bool) {
	for i := 0; i < len(line) && i <= stampWithin; i++ {
		if !beginsToken(line, i) {
			continue
		}
		s, n, found := stamp.Parse(line[i:])
		switch {
		case !found:
			continue
		case onlyBrackets(line[:i]):
		case !s.Has(stamp.Date) || isDigits(line[i:i+n]):
			continue
		case line[0] == ' ' || line[0] == '\t' || isLabel(line[:i]):
			return stamp.Stamp{}, 0, 0, false
		}
		return s, i, i + n, true
	}
	return stamp.Stamp{}, 0, 0, false
}

// beginsToken reports whether a word or number begins at i.
func beginsToken[S ~string | ~[]byte](line S, i int) bool {
	return isTokenByte(line[i]) && (i == 0 || !isTokenByte(line[i-1]) && line[i-1] != '.' && line[i-1] != '-')
}

func isTokenByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80 || c == '_'
}

func onlyBrackets[S ~string | ~[]byte](s S) bool {
	for i := range len(s) {
		if strings.IndexByte("[(<\"| \t", s[i]) < 0 {
			return false
		}
	}
	return true
}

// isLabel reports whether the text before a timestamp names it, as in "Modified: " and
// "time=": then the line tells a time and is no entry of a log. Levels are no names.
func isLabel[S ~string | ~[]byte](prefix S) bool {
	end := len(prefix)
	for end > 0 && (prefix[end-1] == ' ' || prefix[end-1] == '\t') {
		end--
	}
	if end == 0 || prefix[end-1] != ':' && prefix[end-1] != '=' {
		return false
	}
	start := end - 1
	for start > 0 && isTokenByte(prefix[start-1]) {
		start--
	}
	return !lnav.IsLevel(prefix[start : end-1])
}

func isDigits[S ~string | ~[]byte](s S) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Starts implements lnav.RawHead.
func (generic) Starts(line []byte) bool {
	_, _, _, ok := find(line)
	return ok
}

// StampOf implements lnav.RawHead.
func (generic) StampOf(line []byte) lnav.Reading {
	s, _, _, ok := find(line)
	return lnav.Reading{Stamp: s, Timed: ok}
}

// Read implements lnav.Head.
func (generic) Read(line string, r *parser.Record) (lnav.Reading, bool) {
	s, start, end, ok := find(line)
	if !ok {
		return lnav.Reading{}, false
	}
	g := guess{record: r}
	g.before(line[:start])
	r.Message = g.after(line[end:])
	g.levelInText()
	r.Set(lnav.FieldGuessed, strings.Join(g.guessed, " "))
	return lnav.Reading{Stamp: s, Timed: true}, true
}

// A guess collects what the words and brackets beside a timestamp seem to say.
type guess struct {
	record  *parser.Record
	guessed []string
}

func (g *guess) level(word string) bool {
	const least = 2 // single letters only in brackets: "I am" is no level
	return len(word) >= least && g.letter(word)
}

func (g *guess) letter(word string) bool {
	if g.record.Level != parser.LevelNone {
		return false
	}
	level := lnav.Level(word)
	if level == parser.LevelNone {
		return false
	}
	g.record.Level = level
	g.guessed = append(g.guessed, "level")
	return true
}

func (g *guess) thread(word string) bool {
	if g.record.Thread != "" || !looksLikeThread(word) {
		return false
	}
	g.record.Thread = word
	g.guessed = append(g.guessed, "thread")
	return true
}

func (g *guess) component(word string) bool {
	if g.record.Component != "" || !looksLikeName(word) {
		return false
	}
	g.record.Component = word
	g.guessed = append(g.guessed, "component")
	return true
}

// before looks at the words in front of the timestamp.
func (g *guess) before(text string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t[]()<>|:,", r) }) {
		g.level(word)
	}
}

// maxHeadTokens is how many words after the timestamp can belong to the head.
const maxHeadTokens = 5

// after takes level, thread and component from the start of what follows the
// timestamp and returns the message.
func (g *guess) after(text string) string {
	text = strings.TrimLeft(text, " \t]})>\":|,;")
	text = strings.TrimPrefix(text, "- ")
	for range maxHeadTokens {
		token, rest := headToken(text)
		if token == "" || !g.take(token, rest) {
			break
		}
		text = afterSeparators(rest)
	}
	return text
}

// afterSeparators skips what separates the parts of a head. A minus sign belongs to
// a number when a digit follows.
func afterSeparators(text string) string {
	text = strings.TrimLeft(text, " \t:|,;")
	return strings.TrimLeft(strings.TrimPrefix(text, "- "), " ")
}

// headToken cuts the first word, or bracketed part, off a text.
func headToken(text string) (token, rest string) {
	const longest = 80
	if text == "" {
		return "", ""
	}
	if i := strings.IndexByte("[(<", text[0]); i >= 0 {
		end := strings.IndexByte(text, "])>"[i])
		if end < 0 || end > longest {
			return "", text
		}
		return text[:end+1], text[end+1:]
	}
	end := strings.IndexAny(text, " \t|")
	if end < 0 || end > longest {
		return "", text
	}
	return text[:end], text[end:]
}

// take reports whether a token belongs to the head.
func (g *guess) take(token, rest string) bool {
	if strings.IndexByte("[(<", token[0]) >= 0 {
		inner := strings.TrimSpace(token[1 : len(token)-1])
		return g.letter(inner) || g.thread(inner) || g.component(inner) || inner == ""
	}
	word := strings.TrimRight(token, ":,")
	switch {
	case g.level(word):
		return true
	case word == token && g.isBareThread(word):
		return g.thread(word)
	case strings.HasSuffix(token, ":"), strings.HasPrefix(rest, " - "):
		return g.component(word)
	}
	return false
}

// isBareThread accepts a number without brackets as a thread only beside a level or
// with 0x: "12 items" is a message.
func (g *guess) isBareThread(word string) bool {
	return strings.HasPrefix(word, "0x") || g.record.Level != parser.LevelNone && isDigits(word)
}

func looksLikeThread(word string) bool {
	const longest = 24
	if word == "" || len(word) > longest {
		return false
	}
	lower := strings.ToLower(word)
	for _, prefix := range [...]string{"thread", "tid", "pid", "worker", "main", "0x"} {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	return strings.Trim(lower, "0123456789abcdef:-#") == "" && strings.ContainsAny(lower, "0123456789")
}

func looksLikeName(word string) bool {
	const longest = 64
	if word == "" || len(word) > longest || word[0] >= '0' && word[0] <= '9' {
		return false
	}
	for i := range len(word) {
		if !isTokenByte(word[i]) && strings.IndexByte(".:-/\\$", word[i]) < 0 {
			return false
		}
	}
	return true
}

// levelInText looks for a level in the message when the head names none.
func (g *guess) levelInText() {
	if g.record.Level != parser.LevelNone {
		return
	}
	if g.record.Level = lnav.LevelInText(g.record.Message); g.record.Level != parser.LevelNone {
		g.guessed = append(g.guessed, "level")
	}
}
