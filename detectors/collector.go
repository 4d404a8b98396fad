package detectors

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Limits of the collector's memory. What goes beyond is counted and told by Notes.
const (
	// MaxFaultsPerRule is how many faults of one rule in one source are told apart;
	// the rest becomes one finding. Nobody reads a thousand findings of one kind.
	MaxFaultsPerRule = 1000

	// MaxFaults is the same for all rules and sources together.
	MaxFaults = 20_000

	// evidenceEnds is how many of the first and of the last records are kept.
	evidenceEnds = 5

	// maxListed is how many codes, UUIDs and folders a finding lists.
	maxListed = 32

	// maxDistinctItems is how many values of failed items are told apart.
	maxDistinctItems = 10_000
)

// A Collector turns hits into findings. Hits of one source must come in the order of
// its records; sources may come one after the other or mixed, and in as many pieces
// as they grow: the findings depend on the records alone (unless a limit was hit).
// It is not safe for concurrent use.
type Collector struct {
	rules   *Rules
	sources map[string]*sourceState
	heals   map[string][]healing // object → latest good news; see healKey
	tallies map[string]*tally    // correlation id → what it counts
	counts  map[string][]string  // base rule id → correlations that count it
	absorbs map[string][]*Rule   // table → its absorbing rules
	faults  int
	newest  time.Time // of all hits
	notes   map[string]int
}

// sourceState is what is known of one source.
type sourceState struct {
	path    string
	ended   bool
	rhythm  rhythm
	cycle   int // borders of sync cycles so far
	faults  map[string]*fault
	order   []*fault
	perRule map[string]int                  // rule id → faults
	latest  map[string]*fault               // table, verdict or key → the fault that a hit may belong to
	objects map[string]map[string][]*object // rule, field and value → objects that it may heal, by the field that tells them
}

// NewCollector returns an empty collector for hits of the rules.
func NewCollector(set *Rules) *Collector {
	c := &Collector{
		rules: set, sources: make(map[string]*sourceState), heals: make(map[string][]healing),
		tallies: make(map[string]*tally), counts: make(map[string][]string), absorbs: make(map[string][]*Rule),
		notes: make(map[string]int),
	}
	for _, r := range set.list {
		if r.Absorb {
			c.absorbs[r.Table] = append(c.absorbs[r.Table], r)
		}
		if r.Correlation == nil {
			continue
		}
		c.tallies[r.ID] = newTally(r)
		for _, base := range r.Correlation.Rules {
			c.counts[base] = append(c.counts[base], r.ID)
		}
	}
	return c
}

func (c *Collector) source(path string) *sourceState {
	s, ok := c.sources[path]
	if !ok {
		s = &sourceState{
			path: path, faults: make(map[string]*fault), perRule: make(map[string]int),
			latest: make(map[string]*fault), objects: make(map[string]map[string][]*object),
		}
		c.sources[path] = s
	}
	return s
}

// Add takes the hits of one record.
func (c *Collector) Add(hits ...Hit) {
	for i := range hits {
		h := &hits[i]
		if h.Evidence.Time.After(c.newest) {
			c.newest = h.Evidence.Time
		}
		if h.Kind != HitFault {
			continue
		}
		for _, id := range c.counts[h.Rule.ID] {
			c.tallies[id].add(h, c)
		}
		if h.Rule.reports() {
			s := c.source(h.Evidence.Source)
			c.addFault(s, h)
			s.rhythm.failure(&h.Evidence)
		}
	}
	for i := range hits {
		switch h := &hits[i]; h.Kind {
		case HitHeal:
			c.addHeal(c.source(h.Evidence.Source), h)
		case HitCycle:
			c.source(h.Evidence.Source).cycle++
		}
	}
}

// EndSource notes that a source has no further records, so that conditions that can
// only be judged at the end of a window are judged for it.
func (c *Collector) EndSource(path string) { c.source(path).ended = true }

// note counts that a limit was hit or a record left out.
func (c *Collector) note(what string) { c.notes[what]++ }

// A Note tells what the collector had to leave out, and how often.
type Note struct {
	What  string
	Count int
}

// Notes returns what was left out, ordered by name.
func (c *Collector) Notes() []Note {
	var out []Note
	for _, what := range sortedKeys(c.notes) {
		out = append(out, Note{what, c.notes[what]})
	}
	return out
}

// addFault counts a hit for the fault that it belongs to.
func (c *Collector) addFault(s *sourceState, h *Hit) {
	j := judge(h)
	if h.Rule.Absorb {
		if f := s.latest[absorbKey(h.Rule, h)]; f != nil {
			s.index(f.rule, f.add(h, s.cycle))
		}
		return
	}
	key := faultKey(h, j)
	f := s.faults[key]
	if f == nil {
		f = s.recent(h, j)
	}
	if f == nil {
		f = c.newFault(s, h, j, key)
	}
	s.index(f.rule, f.add(h, s.cycle))
	if t := h.Rule.Table; t != "" {
		s.latest[recentKey(t, j.Verdict)] = f
		for _, r := range c.absorbs[t] {
			if key := absorbKey(r, h); key != "" {
				s.latest[key] = f
			}
		}
	}
}

