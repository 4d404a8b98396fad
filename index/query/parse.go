package query

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a query: enough for people, too little for an attack.
const (
	MaxBytes = 16 << 10 // length of a query
	maxDepth = 100      // parentheses inside parentheses
	maxTerms = 1000     // words, phrases and fields
)

// Options of Parse.
type Options struct {
	// Fields are further names of fields, in lower case, beside Builtin and Captures.
	Fields []string

	// When reads a time; with end, a whole day means its end.
	When func(text string, end bool) (time.Time, error)
}

// A Query is a parsed query. It is immutable and may be used from several goroutines.
type Query struct {
	text string
	root node
	need *Need
	used map[string]bool // fields that it asks for
}

// Parse reads a query. The error is an *Error.
func Parse(text string, opts Options) (*Query, error) {
	p := &reading{text: text, opts: opts, fields: known(opts.Fields), used: make(map[string]bool)}
	if len(text) > MaxBytes {
		return nil, &Error{Query: text[:80], Reason: fmt.Sprintf("is longer than %d bytes", MaxBytes)}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Query: strings.ToValidUTF8(text, "?"), Reason: "is not UTF-8"}
	}
	root, err := p.query()
	if err != nil {
		return nil, err
	}
	return &Query{text: text, root: root, need: root.need(), used: p.used}, nil
}

// Asks reports whether the query asks for one of the fields.
func (q *Query) Asks(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return q.used[f] })
}

// String returns the query as it was written.
func (q *Query) String() string { return q.text }

// Need returns what a block must hold to have a match.
func (q *Query) Need() *Need { return q.need }

// Match returns the records of a block that fit.
func (q *Query) Match(b Block) Bits { return q.root.match(b, AllBits(b.Len())) }

// reading is a recursive descent over the text.
type reading struct {
	text   string
	at     int
	depth  int
	terms  int
	opts   Options
	fields []string
	used   map[string]bool
}

func (p *reading) fail(at int, suggest, format string, args ...any) error {
	return &Error{Query: p.text, Pos: at, Reason: fmt.Sprintf(format, args...), Suggest: suggest}
}

func (p *reading) query() (node, error) {
	p.blanks()
	if p.at == len(p.text) {
		return nil, p.fail(0, "* finds every record", "is empty")
	}
	n, err := p.alternatives("")
	if err != nil {
		return nil, err
	}
	if p.at < len(p.text) {
		return nil, p.fail(p.at, `write \) for the character`, "closing parenthesis without an opening one")
	}
	return n, nil
}

func (p *reading) blanks() {
	for p.at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += n
	}
}

// alternatives reads terms joined by OR.
func (p *reading) alternatives(field string) (node, error) {
	var kids []node
	for {
		n, err := p.sequence(field)
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
		if !p.operator("OR", "||") {
			break
		}
	}
	if len(kids) == 1 {
		return kids[0], nil
	}
	return &or{byCost(kids)}, nil
}

// sequence reads terms joined by AND or nothing.
func (p *reading) sequence(field string) (node, error) {
	var kids []node
	for {
		p.blanks()
		if p.at == len(p.text) || p.text[p.at] == ')' || p.peekOperator("OR", "||") {
			break
		}
		at := p.at
		if p.operator("AND", "&&") && len(kids) == 0 {
			return nil, p.fail(at, `write "AND" in quotes for the word`, "AND has nothing on its left")
		}
		n, err := p.unary(field)
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
	}
	switch len(kids) {
	case 0:
		return nil, p.fail(p.at, `words in capitals are operators; write "OR" in quotes for the word`, "a word, a phrase or a field is missing here")
	case 1:
		return kids[0], nil
	}
	return &and{byCost(kids)}, nil
}

func (p *reading) peekOperator(word, sign string) bool {
	rest := p.text[p.at:]
	if strings.HasPrefix(rest, sign) {
		return true
	}
	after, ok := strings.CutPrefix(rest, word)
	return ok && (after == "" || strings.ContainsRune(" \t\r\n()", rune(after[0])))
}

func (p *reading) operator(word, sign string) bool {
	p.blanks()
	if p.at == len(p.text) || !p.peekOperator(word, sign) {
		return false
	}
	p.at += min(len(word), 3)
	if strings.HasPrefix(p.text[p.at-min(len(word), 3):], sign) {
		p.at += len(sign) - min(len(word), 3)
	}
	p.blanks()
	return true
}

