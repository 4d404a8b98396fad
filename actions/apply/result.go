package apply

import (
	"fmt"
	"strings"
	"time"

	"oxtail/actions"
)

// Schemas of the JSON forms.
const (
	StepSchema   = "oxtail.step/v1"
	ResultSchema = "oxtail.apply/v1"
)

// A State says how a step, or a whole run, ended.
type State string

// The states of steps.
const (
	StepDone       State = "done"
	StepConfirmed  State = "confirmed" // a person says that it is done
	StepWouldDo    State = "would-do"  // of a dry run
	StepByHand     State = "by-hand"   // left to a person
	StepSkipped    State = "skipped"   // nothing to do
	StepWarned     State = "warning"   // done, but not as it should be
	StepRefused    State = "refused"   // a check or a person forbids it; nothing was done
	StepFailed     State = "failed"
	StepUndone     State = "undone"     // it was done, and undone after a later step failed
	StepNotUndone  State = "not-undone" // it was done, and could not be undone
	StepNotReached State = "not-reached"
)

// The states of runs.
const (
	RunDone     State = "done"
	RunWarnings State = "warnings" // finished, but not verified, or something remains
	RunByHand   State = "by-hand"  // nothing was changed: the steps are a person's
	RunDryRun   State = "dry-run"  // it would be done
	RunRefused  State = "refused"  // a gate; nothing was changed
	RunUndone   State = "undone"   // it failed, and everything is as before
	RunPartly   State = "partly"   // it failed, or waits, with something done that was not undone
)

// A StepResult is what became of one step of the plan.
type StepResult struct {
	Schema   string   `json:"schema"`
	Run      string   `json:"run"`
	Plan     string   `json:"plan"`
	Number   int      `json:"number"` // 1-based
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	State    State    `json:"state"`
	Facts    []string `json:"facts,omitempty"`    // what was seen
	Warnings []string `json:"warnings,omitempty"` // what is not as it should be
	Error    string   `json:"error,omitempty"`
	Remedy   string   `json:"remedy,omitempty"`
	NoUndo   bool     `json:"no_undo,omitempty"`
}

// A Gate is one condition that is checked before anything is done.
type Gate struct {
	ID     string `json:"id"`
	State  string `json:"state"` // pass, fail, warn
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// Words of Gate.State.
const (
	GatePass = "pass"
	GateFail = "fail"
	GateWarn = "warn"
)

// A CacheInfo is one file of the list of cache files.
type CacheInfo struct {
	Path     string    `json:"path"`
	Exists   bool      `json:"exists"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified,omitzero"`
	Head     string    `json:"head,omitempty"` // SHA-256 of the first bytes, as in plans
}

// A Remainder says why an old cache is not gone.
type Remainder struct {
	Path   string   `json:"path"`
	Reason string   `json:"reason"` // shared, held, pending, unknown
	By     []string `json:"by,omitempty"`
}

// Reasons of a Remainder.
const (
	RemainsShared  = "shared"  // other profiles refer to it
	RemainsHeld    = "held"    // a program has it open
	RemainsPending = "pending" // the service is only marked for deletion
	RemainsUnknown = "unknown"
)

// A Result is what became of a plan.
type Result struct {
	Schema      string           `json:"schema"`
	Run         string           `json:"run"`
	Plan        string           `json:"plan"`
	Kind        actions.PlanKind `json:"kind"`
	Title       string           `json:"title"`
	Case        string           `json:"case,omitempty"`
	Target      actions.Target   `json:"target,omitzero"`
	Mode        Mode             `json:"mode"`
	State       State            `json:"state"`
	DryRun      bool             `json:"dry_run,omitempty"`
	Simulated   bool             `json:"simulated,omitempty"` // on a twin, not on a computer
	Computer    string           `json:"computer,omitempty"`
	User        string           `json:"user,omitempty"`
	Because     []string         `json:"because,omitempty"`
	Remedies    []string         `json:"remedies,omitempty"`
	Warnings    []string         `json:"warnings,omitempty"`
	Remains     []Remainder      `json:"remains,omitempty"`
	Backup      string           `json:"backup,omitempty"`    // folder
	BackupID    string           `json:"backup_id,omitempty"` // for --undo
	OldUID      string           `json:"old_uid,omitempty"`   // of the service that was re-created
	NewUID      string           `json:"new_uid,omitempty"`   // of the service in its place
	Before      []CacheInfo      `json:"cache_before,omitempty"`
	After       []CacheInfo      `json:"cache_after,omitempty"`
	PropsBefore []Property       `json:"properties_before,omitempty"`
	PropsAfter  []Property       `json:"properties_after,omitempty"`
	Next        []string         `json:"next,omitempty"`
	Gates       []Gate           `json:"gates,omitempty"`
	Steps       []StepResult     `json:"-"` // objects of their own
}

// Choices are what the user has decided. They are kept in the journal for a resumed run.
type Choices struct {
	Mode       Mode     `json:"mode"`
	AcceptLoss string   `json:"accept_loss,omitempty"` // the user's words
	Yes        bool     `json:"yes,omitempty"`         // all questions were answered with yes beforehand
	Consent    bool     `json:"consent,omitempty"`     // to re-create the default or delivery store
	Terminate  []string `json:"terminate,omitempty"`   // programs that may be ended by force
	Start      bool     `json:"start,omitempty"`       // start Outlook at the end
	SendAll    bool     `json:"send_all,omitempty"`    // and let it synchronise everything
}

// A Mode says how a service is re-created.
type Mode string

// The modes.
const (
	ModeAuto     Mode = ""         // copy where the provider takes its configuration without a dialog, else plan
	ModePlan     Mode = "plan"     // by hand: nothing is changed
	ModeAssisted Mode = "assisted" // the provider's own dialog asks for server, user and password
	ModeCopy     Mode = "copy"     // the properties of the old service are set in the new one
)

// A refusal is a reason not to do something, with its remedy. Nothing was done.
type refusal struct {
	text, remedy string
	err          error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.err }

// Hint gives the remedy.
func (r *refusal) Hint() string { return r.remedy }

func refuse(remedy, format string, args ...any) error {
	return &refusal{text: fmt.Sprintf(format, args...), remedy: remedy}
}

// A Stale is a fact that is not as the plan assumes. It is an ErrStale.
type Stale struct {
	Assumption string // id in the plan, "" when the plan implies it
	Fact       string
	Expected   string
	Found      string
}

func (s *Stale) Error() string {
	at := ""
	if s.Assumption != "" {
		at = " (" + s.Assumption + ")"
	}
	return fmt.Sprintf("%v: %s%s: expected %s, found %s", ErrStale, s.Fact, at, s.Expected, s.Found)
}

func (s *Stale) Unwrap() error { return ErrStale }

// Hint gives the remedy.
func (s *Stale) Hint() string {
	if strings.HasPrefix(s.Fact, "file") {
		return "close Outlook, then make the plan again: oxtail plan"
	}
	return "make the plan again: oxtail plan"
}
