package detectors

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// Records cuts a text into records as a format does; an empty format name means that
// it is recognised. Package formats, which this package does not import, provides it.
type Records func(text, format string) []*parser.Record

// A SampleFailure is a sample that its rule judges wrongly.
type SampleFailure struct {
	Rule   *Rule
	Sample Sample
	Want   bool   // the rule should match
	Why    string // what happened instead
}

// String names the failure with its place.
func (f *SampleFailure) String() string {
	return fmt.Sprintf("%s:%d: rule %s: %s: %q", f.Rule.File, f.Sample.Line, f.Rule.ID, f.Why, cutText(oneLine(f.Sample.content()), maxQuote))
}

func (s *Sample) content() string {
	switch {
	case s.Log != "":
		return s.Log
	case s.Text != "":
		return s.Text
	}
	parts := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		parts[i] = f.Name + "=" + f.Value
	}
	return strings.Join(parts, " ")
}

// MinSamples is how many samples of each kind a rule needs to be tested at all.
const MinSamples = 2

// TestRules tries every rule on its samples, among all rules of the set, and returns
// what is wrong, by rule. records may be nil: then samples that are logs fail.
func TestRules(set *Rules, records Records) []SampleFailure {
	t := trial{set: set, matcher: NewMatcher(set), records: records}
	var out []SampleFailure
	for _, r := range set.list {
		if r.Builtin != BuiltinNone {
			continue // its records are times; tests of the package try it
		}
		for _, kind := range [...]struct {
			want    bool
			name    string
			samples []Sample
		}{{true, "hit", r.Hits}, {false, "miss", r.Misses}} {
			if len(kind.samples) < MinSamples {
				out = append(out, SampleFailure{Rule: r, Sample: Sample{Line: r.Line}, Want: kind.want,
					Why: fmt.Sprintf("%d samples of kind %s; want at least %d", len(kind.samples), kind.name, MinSamples)})
			}
			for _, s := range kind.samples {
				if why := t.judge(r, s, kind.want); why != "" {
					out = append(out, SampleFailure{r, s, kind.want, why})
				}
			}
		}
	}
	return out
}

// trial tries samples.
type trial struct {
	set     *Rules
	matcher *Matcher
	records Records
}

// judge returns why a sample fails, or "".
func (t *trial) judge(r *Rule, s Sample, want bool) string {
	fired, problem := t.fire(r, s)
	switch {
	case problem != "":
		return problem
	case want && !slices.Contains(fired, r.ID):
		if len(fired) > 0 {
			return "does not match; these rules do: " + strings.Join(fired, ", ")
		}
		return "does not match"
	case !want && slices.Contains(fired, r.ID):
		return "matches a near miss"
	}
	return ""
}

// fire returns the ids of the rules that a sample sets off, in order.
func (t *trial) fire(r *Rule, s Sample) (fired []string, problem string) {
	format := s.Format
	if format == "" {
		format = t.formatOf(r)
	}
	recs := []*parser.Record{s.record()}
	if s.Log != "" {
		if t.records == nil {
			return nil, "the sample is a log, which needs the formats"
		}
		if recs = t.records(s.Log, format); len(recs) == 0 {
			return nil, "the sample has no records"
		}
	}
	c := NewCollector(t.set)
	ids := make(map[string]bool)
	for _, rec := range recs {
		hits := t.matcher.Match(rec, EventContext{Source: "sample", Format: format})
		c.Add(hits...)
		for i := range hits {
			if hits[i].Kind != HitHeal {
				ids[hits[i].Rule.ID] = true
			}
		}
	}
	c.EndSource("sample")
	for _, f := range c.Findings() {
		ids[f.Rule] = true
	}
	return sortedKeys(ids), ""
}

// formatOf returns the format that the samples of a rule have unless they say otherwise:
// for a correlation that of the rules that it counts.
func (t *trial) formatOf(r *Rule) string {
	format := r.sampleFormat()
	if r.Correlation == nil {
		return format
	}
	for _, id := range r.Correlation.Rules {
		if base, known := t.set.Lookup(id); known && format == "" {
			format = t.formatOf(base)
		}
	}
	return format
}

// sampleFormat returns the first format that the rule's logsource names in full.
func (r *Rule) sampleFormat() string {
	for _, s := range r.LogSource.Services {
		if _, star := cutStar(s); !star {
			return s
		}
	}
	return ""
}

// record returns a sample without a log as the record that a format would make of it.
func (s *Sample) record() *parser.Record {
	rec := &parser.Record{Raw: []byte(s.Text), Line: 1, Text: s.Text, Message: s.Text, Level: levelOf(s.Level)}
	for _, f := range s.Fields {
		switch fold(f.Name) {
		case "message":
			rec.Message = f.Value
		case "component":
			rec.Component = f.Value
		case "level":
			rec.Level = levelOf(f.Value)
		case "code":
			rec.Codes = append(rec.Codes, codes.Code(f.Value))
			continue
		}
		rec.Fields = append(rec.Fields, f)
	}
	text := s.content()
	if len(rec.Codes) == 0 {
		rec.Codes = codes.Find(text)
	}
	rec.UUIDs = parser.UUIDs(text)
	return rec
}

func levelOf(word string) parser.Level {
	for l := parser.LevelTrace; l <= parser.LevelFatal; l++ {
		if l.String() == fold(word) {
			return l
		}
	}
	return parser.LevelNone
}

// A Crossing is a rule that matches a sample of another one.
type Crossing struct {
	Rule   string // whose sample it is
	Sample int    // index in its hits
	Other  string // that matches as well
}

// Crossings tries every rule on the hits of every other. Rules of one table exclude each
// other and do not cross; silent rules and borders of cycles make no findings.
func Crossings(set *Rules, records Records) []Crossing {
	t := trial{set: set, matcher: NewMatcher(set), records: records}
	var out []Crossing
	for _, r := range set.list {
		for i, s := range r.Hits {
			if s.Log != "" && records == nil {
				continue
			}
			fired, _ := t.fire(r, s)
			for _, id := range fired {
				if other, _ := set.Lookup(id); id != r.ID && !other.Silent && !other.Cycle {
					out = append(out, Crossing{r.ID, i, id})
				}
			}
		}
	}
	return out
}
