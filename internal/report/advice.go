package report

import (
	"slices"
	"strings"

	"oxtail/internal/source"
)

// nextStep says in plain words what an action means. Rules explain the particular
// case; this is the sentence for a person who has never seen the word.
var nextStep = map[string]string{
	"none":              "nothing to do",
	"retry":             "wait for the next synchronization and look again; act only if it comes back",
	"fix-item":          "open the named items (folders Local Failures, Outbox), mend or delete them",
	"rebuild-ost":       "close Outlook, rename the .ost file (keep it), start Outlook: it fetches everything again",
	"repair-store":      "close Outlook, copy the data file, run ScanPST on it until it reports no errors",
	"recreate-service":  "save what is not on the server yet, see that one profile only uses the account, then remove and add the service",
	"server-admin":      "hand it to the server's administrator; nothing on this computer mends it",
	"user-permission":   "ask the owner or administrator for the missing right",
	"check-profile":     "look at the mail profile: accounts, data files, shared folders",
	"check-network":     "check the connection: name resolution, proxy, firewall, certificate",
	"check-credentials": "check user name, password and session; log on again",
	"manual":            "a person has to judge this; read what stands below",
}

// severities in falling order, as in Sigma.
var severities = []string{"critical", "high", "medium", "low", "informational"}

// count returns how many findings have a severity.
func (c SeverityCounts) count(severity string) int {
	switch severity {
	case "critical":
		return c.Critical
	case "high":
		return c.High
	case "medium":
		return c.Medium
	case "low":
		return c.Low
	case "informational":
		return c.Informational
	}
	panic("BUG: unknown severity " + severity)
}

// AtLeast returns how many findings have a severity or a higher one.
func (c SeverityCounts) AtLeast(severity string) int {
	n := 0
	for _, s := range severities {
		n += c.count(s)
		if s == severity {
			return n
		}
	}
	panic("BUG: unknown severity " + severity)
}

// why returns the reason for the verdict of the whole in one sentence.
func (d *Document) why() string {
	s := d.Summary
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Verdict == s.Verdict && f.Action == s.Action {
			return f.Title
		}
	}
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Verdict == s.Verdict {
			return f.Title
		}
	}
	switch {
	case s.Sources == 0:
		return "nothing could be read"
	case !d.HasLog():
		return "nothing in it is a log"
	case s.Records == 0:
		return "there is no record in what was read"
	case s.Verdict == "unknown":
		return "what was read cannot be judged"
	}
	return "no rule found a fault"
}

// bySeverity returns the findings, the most severe first; those of one severity stay
// in the order of the document.
func (d *Document) bySeverity() []*Finding {
	out := make([]*Finding, len(d.Findings))
	for i := range d.Findings {
		out[i] = &d.Findings[i]
	}
	slices.SortStableFunc(out, func(a, b *Finding) int {
		return slices.Index(severities, a.Severity) - slices.Index(severities, b.Severity)
	})
	return out
}

// reasons returns why the finding is one, without those that only quote the first
// evidence: people see that anyway, below. Where all evidence is from one source, its
// path is not repeated.
func (f *Finding) reasons() []string {
	if len(f.Evidence) == 0 {
		return f.Because
	}
	first := &f.Evidence[0]
	alone := !slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return e.Source != first.Source })
	var out []string
	for _, b := range f.Because {
		if strings.HasPrefix(b, first.place()+" says ") {
			continue
		}
		if alone {
			b = strings.ReplaceAll(b, first.Source+":", "line ")
		}
		out = append(out, b)
	}
	return out
}

// label says what a source is: its format, else its kind.
func (s *Source) label() string {
	switch {
	case s.Format != "":
		return s.Format
	case s.Kind == "":
		return "not read"
	case s.Kind == string(source.KindOther):
		return "not a log"
	case s.Kind == string(source.KindLog):
		return "no known format"
	}
	return s.Kind
}