func (p *reading) unary(field string) (node, error) {
	p.blanks()
	if p.at < len(p.text) && (p.text[p.at] == '-' && !p.decimalCode() || p.text[p.at] == '!') || p.peekNot() {
		start := p.at
		if p.peekNot() {
			p.at += len("NOT")
		} else {
			p.at++
		}
		if err := p.enter(start); err != nil {
			return nil, err
		}
		n, err := p.unary(field)
		p.depth--
		if err != nil {
			return nil, err
		}
		return &not{n}, nil
	}
	if p.at < len(p.text) && p.text[p.at] == '+' {
		p.at++
	}
	return p.primary(field)
}

// decimalCode reports whether the hyphen here begins an error code such as
// -2147221233 and excludes nothing.
func (p *reading) decimalCode() bool {
	rest := p.text[p.at+1:]
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	return (digits == 9 || digits == 10) && (digits == len(rest) || strings.ContainsRune(" \t\r\n)", rune(rest[digits])))
}

func (p *reading) peekNot() bool {
	after, ok := strings.CutPrefix(p.text[p.at:], "NOT")
	return ok && after != "" && strings.ContainsRune(" \t(", rune(after[0]))
}

func (p *reading) enter(at int) error {
	p.depth++
	if p.depth > maxDepth {
		return p.fail(at, "", "is nested more than %d deep", maxDepth)
	}
	return nil
}

func (p *reading) primary(field string) (node, error) {
	if p.at == len(p.text) || p.text[p.at] == ')' {
		return nil, p.fail(p.at, "", "a word, a phrase or a field is missing here")
	}
	if p.terms++; p.terms > maxTerms {
		return nil, p.fail(p.at, "", "has more than %d terms", maxTerms)
	}
	if p.text[p.at] == '(' {
		return p.group(field)
	}
	if field == "" {
		name, at, err := p.fieldName()
		if err != nil {
			return nil, err
		}
		if name != "" {
			return p.fieldTerm(name, at)
		}
	}
	return p.value(field, p.at)
}

func (p *reading) group(field string) (node, error) {
	open := p.at
	if err := p.enter(open); err != nil {
		return nil, err
	}
	p.at++
	n, err := p.alternatives(field)
	if err != nil {
		return nil, err
	}
	if p.at == len(p.text) {
		return nil, p.fail(open, `write \( for the character`, "opening parenthesis is not closed")
	}
	p.at++
	p.depth--
	return n, nil
}

// fieldName reads "name:" and returns the name in lower case, or "" if none stands here.
func (p *reading) fieldName() (string, int, error) {
	end := p.at
	for end < len(p.text) && isName(p.text[end]) {
		end++
	}
	if end == p.at || end == len(p.text) || p.text[end] != ':' || p.text[p.at]-'0' < 10 {
		return "", 0, nil
	}
	if end == p.at+1 && end+1 < len(p.text) && (p.text[end+1] == '\\' || p.text[end+1] == '/') {
		return "", 0, nil // C:\…, a path
	}
	at := p.at
	name := strings.ToLower(p.text[at:end])
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	if !contains(p.fields, name) {
		suggest := fmt.Sprintf(`for the text itself write "%s:…" in quotes`, p.text[at:end])
		if n := nearest(name, p.fields); n != "" {
			suggest = fmt.Sprintf("did you mean %s:? %s", n, suggest)
		}
		return "", 0, &Error{Query: p.text, Pos: at, Reason: fmt.Sprintf("unknown field %q", p.text[at:end]), Suggest: suggest, Field: name}
	}
	p.at = end + 1
	if p.at == len(p.text) || unicode.IsSpace(rune(p.text[p.at])) || p.text[p.at] == ')' {
		suggest := fmt.Sprintf("%s:* finds records that have the field", name)
		switch name {
		case "before", "after", "time":
			suggest = fmt.Sprintf("for instance %s:2026-03-05 or %s:2h", name, name)
		}
		return "", 0, p.fail(p.at, suggest, "field %s: has no value", name)
	}
	p.used[name] = true
	return name, at, nil
}

// aliases are other names of fields.
var aliases = map[string]string{"msg": "message", "since": "after", "until": "before", "path": "source", "severity": "level", "uid": "uuid", "hr": "code"}

func isName(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c-'0' < 10 || c == '_' || c == '.' || c == '-'
}

func contains(sorted []string, name string) bool {
	for _, n := range sorted {
		if n == name {
			return true
		}
	}
	return false
}
