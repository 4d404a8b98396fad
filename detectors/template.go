package detectors

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"oxtail/parser"
)

// StrangeLiterals returns lower-case texts of which every record that Strange
// calls so contains one, in any case. The short ones are levels that some formats
// write as a letter.
func StrangeLiterals() []string { return slices.Clone(strangeLiterals[:]) }

var strangeLiterals = [...]string{
	"error", "fail", "exception", "fatal", "fehler", "critical", "severe", "panic", "emerg",
	" e ", "[e]", "(e)", "|e|", " f ", "[f]", "(f)", "|f|",
}

// strangeWords are the words of trouble in texts without a level.
var strangeWords = [...]string{"error", "errors", "fail", "failed", "failure", "fails", "exception", "fatal", "fehler", "fehlgeschlagen", "panic"}

// Strange reports whether a record speaks of trouble that no rule knows: it is of
// level error or above, or worded so, and hits holds no fault.
func Strange(rec *parser.Record, hits []Hit) bool {
	for i := range hits {
		if hits[i].Kind == HitFault {
			return false
		}
	}
	lower := fold(rec.Text)
	if !slices.ContainsFunc(strangeLiterals[:], func(l string) bool { return strings.Contains(lower, l) }) {
		return false
	}
	switch {
	case rec.Level >= parser.LevelError:
		return true
	case rec.Level == parser.LevelTrace || rec.Level == parser.LevelDebug:
		return false
	}
	return slices.ContainsFunc(strangeWords[:], func(w string) bool { return troubled(lower, w) })
}

// troubled reports whether s holds a word that ends in the given one, as
// ConnectException and Netzwerkfehler do, and that is not denied as in "0 errors",
// "no error", "errors=0".
func troubled(s, ending string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], ending)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(ending)
		after, _ := utf8.DecodeRuneInString(s[end:])
		if !isWordRune(after) && !negated(s[:i]) && !zero(s[:i], s[end:]) {
			return true
		}
		from = end
	}
}

// zero reports whether a count of nothing stands before or behind a word.
func zero(before, after string) bool {
	before = strings.TrimRight(before, " ")
	if b, ok := strings.CutSuffix(before, "0"); ok && (b == "" || !isWordRune(rune(b[len(b)-1]))) {
		return true
	}
	after = strings.TrimLeft(after, " :=()s")
	return strings.HasPrefix(after, "0") && (len(after) == 1 || !isWordRune(rune(after[1])))
}

// Limits of templates.
const (
	// MaxTemplates is how many kinds of unknown trouble are told apart; the records of
	// further kinds are only counted.
	MaxTemplates = 500

	// maxPattern is the longest pattern of a template in bytes.
	maxPattern = 240
)

// A Template is a group of records that speak of trouble in the same words. It is
// the engineer's list of what to write a rule for.
type Template struct {
	Pattern string    `json:"pattern"` // the words, with <n>, <hex>, <uuid> and '<…>' for what varies
	Count   int       `json:"count"`
	First   time.Time `json:"first,omitzero"`
	Last    time.Time `json:"last,omitzero"`
	Example Evidence  `json:"example"` // the first of them
}

// Templates groups records by their words. It is not safe for concurrent use.
type Templates struct {
	byPattern map[string]*Template
	others    int
}

// NewTemplates returns an empty grouping.
func NewTemplates() *Templates { return &Templates{byPattern: make(map[string]*Template)} }

// Add takes a strange record of a source.
func (t *Templates) Add(rec *parser.Record, source string) {
	text := rec.Message
	if text == "" {
		text = rec.Text
	}
	pattern := Mask(text)
	g := t.byPattern[pattern]
	if g == nil {
		if len(t.byPattern) >= MaxTemplates {
			t.others++
			return
		}
		g = &Template{Pattern: pattern, Example: evidenceOf(rec, source)}
		t.byPattern[pattern] = g
	}
	g.Count++
	if rec.Basis != parser.TimeNone {
		g.First, g.Last = spread(g.First, g.Last, rec.Time)
	}
}

// Others returns how many records were beyond MaxTemplates.
func (t *Templates) Others() int { return t.others }

// List returns the templates, most frequent first.
func (t *Templates) List() []Template {
	out := make([]Template, 0, len(t.byPattern))
	for _, pattern := range sortedKeys(t.byPattern) {
		out = append(out, *t.byPattern[pattern])
	}
	slices.SortStableFunc(out, func(a, b Template) int { return b.Count - a.Count })
	return out
}

// Mask returns the first line of a text with all that varies from record to record
// replaced: UUIDs, hexadecimal and decimal numbers, addresses and quoted names.
func Mask(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	text = cutText(strings.TrimSpace(text), 4*maxPattern)
	var b strings.Builder
	for i := 0; i < len(text); {
		n, mask := varying(text, i)
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
			mask = text[i : i+n]
		}
		b.WriteString(mask)
		i += n
	}
	return cutText(b.String(), maxPattern)
}

// varying returns the length of a varying part at i and its mask, or 0.
func varying(text string, i int) (int, string) {
	if q := quotedAt(text, i); q > 0 {
		return q, text[i:i+1] + "<…>" + text[i+q-1:i+q]
	}
	if i > 0 && isMaskable(text[i-1]) || !isMaskable(text[i]) {
		return 0, ""
	}
	n := 0
	for i+n < len(text) && isMaskable(text[i+n]) {
		n++
	}
	word := text[i : i+n]
	switch {
	case len(parser.UUIDs(word)) == 1 && n >= 32:
		return n, "<uuid>"
	case strings.Contains(word, "@"):
		return n, "<address>"
	case len(word) > 2 && (word[:2] == "0x" || word[:2] == "0X"):
		return n, "<hex>"
	case n >= 8 && hexadecimal(word):
		return n, "<hex>"
	}
	return n, maskDigits(word)
}

func isMaskable(c byte) bool {
	return c == '_' || c == '@' || c == '-' || c == '.' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf
}

// hexadecimal reports whether a word is made of hex digits with a decimal one among them.
func hexadecimal(word string) bool {
	digit := false
	for i := 0; i < len(word); i++ {
		c := word[i]
		isDigit := c >= '0' && c <= '9'
		digit = digit || isDigit
		if !isDigit && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return digit
}

// maskDigits replaces each run of digits in a word.
func maskDigits(word string) string {
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		if word[i] < '0' || word[i] > '9' {
			b.WriteByte(word[i])
			continue
		}
		b.WriteString("<n>")
		for i+1 < len(word) && word[i+1] >= '0' && word[i+1] <= '9' {
			i++
		}
	}
	return b.String()
}

// maxQuoted is the longest quoted name in bytes; a quote that closes later is more
// likely an apostrophe.
const maxQuoted = 120

// quotedAt returns the length of a quoted name at i, quotes included, or 0.
func quotedAt(text string, i int) int {
	q := text[i]
	if q != '\'' && q != '"' && q != '`' || i > 0 && isMaskable(text[i-1]) {
		return 0
	}
	end := strings.IndexByte(text[i+1:], q)
	if end < 1 || end > maxQuoted {
		return 0
	}
	return end + 2
}
