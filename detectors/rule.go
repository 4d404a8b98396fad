package detectors

import (
	"slices"
	"strings"
	"time"
)

// A Rule is one compiled rule. It is immutable and may be shared.
type Rule struct {
	ID             string // stable name, such as uuid-in-use
	Name           string // second name that correlations may use, or empty
	Title          string
	Status         string
	Description    string
	Author         string
	Date           string
	Modified       string
	References     []string
	Tags           []string
	FalsePositives []string
	Level          Severity
	LogSource      LogSource
	File           string // path inside the rules folder
	Line           int    // 1-based line of the file where the rule begins
	Source         string // the rule as it stands in its file

	Verdict    Verdict // what the fault is; ByCode when the record's code decides
	Action     Action  // what to do; byCode when the record's code decides
	Confidence Confidence
	Explain    string // why it matters, in plain words
	Change     string // what would change the verdict, or empty

	Table   string // rules of one table exclude each other: the lowest row that matches fires
	Row     int
	Absorb  bool          // matches are more evidence of a finding of the same table and key
	Within  time.Duration // matches this soon after a finding of the same table and verdict are more evidence of it
	Key     []string      // fields that identify one fault; nil for the default
	PerCase bool          // one finding over all sources
	Item    ItemCount
	ItemOf  string // field whose distinct values are the failed items, for ItemDistinct
	Persist *Persist
	Weak    bool    // shown, never a recommendation
	Cycle   bool    // matches are borders of sync cycles
	Silent  bool    // makes no finding of its own
	Builtin Builtin // the finding is made by code, the rule only describes it
	Gap     Gap     // settings of the built-in gap
	Burst   Burst   // settings of the built-in burst

	Correlation *Correlation // nil unless the rule counts matches of other rules
	Hits        []Sample     // samples that the rule must match
	Misses      []Sample     // near misses that it must not match

	unbound        bool // no service is the name of a format: they are words for people
	keySet         bool // the file names a key, perhaps an empty one
	declaredSilent bool // the file says silent; Silent also when a correlation silences it
	program        program
	heals          *heal
	extract        []extraction
	wanted         []string // fields of the record that hits of this rule carry
}

// LogSource says which logs a rule is about. Only Services restricts it: names of
// formats, with * for any rest.
type LogSource struct {
	Product    string
	Category   string
	Services   []string
	Definition string
}

// ByCode, as the verdict or action of a rule, stands for what the code tables say
// about the first failing code of the record.
const ByCode = "by-code"

// ItemCount says how a rule's matches count as failed items.
type ItemCount uint8

// The ways to count failed items.
const (
	ItemNone     ItemCount = iota // matches are no failed items
	ItemEach                      // each match is one
	ItemDistinct                  // each distinct value of a field is one
)

// Persist says when a fault that comes back is a persistent one.
type Persist struct {
	Times      int           // failures of the same object, the first one included
	Apart      time.Duration // least time between two that count
	Action     Action        // what to do then
	Confidence Confidence    // how sure that is
}

// Builtin names a detector that is code; its rule gives title, level and words.
type Builtin string

// The built-in detectors.
const (
	BuiltinNone  Builtin = ""
	BuiltinGap   Builtin = "gap"
	BuiltinBurst Builtin = "burst"
)

// applies reports whether the rule is about logs of a format.
func (r *Rule) applies(format string) bool {
	if len(r.LogSource.Services) == 0 || r.unbound {
		return true
	}
	for _, s := range r.LogSource.Services {
		if servicePattern(s, format) {
			return true
		}
	}
	return false
}

// servicePattern reports whether a service means a format: by its name, by its
// beginning with a star, or by the name of its family, as oxtstore means oxtstore_a.
func servicePattern(service, format string) bool {
	if rest, ok := cutStar(service); ok {
		return strings.HasPrefix(format, rest)
	}
	rest, ok := strings.CutPrefix(format, service)
	return ok && service != "" && (rest == "" || rest[0] == '_') || service == format
}

// formatNames are the formats that are part of oxtail. This package does not import
// them; a test of the program compares the lists.
func formatNames() []string {
	return []string{
		"outlook_sync", "outlook_modres", "outlook_sendreceive", "outlook_opmlog", "outlook_scanpst", "outlook_oabdata",
		"windows_event_text", "windows_event_xml", "windows_event_csv", "ox_api_json", "eas_zpush", "eas_syncroton", "eas_mailboxlog",
		"gwsmo", "log4net", "ox_server", "ox_supporttool", "oxtstore_a", "oxtstore_b", "oxtstore_c", "olk_new", "json_lines", "logfmt",
		"syslog", "generic",
	}
}

func cutStar(s string) (string, bool) {
	if s != "" && s[len(s)-1] == '*' {
		return s[:len(s)-1], true
	}
	return s, false
}

// reports reports whether matches of the rule make findings of their own.
func (r *Rule) reports() bool {
	return !r.Silent && !r.Cycle && r.Correlation == nil && r.Builtin == BuiltinNone
}

// bind decides whether the rule's services restrict it: rules from elsewhere name
// services, such as "application", that are no formats here.
func (r *Rule) bind(formats []string) {
	r.unbound = !slices.ContainsFunc(r.LogSource.Services, func(s string) bool {
		return s == "" || slices.ContainsFunc(formats, func(f string) bool { return servicePattern(s, f) })
	})
}
