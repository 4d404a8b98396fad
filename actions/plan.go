package actions

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/parser/winpath"
)

// PlanSchema names the JSON form of a Plan.
const PlanSchema = "oxtail.plan/v1"

// A PlanKind names a procedure.
type PlanKind string

// The procedures.
const (
	PlanRecreateService PlanKind = "recreate-service"
	PlanManualProfile   PlanKind = "manual-profile"
	PlanRebuildOST      PlanKind = "rebuild-ost"
	PlanSyncSettings    PlanKind = "sync-settings"
	PlanSupportFiles    PlanKind = "replace-support-files"
	PlanRepairStore     PlanKind = "repair-store"
	PlanFixItem         PlanKind = "fix-item"
	PlanRetry           PlanKind = "retry"
	PlanServerAdmin     PlanKind = "server-admin"
	PlanUserPermission  PlanKind = "user-permission"
	PlanCheckProfile    PlanKind = "check-profile"
	PlanCheckNetwork    PlanKind = "check-network"
	PlanCheckLogin      PlanKind = "check-credentials"
	PlanJudge           PlanKind = "manual"
	PlanNothing         PlanKind = "none"
)

// PlanKinds lists the procedures in the order of the documentation.
func PlanKinds() []PlanKind {
	return []PlanKind{
		PlanRecreateService, PlanManualProfile, PlanRebuildOST, PlanSyncSettings, PlanSupportFiles, PlanRepairStore, PlanFixItem,
		PlanRetry, PlanServerAdmin, PlanUserPermission, PlanCheckProfile, PlanCheckNetwork, PlanCheckLogin, PlanJudge, PlanNothing,
	}
}

// A Plan is what to do about a case, as data: what may be lost, what is assumed, and
// each step with its reason, its proof and its undo. Nothing is done by making one.
type Plan struct {
	Schema      string       `json:"schema"`
	ID          string       `json:"id"` // of kind and target; stable across runs
	Kind        PlanKind     `json:"kind"`
	Title       string       `json:"title"`
	Case        string       `json:"case,omitempty"`
	Target      Target       `json:"target"`
	BlockedBy   []string     `json:"blocked_by,omitempty"` // must be empty before anything is done
	Loss        []Loss       `json:"loss,omitempty"`
	Assumptions []Assumption `json:"assumptions,omitempty"`
	Steps       []Step       `json:"steps"`
	Change      []string     `json:"would_change,omitempty"`
	Sources     []string     `json:"sources,omitempty"` // paragraphs of docs/procedures.md

	Tool     string `json:"tool,omitempty"`     // version of the program that made it
	Computer string `json:"computer,omitempty"` // whose evidence it was made of, "" when the evidence does not tell
	Digest   string `json:"digest,omitempty"`   // of all other fields; see Seal
}

// A Target is what a plan acts on.
type Target struct {
	Profile        string             `json:"profile,omitempty"`         // name as stored
	ProfileDisplay string             `json:"profile_display,omitempty"` // decoded, never for writing
	Root           string             `json:"root,omitempty"`            // registry key that holds the profile
	User           string             `json:"user,omitempty"`            // Windows user or SID
	Service        string             `json:"service,omitempty"`         // PR_SERVICE_NAME
	ServiceUID     string             `json:"service_uid,omitempty"`
	Origin         string             `json:"origin,omitempty"`        // registry path of the service's section
	Evidence       string             `json:"evidence,omitempty"`      // file that the profile was read from
	Instance       string             `json:"instance,omitempty"`      // id of the profile's instance; stays when it is renamed
	DefaultStore   bool               `json:"default_store,omitempty"` // the service holds the profile's default store
	Account        *detectors.Account `json:"account,omitempty"`
	CacheFiles     []string           `json:"cache_files,omitempty"` // as the profile has them
}

// A Loss is something that a plan may destroy.
type Loss struct {
	What  string   `json:"what"`
	Known string   `json:"known"` // yes, no, unknown
	Why   []string `json:"why,omitempty"`
}

// Words of Loss.Known.
const (
	LossYes     = "yes"
	LossNo      = "no"
	LossUnknown = "unknown"
)

// An Assumption must be true when the plan is carried out. Kind and Expected are for
// a program to check, Why is for a person.
type Assumption struct {
	ID       string         `json:"id"` // unique in the plan
	Kind     AssumptionKind `json:"kind"`
	Subject  string         `json:"subject"`
	Expected string         `json:"expected"`
	Why      string         `json:"why"`
}

// An AssumptionKind says how to check an assumption.
type AssumptionKind string

