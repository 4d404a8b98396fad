package detectors

import (
	"strings"

	"oxtail/parser"
)

// An EventContext is what a rule may know about a record beside the record itself.
type EventContext struct {
	Source string // path of the source
	Format string // name of the source's format, "" if none
}

// An event is one record as the rules see it: values by field name, each in its own
// spelling and in lower case. It is scratch memory, used for one record after the other.
type event struct {
	rec    *parser.Record
	ctx    EventContext
	text   value
	cached []cachedField // by field number of the matcher's table
	round  uint32        // cached entries of another round are stale
	taken  []taken       // what expressions of extract took out of the record
}

// A value is one text with its lower-case form, made when first asked for.
type value struct {
	raw    string
	lower  string
	folded bool
	said   []saying // by expressions that were run on raw
}

func (v *value) fold() string {
	if !v.folded {
		v.lower, v.folded = fold(v.raw), true
	}
	return v.lower
}

type cachedField struct {
	round  uint32
	values []value
}

// reset points the event to the next record.
func (e *event) reset(rec *parser.Record, ctx EventContext) {
	e.rec, e.ctx = rec, ctx
	e.text = value{raw: rec.Text, said: e.text.said[:0]}
	e.taken = e.taken[:0]
	if rec.Text == "" {
		e.text.raw = wholeText(rec)
	}
	e.round++
}

// wholeText is the text of a record that was made from fields alone.
func wholeText(rec *parser.Record) string {
	parts := make([]string, 0, len(rec.Fields)+1)
	if rec.Message != "" {
		parts = append(parts, rec.Message)
	}
	for _, f := range rec.Fields {
		parts = append(parts, f.Value)
	}
	return strings.Join(parts, "\n")
}

// A fieldRef is a field name of a rule with its number in the matcher's table.
type fieldRef struct {
	name  string // lower case
	index int
}

// values returns the values of a field; none when the record does not have it.
func (e *event) values(f fieldRef) []value {
	c := &e.cached[f.index]
	if c.round != e.round {
		c.round = e.round
		c.values = e.lookup(c.values[:0], f.name)
	}
	return c.values
}

// lookup finds the values of a field. The record's own parts go first; a named
// capture of the same name stands in where the record's part is empty.
func (e *event) lookup(out []value, name string) []value {
	switch name {
	case "text":
		return append(out, e.text)
	case "message":
		out = appendText(out, e.rec.Message)
	case "level":
		out = appendText(out, e.rec.Level.String())
	case "component":
		out = appendText(out, e.rec.Component)
	case "thread":
		out = appendText(out, e.rec.Thread)
	case "format":
		return append(out, value{raw: e.ctx.Format})
	case "source":
		return append(out, value{raw: e.ctx.Source})
	case "time_basis":
		return append(out, value{raw: e.rec.Basis.String()})
	case "problem":
		out = appendText(out, e.rec.Problem)
	case "code":
		for _, c := range e.rec.Codes {
			out = append(out, value{raw: string(c)})
		}
	case "uuid":
		for _, u := range e.rec.UUIDs {
			out = append(out, value{raw: string(u)})
		}
	}
	if len(out) > 0 && name != "level" { // a format's own word for the level is a value too
		return out
	}
	if out = e.named(out, name); len(out) > 0 {
		return out
	}
	return e.named(out, sigmaName(name))
}

// named appends the values of the record's named fields of a name.
func (e *event) named(out []value, name string) []value {
	for i := range e.rec.Fields {
		if f := &e.rec.Fields[i]; len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			out = append(out, value{raw: f.Value})
		}
	}
	return out
}

// sigmaName returns our name of a field that Sigma's rules for Windows events call
// otherwise, or a name that no field has.
func sigmaName(name string) string {
	switch name {
	case "eventid":
		return "event_id"
	case "provider_name":
		return "provider"
	case "computername":
		return "computer"
	}
	return ""
}

func appendText(out []value, text string) []value {
	if text == "" {
		return out
	}
	return append(out, value{raw: text})
}
