package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"oxtail/detectors"
	"oxtail/internal/diff"
)

// Schemas of a Diff and a DiffSummary.
const (
	SchemaDiff        = "oxtail.diff/v1"
	SchemaDiffSummary = "oxtail.diff-summary/v1"
)

// A Diff is one thing that two scans do not have alike, or a finding that both have.
// Schema oxtail.diff/v1.
type Diff struct {
	Schema string `json:"schema"`
	Kind   string `json:"kind"`  // finding, profile, cache, template
	State  string `json:"state"` // new, gone, persisting, changed
	Name   string `json:"name"`  // title of the finding, name of the profile, path of the cache file, pattern

	Rule     string   `json:"rule,omitempty"`
	Severity string   `json:"severity,omitempty"` // as it is now; of what is gone, as it was
	Verdict  string   `json:"verdict,omitempty"`
	Action   string   `json:"action,omitempty"`
	Folders  []string `json:"folders,omitempty"`
	UUIDs    []string `json:"uuids,omitempty"`
	Codes    []string `json:"codes,omitempty"`
	Before   *Seen    `json:"before,omitempty"` // findings and templates
	After    *Seen    `json:"after,omitempty"`

	Owner string   `json:"owner,omitempty"` // profiles and cache files: the Windows user
	Was   []string `json:"was,omitempty"`   // what only the first side says
	Now   []string `json:"now,omitempty"`   // what only the second side says
}

// Seen is what one side knows of a finding or a template.
type Seen struct {
	ID       string    `json:"id,omitempty"`
	Severity string    `json:"severity,omitempty"`
	Count    int       `json:"count"`
	First    string    `json:"first,omitempty"`
	Last     string    `json:"last,omitempty"`
	Healed   bool      `json:"healed,omitempty"`
	Evidence *Evidence `json:"evidence,omitempty"` // the first
}

// A DiffSummary is the last line of a comparison. Schema oxtail.diff-summary/v1.
type DiffSummary struct {
	Schema     string         `json:"schema"`
	Before     string         `json:"before"` // path
	After      string         `json:"after"`
	New        SeverityCounts `json:"new"` // findings
	Gone       SeverityCounts `json:"gone"`
	Persisting SeverityCounts `json:"persisting"`
	Profiles   int            `json:"profiles"` // that differ
	Caches     int            `json:"caches"`
	Templates  int            `json:"templates"`
	Incomplete []string       `json:"incomplete,omitempty"` // paths that were not fully read
}

// A Differences is a comparison ready to be written: redacted, in the order of output.
type Differences struct {
	Rows    []Diff
	Summary DiffSummary
}

// NewDifferences returns a comparison in the form of the schema. incomplete names the
// sides that were not fully read.
func NewDifferences(before, after string, r *diff.Result, incomplete []string) *Differences {
	d := &Differences{Summary: DiffSummary{Schema: SchemaDiffSummary, Before: clean(before), After: clean(after), Incomplete: cleanAll(incomplete)}}
	for i := range r.Findings {
		d.addPair(&r.Findings[i])
	}
	d.addChanges("profile", r.Profiles)
	d.addChanges("cache", r.Caches)
	for _, t := range r.Templates {
		d.addTemplate(t)
	}
	d.Summary.Profiles, d.Summary.Caches, d.Summary.Templates = len(r.Profiles), len(r.Caches), len(r.Templates)
	return d
}

func (d *Differences) addPair(p *diff.Pair) {
	f := NewFinding(p.Worst())
	row := Diff{
		Schema: SchemaDiff, Kind: "finding", State: string(p.State), Name: f.Title, Rule: f.Rule, Severity: f.Severity, Verdict: f.Verdict,
		Action: f.Action, Folders: f.Folders, UUIDs: f.UUIDs, Codes: f.Codes, Before: seen(p.Before), After: seen(p.After),
	}
	if p.State == diff.Gone && p.Before != nil { // healed: what counts is what it was
		row.Severity = row.Before.Severity
	}
	counts := map[diff.State]*SeverityCounts{diff.New: &d.Summary.New, diff.Gone: &d.Summary.Gone, diff.Persist: &d.Summary.Persisting}
	counts[p.State].add(row.Severity)
	d.Rows = append(d.Rows, row)
}

// add counts a finding.
func (c *SeverityCounts) add(severity string) {
	switch severity {
	case "critical":
		c.Critical++
	case "high":
		c.High++
	case "medium":
		c.Medium++
	case "low":
		c.Low++
	default:
		c.Informational++
	}
}

func (c SeverityCounts) total() int { return c.AtLeast("informational") }

func seen(f *detectors.Finding) *Seen {
	if f == nil {
		return nil
	}
	out := &Seen{ID: f.ID, Severity: f.Severity.String(), Count: f.Count, First: stamp(f.First), Last: stamp(f.Last), Healed: f.IsGone}
	if len(f.Evidence) > 0 {
		e := newEvidence(&f.Evidence[0])
		out.Evidence = &e
	}
	return out
}

func (d *Differences) addChanges(kind string, list []diff.Change) {
	for i := range list {
		c := &list[i]
		d.Rows = append(d.Rows, Diff{
			Schema: SchemaDiff, Kind: kind, State: string(c.State), Name: clean(c.Name), Owner: clean(c.Owner), Was: cleanAll(c.Was), Now: cleanAll(c.Now),
		})
	}
}