// The kinds of assumptions.
const (
	AssumeServiceCount    AssumptionKind = "service-count"       // services that refer to the account "user at server" or to a cache path
	AssumeProfileCount    AssumptionKind = "profile-count"       // profiles that do
	AssumeServiceExists   AssumptionKind = "service-exists"      // registry path of the section; expected: the service's UID
	AssumeProfileExists   AssumptionKind = "profile-exists"      // name of the profile as stored; expected: yes
	AssumeLocal           AssumptionKind = "local-disk"          // path; expected: yes
	AssumeFileSize        AssumptionKind = "file-size"           // bytes
	AssumeFileModified    AssumptionKind = "file-modified"       // RFC 3339
	AssumeFileHead        AssumptionKind = "file-head-sha256"    // of the first HeadBytes
	AssumeFileExists      AssumptionKind = "file-exists"         // yes or no
	AssumeNotRunning      AssumptionKind = "process-not-running" // base name of a program; expected: yes
	AssumeNotHeld         AssumptionKind = "file-not-held"       // expected: yes
	AssumeOwner           AssumptionKind = "runs-as-owner"       // Windows user; expected: yes
	AssumeSpace           AssumptionKind = "free-bytes-at-least" // on the volume of the subject
	AssumeCachedMode      AssumptionKind = "cached-mode"         // profile; expected: on
	AssumeNotDefaultStore AssumptionKind = "not-default-store"   // service UID; expected: yes
)

// A StepKind says what a step does, for whoever carries plans out.
type StepKind string

// The kinds of steps.
const (
	StepAsk             StepKind = "ask"             // a person answers or decides
	StepBackUp          StepKind = "back-up"         // a person saves data
	StepExport          StepKind = "export-registry" // a key is written to a .reg file
	StepClose           StepKind = "close-program"
	StepRemoveReference StepKind = "remove-reference" // a service or profile is removed by a person
	StepRecreate        StepKind = "recreate-service"
	StepRename          StepKind = "rename-file"
	StepStart           StepKind = "start-program"
	StepVerify          StepKind = "verify"
	StepPerson          StepKind = "do-by-hand"
	StepRun             StepKind = "run-tool"
)

// A Step is one thing to do.
type Step struct {
	ID           string   `json:"id"` // unique in the plan, "recreate-service.close-outlook" outside
	Title        string   `json:"title"`
	Why          string   `json:"why"`
	Kind         StepKind `json:"kind"`
	Target       string   `json:"target,omitempty"`
	Verification string   `json:"verification"` // how to see that it is done
	Undo         string   `json:"undo,omitempty"`
	Destructive  bool     `json:"destructive"`  // data is gone for good afterwards
	NeedsPerson  bool     `json:"needs_person"` // no program may do it alone
	NoWayBack    bool     `json:"no_way_back,omitempty"`
	Sources      []string `json:"sources,omitempty"`

	// On is what a program must act on, where Target is for a person.
	On *Object `json:"on,omitempty"`
}

// An Object is one service of one profile, or a profile when it has no service.
type Object struct {
	Profile string `json:"profile"` // name as stored
	Display string `json:"display,omitempty"`
	Root    string `json:"root"` // registry key that holds the profile
	Service string `json:"service,omitempty"`
}

// ReadPlan reads a plan that was written before. Unknown fields are errors: a plan that
// says more than this program understands must not be carried out.
func ReadPlan(data []byte) (Plan, error) {
	var p Plan
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("read plan: %w", err)
	}
	if p.Schema != PlanSchema {
		return Plan{}, fmt.Errorf("read plan: schema is %q; want %q", p.Schema, PlanSchema)
	}
	if !slices.Contains(PlanKinds(), p.Kind) {
		return Plan{}, fmt.Errorf("read plan: procedure %q is not known", p.Kind)
	}
	if rest := bytes.TrimSpace(data[dec.InputOffset():]); len(rest) > 0 {
		return Plan{}, errors.New("read plan: there is more than one plan; write the plan of one case to its own file")
	}
	return p, nil
}

// Plan returns the plan for the case's action.
func (c *Case) Plan() Plan {
	target := Target{CacheFiles: c.CacheFiles, Account: c.Account}
	if c.store != nil {
		target = c.store.target()
	}
	p := newPlan(kindOf(c.Action), target, c.store)
	p.Case, p.BlockedBy, p.Change = c.ID, c.BlockedBy, c.Change
	p.Loss = lossOf(p.Kind, c.findings)
	return p
}

// kindOf gives the procedure of an action.
func kindOf(a detectors.Action) PlanKind {
	for _, k := range PlanKinds() {
		if string(k) == string(a) {
			return k
		}
	}
	return PlanJudge
}

