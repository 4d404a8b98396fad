package detectors

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sortedKeys returns the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// reservedNames are words of conditions that no selection may be called.
var reservedNames = [...]string{"and", "or", "not", "of", "them", "all", "any", "1", "near", "timeframe"}

// detection compiles a rule's detection block.
func (f *file) detection(n *yaml.Node, names placeholders) program {
	selections := make(map[string]*selection)
	var conditions []*yaml.Node
	for _, p := range f.pairs(n, "detection") {
		switch name := p.key.Value; {
		case name == "condition":
			conditions = scalars(p.value)
		case slices.Contains(reservedNames[:], strings.ToLower(name)) || strings.ContainsAny(name, " ()*"):
			f.errorf(p.key, "%q cannot be the name of a selection: it has a meaning in conditions", name)
		default:
			if x := f.selection(p.value, names); x != nil {
				selections[name] = &selection{expr: x, line: p.key.Line}
			}
		}
	}
	return f.condition(n, conditions, selections)
}

// scalars returns the nodes of a single value or a list.
func scalars(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// condition compiles the conditions; several in a list are joined by "or".
func (f *file) condition(block *yaml.Node, conditions []*yaml.Node, selections map[string]*selection) program {
	if len(conditions) == 0 {
		f.errorf(block, "detection has no condition")
		return program{}
	}
	before := len(f.errs)
	var parts anyOf
	for _, c := range conditions {
		if c.Kind != yaml.ScalarNode {
			f.errorf(c, "a condition must be a text")
			continue
		}
		x, err := parseCondition(c.Value, selections)
		if err != nil {
			f.errorf(c, "%v", err)
			continue
		}
		parts = append(parts, x)
	}
	if len(f.errs) > before {
		return program{}
	}
	for _, name := range sortedKeys(selections) {
		if s := selections[name]; !s.used {
			f.warnings = append(f.warnings, &LoadError{File: f.name, Line: s.line, Problem: "selection \"" + name + "\" is not used by the condition"})
		}
	}
	return program{single(parts)}
}

// selection compiles one selection: a map (all entries must hold), a list of maps
// (one must hold), or a list of texts (keywords). It returns nil after an error.
func (f *file) selection(n *yaml.Node, names placeholders) expr {
	switch n.Kind {
	case yaml.MappingNode:
		return f.selectionMap(n, names)
	case yaml.SequenceNode:
		return f.selectionList(n, names)
	}
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		return f.keywords(modifiers{before: true, after: true}, []*yaml.Node{n}, names)
	}
	f.errorf(n, "a selection must be a map of fields, a list of such maps, or a list of keywords")
	return nil
}

