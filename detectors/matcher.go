package detectors

import (
	"slices"
	"strings"
	"sync"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// A Matcher holds the rules of a set against records. It is immutable and may be
// used from several goroutines at once.
type Matcher struct {
	rules   []*Rule
	probes  []probe // faults first, by row, then heals; else in the order of rules
	index   *textIndex
	asking  [][]int32          // literal number → probes that ask for it
	open    map[string][]int32 // format → probes without literals that apply to it
	other   []int32            // the same for formats that no rule names
	fields  int
	wanted  []fieldRef // per rule: see wantedOf
	wantOf  [][]int32
	scratch sync.Pool
}

// A probe is one expression to try: a rule's detection or its heals.
type probe struct {
	rule  int
	kind  HitKind
	check check
}

// NewMatcher prepares the rules of a set for matching.
func NewMatcher(set *Rules) *Matcher {
	m := &Matcher{rules: set.All()}
	table := &fieldTable{numbers: make(map[string]int)}
	var needs []literals
	for _, i := range byRow(m.rules) {
		r := m.rules[i]
		if r.program.root == nil {
			continue
		}
		kind := HitFault
		if r.Cycle {
			kind = HitCycle
		}
		m.probes = append(m.probes, probe{i, kind, r.program.root.bind(table)})
		needs = append(needs, r.program.root.needs())
	}
	healed := make(map[string]bool)
	for i, r := range m.rules {
		if r.heals == nil || healed[healScope(r)] {
			continue
		}
		healed[healScope(r)] = true
		m.probes = append(m.probes, probe{i, HitHeal, r.heals.expr.bind(table)})
		needs = append(needs, r.heals.needs())
	}
	m.wantOf = make([][]int32, len(m.rules))
	for i, r := range m.rules {
		for _, name := range r.wanted {
			m.wantOf[i] = append(m.wantOf[i], int32(len(m.wanted)))
			m.wanted = append(m.wanted, table.ref(name))
		}
	}
	m.fields = len(table.numbers)
	m.buildIndex(needs)
	m.scratch.New = func() any { return newScratch(m) }
	return m
}

// byRow returns the numbers of the rules with the low rows of tables first, so that the
// higher ones need not be tried once one has matched.
func byRow(rules []*Rule) []int {
	out := make([]int, len(rules))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return rules[a].Row - rules[b].Row })
	return out
}

// healScope names what one probe can look for: the good news of rules that say the
// same about it and apply to the same logs.
func healScope(r *Rule) string {
	return r.heals.group + "\x00" + strings.Join(r.LogSource.Services, "\x00")
}

// buildIndex sorts the probes by what must be there before they are tried.
func (m *Matcher) buildIndex(needs []literals) {
	numbers := make(map[string]int32)
	var lits []string
	var free []int32
	for p, need := range needs {
		if need == nil {
			free = append(free, int32(p))
		}
		for _, l := range need {
			n, known := numbers[l]
			if !known {
				n = int32(len(lits))
				numbers[l] = n
				lits = append(lits, l)
				m.asking = append(m.asking, nil)
			}
			m.asking[n] = append(m.asking[n], int32(p))
		}
	}
	m.index = newTextIndex(lits)
	m.open = make(map[string][]int32)
	for _, r := range m.rules {
		for _, s := range r.LogSource.Services {
			if _, star := cutStar(s); !star {
				m.open[s] = nil
			}
		}
	}
	for format := range m.open {
		m.open[format] = m.applying(free, format)
	}
	m.other = free
}

func (m *Matcher) applying(probes []int32, format string) []int32 {
	var out []int32
	for _, p := range probes {
		if m.rules[m.probes[p].rule].applies(format) {
			out = append(out, p)
		}
	}
	return out
}

// scratch is the memory of one Match call.
type scratch struct {
	event event
	seen  []uint32 // probe → round in which it was chosen
	tried []int32
}

func newScratch(m *Matcher) *scratch {
	return &scratch{
		event: event{cached: make([]cachedField, m.fields)},
		seen:  make([]uint32, len(m.probes)),
	}
}

// Match returns a hit for each rule that the record fits, by row and id; of the rules
// of one table only that with the lowest row. Hits that heal follow those
// that are faults; a record that is itself a fault or an error heals nothing.
func (m *Matcher) Match(rec *parser.Record, ctx EventContext) []Hit {
	s := m.scratch.Get().(*scratch)
	e := &s.event
	e.reset(rec, ctx)
	m.choose(s)
	var hits []Hit
	for _, p := range s.tried {
		pr := &m.probes[p]
		r := m.rules[pr.rule]
		if !r.applies(ctx.Format) || pr.pointless(r, rec, hits) || !pr.check(e) {
			continue
		}
		hits = append(hits, m.hit(e, pr))
	}
	e.rec = nil
	e.text = value{}
	m.scratch.Put(s)
	return hits
}

// pointless reports whether a probe need not be tried after the hits so far: a lower row
// of its table has matched, or the record cannot be good news.
func (p *probe) pointless(r *Rule, rec *parser.Record, hits []Hit) bool {
	if p.kind == HitHeal {
		return blocksHealing(rec, hits)
	}
	return r.Table != "" && p.kind == HitFault && slices.ContainsFunc(hits, func(h Hit) bool { return h.Kind == HitFault && h.Rule.Table == r.Table })
}

