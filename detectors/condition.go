package detectors

import (
	"fmt"
	"slices"
	"strings"
)

// A selection is a named part of a rule's detection.
type selection struct {
	expr expr
	line int
	used bool
}

// A conditionParser reads a condition such as
//
//	sel and not (known or 1 of filter_*)
type conditionParser struct {
	words      []string
	at         int
	depth      int
	selections map[string]*selection
}

// maxConditionDepth bounds parentheses and chains of "not".
const maxConditionDepth = 64

// parseCondition compiles a condition over the selections and marks those it uses.
func parseCondition(text string, selections map[string]*selection) (expr, error) {
	p := &conditionParser{words: conditionWords(text), selections: selections}
	if len(p.words) == 0 {
		return nil, fmt.Errorf("the condition is empty")
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.at < len(p.words) {
		return nil, fmt.Errorf("unexpected %q in the condition", p.words[p.at])
	}
	return x, nil
}

func conditionWords(text string) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "(", " ( "), ")", " ) ")
	return strings.Fields(text)
}

// peek returns the next word, "" at the end.
func (p *conditionParser) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return ""
}

// take goes past the next word if it is the given one; operators ignore case.
func (p *conditionParser) take(word string) bool {
	if strings.EqualFold(p.peek(), word) {
		p.at++
		return true
	}
	return false
}

func (p *conditionParser) or() (expr, error) {
	var parts anyOf
	for {
		x, err := p.and()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
		if !p.take("or") {
			return single(parts), nil
		}
	}
}

func single[T ~[]expr](parts T) expr {
	if len(parts) == 1 {
		return parts[0]
	}
	return any(parts).(expr)
}

func (p *conditionParser) and() (expr, error) {
	var parts allOf
	for {
		x, err := p.unary()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
		if !p.take("and") {
			return single(parts), nil
		}
	}
}

func (p *conditionParser) unary() (expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxConditionDepth {
		return nil, fmt.Errorf("the condition is nested deeper than %d", maxConditionDepth)
	}
	if p.take("not") {
		x, err := p.unary()
		if err != nil {
			return nil, err
		}
		return not{x}, nil
	}
	if !p.take("(") {
		return p.term()
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, fmt.Errorf("a parenthesis of the condition is not closed")
	}
	return x, nil
}

// term reads a selection's name, or "1 of …", "any of …", "all of …".
func (p *conditionParser) term() (expr, error) {
	word := p.peek()
	if word == "" {
		return nil, fmt.Errorf("the condition ends too early")
	}
	p.at++
	if strings.EqualFold(p.peek(), "of") {
		return p.quantified(word)
	}
	s, known := p.selections[word]
	if !known {
		return nil, p.unknown(word)
	}
	s.used = true
	return s.expr, nil
}

func (p *conditionParser) unknown(word string) error {
	if word == "|" || strings.EqualFold(word, "near") {
		return fmt.Errorf("%q: aggregations of old Sigma are not supported; write a correlation", word)
	}
	if slices.Contains([]string{"and", "or", ")", "of"}, strings.ToLower(word)) {
		return fmt.Errorf("unexpected %q in the condition", word)
	}
	return fmt.Errorf("the condition names an unknown selection %q%s", word, suggest(word, sortedKeys(p.selections)))
}

// quantified reads what follows "1", "any" or "all": "of" and "them" or a pattern.
func (p *conditionParser) quantified(count string) (expr, error) {
	p.at++ // "of"
	target := p.peek()
	if target == "" {
		return nil, fmt.Errorf("the condition ends behind %q", count+" of")
	}
	p.at++
	var parts []expr
	for _, name := range sortedKeys(p.selections) {
		if selected(target, name) {
			p.selections[name].used = true
			parts = append(parts, p.selections[name].expr)
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("no selection fits %q", count+" of "+target)
	}
	switch strings.ToLower(count) {
	case "1", "any":
		return single(anyOf(parts)), nil
	case "all":
		return single(allOf(parts)), nil
	}
	return nil, fmt.Errorf("unexpected %q before \"of\"; want 1, any or all", count)
}

// selected reports whether a selection is meant by "them" or a pattern. Names with
// an underscore in front are left out of "them", as in Sigma.
func selected(target, name string) bool {
	if strings.EqualFold(target, "them") {
		return !strings.HasPrefix(name, "_")
	}
	return parsePattern(target).match(name)
}
