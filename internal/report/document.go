package report

import (
	"errors"
	"slices"
	"strings"

	"oxtail/detectors"
	"oxtail/internal/pipeline"
	"oxtail/internal/source"
	"oxtail/parser"
)

// NewDocument turns the result of a scan into the form of the schemas. All text of
// logs goes through Redact here, once, for all writers.
func NewDocument(res *pipeline.Result, version string) *Document {
	d := &Document{Summary: newSummary(&res.Summary, version)}
	for i := range res.Sources {
		d.Sources = append(d.Sources, newSource(&res.Sources[i]))
	}
	d.AddSkipped(res.Skipped)
	for i := range res.Findings {
		d.Findings = append(d.Findings, NewFinding(&res.Findings[i]))
	}
	for i := range res.Templates {
		d.Templates = append(d.Templates, newTemplate(&res.Templates[i]))
	}
	for _, n := range res.Notes {
		d.Notes = append(d.Notes, Note{Schema: SchemaNote, Text: clean(n.What), Count: n.Count})
	}
	return d
}

func newSummary(s *pipeline.Summary, version string) Summary {
	return Summary{
		Schema: SchemaSummary, Sources: s.Sources, NotRead: s.NotRead, Bytes: s.Bytes, Records: s.Records, Problems: s.Problems,
		Findings: SeverityCounts{
			Critical: s.Findings[detectors.SeverityCritical], High: s.Findings[detectors.SeverityHigh],
			Medium: s.Findings[detectors.SeverityMedium], Low: s.Findings[detectors.SeverityLow],
			Informational: s.Findings[detectors.SeverityInformational],
		},
		Verdict: string(s.Verdict), Action: string(s.Action), Incomplete: s.Incomplete, Version: version,
	}
}

func newSource(s *pipeline.Source) Source {
	out := Source{
		Schema: SchemaSource, Path: clean(s.Path), Kind: string(s.Kind), Format: s.Format, FormatTitle: s.FormatTitle,
		FormatShare: round(s.FormatShare), Encoding: s.Encoding, Bytes: s.Bytes, Records: s.Records, Problems: s.Problems,
		First: stamp(s.First), Last: stamp(s.Last), Mailbox: clean(s.Mailbox), Verdict: string(s.Verdict), Action: string(s.Action),
		Codes: s.Codes, Folders: cleanAll(s.Folders), FailedItems: s.FailedItems,
	}
	if s.Records > 0 {
		out.TimeBasis = s.TimeBasis.String()
	}
	out.setError(s.Err)
	return out
}

func (s *Source) setError(err error) {
	if err == nil {
		return
	}
	s.Error = clean(err.Error())
	var e *source.Error
	if errors.As(err, &e) {
		s.Remedy, s.Budget = e.Remedy, e.Budget
	}
}

// AddSkipped adds what a walk did not read.
func (d *Document) AddSkipped(list []source.Skipped) {
	known := map[string]bool{}
	for _, s := range d.Sources {
		known[s.Path] = true
	}
	for i := range list {
		d.addSkipped(&list[i], known)
	}
}

// addSkipped tells of what gave no source: as a note if nothing was lost, else as a
// source that was not read.
func (d *Document) addSkipped(s *source.Skipped, known map[string]bool) {
	path := clean(s.Path)
	switch {
	case s.Note:
		d.Notes = append(d.Notes, Note{Schema: SchemaNote, Path: path, Text: clean(s.Err.Error())})
	case known[path]:
		d.markSkipped(path, s.Err)
	default:
		known[path] = true
		out := Source{Schema: SchemaSource, Path: path, Verdict: string(detectors.Unknown), Action: string(detectors.Manual), Budget: s.Budget}
		out.setError(s.Err)
		d.Sources = append(d.Sources, out)
	}
}

func (d *Document) markSkipped(path string, err error) {
	for i := range d.Sources {
		if s := &d.Sources[i]; s.Path == path && s.Error == "" {
			s.setError(err)
		}
	}
}

// NewFinding returns a finding in the form of the schema, redacted.
func NewFinding(f *detectors.Finding) Finding {
	out := Finding{
		Schema: SchemaFinding, ID: f.ID, Rule: f.Rule, Title: clean(f.Title), Severity: f.Severity.String(),
		Verdict: string(f.Verdict), Action: string(f.Action), Confidence: string(f.Confidence),
		First: stamp(f.First), Last: stamp(f.Last), Count: f.Count, FailedItems: f.FailedItems,
		Codes: f.Codes, UUIDs: f.UUIDs, Folders: cleanAll(f.Folders), Mailbox: clean(f.Mailbox),
		Profiles: cleanAll(f.Profiles), CacheFiles: cleanAll(f.CacheFiles), Because: cleanAll(f.Because),
		Change: clean(f.Change), Explain: clean(f.Explain), Weak: f.Weak, Gone: f.IsGone, Healed: stamp(f.Healed),
		Evidence: []Evidence{},
	}
	if f.Account != nil {
		out.Account = &Account{Server: clean(f.Account.Server), User: clean(f.Account.User)}
	}
	for i := range f.Evidence {
		out.Evidence = append(out.Evidence, newEvidence(&f.Evidence[i]))
	}
	return out
}

func newEvidence(e *detectors.Evidence) Evidence {
	out := Evidence{Source: clean(e.Source), Offset: e.Offset, Length: int64(e.Length), Line: e.Line, Text: clean(e.Text)}
	if e.Basis != parser.TimeNone || e.Time.IsZero() { // "none" is a fact, too
		out.Time, out.TimeBasis = stamp(e.Time), e.Basis.String()
	}
	return out
}

func newTemplate(x *detectors.Template) Template {
	return Template{
		Schema: SchemaTemplate, Pattern: clean(x.Pattern), Count: x.Count, First: stamp(x.First), Last: stamp(x.Last),
		Evidence: []Evidence{newEvidence(&x.Example)},
	}
}

// round keeps three digits of a share; more would be noise.
func round(share float64) float64 { return float64(int(share*1000+0.5)) / 1000 }

// Incomplete returns what was not fully read, as messages for people.
func (d *Document) Incomplete() []string {
	var out []string
	for i := range d.Sources {
		if s := &d.Sources[i]; s.Error != "" {
			text := s.Error
			if s.Remedy != "" && !strings.Contains(text, s.Remedy) {
				text += "; " + s.Remedy
			}
			out = append(out, text)
		}
	}
	return out
}

// HasLog reports whether anything was read that may be evidence: not only files such
// as pictures, and not only what could not be opened.
func (d *Document) HasLog() bool {
	return slices.ContainsFunc(d.Sources, func(s Source) bool { return s.Kind != "" && s.Kind != string(source.KindOther) })
}

// Find returns the finding with an ID, or the only one whose ID begins with it.
func (d *Document) Find(id string) (*Finding, bool) {
	var found *Finding
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.ID == id {
			return f, true
		}
		if id != "" && strings.HasPrefix(f.ID, id) {
			if found != nil {
				return nil, false
			}
			found = f
		}
	}
	return found, found != nil
}

// linked returns the cases whose account, profiles or cache files are known. Where
// none is, a case says nothing that its findings do not.
func (d *Document) linked() []Case {
	var out []Case
	for _, c := range d.Cases {
		if c.Account != nil || len(c.Profiles)+len(c.CacheFiles) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// blocked returns what stands in the way of the summary's action, by the first case
// that calls for it.
func (d *Document) blocked() []string {
	for _, c := range d.Cases {
		if c.Verdict == d.Summary.Verdict && c.Action == d.Summary.Action {
			return c.BlockedBy
		}
	}
	return nil
}