// choose collects the probes that the record's texts and format call for.
func (m *Matcher) choose(s *scratch) {
	e := &s.event
	s.tried = s.tried[:0]
	if e.round == 0 { // the counter wrapped around: nothing old may look new
		clear(s.seen)
		clear(e.cached)
		e.round = 1
	}
	add := func(p int32) {
		if s.seen[p] != e.round {
			s.seen[p] = e.round
			s.tried = append(s.tried, p)
		}
	}
	open, named := m.open[e.ctx.Format]
	if !named {
		open = m.other
	}
	for _, p := range open {
		add(p)
	}
	found := func(n int32) {
		for _, p := range m.asking[n] {
			add(p)
		}
	}
	m.index.find(e.text.raw, found)
	if msg := e.rec.Message; msg != "" && !strings.Contains(e.text.raw, msg) {
		m.index.find(msg, found)
	}
	for i := range e.rec.Fields {
		if v := e.rec.Fields[i].Value; len(v) >= MinLiteral && !strings.Contains(e.text.raw, v) {
			m.index.find(v, found)
		}
	}
	for _, c := range e.rec.Codes {
		m.index.find(string(c), found)
	}
	slices.Sort(s.tried)
}

// blocksHealing reports whether a record cannot be good news: it says error, or a
// rule took it for a fault.
func blocksHealing(rec *parser.Record, hits []Hit) bool {
	if rec.Level >= parser.LevelError {
		return true
	}
	for i := range hits {
		if h := &hits[i]; h.Kind == HitFault && h.Rule.reports() && h.Rule.Verdict != Informational && h.Rule.Verdict != Healthy {
			return true
		}
	}
	return false
}

// hit builds the hit of a probe that matched the event.
func (m *Matcher) hit(e *event, p *probe) Hit {
	r := m.rules[p.rule]
	h := Hit{
		Rule: r, Kind: p.kind, Format: e.ctx.Format, Level: e.rec.Level,
		Codes: ownCodes(e.rec.Codes), UUIDs: slices.Clone(e.rec.UUIDs),
		Evidence: evidenceOf(e.rec, e.ctx.Source),
	}
	for _, x := range r.extract {
		if _, have := h.Field(x.field); !have {
			x.apply(e, &h)
		}
	}
	h.Captured = len(h.Fields)
	for _, w := range m.wantOf[p.rule] {
		ref := m.wanted[w]
		if _, have := h.Field(ref.name); have {
			continue
		}
		for _, v := range e.values(ref) {
			h.Fields = append(h.Fields, parser.Field{Name: ref.name, Value: strings.Clone(v.raw)})
		}
	}
	return h
}

// ownCodes returns copies that do not keep the text of the record alive.
func ownCodes(list []codes.Code) []codes.Code {
	out := make([]codes.Code, len(list))
	for i, c := range list {
		out[i] = codes.Code(strings.Clone(string(c)))
	}
	return out
}

// apply adds the record's own field of that name, else what the expression captures.
func (x *extraction) apply(e *event, h *Hit) {
	if own, ok := e.rec.Field(x.field); ok {
		h.capture(x.field, own)
		return
	}
	for _, t := range e.taken {
		if t.by == x.re.source {
			h.captureAll(t.captures)
			return
		}
	}
	captures := x.captures(e)
	e.taken = append(e.taken, taken{x.re.source, captures})
	h.captureAll(captures)
}

// taken is what an expression captures from a record. Rules of one family share
// expressions.
type taken struct {
	by       string
	captures []parser.Field
}

// captures returns what the expression captures from the message, else from the whole
// text. Without named groups the first group, or all that matched, is the field's value.
func (x *extraction) captures(e *event) []parser.Field {
	if !x.re.mayMatch(e.text.fold()) && !x.re.mayMatch(fold(e.rec.Message)) {
		return nil
	}
	re := x.re.compiled()
	at := re.FindStringSubmatch(e.rec.Message)
	if at == nil && x.re.mayMatch(fold(headOf(e))) {
		at = re.FindStringSubmatch(e.text.raw)
	}
	if at == nil {
		return nil
	}
	var out []parser.Field
	for i, name := range re.SubexpNames() {
		if name != "" {
			out = append(out, parser.Field{Name: fold(name), Value: at[i]})
		}
	}
	if out == nil {
		out = []parser.Field{{Name: x.field, Value: at[min(1, len(at)-1)]}}
	}
	return out
}

// headOf returns what of the whole text is not the message: where the message has no
// match, only there can one begin.
func headOf(e *event) string {
	return strings.TrimSuffix(e.text.raw, e.rec.Message)
}

func (h *Hit) captureAll(captures []parser.Field) {
	for _, c := range captures {
		h.capture(c.Name, c.Value)
	}
}

// capture adds a captured value. UUIDs get their canonical spelling.
func (h *Hit) capture(name, text string) {
	text = strings.TrimSpace(text)
	if _, have := h.Field(name); have || text == "" {
		return
	}
	if strings.HasPrefix(name, "uuid") {
		if u, ok := parser.ParseUUID(text); ok {
			text = string(u)
		}
	}
	h.Fields = append(h.Fields, parser.Field{Name: name, Value: strings.Clone(text)})
}
