package doctor

import (
	"fmt"
	"slices"

	"oxtail/actions/checks"
	"oxtail/detectors"
)

// observeLog looks for findings by rule or code. Logs without any cover their absence.
func (f *Facts) observeLog(p checks.Probe) checks.Observation {
	out := checks.Observation{Covered: f.logs > 0}
	if !out.Covered {
		out.Settles = []string{"the logs of the time when the fault was seen"}
		return out
	}
	for i := range f.findings {
		fd := &f.findings[i]
		if !isMeant(fd, p) {
			continue
		}
		v := checks.Value{Is: fd.Rule, Text: fmt.Sprintf("%s (%d×, finding %s)", fd.Title, fd.Count, fd.ID)}
		if len(fd.Evidence) > 0 {
			e := &fd.Evidence[0]
			v.Source, v.Place = e.Source, fmt.Sprintf("%s:%d", e.Source, e.Line)
		}
		if out.Values = append(out.Values, v); len(out.Values) == maxFound {
			break
		}
	}
	return out
}

// isMeant reports whether a finding has one of the rules or codes.
func isMeant(fd *detectors.Finding, p checks.Probe) bool {
	switch p.Field {
	case "clean":
		return !fd.IsGone && fd.Severity >= detectors.SeverityMedium
	case "damage":
		return fd.Verdict == detectors.StoreCorrupt && !fd.IsGone
	}
	if slices.Contains(p.Rules, fd.Rule) {
		return true
	}
	return slices.ContainsFunc(fd.Codes, func(c string) bool { return slices.Contains(p.Codes, c) })
}

// observeSetting gives a configured value.
func (f *Facts) observeSetting(p checks.Probe) checks.Observation {
	if v := f.Config[p.Name]; v != "" {
		return checks.Observation{Values: []checks.Value{{Is: v, Place: p.Name}}, Covered: true}
	}
	return unseen("--set " + p.Name + "=…")
}
