package indexing

import (
	"sync"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/parser"
	"oxtail/parser/codes"
	"oxtail/parser/literal"
)

// A tagger says which rules records fit. It may be used from several goroutines.
type tagger struct {
	rules   *detectors.Rules
	matcher *detectors.Matcher
	mu      sync.Mutex
	sets    map[string]*literal.Set // by format; nil when every record must be looked at
}

func newTagger(rules *detectors.Rules) *tagger {
	t := &tagger{rules: rules, sets: make(map[string]*literal.Set)}
	if rules != nil {
		t.matcher = detectors.NewMatcher(rules)
	}
	return t
}

// tag implements index.Tagger.
func (t *tagger) tag(p index.Piece) []index.Tag {
	if t.rules == nil {
		return nil
	}
	set := t.literals(p.Format)
	if set == nil || p.Decoded {
		var out []index.Tag
		for i, r := range p.Records {
			out = t.match(out, i, full(r, p.Decoded), p)
		}
		return out
	}
	var out []index.Tag
	rec := 0
	for at := set.Index(p.Text, 0); at >= 0; {
		for int(p.Starts[rec+1]) <= at {
			rec++
		}
		out = t.match(out, rec, full(p.Records[rec], false), p)
		end := int(p.Starts[rec+1])
		if end >= len(p.Text) {
			break
		}
		at = set.Index(p.Text, end)
	}
	return out
}

// full returns a record with its codes and UUIDs, which quick reading leaves out.
func full(r *parser.Record, decoded bool) *parser.Record {
	if decoded || r.Codes != nil || r.UUIDs != nil {
		return r
	}
	c := *r
	c.Codes, c.UUIDs = codes.Find(r.Text), parser.UUIDs(r.Text)
	return &c
}

func (t *tagger) match(out []index.Tag, i int, r *parser.Record, p index.Piece) []index.Tag {
	for _, h := range t.matcher.Match(r, detectors.EventContext{Source: p.Path, Format: p.Format}) {
		if h.Kind != detectors.HitFault || h.Rule.Silent {
			continue
		}
		out = append(out, index.Tag{Record: i, Field: parser.Field{Name: "rule", Value: h.Rule.ID}})
		if v := verdict(&h); v != "" {
			out = append(out, index.Tag{Record: i, Field: parser.Field{Name: "verdict", Value: v}})
		}
	}
	return out
}

// verdict returns what a hit says by its rule, or by the record's code.
func verdict(h *detectors.Hit) string {
	if h.Rule.Verdict != detectors.ByCode {
		return string(h.Rule.Verdict)
	}
	for _, c := range h.Codes {
		if e, ok := codes.Lookup(c); ok && e.Verdict != "" {
			return e.Verdict
		}
	}
	return ""
}

// literals returns the texts of which every record of a format that a rule fits holds one.
func (t *tagger) literals(format string) *literal.Set {
	t.mu.Lock()
	defer t.mu.Unlock()
	if set, ok := t.sets[format]; ok {
		return set
	}
	var set *literal.Set
	if lits, complete := t.rules.Literals(format); complete {
		if s, err := literal.New(lits); err == nil { // one that cannot be searched for: look at all
			set = s
		}
	}
	t.sets[format] = set
	return set
}
