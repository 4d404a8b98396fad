package query

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// A word is a value as it was read: a bare word or a phrase.
type word struct {
	text   string // escapes resolved
	wild   string // the same with * and ? that are wildcards, others escaped away; empty if there are none
	fuzz   int
	quoted bool
	at     int
}

// fieldTerm reads what stands behind "name:".
func (p *reading) fieldTerm(name string, at int) (node, error) {
	if p.text[p.at] == '(' && name != "time" {
		return p.group(name)
	}
	return p.value(name, p.at)
}

// value reads a regular expression, a range, a phrase or a word, of a field or bare.
func (p *reading) value(field string, at int) (node, error) {
	switch c := p.text[p.at]; {
	case c == '/' && p.closesRegexp():
		return p.regexp(field)
	case field != "" && (c == '[' || c == '{' && strings.Contains(p.text[p.at:], " TO ")):
		return p.rangeTerm(field)
	case c == '>' || c == '<' || c == '=':
		if field != "" {
			return p.comparison(field)
		}
	}
	w, err := p.word()
	if err != nil {
		return nil, err
	}
	if field == "" {
		if err := p.missingColon(w); err != nil {
			return nil, err
		}
	}
	if field == "" || field == "message" || field == "text" {
		return p.textTerm(w)
	}
	return p.fieldValue(field, w)
}

// closesRegexp reports whether the slash here begins a regular expression and not a path.
func (p *reading) closesRegexp() bool {
	for i := p.at + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '/':
			return i > p.at+1 && (i+1 == len(p.text) || strings.ContainsRune(" \t\r\n)", rune(p.text[i+1])))
		}
	}
	return false
}

const maxRegexp = 1000 // bytes; what is longer is no search any more

func (p *reading) regexp(field string) (node, error) {
	at := p.at
	end := at + 1
	for p.text[end] != '/' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	expr := strings.ReplaceAll(p.text[at+1:end], `\/`, `/`)
	p.at = end + 1
	if len(expr) > maxRegexp {
		return nil, p.fail(at, "", "regular expression is longer than %d bytes", maxRegexp)
	}
	re, err := regexp.Compile("(?i)" + expr)
	if err != nil {
		reason := err.Error()
		if e, ok := err.(*syntax.Error); ok {
			reason = fmt.Sprintf("%s: %s", e.Code, strings.TrimPrefix(e.Expr, "(?i)"))
		}
		return nil, p.fail(at, "the syntax is that of Go (RE2)", "regular expression: %s", reason)
	}
	if field == "message" || field == "text" {
		field = ""
	}
	n := &pattern{field: field, re: re}
	if parsed, err := syntax.Parse("(?i)"+expr, syntax.Perl); err == nil {
		n.needle = []byte(literalOf(parsed.Simplify()))
	}
	return n, nil
}

// word reads a bare word or a phrase in quotes, with what follows it (~, ^).
func (p *reading) word() (word, error) {
	w := word{at: p.at}
	var err error
	if p.text[p.at] == '"' {
		err = p.quoted(&w)
	} else {
		p.bare(&w)
	}
	if err != nil {
		return w, err
	}
	return w, p.suffix(&w)
}

func (p *reading) quoted(w *word) error {
	w.quoted = true
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; c {
		case '"':
			w.text, p.at = b.String(), i+1
			return nil
		case '\\':
			if i+1 < len(p.text) && (p.text[i+1] == '"' || p.text[i+1] == '\\') {
				i++
			}
			b.WriteByte(p.text[i])
		default:
			b.WriteByte(c)
		}
	}
	return p.fail(w.at, `end it with another "; write \" for the character`, "quote is not closed")
}

