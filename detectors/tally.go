package detectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// Limits of correlations. What is beyond is left out, oldest first, and told by Notes.
const (
	// MaxTallyGroups is how many groups one correlation keeps. A group-by over an
	// identifier that never repeats makes one a record.
	MaxTallyGroups = 10_000

	// MaxTallyEntries is how many matches one correlation keeps, some 300 bytes each.
	MaxTallyEntries = 20_000

	// tallyText is how much text of a match is kept for evidence, in bytes.
	tallyText = 512
)

// A tally holds the matches that a correlation counts. They are judged when asked
// for, on event time, so that the order of arrival does not matter.
type tally struct {
	rule   *Rule
	groups map[string]*tallyGroup
	size   int // entries in all groups
}

// A tallyGroup holds the matches with equal values of the group-by fields.
type tallyGroup struct {
	Values  []string  `json:"values,omitempty"` // of the group-by fields, as first seen; noValue where absent
	Entries []entry   `json:"entries"`
	Last    time.Time `json:"last"`
}

// noValue stands for an absent group-by field. No text of a record holds a NUL at
// its start: the parser replaces them.
const noValue = "\x00"

// An entry is one match of a base rule.
type entry struct {
	Rule   int           `json:"rule"`            // index in the correlation's rules
	Value  string        `json:"value,omitempty"` // of the counted field, in lower case
	At     Evidence      `json:"at"`
	Codes  []codes.Code  `json:"codes,omitempty"`
	UUIDs  []parser.UUID `json:"uuids,omitempty"`
	Folder string        `json:"folder,omitempty"`
}

func newTally(r *Rule) *tally { return &tally{rule: r, groups: make(map[string]*tallyGroup)} }

// add takes a hit of a base rule.
func (t *tally) add(h *Hit, c *Collector) {
	if h.Evidence.Time.IsZero() {
		c.note("records without a time, left out of correlation " + t.rule.ID)
		return
	}
	e := entry{At: h.Evidence, Codes: h.Codes, UUIDs: h.UUIDs}
	e.At.Text = cutText(e.At.Text, tallyText)
	e.Folder, _ = h.Field("folder")
	t.enter(h.Rule.ID, e, h.Field)
	t.shrink(c)
}

// enter files an entry in its group; field gives the match's fields.
func (t *tally) enter(base string, e entry, field func(string) (string, bool)) {
	corr := t.rule.Correlation
	e.Rule = slices.Index(corr.Rules, base)
	if corr.Field != "" {
		v, ok := field(fold(corr.fieldOf(corr.Field, base)))
		if !ok {
			return
		}
		e.Value = fold(v)
	}
	values := make([]string, len(corr.GroupBy))
	for i, name := range corr.GroupBy {
		v, ok := field(fold(corr.fieldOf(name, base)))
		if !ok {
			v = noValue
		}
		values[i] = v
	}
	key := fold(strings.Join(values, "\x01"))
	g := t.groups[key]
	if g == nil {
		g = &tallyGroup{Values: values}
		t.groups[key] = g
	}
	g.Entries = append(g.Entries, e)
	if e.At.Time.After(g.Last) {
		g.Last = e.At.Time
	}
	t.size++
}

// shrink makes room when a limit is passed: a tenth at a time, so that a flood of
// groups does not sort them for every match.
func (t *tally) shrink(c *Collector) {
	if len(t.groups) > MaxTallyGroups {
		keys := sortedKeys(t.groups)
		slices.SortStableFunc(keys, func(a, b string) int { return t.groups[a].Last.Compare(t.groups[b].Last) })
		for _, key := range keys[:MaxTallyGroups/10] {
			t.size -= len(t.groups[key].Entries)
			delete(t.groups, key)
			c.note("oldest groups dropped from correlation " + t.rule.ID + ", which has more than its limit")
		}
	}
	if t.size > MaxTallyEntries {
		t.dropOldest(c)
	}
}