// target describes the service that keeps the store.
func (s *Store) target() Target {
	t := Target{Account: s.Account, User: s.Owner, CacheFiles: s.CachePaths()}
	if len(s.Uses) == 0 {
		return t
	}
	return s.targetOf(s.kept())
}

// targetOf describes one service.
func (s *Store) targetOf(u Use) Target {
	return Target{
		Profile: u.Profile.Name, ProfileDisplay: u.Profile.Display, Root: u.Profile.Root, User: s.Owner, Account: s.Account,
		Service: u.Service.Name, ServiceUID: u.Service.UID, Origin: u.Service.Origin, Evidence: u.Profile.Source, CacheFiles: u.Service.CacheFiles, Instance: u.Profile.InstanceID,
		DefaultStore: u.Service.ResourceFlags&defaultStoreFlag != 0,
	}
}

// defaultStoreFlag is SERVICE_DEFAULT_STORE of PR_RESOURCE_FLAGS.
const defaultStoreFlag = 1

// newPlan builds the plan of a procedure for a target.
func newPlan(kind PlanKind, t Target, s *Store) Plan {
	b := &builder{target: t, store: s}
	p := Plan{Schema: PlanSchema, Kind: kind, Title: b.build(kind), Target: t}
	p.Steps, p.Assumptions = b.steps, b.assumptions
	for i := range p.Steps {
		for _, source := range p.Steps[i].Sources {
			p.Sources = appendNew(p.Sources, source)
		}
	}
	p.Loss = lossOf(kind, nil)
	sum := sha256.Sum256([]byte(strings.Join([]string{string(kind), t.Profile, t.Root, t.ServiceUID, strings.Join(t.CacheFiles, "\x00"), t.Evidence}, "\x00")))
	p.ID = "p" + hex.EncodeToString(sum[:6])
	return p
}

// A builder collects the steps and assumptions of one plan.
type builder struct {
	target      Target
	store       *Store
	steps       []Step
	assumptions []Assumption
}

func (b *builder) add(steps ...Step) { b.steps = append(b.steps, steps...) }

func (b *builder) assume(kind AssumptionKind, subject, expected, why string) {
	id := fmt.Sprintf("a%02d", len(b.assumptions)+1)
	b.assumptions = append(b.assumptions, Assumption{id, kind, subject, expected, why})
}

// assumeFiles pins the cache files as they were when the plan was made.
func (b *builder) assumeFiles() {
	if b.store == nil {
		return
	}
	for _, f := range b.store.Files {
		if f.State == CacheMissing {
			continue
		}
		why := "the plan was made for this state of the file"
		path := f.OnComputer()
		if f.Bytes >= 0 {
			b.assume(AssumeFileSize, path, strconv.FormatInt(f.Bytes, 10), why)
		}
		if !f.Modified.IsZero() {
			b.assume(AssumeFileModified, path, f.Modified.UTC().Format(time.RFC3339Nano), why)
		}
		if f.Head != "" {
			b.assume(AssumeFileHead, path, f.Head, why)
		}
	}
}

// assumePrograms demands that nothing holds the profile.
func (b *builder) assumePrograms() {
	for _, name := range []string{"OUTLOOK.EXE", "SearchProtocolHost.exe"} {
		b.assume(AssumeNotRunning, name, "yes", "it works on the profile and its cache")
	}
	for _, path := range b.target.CacheFiles {
		b.assume(AssumeNotHeld, path, "yes", "a file in use cannot be replaced")
	}
}

// profile names the profile for people.
func (b *builder) profile() string {
	switch {
	case b.target.ProfileDisplay != "":
		return fmt.Sprintf("%q", b.target.ProfileDisplay)
	case b.target.Profile != "":
		return fmt.Sprintf("%q", b.target.Profile)
	}
	return "the profile"
}

// account names the account for people.
func (b *builder) account() string {
	if a := b.target.Account; a != nil {
		if a.Server == "" {
			return a.User
		}
		return a.User + " at " + a.Server
	}
	return "the account"
}

// subject names what services are counted by: the account, else the cache file.
func (b *builder) subject() string {
	if b.target.Account == nil && len(b.target.CacheFiles) > 0 {
		return b.target.CacheFiles[0]
	}
	return b.account()
}

// owner names the Windows user of the profile.
func (b *builder) owner() string {
	if b.target.User == "" {
		return "the owner of the profile"
	}
	return b.target.User
}

// files names the cache files for people.
func (b *builder) files(otherwise string) string {
	if len(b.target.CacheFiles) == 0 {
		return otherwise
	}
	return strings.Join(b.target.CacheFiles, ", ")
}

