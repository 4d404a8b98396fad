package lnav

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// matchTimeout bounds one match of the backtracking engine. Patterns that need it
// take microseconds; a catastrophic one must not stop a scan.
const matchTimeout = 250 * time.Millisecond

// maxPattern bounds a pattern's length in bytes; lnav's longest has 1,100.
const maxPattern = 16 << 10

// A pattern is a compiled regular expression with named groups, run by one of two
// engines. It is the only door to the backtracking one.
type pattern struct {
	name   string // key in the format file
	text   string // as written
	module bool   // for the bodies of other formats only
	at     int    // offset in the format file

	linear *regexp.Regexp  // nil when the linear-time engine refuses the pattern
	perl   *regexp2.Regexp // then this one matches
	refuse string          // why the linear-time engine refuses

	names       []string // group names by index, "" for groups without a name
	shape       *shape   // byte-level matcher of the same language, nil if there is none
	stampGroup  int      // index of the timestamp's group, -1 if there is none
	specificity int
}

// A span is a half-open range of bytes of the matched text; start is -1 when the
// group did not take part in the match.
type span struct{ start, end int }

func (s span) of(text string) string {
	if s.start < 0 {
		return ""
	}
	return text[s.start:s.end]
}

// compile compiles a pattern for the engine that can run it.
func compile(text string) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("pattern is longer than %d bytes", maxPattern)
	}
	p := &pattern{text: text}
	translated, err := translate(text)
	if err != nil {
		return nil, err
	}
	p.linear, err = regexp.Compile(translated)
	if err == nil {
		p.names = p.linear.SubexpNames()
		p.specificity = specificityOf(translated)
		return p, nil
	}
	p.refuse = reasonOf(err)
	p.linear = nil
	p.perl, err = regexp2.Compile(translated, regexp2.RE2)
	if err != nil {
		return nil, fmt.Errorf("%s", strings.TrimSpace(err.Error()))
	}
	p.perl.MatchTimeout = matchTimeout
	p.names = perlNames(p.perl)
	p.specificity = len(text) / 8 // about a literal in eight bytes of pattern
	return p, nil
}

// reasonOf shortens an error of package regexp to the construct it names.
func reasonOf(err error) string {
	var s *syntax.Error
	if errors.As(err, &s) {
		return fmt.Sprintf("%s `%s`", s.Code, s.Expr)
	}
	return err.Error()
}

func perlNames(re *regexp2.Regexp) []string {
	numbers := re.GetGroupNumbers()
	names := make([]string, len(numbers))
	for i, n := range numbers {
		name := re.GroupNameFromNumber(n)
		if name != fmt.Sprint(n) {
			names[i] = name
		}
	}
	return names
}

// errTimeout is the result of a match that took longer than matchTimeout.
var errTimeout = fmt.Errorf("pattern took longer than %v", matchTimeout)

// match returns the spans of the groups, by index, or nil. The error is errTimeout.
func (p *pattern) match(text string) ([]span, error) {
	if p.linear == nil {
		return p.matchPerl(text)
	}
	if p.shape != nil {
		return p.matchShape(text), nil
	}
	at := p.linear.FindStringSubmatchIndex(text)
	if at == nil {
		return nil, nil
	}
	spans := make([]span, len(at)/2)
	for i := range spans {
		spans[i] = span{at[2*i], at[2*i+1]}
	}
	return spans, nil
}

// matchShape gives the same result as the engine; a test holds them equal.
func (p *pattern) matchShape(text string) []span {
	var at places
	if !match(p.shape, text, &at) {
		return nil
	}
	spans := make([]span, len(p.names))
	for i := range spans {
		spans[i] = span{at[2*i], at[2*i+1]}
	}
	spans[0] = span{0, len(text)}
	return spans
}

// groupOf returns the index of the first group that has one of the names, or -1.
func (p *pattern) groupOf(names []string) int {
	for i, name := range p.names {
		if name != "" && oneOf(names, name) {
			return i
		}
	}
	return -1
}

// matches is match without the groups.
func (p *pattern) matches(text string) bool {
	if p.linear != nil {
		return p.linear.MatchString(text)
	}
	ok, err := p.perl.MatchString(text)
	return ok && err == nil
}

func (p *pattern) matchPerl(text string) ([]span, error) {
	m, err := p.perl.FindStringMatch(text)
	if err != nil {
		return nil, errTimeout
	}
	if m == nil {
		return nil, nil
	}
	offset := byteOffsets(text)
	groups := m.Groups()
	spans := make([]span, len(groups))
	for i, g := range groups {
		spans[i] = span{-1, -1}
		if len(g.Captures) > 0 {
			spans[i] = span{offset(g.Index), offset(g.Index + g.Length)}
		}
	}
	return spans, nil
}

// byteOffsets converts the engine's indices, which count characters.
func byteOffsets(text string) func(int) int {
	if utf8.RuneCountInString(text) == len(text) {
		return func(i int) int { return i }
	}
	starts := make([]int, 0, len(text)+1)
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	return func(i int) int { return starts[i] }
}

// engine names the engine for people.
func (p *pattern) engine() string {
	if p.linear != nil {
		return "linear"
	}
	return "backtracking (" + p.refuse + ")"
}

// specificityOf estimates how much a pattern demands: its literal characters, and
// the digits and other narrow classes that every match must have.
func specificityOf(text string) int {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 1
	}
	const most = 99 // 100 and above are for grammars, see parser.Claim
	return max(1, min(most, demand(re)))
}

func demand(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass:
		const narrow = 16
		if size := classSize(re.Rune); size <= narrow {
			return 1
		}
	case syntax.OpRepeat:
		return re.Min * demand(re.Sub[0])
	case syntax.OpCapture, syntax.OpPlus:
		return demand(re.Sub[0])
	case syntax.OpConcat:
		sum := 0
		for _, sub := range re.Sub {
			sum += demand(sub)
		}
		return sum
	case syntax.OpAlternate:
		least := demand(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			least = min(least, demand(sub))
		}
		return least
	}
	return 0
}

func classSize(ranges []rune) int {
	n := 0
	for i := 0; i+1 < len(ranges); i += 2 {
		n += int(ranges[i+1]-ranges[i]) + 1
	}
	return n
}
