package detectors

import (
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

	keySet         bool // the file names a key, perhaps an empty one
	declaredSilent bool // the file says silent; Silent also when a correlation silences it
	based          bool // a correlation counts its matches
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
	if len(r.LogSource.Services) == 0 {
		return true
	}
	for _, s := range r.LogSource.Services {
		if servicePattern(s, format) {
			return true
		}
	}
	return false
}

func servicePattern(service, format string) bool {
	if rest, ok := cutStar(service); ok {
		return len(format) >= len(rest) && format[:len(rest)] == rest
	}
	return service == format
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
