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
func (c *Collector) finding(group []*fault, past map[string][]failure) Finding {
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
func (c *Collector) follow(f *Finding, group []*fault, past map[string][]failure) {
	r := group[0].rule
	if r.heals != nil && c.gone(f, group, past) {
		return
	}
	if r.Persist == nil || r.Weak {
		return
	}
	for _, g := range group {
		for _, id := range sortedKeys(g.Objects) {
			o := g.Objects[id]
			from, to, ok := r.Persist.persistence(past[r.ID+"\x00"+id], c.healedBy(r, o))
			if !ok || id == "" {
				continue
			}
			f.Action, f.Confidence = r.Persist.Action, r.Persist.Confidence
			f.Because = append(f.Because, again(id, from, to))
			return
		}
	}
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
func (c *Collector) gone(f *Finding, group []*fault, past map[string][]failure) bool {
	var last *moment
	for _, g := range group {
		for _, id := range sortedKeys(g.Objects) {
			o := g.Objects[id]
			at := c.healedBy(g.rule, o)
			if at == nil || failedSince(past[g.rule.ID+"\x00"+id], at) {
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