func (d *Differences) addTemplate(c diff.TemplateChange) {
	t := newTemplate(c.Template)
	s := &Seen{Count: t.Count, First: t.First, Last: t.Last, Evidence: &t.Evidence[0]}
	row := Diff{Schema: SchemaDiff, Kind: "template", State: string(c.State), Name: t.Pattern}
	if c.State == diff.New {
		row.After = s
	} else {
		row.Before = s
	}
	d.Rows = append(d.Rows, row)
}

// WriteDiff writes a comparison for a person.
func WriteDiff(w io.Writer, d *Differences, opt TextOptions) error {
	t := newText(w, opt)
	t.printf("%s\n", t.paint(bold, Plain(d.headline())))
	for _, part := range diffParts {
		rows := d.part(part.kind, part.state)
		if len(rows) == 0 {
			continue
		}
		t.head(fmt.Sprintf("%s (%d)", strings.ToUpper(part.title), len(rows)))
		for i, row := range rows {
			if i == maxDiffRows && !opt.All {
				t.printf("  and %d more; --all shows them\n", len(rows)-i)
				break
			}
			t.diff(row)
		}
	}
	for _, side := range d.Summary.Incomplete {
		t.printf("\n%s\n", t.paint(yellow, Plain(side)+" was not fully read: what seems new or gone may not be"))
	}
	return t.w.Flush()
}

// maxDiffRows is how many rows of a kind are shown without --all.
const maxDiffRows = 20

// diffParts are the sections of a comparison.
var diffParts = [...]struct{ kind, state, title string }{
	{"finding", "new", "New findings"},
	{"finding", "persisting", "Persisting findings"},
	{"finding", "gone", "Gone findings"},
	{"profile", "", "Profiles"},
	{"cache", "", "Cache files"},
	{"template", "new", "Unknown trouble that appeared"},
	{"template", "gone", "Unknown trouble that vanished"},
}

// part returns the rows of a section.
func (d *Differences) part(kind, state string) []*Diff {
	var out []*Diff
	for i := range d.Rows {
		if r := &d.Rows[i]; r.Kind == kind && (state == "" || r.State == state) {
			out = append(out, r)
		}
	}
	return out
}

// headline sums the comparison up in one line.
func (d *Differences) headline() string {
	s := &d.Summary
	line := fmt.Sprintf("findings: %d new, %d persisting, %d gone", s.New.total(), s.Persisting.total(), s.Gone.total())
	for _, more := range []struct {
		n    int
		what string
	}{{s.Profiles, "profiles"}, {s.Caches, "cache files"}, {s.Templates, "kinds of unknown trouble"}} {
		if more.n > 0 {
			line += fmt.Sprintf("; %s that differ: %d", more.what, more.n)
		}
	}
	return line
}

// diffMark stands in front of a row.
func diffMark(state string) string {
	return map[string]string{"new": "+", "gone": "-", "persisting": "=", "changed": "~"}[state]
}

func (t *text) diff(r *Diff) {
	mark := t.paint(map[string]string{"new": red, "gone": green, "changed": yellow}[r.State], diffMark(r.State))
	if r.Kind != "finding" {
		t.printf("  %s %s\n", mark, Plain(cmp.Or(strings.Join(nonEmpty(r.Name, r.Owner), ", of "), "?")))
		for _, line := range r.Was {
			t.wrapped("      - ", Plain(line))
		}
		for _, line := range r.Now {
			t.wrapped("      + ", Plain(line))
		}
	} else {
		t.printf("  %s %s %s\n", mark, strings.ToUpper(r.Severity), Plain(r.Name))
		if what := r.concerns(); what != "" {
			t.wrapped("      ", Plain(what))
		}
	}
	if line := r.counts(); line != "" {
		t.printf("      %s\n", Plain(line))
	}
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// concerns names what a finding is about.
func (r *Diff) concerns() string {
	const most = 3 // of each; JSON has all
	var out []string
	for _, names := range [][]string{r.Folders, r.UUIDs, r.Codes} {
		if len(names) > 0 {
			s := strings.Join(names[:min(most, len(names))], ", ")
			if len(names) > most {
				s += fmt.Sprintf(" and %d more", len(names)-most)
			}
			out = append(out, s)
		}
	}
	return strings.Join(append(out, r.Rule), "; ")
}

// counts tells how often each side has it, and where first.
func (r *Diff) counts() string {
	switch {
	case r.Before != nil && r.After != nil:
		line := fmt.Sprintf("%s before, %d after", records(r.Before.Count), r.After.Count)
		switch {
		case r.After.Healed && !r.Before.Healed:
			line += ", and healed"
		case r.Before.Healed && !r.After.Healed:
			line += "; it had healed"
		case r.Before.Severity != r.After.Severity:
			line += "; was " + r.Before.Severity
		}
		return strings.Join(nonEmpty(line, r.After.place()), ", ")
	case r.After != nil:
		return strings.Join(nonEmpty(records(r.After.Count), r.After.place()), ", ")
	case r.Before != nil:
		return strings.Join(nonEmpty(records(r.Before.Count)+" before", r.Before.place()), ", ")
	}
	return ""
}

func (s *Seen) place() string {
	if s.Evidence == nil {
		return ""
	}
	if s.Evidence.Line == 0 {
		return s.Evidence.Source
	}
	return fmt.Sprintf("%s:%d", s.Evidence.Source, s.Evidence.Line)
}