func (p *reading) bare(w *word) {
	var text, wild strings.Builder
	isWild := false
	for p.at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		if unicode.IsSpace(r) || r == '(' || r == ')' || r == '"' || r == '~' && p.fuzzEnds() {
			break
		}
		if next := p.at + 1; r == '\\' && next < len(p.text) && escapable(p.text[next]) {
			r, p.at = rune(p.text[next]), next
			wild.WriteByte(' ')
		} else {
			isWild = isWild || r == '*' || r == '?'
			wild.WriteRune(r)
		}
		text.WriteRune(r)
		p.at += n
	}
	w.text = text.String()
	if isWild {
		w.wild = wild.String()
	}
}

// escapable lists what a backslash takes the meaning from; before other characters
// it stands for itself, so that Windows paths need no care.
func escapable(c byte) bool { return strings.IndexByte(`*?()":~/+-!\`, c) >= 0 }

// fuzzEnds reports whether the tilde here ends a word: "~", "~1", "~2".
func (p *reading) fuzzEnds() bool {
	rest := strings.TrimLeft(p.text[p.at+1:], "0123456789")
	return rest == "" || strings.ContainsRune(" \t\r\n()", rune(rest[0]))
}

const maxFuzz = 2 // edits; more would fit any short word

func (p *reading) suffix(w *word) error {
	if p.at == len(p.text) || p.text[p.at] != '~' {
		return nil
	}
	at := p.at
	end := at + 1
	for end < len(p.text) && p.text[end]-'0' < 10 {
		end++
	}
	digits := p.text[at+1 : end]
	p.at = end
	if w.quoted {
		return p.fail(at, "write the words without quotes: all of them, anywhere in the entry", "a phrase cannot be fuzzy")
	}
	w.fuzz = 1
	if digits != "" {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || n > maxFuzz {
			return p.fail(at, fmt.Sprintf("write ~1 or ~%d", maxFuzz), "a word may differ by at most %d letters", maxFuzz)
		}
		w.fuzz = n
	}
	return nil
}

// textTerm looks for a word in the entry's text.
func (p *reading) textTerm(w word) (node, error) {
	if w.wild != "" && strings.Trim(w.wild, "*") == "" {
		return everything{}, nil
	}
	parts, err := p.parts(w)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, p.fail(w.at, "/regular expressions/ find punctuation", "%q has neither letters nor digits", w.text)
	}
	text := newPhrase(parts)
	if w.wild != "" || w.fuzz > 0 {
		return text, nil
	}
	if id, ok := parser.ParseUUID(w.text); ok {
		return &or{[]node{&uuid{id}, text}}, nil
	}
	if c, ok := hresult(w.text); ok {
		return &or{[]node{text, &code{c}}}, nil
	}
	return text, nil
}

// parts cuts a word into patterns of tokens.
func (p *reading) parts(w word) ([]part, error) {
	if w.wild != "" {
		return globParts(w.wild), nil
	}
	var out []part
	for _, t := range Tokens(FoldString(w.text)) {
		out = append(out, part{literal: t})
	}
	if w.fuzz > 0 {
		if len(out) != 1 || !IsWord(out[0].literal) {
			return nil, p.fail(w.at, "leave out the ~", "only a single word of letters can be fuzzy")
		}
		out[0].fuzz = w.fuzz
	}
	return out, nil
}

// globParts cuts a word with wildcards at what separates tokens.
func globParts(wild string) []part {
	var out []part
	folded := FoldString(wild)
	isPart := func(c byte) bool { return isToken(c) || c == '*' || c == '?' }
	for at := 0; at < len(folded); {
		end := at
		for end < len(folded) && isPart(folded[end]) {
			end++
		}
		if piece := folded[at:end]; strings.ContainsAny(piece, "*?") {
			out = append(out, part{glob: piece})
		} else if piece != "" {
			out = append(out, part{literal: piece})
		}
		at = max(end, at+1)
	}
	return out
}

// hresult reads a code in hexadecimal or as a negative decimal.
func hresult(s string) (codes.Code, bool) {
	lower := strings.ToLower(s)
	if hex, ok := strings.CutPrefix(lower, "0x"); ok && len(hex) == 8 {
		v, err := strconv.ParseUint(hex, 16, 32)
		return codes.FromHRESULT(uint32(v)), err == nil
	}
	if len(lower) == 8 && lower[0] == '8' {
		if v, err := strconv.ParseUint(lower, 16, 32); err == nil {
			return codes.FromHRESULT(uint32(v)), true
		}
	}
	if len(s) >= 10 && s[0] == '-' {
		v, err := strconv.ParseInt(s, 10, 32)
		return codes.FromHRESULT(uint32(v)), err == nil
	}
	return "", false
}

// fieldValue looks for a word in a field.
func (p *reading) fieldValue(field string, w word) (node, error) {
	if w.wild != "" && strings.Trim(w.wild, "*") == "" && field != "before" && field != "after" {
		return &exists{field}, nil
	}
	switch field {
	case "level":
		return p.levelTerm(w, "=")
	case "before", "after", "time":
		return p.timeTerm(field, w)
	case "uuid":
		if id, ok := parser.ParseUUID(w.text); ok && w.wild == "" {
			return &uuid{id}, nil
		}
	case "code":
		if c, ok := hresult(w.text); ok && w.wild == "" {
			return &code{c}, nil
		}
	}
	parts, err := p.parts(w)
	if err != nil {
		return nil, err
	}
	n := &fieldText{field: field, parts: parts}
	if w.wild != "" {
		n.glob = FoldString(w.wild)
		if len(parts) != 1 || parts[0].glob == "" {
			n.parts = nil
		}
	}
	if len(parts) == 0 {
		return nil, p.fail(w.at, "", "%q has neither letters nor digits", w.text)
	}
	return n, nil
}

// comparison reads ">= value" of a field.
func (p *reading) comparison(field string) (node, error) {
	at := p.at
	op := p.text[at : at+1]
	p.at++
	if p.at < len(p.text) && p.text[p.at] == '=' {
		op += "="
		p.at++
	}
	if p.at == len(p.text) || strings.ContainsRune(" \t)(", rune(p.text[p.at])) {
		return nil, p.fail(p.at, "", "nothing stands behind %s", op)
	}
	w, err := p.word()
	if err != nil {
		return nil, err
	}
	switch field {
	case "level":
		return p.levelTerm(w, op)
	case "time":
		return p.compareTime(w, op)
	case "before", "after":
		return nil, p.fail(at, fmt.Sprintf("write %s:%s, or time:%s%s", field, w.text, op, w.text), "%s: takes a time, not a comparison", field)
	}
	v, err := strconv.ParseFloat(w.text, 64)
	if err != nil || math.IsNaN(v) {
		return nil, p.fail(w.at, "only level:, time: and numbers can be compared", "%q is not a number", w.text)
	}
	return &number{field, op, v}, nil
}

// levelTerm reads the name of a level.
func (p *reading) levelTerm(w word, op string) (node, error) {
	level, ok := levelOf(w.text)
	if !ok {
		suggest := "levels are trace, debug, info, notice, warning, error, critical, fatal; none for records without one"
		if n := nearest(w.text, levelNames()); n != "" {
			suggest = fmt.Sprintf("did you mean level:%s%s?", strings.TrimPrefix(op, "="), n)
		}
		return nil, p.fail(w.at, suggest, "unknown level %q", w.text)
	}
	var set uint16
	for l := parser.LevelNone; l <= parser.LevelFatal; l++ {
		if levelFits(l, op, level) {
			set |= 1 << l
		}
	}
	return &levels{set}, nil
}

func levelFits(l parser.Level, op string, limit parser.Level) bool {
	if l == parser.LevelNone || limit == parser.LevelNone {
		return l == limit
	}
	switch op {
	case ">=":
		return l >= limit
	case ">":
		return l > limit
	case "<=":
		return l <= limit
	case "<":
		return l < limit
	}
	return l == limit
}

func levelNames() []string {
	var names []string
	for l := parser.LevelTrace; l <= parser.LevelFatal; l++ {
		names = append(names, l.String())
	}
	return append(names, "none", "warn", "err", "crit")
}

func levelOf(name string) (parser.Level, bool) {
	switch name = strings.ToLower(name); name {
	case "none":
		return parser.LevelNone, true
	case "warn":
		return parser.LevelWarning, true
	case "err":
		return parser.LevelError, true
	case "crit":
		return parser.LevelCritical, true
	}
	for l := parser.LevelTrace; l <= parser.LevelFatal; l++ {
		if l.String() == name {
			return l, true
		}
	}
	return 0, false
}

func (p *reading) when(field string, w word, end bool) (int64, error) {
	if p.opts.When == nil {
		return 0, p.fail(w.at, "", "times are not known here")
	}
	t, err := p.opts.When(w.text, end)
	if err != nil {
		return 0, p.fail(w.at, p.suggestTime(field, w.text), "%s", err)
	}
	return clampNano(t), nil
}

// clampNano returns Unix nanoseconds; times beyond their range become its ends.
func clampNano(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 1700:
		return math.MinInt64
	case year > 2250:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// timeTerm reads before:T (until T), after:T (from T on) and time:T (that day, or
// that moment).
func (p *reading) timeTerm(field string, w word) (node, error) {
	from, err := p.when(field, w, false)
	if err != nil {
		return nil, err
	}
	switch field {
	case "before":
		return &span{math.MinInt64, from}, nil
	case "after":
		return &span{from, math.MaxInt64}, nil
	}
	to, err := p.when(field, w, true)
	if err != nil {
		return nil, err
	}
	return &span{from, max(to, from+int64(precision(w.text)))}, nil
}

// precision is how long the moment is that a time names: a second or a minute.
func precision(text string) time.Duration {
	switch {
	case strings.Contains(text, "."):
		return time.Millisecond
	case strings.Count(text, ":") == 1:
		return time.Minute
	}
	return time.Second
}

func (p *reading) compareTime(w word, op string) (node, error) {
	t, err := p.when("time", w, op == ">" || op == "<=")
	if err != nil {
		return nil, err
	}
	switch op {
	case ">=", ">":
		return &span{t, math.MaxInt64}, nil
	case "<", "<=":
		return &span{math.MinInt64, t}, nil
	}
	return p.timeTerm("time", w)
}

// rangeTerm reads [a TO b] of a time or a number; the ends are part of it. A brace
// leaves its end out.
func (p *reading) rangeTerm(field string) (node, error) {
	open := p.at
	end := strings.IndexAny(p.text[open:], "]}")
	from, to, ok := "", "", false
	if end > 0 {
		from, to, ok = strings.Cut(p.text[open+1:open+end], " TO ")
	}
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if !ok || from == "" || to == "" {
		return nil, p.fail(open, fmt.Sprintf("write %s:[from TO to]", field), "range is not complete")
	}
	p.at = open + end + 1
	ops := [2]string{">=", "<="}
	if p.text[open] == '{' {
		ops[0] = ">"
	}
	if p.text[p.at-1] == '}' {
		ops[1] = "<"
	}
	var kids []node
	for i, text := range [2]string{from, to} {
		if text == "*" {
			continue
		}
		n, err := p.bound(field, word{text: text, at: open + 1}, ops[i])
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
	}
	if len(kids) == 0 {
		return &exists{field}, nil
	}
	return &and{kids}, nil
}

func (p *reading) bound(field string, w word, op string) (node, error) {
	switch field {
	case "time":
		return p.compareTime(w, op)
	case "level":
		return p.levelTerm(w, op)
	}
	v, err := strconv.ParseFloat(w.text, 64)
	if err != nil || math.IsNaN(v) {
		return nil, p.fail(w.at, "only level:, time: and numbers have ranges", "%q is not a number", w.text)
	}
	return &number{field, op, v}, nil
}
