package detectors

import (
	"slices"
	"strings"
)

// A Verdict says what kind of fault a finding, a source or a case has.
type Verdict string

// The verdicts.
const (
	StoreCorrupt  Verdict = "store-corrupt"
	UUIDMapping   Verdict = "uuid-mapping"
	SharedCache   Verdict = "shared-cache"
	Profile       Verdict = "profile"
	Auth          Verdict = "auth"
	Permission    Verdict = "permission"
	Network       Verdict = "network"
	Configuration Verdict = "configuration"
	Server        Verdict = "server"
	Folder        Verdict = "folder"
	Item          Verdict = "item"
	AddressBook   Verdict = "addressbook"
	Unknown       Verdict = "unknown"
	Informational Verdict = "informational"
	Healthy       Verdict = "healthy"
)

// Verdicts returns all verdicts, worst first.
func Verdicts() []Verdict {
	return []Verdict{
		StoreCorrupt, UUIDMapping, SharedCache, Profile, Auth, Permission, Network, Configuration,
		Server, Folder, Item, AddressBook, Unknown, Informational, Healthy,
	}
}

// rank returns the verdict's place in Verdicts; one that is not listed is as bad as Unknown.
func (v Verdict) rank() int {
	if i := slices.Index(Verdicts(), v); i >= 0 {
		return i
	}
	return slices.Index(Verdicts(), Unknown)
}

// Worse reports whether a is a worse verdict than b.
func Worse(a, b Verdict) bool { return a.rank() < b.rank() }

// An Action is what oxtail recommends to do about a fault.
type Action string

// The actions.
const (
	None             Action = "none"
	Retry            Action = "retry"
	FixItem          Action = "fix-item"
	RebuildOST       Action = "rebuild-ost"
	RepairStore      Action = "repair-store"
	RecreateService  Action = "recreate-service"
	ServerAdmin      Action = "server-admin"
	UserPermission   Action = "user-permission"
	CheckProfile     Action = "check-profile"
	CheckNetwork     Action = "check-network"
	CheckCredentials Action = "check-credentials"
	Manual           Action = "manual"
)

// Actions returns all actions.
func Actions() []Action {
	return []Action{
		None, Retry, FixItem, RebuildOST, RepairStore, RecreateService, ServerAdmin, UserPermission,
		CheckProfile, CheckNetwork, CheckCredentials, Manual,
	}
}

// A Severity is a rule's level in Sigma's words. The zero value is informational.
type Severity uint8

// The severities in rising order.
const (
	SeverityInformational Severity = iota
	SeverityLow
	SeverityMedium
	SeverityHigh
	SeverityCritical
)

var severityNames = [...]string{"informational", "low", "medium", "high", "critical"}

// String returns Sigma's word for the severity.
func (s Severity) String() string { return severityNames[s] }

// MarshalText writes Sigma's word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads Sigma's word.
func (s *Severity) UnmarshalText(text []byte) error {
	v, err := ParseSeverity(string(text))
	*s = v
	return err
}

// ParseSeverity reads Sigma's word for a severity.
func ParseSeverity(word string) (Severity, error) {
	for i, name := range severityNames {
		if strings.EqualFold(word, name) {
			return Severity(i), nil
		}
	}
	return 0, unexpected("level", word, severityNames[:])
}

// A Confidence says how sure a finding's verdict and action are.
type Confidence string

// The confidences.
const (
	Certain Confidence = "certain"
	Likely  Confidence = "likely"
	Unclear Confidence = "unclear"
)

// words turns a list of a string type into strings, for messages.
func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
