package actions

import (
	"strings"

	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// A System says which synchronisation a finding, a store or a case is about. An
// OXtender store is no Exchange mailbox, so their cases stay apart and are joined
// by time only.
type System string

// The systems.
const (
	OXtender System = "oxtender" // store provider with .odb and .psz
	Exchange System = "exchange" // Outlook with an .ost
	DataFile System = "datafile" // a .pst
	Other    System = "other"    // not known, or neither
)

// systemOfService tells which system a message service belongs to.
func systemOfService(s *profile.Service) System {
	switch {
	case strings.EqualFold(s.Name, profile.ServiceOXtender), s.Account != nil:
		return OXtender
	case strings.EqualFold(s.Name, "MSEMS"), s.OSTPath != "":
		return Exchange
	}
	for _, path := range s.CacheFiles {
		if system := systemOfFile(path); system != Other {
			return system
		}
	}
	return Other
}

// systemOfFile goes by the extension.
func systemOfFile(path string) System {
	switch strings.TrimPrefix(winpath.Ext(path), ".") {
	case "odb", "psz":
		return OXtender
	case "ost", "nst":
		return Exchange
	case "pst":
		return DataFile
	}
	return Other
}

// systemMark is the start of a name that belongs to one system.
type systemMark struct {
	prefix string
	system System
}

// ruleMarks tell the system by the id of a rule. Rules about networks, logins and
// quotas occur in the logs of every system; those go by their source.
func ruleMarks() markList {
	return markList{
		{"uuid-", OXtender}, {"ox-", OXtender}, {"usm-", OXtender}, {"supporttool-", OXtender}, {"shared-cache", OXtender},
		{"sync-aborted", Other}, {"sync-cycle", Other}, {"sync-", Exchange}, {"modres-", Exchange}, {"ost-", Exchange}, {"sendreceive-", Exchange}, {"opmlog-", Exchange},
		{"pst-", DataFile},
	}
}

// formatMarks tell the system by the name of a source's format.
func formatMarks() markList {
	return markList{
		{"oxtstore", OXtender}, {"ox_", OXtender}, {"outlook_scanpst", Other}, {"outlook_", Exchange},
	}
}

func (marks markList) of(name string) System {
	for _, m := range marks {
		if strings.HasPrefix(name, m.prefix) {
			return m.system
		}
	}
	return Other
}

type markList []systemMark

// systemOfFinding goes by the name and format of the source, then by the rule.
func systemOfFinding(f *detectors.Finding, formats map[string]string) System {
	for _, source := range sourcesOf(f) {
		if isProviderLog(source) {
			return OXtender
		}
		if system := formatMarks().of(formats[source]); system != Other {
			return system
		}
	}
	if system := ruleMarks().of(f.Rule); system != Other {
		return system
	}
	for _, code := range f.Codes {
		if !strings.HasPrefix(code, "0x") {
			return OXtender // PREFIX-NNNN is an OX server code
		}
	}
	return Other
}

// isProviderLog knows the names of the store provider's logs.
func isProviderLog(path string) bool {
	base := strings.ToLower(winpath.Base(path))
	return strings.HasPrefix(base, "oxtstore") || strings.HasPrefix(base, "oxstor")
}

// sourcesOf lists the logs of a finding, each once, in order.
func sourcesOf(f *detectors.Finding) []string {
	var out []string
	for i := range f.Evidence {
		out = appendNew(out, f.Evidence[i].Source)
	}
	if f.Source != "" {
		out = appendNew(out, f.Source)
	}
	return out
}

// appendNew appends a text unless the list has it.
func appendNew(list []string, text string) []string {
	for _, have := range list {
		if have == text {
			return list
		}
	}
	return append(list, text)
}