// recent returns the fault of the rule's table and verdict that was seen just before, for
// rules that say within. Several lines of one exception are one fault.
func (s *sourceState) recent(h *Hit, j judgement) *fault {
	f := s.latest[recentKey(h.Rule.Table, j.Verdict)]
	if h.Rule.Within == 0 || f == nil || f.Last.IsZero() || h.Evidence.Time.IsZero() {
		return nil
	}
	if d := h.Evidence.Time.Sub(f.Last); d < 0 || d > h.Rule.Within {
		return nil
	}
	return f
}

func recentKey(table string, v Verdict) string { return "t\x00" + table + "\x00" + string(v) }

// absorbKey names what an absorbing rule compares: the log and the values of its key.
// It is "" when the hit has no value for any of them.
func absorbKey(r *Rule, h *Hit) string {
	var b strings.Builder
	b.WriteString("a\x00" + r.ID)
	log, _ := h.Field("log")
	b.WriteString("\x00" + log)
	have := false
	for _, name := range r.Key {
		v, _ := h.Field(fold(name))
		have = have || v != ""
		b.WriteString("\x00" + fold(v))
	}
	if !have {
		return ""
	}
	return b.String()
}

// newFault starts a fault, or hands out the one that stands for all beyond the limit.
func (c *Collector) newFault(s *sourceState, h *Hit, j judgement, key string) *fault {
	id := h.Rule.ID
	overflow := ""
	switch {
	case s.perRule[id] >= MaxFaultsPerRule:
		overflow = "faults of rule " + id + " in one source"
	case c.faults >= MaxFaults:
		overflow = "faults in all"
	}
	if overflow != "" {
		c.note("limit of " + overflow + ": counted as one more finding")
		key = id + "\x00\x01more"
		if f := s.faults[key]; f != nil {
			return f
		}
	}
	f := &fault{h.Rule, faultState{
		Rule: id, Judgement: j, Key: key, Source: s.path, Objects: make(map[string]*object), Overflow: overflow != "",
	}}
	s.faults[key] = f
	s.order = append(s.order, f)
	s.perRule[id]++
	c.faults++
	return f
}

// faultKey names the fault of a hit inside its source: the rule, the log, the code that
// judged it and the values of the rule's key.
func faultKey(h *Hit, j judgement) string {
	parts := []string{h.Rule.ID, string(j.Code)}
	log, _ := h.Field("log")
	parts = append(parts, log)
	if h.Rule.keySet {
		for _, name := range h.Rule.Key {
			v, _ := h.Field(fold(name))
			parts = append(parts, fold(v))
		}
		return strings.Join(parts, "\x00")
	}
	uuid, _ := h.captured("uuid")
	folder, _ := h.Field("folder")
	code, ok := h.captured("code")
	if !ok && len(h.Codes) > 0 {
		code = string(h.Codes[0])
	}
	return strings.Join(append(parts, uuid, fold(folder), code), "\x00")
}

// Findings returns the findings so far: worst first, then by source, place and rule.
// It may be called at any time.
func (c *Collector) Findings() []Finding {
	var out []Finding
	past := c.failures()
	for _, group := range c.grouped() {
		out = append(out, c.finding(group, past))
	}
	out = append(out, c.correlated()...)
	out = append(out, c.rhythmic()...)
	SortFindings(out)
	return out
}

// grouped returns the faults, put together over all sources where the rule says so.
func (c *Collector) grouped() [][]*fault {
	var out [][]*fault
	cases := make(map[string]int)
	for _, path := range sortedKeys(c.sources) {
		for _, f := range c.sources[path].order {
			if !f.rule.PerCase {
				out = append(out, []*fault{f})
				continue
			}
			at, known := cases[f.Key]
			if !known {
				at = len(out)
				cases[f.Key] = at
				out = append(out, nil)
			}
			out[at] = append(out[at], f)
		}
	}
	return out
}

// SortFindings orders findings as Collector.Findings does: worst first, then by
// source, place and rule.
func SortFindings(list []Finding) { slices.SortStableFunc(list, compareFindings) }

func compareFindings(a, b Finding) int {
	x, y := firstPlace(&a), firstPlace(&b)
	return cmp.Or(
		compareWorst(&a, &b),
		strings.Compare(x.Source, y.Source),
		cmp.Compare(x.Offset, y.Offset),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.ID, b.ID),
	)
}

func firstPlace(f *Finding) Evidence {
	if len(f.Evidence) == 0 {
		return Evidence{Source: f.Source}
	}
	return f.Evidence[0]
}

// spread widens a first and last time to take in t.
func spread(first, last, t time.Time) (time.Time, time.Time) {
	if t.IsZero() {
		return first, last
	}
	if first.IsZero() || t.Before(first) {
		first = t
	}
	if last.IsZero() || t.After(last) {
		last = t
	}
	return first, last
}
