package checks

import (
	"strings"

	"oxtail/detectors"
)

// A Role is what a computer is for. Checks concern some roles.
type Role string

// The roles.
const (
	XPhoneServer   Role = "xphone-server"
	OutlookClient  Role = "outlook-client"
	OXtenderClient Role = "oxtender-client"
	TerminalServer Role = "terminal-server"
)

// Roles lists the roles.
func Roles() []Role { return []Role{XPhoneServer, OutlookClient, OXtenderClient, TerminalServer} }

// Describe names the role for people.
func (r Role) Describe() string {
	switch r {
	case XPhoneServer:
		return "a server with XPhone or another program that uses MAPI/CDO"
	case OXtenderClient:
		return "a computer with Outlook and OXtender"
	case TerminalServer:
		return "a terminal server with Outlook"
	}
	return "a computer with Outlook"
}

// A Certainty says how far a check can be trusted.
type Certainty string

// The certainties, as the sources mark them.
const (
	Quoted     Certainty = "quoted"     // the document itself says so
	Documented Certainty = "documented" // another page, header or source of the vendor does
	ThirdParty Certainty = "third-party"
	Inferred   Certainty = "inferred" // concluded, or general knowledge
)

// A Check is one thing that must be so on a computer.
type Check struct {
	ID         string // ENV003; stable, a withdrawn check keeps it
	Number     int    // of the id
	Title      string // what must be so
	Roles      []Role // whom it concerns
	Source     string // document and paragraph
	Paragraphs []string
	Certainty  Certainty
	Because    string // what of it is inferred, or doubtful
	Action     detectors.Action
	Remedy     string
	Ask        *Question // decides when the evidence does not
	When       []Test    // all must hold, else the check is n/a
	Tests      []Test
	Explains   *Cause
	File       string
	Line       int
}

// A Cause says that a check that fails explains MAPI_E_FAILONEPROVIDER.
type Cause struct {
	Place int // in the order of cheap tests, from 1
	Why   string
}

// A Test holds what probes say against a condition.
type Test struct {
	Probes   []Probe
	Question *Question
	Pass     Condition
	Warn     Condition // where Pass does not hold
	Else     Word      // result when neither does: fail, warn
	Absent   Word      // result when the evidence covers the place and nothing is there
	Optional bool      // without evidence it is left out
	Whole    bool      // good values are enough only when the evidence covers all places
	Say      string    // what it means when the test does not pass
	Remark   string    // what to add when nothing is there
	Remedy   string    // instead of that of the check
	Action   detectors.Action
	Line     int
}

// A Question is for a person.
type Question struct {
	Key  string // of the answer: the id of the check, and a word where it has several questions
	Text string
	Good string // yes or no
}

// A Word is the result of a check.
type Word string

// The results, and n/a.
const (
	Pass          Word = "pass"
	Warn          Word = "warn"
	Fail          Word = "fail"
	NotApplicable Word = "n/a"
	Unknown       Word = "unknown"
	NeedsPerson   Word = "needs-person"
)

// Words lists the results, worst first.
func Words() []Word { return []Word{Fail, Warn, NeedsPerson, Unknown, Pass, NotApplicable} }

// Concerns reports whether a check is for a role.
func (c *Check) Concerns(role Role) bool {
	for _, r := range c.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Matches reports whether an id is meant by a pattern of --only: ENV003, env003, or with
// x for any digit: ENV2xx.
func (c *Check) Matches(pattern string) bool {
	pattern, id := strings.ToUpper(strings.TrimSpace(pattern)), c.ID
	if len(pattern) != len(id) {
		return false
	}
	for i := range len(id) {
		if pattern[i] != id[i] && (pattern[i] != 'X' || id[i] < '0' || id[i] > '9') {
			return false
		}
	}
	return true
}

// Questions lists what a person may be asked for the check.
func (c *Check) Questions() []Question {
	var out []Question
	if c.Ask != nil {
		out = append(out, *c.Ask)
	}
	for _, t := range c.Tests {
		if t.Question != nil {
			out = append(out, *t.Question)
		}
	}
	return out
}
