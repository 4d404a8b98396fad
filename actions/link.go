package actions

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/parser/winpath"
)

// Link joins findings with the evidence of the inventory and returns one case for
// each store that something is wrong with, and one for each group of findings
// whose store is not known. It fills in account, profiles and cache files of the
// findings where the link is at least likely. Verdicts are given by Recommend.
func Link(findings []detectors.Finding, inv *Inventory) []Case {
	l := newLinker(inv)
	ordered := make([]*detectors.Finding, len(findings))
	for i := range findings {
		ordered[i] = &findings[i]
	}
	slices.SortStableFunc(ordered, compareFindings)
	direct := make([]map[int][]match, len(ordered))
	for i, f := range ordered {
		direct[i] = l.directMatches(cluesOf(f), systemOfFinding(f, l.formats))
		l.swear(direct[i], sourcesOf(f))
	}
	for i, f := range ordered {
		l.add(f, direct[i])
	}
	return l.cases()
}

// Cases links findings and judges the cases; the worst case comes first.
func Cases(findings []detectors.Finding, inv *Inventory) []Case {
	cases := Link(findings, inv)
	for i := range cases {
		Recommend(&cases[i])
	}
	slices.SortStableFunc(cases, func(a, b Case) int {
		if a.Verdict != b.Verdict {
			if detectors.Worse(a.Verdict, b.Verdict) {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return cases
}

// compareFindings orders findings worst first, then by id, whatever their order was.
func compareFindings(a, b *detectors.Finding) int {
	switch {
	case a.Verdict != b.Verdict && detectors.Worse(a.Verdict, b.Verdict):
		return -1
	case a.Verdict != b.Verdict && detectors.Worse(b.Verdict, a.Verdict):
		return 1
	}
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.ID, b.ID))
}

// A linker is the work of one Link.
type linker struct {
	inv     *Inventory
	stores  []Store
	formats map[string]string          // log → format
	groups  map[string]*Case           // store key, or key of findings without a store
	places  map[string]map[int][]match // log → store → clues of where it lies
	only    map[System]int             // the one store of a system that it could be, or -1
	sworn   map[string]swear           // log → the store that its lines name
}

// swear is what the lines of one log say for certain.
type swear struct {
	store int // index, -1 when they name several
	place string
}

func newLinker(inv *Inventory) *linker {
	if inv == nil {
		inv = &Inventory{}
	}
	l := &linker{
		inv: inv, stores: inv.Stores(), formats: map[string]string{}, groups: map[string]*Case{},
		places: map[string]map[int][]match{}, only: map[System]int{}, sworn: map[string]swear{},
	}
	for _, system := range []System{OXtender, Exchange, DataFile, Other} {
		l.only[system] = onlyStore(l.stores, system)
	}
	for i := range inv.Logs {
		log := &inv.Logs[i]
		l.formats[log.Path] = log.Format
		system := systemOfFinding(&detectors.Finding{Source: log.Path}, l.formats)
		l.swear(l.directMatches(log.clues(), system), []string{log.Path})
	}
	for i := range l.stores {
		l.judgeStore(&l.stores[i])
	}
	l.judgeProfiles()
	return l
}

// caseOf returns the case of a group, which it starts when there is none.
func (l *linker) caseOf(key string, system System) *Case {
	c := l.groups[key]
	if c == nil {
		sum := sha256.Sum256([]byte(key))
		c = &Case{Schema: CaseSchema, ID: "c" + hex.EncodeToString(sum[:6]), System: system, Confidence: detectors.Certain, places: l.inv.Places}
		l.groups[key] = c
	}
	return c
}

// storeCase returns the case of a store.
func (l *linker) storeCase(s *Store) *Case {
	c := l.caseOf(s.Key, s.System)
	if c.store == nil {
		c.store = s
		c.Account, c.Mailbox, c.Profiles, c.CacheFiles = s.Account, s.Mailbox, s.Profiles(), s.CachePaths()
		c.Edges = append(c.Edges, s.edges()...)
	}
	return c
}

// add puts a finding into the case of its store, or into one without a store.
func (l *linker) add(f *detectors.Finding, direct map[int][]match) {
	system := systemOfFinding(f, l.formats)
	all := l.allMatches(f, system, direct)
	best, ties, sure := l.best(all)
	var c *Case
	switch {
	case best >= 0:
		s := &l.stores[best]
		c = l.storeCase(s)
		matches := sortMatches(all[best])
		c.addLinks(f, matches)
		if sure > weakLink {
			f.Account, f.Profiles, f.CacheFiles = s.Account, s.Profiles(), s.CachePaths()
		}
		c.Because = append(c.Because, linkReason(f, s, matches, sure))
	default:
		c = l.caseOf(looseKey(f, system), system)
		c.Mailbox = cmp.Or(c.Mailbox, f.Mailbox)
		if len(ties) > 0 {
			c.Because = append(c.Because, fmt.Sprintf("finding %s may belong to any of: %s", f.ID, strings.Join(ties, "; ")))
		}
	}
	c.addFinding(f, sure)
}

// looseKey groups findings without a store: by system, mailbox and Windows user.
func looseKey(f *detectors.Finding, system System) string {
	owner := ""
	if sources := sourcesOf(f); len(sources) > 0 {
		owner = strings.ToLower(winpath.User(sources[0]))
	}
	return "loose\x00" + string(system) + "\x00" + fold(f.Mailbox) + "\x00" + owner
}

// addFinding takes a finding into the case.
func (c *Case) addFinding(f *detectors.Finding, sure strength) {
	c.Findings = append(c.Findings, f.ID)
	c.findings = append(c.findings, f)
	c.First, c.Last = earlier(c.First, f.First), later(c.Last, f.Last)
	if c.store != nil {
		if c.linked == nil {
			c.linked = map[string]strength{}
		}
		c.linked[f.ID] = sure
	}
	for _, source := range sourcesOf(f) {
		c.Edges = append(c.Edges, Edge{Node{NodeLog, source}, Node{NodeFinding, f.ID}, ByEvidence, evidenceIn(f, source)})
	}
}

// evidenceIn names the first place of a finding in a log.
func evidenceIn(f *detectors.Finding, source string) string {
	for i := range f.Evidence {
		if f.Evidence[i].Source == source {
			return place(&f.Evidence[i])
		}
	}
	return source
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// addLinks draws the edges from a finding to its store.
func (c *Case) addLinks(f *detectors.Finding, matches []match) {
	for _, m := range matches {
		c.Edges = append(c.Edges, Edge{Node{NodeFinding, f.ID}, m.to, m.kind, m.place})
	}
}

// linkReason says by what a finding was joined with its store.
func linkReason(f *detectors.Finding, s *Store, matches []match, sure strength) string {
	var by []string
	for _, m := range matches {
		by = appendNew(by, string(m.kind)+" ("+m.place+")")
	}
	return fmt.Sprintf("finding %s belongs to %s: %s, %s", f.ID, s.Name(), sure.confidence(), strings.Join(by, ", "))
}

// best finds the store of a finding: its index, or -1 with the names of those
// that fit equally well.
func (l *linker) best(all map[int][]match) (index int, ties []string, sure strength) {
	var fit []int
	for _, i := range sortedInts(all) {
		switch s := strengthOfAll(all[i]); {
		case s == noLink:
		case s > sure:
			sure, fit = s, []int{i}
		case s == sure:
			fit = append(fit, i)
		}
	}
	fit = mostKinds(fit, all)
	if len(fit) == 1 {
		return fit[0], nil, sure
	}
	for _, i := range fit {
		ties = append(ties, l.stores[i].Name())
	}
	return -1, ties, noLink
}

// mostKinds prefers, among stores whose best clues are equally strong, the one with
// the most kinds of clues; time does not count.
func mostKinds(fit []int, all map[int][]match) []int {
	most, out := 0, []int(nil)
	for _, i := range fit {
		kinds := map[EdgeKind]bool{}
		for _, m := range all[i] {
			if m.kind != ByTime {
				kinds[m.kind] = true
			}
		}
		switch n := len(kinds); {
		case n > most:
			most, out = n, []int{i}
		case n == most:
			out = append(out, i)
		}
	}
	return out
}

func sortedInts(m map[int][]match) []int {
	var out []int
	for i := range m {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// fits reports whether a finding of one system may be about a store of another.
func fits(finding, store System) bool {
	return finding == store || finding == Other
}

// directMatches compares the clues of records with every store of their system.
func (l *linker) directMatches(found *clues, system System) map[int][]match {
	out := map[int][]match{}
	for i := range l.stores {
		if s := &l.stores[i]; fits(system, s.System) {
			if m := s.matches(found); len(m) > 0 {
				out[i] = m
			}
		}
	}
	return out
}

// allMatches adds the clues that stand beside the records.
func (l *linker) allMatches(f *detectors.Finding, system System, direct map[int][]match) map[int][]match {
	out := map[int][]match{}
	for i := range l.stores {
		s, m := &l.stores[i], slices.Clone(direct[i])
		if !fits(system, s.System) {
			continue
		}
		if system != Other || len(m) > 0 {
			m = append(m, s.mailboxMatch(f)...)
		}
		if system != Other && !s.contradicts(f) || len(m) > 0 {
			m = append(m, l.surroundings(f, s, i, system)...)
		}
		if len(m) > 0 {
			out[i] = m
		}
	}
	return out
}

// sortMatches puts the strongest clues first.
func sortMatches(m []match) []match {
	slices.SortStableFunc(m, func(a, b match) int {
		return cmp.Or(cmp.Compare(strengthOf(b.kind), strengthOf(a.kind)), cmp.Compare(a.kind, b.kind), compareNodes(a.to, b.to))
	})
	return m
}

// swear notes which store the lines of a log name for certain.
func (l *linker) swear(direct map[int][]match, logs []string) {
	for _, i := range sortedInts(direct) {
		for _, m := range direct[i] {
			if strengthOf(m.kind) == certainLink {
				l.swearTo(logs, i, m.place)
			}
		}
	}
}

func (l *linker) swearTo(logs []string, store int, at string) {
	for _, log := range logs {
		known, before := l.sworn[log]
		switch {
		case !strings.HasPrefix(at, log+":"):
		case !before:
			l.sworn[log] = swear{store, at}
		case known.store != store:
			l.sworn[log] = swear{-1, ""}
		}
	}
}

// clues reads the lines that were kept of a log.
func (log *Log) clues() *clues {
	f := detectors.Finding{}
	for _, line := range log.Clues {
		f.Evidence = append(f.Evidence, detectors.Evidence{Source: log.Path, Line: line.Line, Text: line.Text})
	}
	return cluesOf(&f)
}

// surroundings are the clues that stand beside the records: where the log lies,
// what else there is, and when.
func (l *linker) surroundings(f *detectors.Finding, s *Store, index int, system System) []match {
	var out []match
	for _, source := range sourcesOf(f) {
		if sworn, is := l.sworn[source]; is && sworn.store == index {
			out = append(out, match{BySameLog, s.accountNode(), sworn.place})
		}
		out = append(out, l.placesOf(source)[index]...)
	}
	if l.only[system] == index {
		out = append(out, match{ByOnlyAccount, s.accountNode(), firstPlace(f)})
	}
	return append(out, s.timeMatch(f)...)
}

// placesOf compares where a log lies with every store, once for each log. The stores of
// a system whose evidence shares the most folders with it are those of its bundle.
func (l *linker) placesOf(source string) map[int][]match {
	if known := l.places[source]; known != nil {
		return known
	}
	log, out := newLogPlace(source), map[int][]match{}
	common, most := make([]int, len(l.stores)), map[System]int{}
	for i := range l.stores {
		s := &l.stores[i]
		common[i] = s.commonFolder(log.folder)
		most[s.System] = max(most[s.System], common[i])
		if m := s.placeMatches(log); m != nil {
			out[i] = m
		}
	}
	for i := range l.stores {
		if s := &l.stores[i]; common[i] > 0 && common[i] == most[s.System] {
			out[i] = append(out[i], match{ByBundle, s.accountNode(), source})
		}
	}
	l.places[source] = out
	return out
}

// onlyStore returns the index of the one store of a system that profiles refer to,
// or of the one store at all; -1 when there are several.
func onlyStore(stores []Store, system System) int {
	used, any := []int(nil), []int(nil)
	for i := range stores {
		if stores[i].System != system {
			continue
		}
		any = append(any, i)
		if len(stores[i].Uses) > 0 {
			used = append(used, i)
		}
	}
	switch {
	case len(used) == 1:
		return used[0]
	case len(used) == 0 && len(any) == 1:
		return any[0]
	}
	return -1
}

// cases returns what was built, ordered by id, with the edges in order.
func (l *linker) cases() []Case {
	var out []Case
	for _, c := range l.groups {
		c.Edges = sortEdges(c.Edges)
		c.proveShare()
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Case) int { return cmp.Compare(a.ID, b.ID) })
	joinByTime(out)
	return out
}

// joinByTime notes which cases of other systems lasted at the same time.
func joinByTime(cases []Case) {
	for i := range cases {
		for j := range cases {
			if a, b := &cases[i], &cases[j]; a.System != b.System && overlap(a, b) {
				a.Meanwhile = append(a.Meanwhile, b.ID)
			}
		}
	}
}

func overlap(a, b *Case) bool {
	if a.First.IsZero() || b.First.IsZero() {
		return false
	}
	return !a.First.After(b.Last) && !b.First.After(a.Last)
}

// edges draws the store's own part of the chain.
func (s *Store) edges() []Edge {
	var out []Edge
	root := s.accountNode()
	for _, p := range s.Paths {
		cache := Node{NodeCache, p.Path}
		if p.use < 0 {
			continue
		}
		u := s.Uses[p.use]
		if root != cache {
			out = append(out, Edge{root, cache, ByRegistry, p.Origin})
		}
		out = append(out, Edge{cache, profileNode(u.Profile), ByRegistry, p.Origin})
		out = append(out, s.fileEdges(cache, p)...)
	}
	for _, u := range s.Uses {
		if len(u.Service.CacheFiles) == 0 {
			out = append(out, Edge{root, profileNode(u.Profile), ByRegistry, originOfAccount(u)})
		}
	}
	return out
}

// fileEdges draws the edges from a path in a profile to the files that were found.
func (s *Store) fileEdges(cache Node, p Path) []Edge {
	var out []Edge
	for _, f := range s.Files {
		for _, link := range f.Links {
			if f.State != CacheMissing && link.Path == p.Path && link.Origin == p.Origin {
				out = append(out, Edge{cache, Node{NodeFile, f.Path}, EdgeKind(link.How), f.Path})
			}
		}
	}
	return out
}
