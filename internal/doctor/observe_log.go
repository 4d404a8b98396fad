package doctor

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
	"oxtail/detectors"
)

// observeLog looks for findings by rule or code. Logs without any cover their absence.
func (f *Facts) observeLog(p checks.Probe) checks.Observation {
	out := checks.Observation{Covered: f.covers(p.Logs)}
	switch {
	case out.Covered:
	case len(p.Logs) > 0 && strings.HasPrefix(p.Logs[0], "windows_event"):
		out.Settles = []string{"the Application event log (.evtx, or its events as text or CSV)"}
	case len(p.Logs) > 0:
		out.Settles = []string{"Outlook's logs of synchronisation: the messages in Sync Issues, or its trace logs"}
	default:
		out.Settles = []string{"the logs of the time when the fault was seen"}
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

// covers reports whether a log of one of the formats was read; none means any log.
func (f *Facts) covers(formats []string) bool {
	if len(formats) == 0 {
		return f.logs > 0
	}
	return slices.ContainsFunc(formats, func(want string) bool {
		return slices.ContainsFunc(f.formats, func(is string) bool { return strings.HasPrefix(is, want) })
	})
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
