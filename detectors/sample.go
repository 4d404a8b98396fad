package detectors

import (
	"go.yaml.in/yaml/v3"

	"oxtail/parser"
)

// A Sample is one text that a rule must match, or a near miss that it must not.
type Sample struct {
	Line   int            // of the rule file
	Text   string         // text of one record
	Format string         // name of its format, or empty
	Fields []parser.Field // fields of the record
	Level  string         // level of the record
	Log    string         // lines of a log, which a format has to cut into records
}

// samples reads the samples of a rule: texts or maps.
func (f *file) samples(n *yaml.Node, to *[]Sample) {
	if n.Kind != yaml.SequenceNode {
		f.errorf(n, "samples must be a list")
		return
	}
	for _, c := range n.Content {
		s := Sample{Line: c.Line}
		switch c.Kind {
		case yaml.ScalarNode:
			s.Text = c.Value
		default:
			f.fields(c, "a sample", map[string]reader{
				"text":   func(n *yaml.Node) { s.Text = n.Value },
				"log":    func(n *yaml.Node) { s.Log = n.Value },
				"format": f.text("format", &s.Format),
				"level":  f.text("level", &s.Level),
				"fields": func(n *yaml.Node) { s.Fields = f.sampleFields(n) },
			})
		}
		if s.Text == "" && s.Log == "" && len(s.Fields) == 0 {
			f.errorf(c, "a sample needs a text, fields or a log")
			continue
		}
		*to = append(*to, s)
	}
}

func (f *file) sampleFields(n *yaml.Node) []parser.Field {
	var out []parser.Field
	for _, p := range f.pairs(n, "fields") {
		for _, v := range scalars(p.value) {
			if v.Kind != yaml.ScalarNode || isNull(v) {
				f.errorf(v, "the value of field %q must be a text", p.key.Value)
				continue
			}
			out = append(out, parser.Field{Name: p.key.Value, Value: v.Value})
		}
	}
	return out
}