// build adds the steps of a procedure and returns its title.
func (b *builder) build(kind PlanKind) string {
	switch kind {
	case PlanRecreateService:
		return b.recreateService()
	case PlanManualProfile:
		return b.manualProfile()
	case PlanRebuildOST:
		return b.rebuildOST()
	case PlanSyncSettings:
		return b.syncSettings()
	case PlanSupportFiles:
		return b.supportFiles()
	case PlanRepairStore:
		return b.repairStore()
	case PlanFixItem:
		return b.fixItem()
	case PlanRetry:
		return b.retry()
	}
	return b.advice(kind)
}

// NewPlan returns the plan of a procedure for a store, or without a target when the
// store is nil. Blocks are those of the store alone: no finding asked for the plan.
func NewPlan(kind PlanKind, s *Store) Plan {
	if s == nil {
		return newPlan(kind, Target{}, nil)
	}
	p := newPlan(kind, s.target(), s)
	p.BlockedBy = s.blocks(kind)
	return p
}

// NewPlanFor is NewPlan for one service of a store.
func NewPlanFor(kind PlanKind, s *Store, use Use) Plan {
	p := newPlan(kind, s.targetOf(use), s)
	p.BlockedBy = s.blocks(kind)
	return p
}

// GeneralPlan returns the plan of a procedure without any evidence; file may name what
// it is about.
func GeneralPlan(kind PlanKind, file string) Plan {
	t := Target{}
	if file != "" {
		t.CacheFiles = []string{file}
	}
	return newPlan(kind, t, nil)
}

// Suits reports whether a procedure makes sense for a system.
func Suits(kind PlanKind, system System) bool {
	switch kind {
	case PlanRecreateService:
		return system == OXtender
	case PlanRebuildOST, PlanSyncSettings, PlanSupportFiles:
		return system == Exchange
	case PlanRepairStore:
		return system == DataFile || system == Exchange
	}
	return true
}

// HasFile reports whether a path, in any spelling, or the name of a file alone, is one
// of the store's cache files.
func (s *Store) HasFile(path string) bool {
	key, base := pathKey(path, s.Owner), baseKey(path)
	whole := fold(winpath.Base(path)) == fold(path)
	for _, p := range s.Paths {
		if p.key == key || whole && p.base == base {
			return true
		}
	}
	return slices.ContainsFunc(s.Files, func(f CacheFile) bool { return winpath.Equal(f.Path, path) })
}

// blocks are the gates that do not need findings.
func (s *Store) blocks(kind PlanKind) []string {
	if kind != PlanRecreateService || !s.Shared() {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d services refer to the account: %s", BlockSharedCache, len(s.Distinct()), someOf(s.profilesWithCounts()))}
}

// lossOf says what a procedure may destroy. Logs that name items which did not reach
// the server make it known; their absence proves nothing.
func lossOf(kind PlanKind, findings []*detectors.Finding) []Loss {
	switch kind {
	case PlanRecreateService, PlanManualProfile:
		return []Loss{
			unsynced("unsent mail in the local Outbox", findings, false),
			unsynced("items and changes that never reached the server", findings, true),
		}
	case PlanRebuildOST:
		return []Loss{
			unsynced("items that are only in the .ost: unsent mail, Local Failures, conflicts", findings, true),
			{What: "mail on the server", Known: LossNo, Why: []string{"the .ost is a copy of the mailbox; the old file is kept under another name"}},
		}
	case PlanRepairStore:
		return []Loss{{What: "damaged items that the repair cannot save", Known: LossUnknown, Why: []string{"the repair works on the file itself; keep the copy"}}}
	case PlanFixItem:
		return []Loss{{What: "the items that are deleted instead of mended", Known: LossUnknown}}
	}
	return nil
}

// maxLossReasons bounds the reasons of one loss.
const maxLossReasons = 10

// unsynced looks into the findings for items that are known not to be on the server.
func unsynced(what string, findings []*detectors.Finding, any bool) Loss {
	out := Loss{What: what, Known: LossUnknown}
	for _, f := range findings {
		isUUID := f.Verdict == detectors.UUIDMapping
		if !any || f.IsGone || f.FailedItems == 0 && !isUUID || len(out.Why) >= maxLossReasons {
			continue
		}
		out.Known = LossYes
		folders := ""
		if len(f.Folders) > 0 {
			folders = " in " + strings.Join(f.Folders, ", ")
		}
		out.Why = append(out.Why, fmt.Sprintf("%s%s: %d records, %d items (%s)", f.Title, folders, f.Count, f.FailedItems, firstPlace(f)))
	}
	if out.Known == LossUnknown {
		out.Why = []string{"no log tells; look into the Outbox and compare with webmail"}
	}
	return out
}
