package detectors

import (
	"maps"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// A Correlation counts the matches of other rules within a time span.
type Correlation struct {
	Type      CorrelationType
	Rules     []string // ids of the base rules, after loading
	GroupBy   []string
	Timespan  time.Duration
	Condition []Bound
	Field     string                       // whose distinct values are counted, for value_count
	Aliases   map[string]map[string]string // alias → rule id → field
	Generate  bool                         // the base rules report as well

	refs []reference
}

type reference struct {
	name string
	line int
}

// CorrelationType is Sigma's word for what is counted.
type CorrelationType string

// The correlation types.
const (
	EventCount      CorrelationType = "event_count"
	ValueCount      CorrelationType = "value_count"
	Temporal        CorrelationType = "temporal"
	TemporalOrdered CorrelationType = "temporal_ordered"
)

// A Bound is one comparison of a condition, such as gte 3.
type Bound struct {
	Word  string // gt, gte, lt, lte, eq or neq
	Limit int
}

func (b Bound) holds(n int) bool {
	switch b.Word {
	case "gt":
		return n > b.Limit
	case "gte":
		return n >= b.Limit
	case "lt":
		return n < b.Limit
	case "lte":
		return n <= b.Limit
	case "neq":
		return n != b.Limit
	}
	return n == b.Limit
}

// holds reports whether a count meets all bounds.
func (c *Correlation) holds(n int) bool {
	for _, b := range c.Condition {
		if !b.holds(n) {
			return false
		}
	}
	return true
}

// growing reports whether the condition, once true, stays true when more is counted.
// The others can only be judged when the window has closed.
func (c *Correlation) growing() bool {
	for _, b := range c.Condition {
		if b.Word != "gt" && b.Word != "gte" {
			return false
		}
	}
	return true
}

// correlation reads a correlation block. Its references are resolved when all rules
// are known.
func (f *file) correlation(n *yaml.Node) *Correlation {
	c := &Correlation{}
	known := []CorrelationType{EventCount, ValueCount, Temporal, TemporalOrdered}
	var aliases *yaml.Node
	hasCondition := false
	f.fields(n, "correlation", map[string]reader{
		"type":     choice(f, "correlation type", known, &c.Type),
		"rules":    func(n *yaml.Node) { f.references(n, c) },
		"group-by": f.texts("group-by", &c.GroupBy),
		"timespan": f.span("timespan", &c.Timespan),
		"condition": func(n *yaml.Node) {
			hasCondition = true
			f.bounds(n, c)
		},
		"aliases":  func(n *yaml.Node) { aliases = n },
		"generate": f.flag("generate", &c.Generate),
	})
	if aliases != nil {
		f.aliases(aliases, c)
	}
	f.checkCorrelation(n, c, hasCondition)
	return c
}

func (f *file) checkCorrelation(n *yaml.Node, c *Correlation, hasCondition bool) {
	counts := c.Type == EventCount || c.Type == ValueCount
	switch {
	case c.Type == "":
		f.errorf(n, "the correlation has no type")
	case len(c.refs) == 0:
		f.errorf(n, "the correlation names no rules")
	case c.Timespan == 0:
		f.errorf(n, "the correlation has no timespan")
	case counts && !hasCondition:
		f.errorf(n, "%s needs a condition, such as gte: 3", c.Type)
	case c.Type == ValueCount && c.Field == "":
		f.errorf(n, "value_count needs the field whose values are counted, in its condition")
	case c.Type != ValueCount && c.Field != "":
		f.errorf(n, "field goes with value_count only")
	case c.Type == TemporalOrdered && hasCondition:
		f.errorf(n, "temporal_ordered wants all its rules in their order and takes no condition")
	case !counts && len(c.refs) < 2:
		f.errorf(n, "%s needs at least two rules", c.Type)
	}
	if c.Type == Temporal && len(c.Condition) == 0 {
		c.Condition = []Bound{{"gte", len(c.refs)}}
	}
}

func (f *file) references(n *yaml.Node, c *Correlation) {
	seen := make(map[string]bool)
	for _, v := range scalars(n) {
		switch {
		case v.Kind != yaml.ScalarNode || v.Value == "":
			f.errorf(v, "rules takes ids or names of rules")
		case seen[v.Value]:
			f.errorf(v, "rule %q is named twice", v.Value)
		default:
			seen[v.Value] = true
			c.refs = append(c.refs, reference{v.Value, v.Line})
		}
	}
}

func (f *file) bounds(n *yaml.Node, c *Correlation) {
	for _, p := range f.pairs(n, "condition") {
		switch word := p.key.Value; word {
		case "field":
			f.text("field", &c.Field)(p.value)
		case "gt", "gte", "lt", "lte", "eq", "neq":
			limit, err := strconv.Atoi(p.value.Value)
			if err != nil || limit < 0 {
				f.errorf(p.value, "%s: %q is no whole number", word, p.value.Value)
				continue
			}
			c.Condition = append(c.Condition, Bound{word, limit})
		default:
			f.errorf(p.key, "unknown key %q of condition%s", word, suggest(word, []string{"gt", "gte", "lt", "lte", "eq", "neq", "field"}))
		}
	}
	if len(c.Condition) == 0 {
		f.errorf(n, "the condition has no gt, gte, lt, lte, eq or neq")
	}
}

// aliases reads alias → rule → field. Rules are named here as in the list of rules.
func (f *file) aliases(n *yaml.Node, c *Correlation) {
	c.Aliases = make(map[string]map[string]string)
	for _, alias := range f.pairs(n, "aliases") {
		byRule := make(map[string]string)
		for _, p := range f.pairs(alias.value, "an alias") {
			if !c.names(p.key.Value) {
				f.errorf(p.key, "alias %q is for rule %q, which is not one of the correlation's rules", alias.key.Value, p.key.Value)
				continue
			}
			byRule[p.key.Value] = p.value.Value
		}
		c.Aliases[alias.key.Value] = byRule
	}
}

// copy returns a correlation whose references can be resolved without changing c.
func (c *Correlation) copy() *Correlation {
	out := *c
	out.Aliases = make(map[string]map[string]string, len(c.Aliases))
	for alias, byRule := range c.Aliases {
		out.Aliases[alias] = maps.Clone(byRule)
	}
	return &out
}

func (c *Correlation) names(rule string) bool {
	for _, ref := range c.refs {
		if ref.name == rule {
			return true
		}
	}
	return false
}

// fieldOf returns the field that stands for a group-by field in matches of a base rule.
func (c *Correlation) fieldOf(name, rule string) string {
	if field, ok := c.Aliases[name][rule]; ok {
		return field
	}
	return name
}