func (f *file) selectionMap(n *yaml.Node, names placeholders) expr {
	var parts allOf
	list := f.pairs(n, "a selection")
	if len(n.Content) == 0 {
		f.errorf(n, "the selection is empty")
	}
	for _, p := range list {
		if x := f.field(p, names); x != nil {
			parts = append(parts, x)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return single(parts)
}

func (f *file) selectionList(n *yaml.Node, names placeholders) expr {
	if len(n.Content) == 0 {
		f.errorf(n, "the selection is an empty list, which would never match")
		return nil
	}
	var parts anyOf
	var texts []*yaml.Node
	for _, c := range n.Content {
		switch {
		case c.Kind == yaml.MappingNode:
			if x := f.selectionMap(c, names); x != nil {
				parts = append(parts, x)
			}
		case c.Kind == yaml.ScalarNode && !isNull(c):
			texts = append(texts, c)
		default:
			f.errorf(c, "a list must hold maps of fields or keywords")
		}
	}
	if len(texts) > 0 {
		if x := f.keywords(modifiers{before: true, after: true}, texts, names); x != nil {
			parts = append(parts, x)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return single(parts)
}

// field compiles one entry of a selection, such as Message|contains|all: [a, b].
func (f *file) field(p pair, names placeholders) expr {
	words := strings.Split(p.key.Value, "|")
	m, ok := f.parseModifiers(p.key, words[1:])
	if !ok {
		return nil
	}
	name, values := words[0], scalars(p.value)
	switch {
	case p.value.Kind == yaml.MappingNode:
		f.errorf(p.value, "the value of %q must be a text, a number or a list of them", p.key.Value)
		return nil
	case len(values) == 0:
		f.errorf(p.value, "%q has an empty list, which would never match", p.key.Value)
		return nil
	case len(values) > maxValues:
		f.errorf(p.value, "%q has %d values; the limit is %d", p.key.Value, len(values), maxValues)
		return nil
	case name == "":
		return f.keywords(m, values, names)
	case m.compare == byPresence:
		return f.existence(name, values)
	case m.compare == byField:
		return f.fieldRefs(name, m, values)
	}
	return f.fieldValues(p.key, name, m, values, names)
}

func (f *file) existence(name string, values []*yaml.Node) expr {
	want, ok := boolean(values[0])
	if !ok || len(values) > 1 {
		f.errorf(values[0], "exists takes true or false")
		return nil
	}
	return exists{name, want}
}

func (f *file) fieldRefs(name string, m modifiers, values []*yaml.Node) expr {
	var parts []expr
	for _, v := range values {
		if v.Kind != yaml.ScalarNode || v.Value == "" || isNull(v) {
			f.errorf(v, "fieldref takes the name of a field")
			return nil
		}
		parts = append(parts, sameField{
			field: name, other: v.Value, cased: m.cased, differ: m.differs, before: m.before, after: m.after,
		})
	}
	if m.all || m.differs {
		return single(allOf(parts))
	}
	return single(anyOf(parts))
}

// fieldValues compiles the comparison with values. null stands for "the record does
// not have the field"; an empty text is a value.
func (f *file) fieldValues(at *yaml.Node, name string, m modifiers, values []*yaml.Node, names placeholders) expr {
	var texts []*yaml.Node
	var parts []expr
	for _, v := range values {
		switch {
		case !isNull(v):
			texts = append(texts, v)
		case m.compare != byText || m.before || m.after || m.windash || m.expand || len(m.encode) > 0:
			f.errorf(v, "null does not go with the modifiers of %q", at.Value)
			return nil
		default:
			parts = append(parts, exists{name, m.differs})
		}
	}
	if len(texts) > 0 {
		tests := f.tests(m, texts, names)
		if len(tests) == 0 {
			return nil
		}
		if fold(name) == "code" {
			tests = withCodeNeeds(tests, texts, m)
		}
		parts = append(parts, fieldTest{field: name, tests: tests, all: m.all, differs: m.differs})
	}
	if m.all || m.differs {
		return single(allOf(parts))
	}
	return single(anyOf(parts))
}

// withCodeNeeds replaces the literals of tests on the field code: codes are printed
// in one spelling and stand in the log in another.
func withCodeNeeds(tests []test, texts []*yaml.Node, m modifiers) []test {
	out := slices.Clone(tests)
	for i := range out {
		if m.compare == byRegexp && slices.IndexFunc(out[i].lits, func(l string) bool { return !strings.Contains(l, "-") }) < 0 {
			continue // only codes of the OX server hold a hyphen, and they are printed as written
		}
		out[i].lits = nil
		if len(tests) != len(texts) || m.compare != byText || m.windash || m.expand || len(m.encode) > 0 {
			continue
		}
		p := parsePattern(texts[i].Value)
		whole := !p.wild() && !m.before && !m.after
		if whole || !strings.HasPrefix(fold(texts[i].Value), "0x") && strings.Contains(p.middle(), "-") {
			out[i].lits = codeNeeds(p.middle())
		}
	}
	return out
}

func (f *file) keywords(m modifiers, values []*yaml.Node, names placeholders) expr {
	if m.compare != byText && m.compare != byRegexp || m.differs {
		f.errorf(values[0], "keywords look in the whole entry and take only texts and re")
		return nil
	}
	if m.compare == byText && m.places == 0 {
		m.before, m.after = true, true
	}
	tests := f.tests(m, values, names)
	if len(tests) == 0 {
		return nil
	}
	return keywords{tests, m.all}
}
