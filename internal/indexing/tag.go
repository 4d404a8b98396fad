package indexing

import (
	"slices"
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
	sets    map[string]*prefilter // by format; nil when every record must be looked at
}

// A prefilter tells from raw text which records are worth a look.
type prefilter struct {
	any    *literal.Set // each record that a rule fits, that heals a fault or that speaks of trouble holds one
	faults *literal.Set // each record that a rule fits holds one
}

func newTagger(rules *detectors.Rules) *tagger {
	t := &tagger{rules: rules, sets: make(map[string]*prefilter)}
	if rules != nil {
		t.matcher = detectors.NewMatcher(rules)
	}
	return t
}

// tag implements index.Tagger.
func (t *tagger) tag(p index.Piece) ([]index.Tag, []int) {
	if t.rules == nil {
		return nil, nil
	}
	var out said
	set := t.literals(p.Format)
	if set == nil || p.Decoded {
		for i, r := range p.Records {
			t.judge(&out, i, full(r, p.Decoded), p)
		}
		return out.tags, out.marks
	}
	rec := 0
	for at := set.any.Index(p.Text, 0); at >= 0; {
		for int(p.Starts[rec+1]) <= at {
			rec++
		}
		end := int(p.Starts[rec+1])
		if set.faults.Index(p.Text[p.Starts[rec]:end], 0) >= 0 {
			t.judge(&out, rec, full(p.Records[rec], false), p)
		} else { // good news perhaps, or unknown trouble: judged when somebody asks
			out.marks = append(out.marks, rec)
		}
		if end >= len(p.Text) {
			break
		}
		at = set.any.Index(p.Text, end)
	}
	return out.tags, out.marks
}

// said is what rules say of a block.
type said struct {
	tags  []index.Tag
	marks []int
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

// judge holds the rules against a record, and marks it when Judge will need it.
func (t *tagger) judge(out *said, i int, r *parser.Record, p index.Piece) {
	hits := t.matcher.Match(r, detectors.EventContext{Source: p.Path, Format: p.Format})
	if len(hits) > 0 || detectors.Strange(r, hits) {
		out.marks = append(out.marks, i)
	}
	for _, h := range hits {
		if h.Kind != detectors.HitFault || h.Rule.Silent {
			continue
		}
		out.tags = append(out.tags, index.Tag{Record: i, Field: parser.Field{Name: "rule", Value: h.Rule.ID}})
		if v := verdict(&h); v != "" {
			out.tags = append(out.tags, index.Tag{Record: i, Field: parser.Field{Name: "verdict", Value: v}})
		}
	}
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

// literals returns the prefilter of a format, nil if there is none.
func (t *tagger) literals(format string) *prefilter {
	t.mu.Lock()
	defer t.mu.Unlock()
	if set, ok := t.sets[format]; ok {
		return set
	}
	t.sets[format] = t.prefilter(format)
	return t.sets[format]
}

func (t *tagger) prefilter(format string) *prefilter {
	lits, complete := t.rules.Literals(format)
	heals, also := t.rules.HealLiterals(format)
	if !complete || !also {
		return nil
	}
	faults, err := literal.New(lits)
	if err != nil { // one that cannot be searched for
		return nil
	}
	any, err := literal.New(slices.Concat(lits, heals, detectors.StrangeLiterals()))
	if err != nil {
		return nil
	}
	return &prefilter{any, faults}
}
