package detectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"oxtail/parser/codes"
)

// finding composes the finding of faults that belong together. past holds the
// failures of all objects.
func (c *Collector) finding(group []*fault, past past) Finding {
	first := group[0]
	r := first.rule
	f := Finding{
		Rule: r.ID, Title: r.Title, Severity: r.Level, Verdict: first.Judgement.Verdict, Action: first.Judgement.Action,
		Confidence: r.Confidence, Source: first.Source, Explain: r.Explain, Change: r.Change, Weak: r.Weak,
	}
	if r.PerCase {
		f.Source = ""
	}
	f.ID = findingID(first.Key, f.Source)
	var head, tail []Evidence
	for _, g := range group {
		f.Count += g.Count
		f.FailedItems += g.Items
		f.First, f.Last = spread(f.First, f.Last, g.First)
		f.First, f.Last = spread(f.First, f.Last, g.Last)
		head, tail = append(head, g.Head...), append(tail, g.Tail...)
		f.merge(g)
	}
	f.Evidence = ends(head, tail)
	f.because(first.Judgement.Code)
	if first.Overflow {
		f.Because = append(f.Because, "this finding stands for all faults of the rule beyond the limit")
	}
	if !Worse(f.Verdict, Informational) {
		f.Severity = SeverityInformational // the code says that it is no fault
	}
	c.follow(&f, group, past)
	return f
}

func (f *Finding) merge(g *fault) {
	for _, v := range g.Codes {
		f.Codes = list(f.Codes, v)
	}
	for _, v := range g.UUIDs {
		f.UUIDs = list(f.UUIDs, v)
	}
	for _, v := range g.Folders {
		f.Folders = list(f.Folders, v)
	}
	if f.Mailbox == "" {
		f.Mailbox = g.Mailbox
	}
}

// ends returns the first and the last of the evidence.
func ends(head, tail []Evidence) []Evidence {
	all := slices.Concat(head, tail)
	if len(head) > evidenceEnds { // several sources: their heads and tails mix
		slices.SortStableFunc(all, func(a, b Evidence) int {
			x, y := momentOf(&a), momentOf(&b)
			return sign(y.after(x), x.after(y))
		})
	}
	if len(all) > 2*evidenceEnds {
		all = slices.Concat(all[:evidenceEnds], all[len(all)-evidenceEnds:])
	}
	return all
}

// maxQuote is how much of a record is quoted in a reason, in bytes.
const maxQuote = 160

// because gives the reasons that the records themselves are.
func (f *Finding) because(code codes.Code) {
	first, last := &f.Evidence[0], &f.Evidence[len(f.Evidence)-1]
	f.Because = append(f.Because, fmt.Sprintf("%s says %q", first.place(), cutText(oneLine(first.Text), maxQuote)))
	if f.Count > 1 {
		f.Because = append(f.Because, fmt.Sprintf("%d records like this%s, the last at %s", f.Count, spanText(f.First, f.Last), last.place()))
	}
	if e, ok := codes.Lookup(code); ok && e.Meaning != "" {
		f.Because = append(f.Because, strings.TrimSpace(string(code)+" "+e.Name)+": "+e.Meaning)
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func spanText(first, last time.Time) string {
	if first.IsZero() || first.Equal(last) {
		return ""
	}
	return " within " + roughly(last.Sub(first))
}

// roughly returns a duration in its largest unit that leaves at least 2.
func roughly(d time.Duration) string {
	for _, u := range [...]struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if d >= 2*u.size {
			return fmt.Sprintf("%d %s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%g seconds", d.Round(time.Millisecond).Seconds())
}

// follow judges what became of the objects: healed, or failing again and again.
func (c *Collector) follow(f *Finding, group []*fault, past past) {
	r := group[0].rule
	if r.heals != nil && c.gone(f, group, past) {
		return
	}
	if r.Persist == nil || r.Weak {
		return
	}
	if c.persists(f, group, past) {
		return
	}
	c.persistsAround(f, group, past)
}

// persists recommends the rule's stronger action when one of the objects fails again.
func (c *Collector) persists(f *Finding, group []*fault, past past) bool {
	p := group[0].rule.Persist
	for _, g := range group {
		for _, id := range sortedKeys(g.Objects) {
			if id == "" {
				continue
			}
			o := g.Objects[id]
			if from, to, ok := p.persistence(past.objects[g.rule.pastKey(id)], c.healedBy(g.rule, o), p.Apart); ok {
				f.Action, f.Confidence = p.Action, p.Confidence
				f.Because = append(f.Because, again(id, from, to))
				return true
			}
		}
	}
	return false
}

// aroundFactor is how many times farther apart than the failures of one object those
// of one folder must be to count as two: a first synchronization that meets a hundred
// bad objects one after the other is one failure of the folder.
const aroundFactor = 20

// persistsAround does the same for what the objects lie in: a folder that fails in one
// cycle after the other, each time with another object. It is the weaker proof.
func (c *Collector) persistsAround(f *Finding, group []*fault, past past) {
	p := group[0].rule.Persist
	for _, g := range group {
		for _, id := range sortedKeys(g.Objects) {
			o := g.Objects[id]
			if c.healedBy(g.rule, o) != nil {
				continue
			}
			for _, wide := range o.around(g.rule, id) {
				from, to, ok := p.persistence(past.around[g.rule.pastKey(wide)], c.goodNewsOf(g.rule, wide), aroundFactor*p.Apart)
				if ok {
					f.Action, f.Confidence = p.Action, Unclear
					f.Because = append(f.Because, again(wide, from, to))
					return
				}
			}
		}
	}
}

// goodNewsOf returns the latest good news that names a folder, whatever else it names.
func (c *Collector) goodNewsOf(r *Rule, wide string) *moment {
	name, value, _ := strings.Cut(wide, " ")
	var best *moment
	for _, h := range c.heals[healKey(r, name, value)] {
		if best == nil || h.At.after(*best) {
			best = &h.At
		}
	}
	return best
}

func again(id string, from, to failure) string {
	text := fmt.Sprintf("the same object (%s) failed again at %s after %s", id, to.place(), from.place())
	switch {
	case !from.Time.IsZero() && to.Time.After(from.Time):
		return text + ", " + roughly(to.Time.Sub(from.Time)) + " later"
	case from.Cycle != to.Cycle:
		return text + ", in a later sync cycle"
	}
	return text
}

// gone turns the finding into a remark when all its objects were well later.
func (c *Collector) gone(f *Finding, group []*fault, past past) bool {
	var last *moment
	for _, g := range group {
		if g.Untold {
			return false
		}
		for _, id := range sortedKeys(g.Objects) {
			o := g.Objects[id]
			at := c.healedBy(g.rule, o)
			if at == nil || failedSince(past.objects[g.rule.pastKey(id)], at) {
				return false
			}
			if last == nil || at.after(*last) {
				last = at
			}
		}
	}
	if last == nil {
		return false
	}
	f.Verdict, f.Action, f.Severity, f.IsGone, f.Healed = Informational, None, SeverityInformational, true, last.Time
	when := ""
	if !last.Time.IsZero() {
		when = " at " + last.Time.Format(time.RFC3339)
	}
	f.Because = append(f.Because, fmt.Sprintf("healed%s: %s reports success for the same object", when, last.place()))
	return true
}

// failedSince reports whether the object failed after good news, in any source.
func failedSince(fails []failure, at *moment) bool {
	for _, f := range fails {
		if f.Source != at.Source && !at.Time.IsZero() && f.Time.After(at.Time) {
			return true
		}
	}
	return false
}