func (t *tally) dropOldest(c *Collector) {
	var times []time.Time
	for _, g := range t.groups {
		for i := range g.Entries {
			times = append(times, g.Entries[i].At.Time)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	limit := times[len(times)/10]
	for key, g := range t.groups {
		before := len(g.Entries)
		g.Entries = slices.DeleteFunc(g.Entries, func(e entry) bool { return !e.At.Time.After(limit) })
		t.size -= before - len(g.Entries)
		if len(g.Entries) == 0 {
			delete(t.groups, key)
		}
	}
	c.note("oldest matches dropped from correlation " + t.rule.ID + ", which has more than its limit")
}

// An episode is a run of matches that meets a correlation's condition.
type episode struct {
	group   *tallyGroup
	names   []string // of the group-by fields
	entries []entry  // by time
}

// correlated judges all correlations, those that others count first.
func (c *Collector) correlated() []Finding {
	var out []Finding
	done := make(map[string][]episode)
	for _, r := range c.rules.correlationOrder() {
		episodes := c.tallies[r.ID].episodes(done, c.over())
		done[r.ID] = episodes
		if r.Silent {
			continue
		}
		for i := range episodes {
			out = append(out, episodes[i].finding(r))
		}
	}
	return out
}

// over returns the time up to which all is known: the end of time when every source
// has ended.
func (c *Collector) over() time.Time {
	for _, s := range c.sources {
		if !s.ended {
			return c.newest
		}
	}
	return time.Unix(1<<40, 0)
}

// correlationOrder returns the correlations, each behind those that it counts.
func (s *Rules) correlationOrder() []*Rule {
	var out []*Rule
	placed := make(map[string]bool)
	var place func(r *Rule)
	place = func(r *Rule) {
		if r.Correlation == nil || placed[r.ID] {
			return
		}
		placed[r.ID] = true
		for _, id := range r.Correlation.Rules {
			if base, ok := s.Lookup(id); ok {
				place(base)
			}
		}
		out = append(out, r)
	}
	for _, r := range s.list {
		place(r)
	}
	return out
}

// episodes judges the groups. done holds the episodes of correlations that this one counts.
func (t *tally) episodes(done map[string][]episode, over time.Time) []episode {
	all := t.withEpisodes(done)
	var out []episode
	for _, key := range sortedKeys(all.groups) {
		g := all.groups[key]
		entries := slices.Clone(g.Entries)
		slices.SortStableFunc(entries, compareEntries)
		for _, s := range t.rule.Correlation.runs(entries, over) {
			out = append(out, episode{g, t.rule.Correlation.GroupBy, entries[s.from : s.to+1]})
		}
	}
	return out
}

// withEpisodes returns a tally with the episodes of counted correlations as matches,
// each at the time of its last record.
func (t *tally) withEpisodes(done map[string][]episode) *tally {
	out := &tally{rule: t.rule, groups: make(map[string]*tallyGroup, len(t.groups))}
	for key, g := range t.groups {
		copied := *g
		copied.Entries = slices.Clone(g.Entries)
		out.groups[key] = &copied
	}
	for _, id := range t.rule.Correlation.Rules {
		for _, ep := range done[id] {
			out.enter(id, ep.entries[len(ep.entries)-1], ep.field)
		}
	}
	return out
}

// field returns the value of a group-by field of the episode's correlation.
func (ep *episode) field(name string) (string, bool) {
	for i, g := range ep.names {
		if fold(g) == name && ep.group.Values[i] != noValue {
			return ep.group.Values[i], true
		}
	}
	return "", false
}

func compareEntries(a, b entry) int {
	x, y := momentOf(&a.At), momentOf(&b.At)
	return sign(y.after(x), x.after(y))
}

// A run is a range of entries, both ends included.
type run struct{ from, to int }

// runs returns the ranges of sorted entries that meet the condition. Ranges that
// share an entry are one episode.
func (c *Correlation) runs(entries []entry, over time.Time) []run {
	switch {
	case c.Type == TemporalOrdered:
		return c.ordered(entries)
	case c.growing():
		return c.sliding(entries)
	}
	return c.closed(entries, over)
}

// counted returns what is told apart when counting: nothing for events.
func (c *Correlation) counted(e *entry) string {
	switch c.Type {
	case ValueCount:
		return e.Value
	case Temporal:
		return fmt.Sprint(e.Rule)
	}
	return ""
}

func (c *Correlation) size(from, to int, distinct map[string]int) int {
	if c.Type == EventCount {
		return to - from + 1
	}
	return len(distinct)
}

// sliding looks back from each entry over the time span: an entry exactly the span
// away still belongs to it.
func (c *Correlation) sliding(entries []entry) []run {
	var out []run
	distinct := make(map[string]int)
	from := 0
	for to := range entries {
		distinct[c.counted(&entries[to])]++
		for entries[to].At.Time.Sub(entries[from].At.Time) > c.Timespan {
			key := c.counted(&entries[from])
			if distinct[key]--; distinct[key] == 0 {
				delete(distinct, key)
			}
			from++
		}
		if c.holds(c.size(from, to, distinct)) {
			out = join(out, run{from, to})
		}
	}
	return out
}

func join(list []run, r run) []run {
	if n := len(list); n > 0 && r.from <= list[n-1].to {
		list[n-1].to = r.to
		return list
	}
	return append(list, r)
}

// closed judges windows that begin with an entry and last for the time span, after
// they have closed: "fewer than" and "exactly" are not known before.
func (c *Correlation) closed(entries []entry, over time.Time) []run {
	var out []run
	for from := 0; from < len(entries); {
		end := entries[from].At.Time.Add(c.Timespan)
		distinct := make(map[string]int)
		to := from
		for ; to < len(entries) && !entries[to].At.Time.After(end); to++ {
			distinct[c.counted(&entries[to])]++
		}
		if over.After(end) && c.holds(c.size(from, to-1, distinct)) {
			out = append(out, run{from, to - 1})
		}
		from = to
	}
	return out
}

// ordered looks for all rules in their order, the whole chain within one time span.
func (c *Correlation) ordered(entries []entry) []run {
	var out []run
	starts := make([]int, len(c.Rules)) // chain length - 1 → latest start of such a chain
	ends := make([]int, len(c.Rules))   // the same → its last entry
	for i := range starts {
		starts[i] = -1
	}
	for i := range entries {
		step := entries[i].Rule
		if step == 0 {
			starts[0], ends[0] = i, i
			continue
		}
		start := starts[step-1]
		if start < 0 || entries[i].At.Time.Sub(entries[start].At.Time) > c.Timespan || sameRecord(entries, ends[step-1], i) {
			continue
		}
		starts[step], ends[step] = start, i
		if step == len(c.Rules)-1 {
			out = join(out, run{start, i})
		}
	}
	return out
}

func sameRecord(entries []entry, a, b int) bool {
	return entries[a].At.Source == entries[b].At.Source && entries[a].At.Offset == entries[b].At.Offset
}

// finding composes the finding of an episode.
func (ep *episode) finding(r *Rule) Finding {
	first := &ep.entries[0]
	j := judge(&Hit{Rule: r, Codes: first.Codes, Evidence: first.At})
	f := Finding{
		Rule: r.ID, Title: r.Title, Severity: r.Level, Verdict: j.Verdict, Action: j.Action, Confidence: r.Confidence,
		Explain: r.Explain, Change: r.Change, Weak: r.Weak, Source: first.At.Source, Count: len(ep.entries),
	}
	f.ID = findingID(r.ID, fold(strings.Join(ep.group.Values, "\x00")), first.At.Source, fmt.Sprint(first.At.Offset))
	var evidence []Evidence
	for i := range ep.entries {
		e := &ep.entries[i]
		f.First, f.Last = spread(f.First, f.Last, e.At.Time)
		evidence = append(evidence, e.At)
		if e.At.Source != f.Source {
			f.Source = ""
		}
		f.mergeEntry(e)
	}
	f.Evidence = ends(evidence, nil)
	f.because(j.Code)
	f.Because = append(f.Because, ep.explain(r))
	return f
}

func (f *Finding) mergeEntry(e *entry) {
	for _, c := range e.Codes {
		f.Codes = list(f.Codes, string(c))
	}
	for _, u := range e.UUIDs {
		f.UUIDs = list(f.UUIDs, string(u))
	}
	if e.Folder != "" {
		f.Folders = list(f.Folders, e.Folder)
	}
}

// explain says what was counted, and for whom.
func (ep *episode) explain(r *Rule) string {
	c := r.Correlation
	distinct := make(map[string]int)
	for i := range ep.entries {
		distinct[c.counted(&ep.entries[i])]++
	}
	text := fmt.Sprintf("%d matches of %s", len(ep.entries), strings.Join(c.Rules, ", "))
	if c.Type == ValueCount {
		text += fmt.Sprintf(" with %d values of %s", len(distinct), c.Field)
	}
	var who []string
	for i, name := range c.GroupBy {
		if ep.group.Values[i] == noValue {
			who = append(who, "without "+name)
		} else {
			who = append(who, name+" "+ep.group.Values[i])
		}
	}
	if len(who) > 0 {
		text += " (" + strings.Join(who, ", ") + ")"
	}
	return text
}
