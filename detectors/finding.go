package detectors

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"oxtail/parser"
)

// A Finding is one fault that a rule found, with its evidence.
type Finding struct {
	ID          string     `json:"id"`       // stable across runs
	Rule        string     `json:"rule"`     // id of the rule
	Title       string     `json:"title"`    // of the rule
	Severity    Severity   `json:"severity"` // level of the rule; informational when healed
	Verdict     Verdict    `json:"verdict"`
	Action      Action     `json:"action"`
	Confidence  Confidence `json:"confidence"`
	First       time.Time  `json:"first,omitzero"` // of the earliest record with a time
	Last        time.Time  `json:"last,omitzero"`
	Count       int        `json:"count"`             // records
	FailedItems int        `json:"failed_items"`      // mail items that failed; 0 when the rule counts none
	Codes       []string   `json:"codes,omitempty"`   // as printed: 0x8004010F, SVL-0017
	UUIDs       []string   `json:"uuids,omitempty"`   // canonical spelling
	Folders     []string   `json:"folders,omitempty"` // as written in the log
	Account     *Account   `json:"account,omitempty"` // filled in by package actions
	Mailbox     string     `json:"mailbox,omitempty"`
	Profiles    []string   `json:"profiles,omitempty"`    // filled in by package actions
	CacheFiles  []string   `json:"cache_files,omitempty"` // filled in by package actions
	Because     []string   `json:"because"`               // reasons, each naming its evidence
	Evidence    []Evidence `json:"evidence"`              // the first and the last records

	Source  string    `json:"source,omitempty"`  // path; empty when the finding is over all sources
	Explain string    `json:"explain,omitempty"` // why it matters
	Change  string    `json:"change,omitempty"`  // what would change the verdict
	Weak    bool      `json:"weak,omitempty"`    // shown, not recommended
	Healed  time.Time `json:"healed,omitzero"`   // when the fault was gone
	IsGone  bool      `json:"gone,omitempty"`    // the fault healed, perhaps at an unknown time
}

// An Account is a mailbox on a server.
type Account struct {
	Server string `json:"server,omitempty"`
	User   string `json:"user,omitempty"`
}

// evidenceJSON is the outside form of Evidence.
type evidenceJSON struct {
	Source string    `json:"source"`
	Offset int64     `json:"offset"`
	Length int       `json:"length"`
	Line   int       `json:"line"`
	Time   time.Time `json:"time,omitzero"`
	Basis  string    `json:"time_basis"`
	Text   string    `json:"text"`
}

// MarshalJSON writes the form of oxtail.finding/v1.
func (e Evidence) MarshalJSON() ([]byte, error) {
	return json.Marshal(evidenceJSON{e.Source, e.Offset, e.Length, e.Line, e.Time, e.Basis.String(), e.Text})
}

// UnmarshalJSON reads the form of oxtail.finding/v1.
func (e *Evidence) UnmarshalJSON(data []byte) error {
	var j evidenceJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*e = Evidence{Source: j.Source, Offset: j.Offset, Length: j.Length, Line: j.Line, Time: j.Time, Text: j.Text}
	for b := parser.TimeNone; b <= parser.TimeExact; b++ {
		if b.String() == j.Basis {
			e.Basis = b
			return nil
		}
	}
	return fmt.Errorf("unexpected time basis %q", j.Basis)
}

// place names the evidence for people: source and line.
func (e *Evidence) place() string { return fmt.Sprintf("%s:%d", e.Source, e.Line) }

// findingID is a hash of what makes a finding the same one in another run.
func findingID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "f" + hex.EncodeToString(sum[:6])
}

// SourceVerdict returns the verdict and action of the worst finding: healthy and
// none when there is no finding. Weak findings decide only when no other one does.
func SourceVerdict(findings []Finding) (Verdict, Action) {
	best := -1
	for i := range findings {
		if best < 0 || worseFinding(&findings[i], &findings[best]) {
			best = i
		}
	}
	if best < 0 {
		return Healthy, None
	}
	return findings[best].Verdict, findings[best].Action
}

// worseFinding orders findings: those of trouble first, then the strong, then by
// verdict, by whether a service must be re-created, and by severity.
func worseFinding(a, b *Finding) bool { return compareWorst(a, b) < 0 }

func compareWorst(a, b *Finding) int {
	calmA, calmB := !Worse(a.Verdict, Informational), !Worse(b.Verdict, Informational)
	recreateA, recreateB := a.Action == RecreateService, b.Action == RecreateService
	return cmp.Or(
		sign(!calmA && calmB, calmA && !calmB),
		sign(!a.Weak && b.Weak, a.Weak && !b.Weak),
		a.Verdict.rank()-b.Verdict.rank(),
		sign(recreateA && !recreateB, !recreateA && recreateB),
		int(b.Severity)-int(a.Severity),
	)
}
