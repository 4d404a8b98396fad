package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"oxtail/actions"
)

// A Question is what the user has to answer before something is done.
type Question struct {
	Step string // id, "" for the plan as a whole
	Text string // ends in a question mark
	Why  string
}

// A Console is how a run talks to the user.
type Console interface {
	// Confirm asks; false means no.
	Confirm(ctx context.Context, q Question) (bool, error)
	// Tick tells what is waited for, and how long at most.
	Tick(text string, left time.Duration)
	// Progress tells how much of something is done, in bytes.
	Progress(text string, done, total int64)
	// Step tells that a step begins (no state) or has ended.
	Step(s StepResult)
}

// Patience says how long is waited for what.
type Patience struct {
	Quit      time.Duration // after a program was asked to close
	Restart   time.Duration // after Restart Manager has asked it
	Terminate time.Duration // after it was ended
	Idle      time.Duration // for the search indexer to let go by itself
	Appear    time.Duration // for a new cache file after Outlook was started
	Person    time.Duration // for a person to do a step that the registry shows
	Poll      time.Duration // between two looks
}

// DefaultPatience is what suits a real computer: Outlook may take half a minute to write
// its stores, and the indexer ends within a minute when it is idle.
func DefaultPatience() Patience {
	return Patience{
		Quit: 30 * time.Second, Restart: 30 * time.Second, Terminate: 10 * time.Second, Idle: 60 * time.Second,
		Appear: 3 * time.Minute, Person: 15 * time.Minute, Poll: time.Second,
	}
}

// Options are the choices of an engine.
type Options struct {
	Choices
	DryRun   bool
	Tool     string // version of this program
	Console  Console
	Patience Patience // zero for the default
}

// A run is the state of carrying out one plan.
type run struct {
	m        Machine
	o        Options
	plan     actions.Plan
	who      Identity
	j        *Journal // nil in a dry run
	res      *Result
	step     string // id of the step at hand
	ops      []*Op  // of this run, and of the one that it resumes
	ended    map[string]StepResult
	backup   *Manifest
	removed  map[string]bool // by useKey: taken as removed in a dry run
	baseline map[string]CacheInfo
	security map[string]string // by key: access list before
	resumed  bool
	asked    bool // the undo was asked for, and is not that of a step that failed
}

// finished reports whether a step has ended well, in this run or the one that it resumes.
func (r *run) finished(id string) bool {
	s, ok := r.ended[id]
	return ok && s.State != StepFailed && s.State != StepRefused
}

// confirm asks the user; no is a refusal.
func (r *run) confirm(ctx context.Context, text, why string) error {
	ok, err := r.o.Console.Confirm(ctx, Question{Step: r.step, Text: text, Why: why})
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	if !ok {
		return refuse("", "not confirmed: %s", strings.TrimSuffix(text, "?"))
	}
	return nil
}

// waitFor looks until something is so, and tells whether it is in the end. The user sees
// how long it may still take.
func (r *run) waitFor(ctx context.Context, text string, limit time.Duration, so func() (bool, error)) (bool, error) {
	end := r.m.Now().Add(limit)
	for {
		ok, err := so()
		if ok || err != nil {
			return ok, err
		}
		left := end.Sub(r.m.Now())
		if left <= 0 {
			return false, nil
		}
		r.o.Console.Tick(text, left)
		if err := r.m.Wait(ctx, min(left, r.o.Patience.Poll)); err != nil {
			return false, err
		}
	}
}

// An outcome is what a step's work gave.
type outcome struct {
	state    State
	facts    []string
	warnings []string
}

func done(facts ...string) outcome { return outcome{state: StepDone, facts: facts} }

func byHand(facts ...string) outcome { return outcome{state: StepByHand, facts: facts} }

// warn adds a warning.
func (o *outcome) warn(format string, args ...any) {
	o.state = StepWarned
	o.warnings = append(o.warnings, fmt.Sprintf(format, args...))
}

// baseID is the id of a step without the number of steps that repeat.
func baseID(id string) string {
	at := strings.LastIndexByte(id, '-')
	if at > 0 && at+1 < len(id) && strings.Trim(id[at+1:], "0123456789") == "" {
		return id[:at]
	}
	return id
}

// worker is how a step is carried out.
type worker struct {
	// check is done just before, in dry runs too.
	check func(*run, context.Context, *actions.Step) error
	// tell says what would be done, for dry runs.
	tell func(*run, context.Context, *actions.Step) ([]string, error)
	do   func(*run, context.Context, *actions.Step) (outcome, error)
}

// workerOf gives the worker of a step, nil for one that only a person can do.
func workerOf(s *actions.Step) *worker {
	switch baseID(s.ID) {
	case "close-outlook":
		return &worker{nil, (*run).tellClose, (*run).closeOutlook}
	case "close-search":
		return &worker{nil, (*run).tellClose, (*run).closeOthers}
	case "consent":
		return &worker{nil, (*run).tellConsent, (*run).consent}
	case "export-profile":
		return &worker{(*run).checkUnchanged, (*run).tellBackUp, (*run).backUp}
	case "list-cache-before":
		return &worker{nil, (*run).tellCaches, (*run).listCaches}
	case "remove-reference":
		return &worker{(*run).checkRemoval, (*run).tellRemoval, (*run).removeReference}
	case "count-profiles", "count-services":
		return &worker{(*run).checkCount, (*run).tellCount, (*run).count}
	case "recreate":
		return &worker{(*run).checkRecreate, (*run).tellRecreate, (*run).recreate}
	case "verify-cache-gone":
		return &worker{nil, nil, (*run).verifyGone}
	case "first-sync", "start-sync":
		return &worker{nil, (*run).tellStart, (*run).start}
	case "check-settings":
		return &worker{(*run).checkSettings, nil, (*run).settings}
	case "find-ost":
		return &worker{(*run).checkFound, nil, (*run).foundStore}
	case "rename-ost":
		return &worker{(*run).checkRename, (*run).tellRename, (*run).renameStore}
	case "rename-emsabp32", "rename-emsmdb32", "rename-emsui32":
		return &worker{(*run).checkElevated, (*run).tellSupport, (*run).renameSupport}
	case "repair-office":
		return &worker{nil, nil, (*run).repaired}
	case "delete-profile":
		return &worker{nil, nil, (*run).deleteProfile}
	case "new-profile":
		return &worker{nil, nil, (*run).newProfile}
	}
	return nil
}

// perform carries one step out.
func (r *run) perform(ctx context.Context, number int, s *actions.Step) (StepResult, error) {
	out := StepResult{Schema: StepSchema, Run: r.res.Run, Plan: r.plan.ID, Number: number, ID: s.ID, Title: s.Title, NoUndo: s.NoWayBack}
	if s.Kind == actions.StepRecreate { // the plan's title says how a person does it
		out.Title = fmt.Sprintf("Re-create the service of profile %q through MAPI", mapiName(r.plan.Target.ProfileDisplay, r.plan.Target.Profile))
	}
	r.step = s.ID
	r.o.Console.Step(out)
	if err := r.journal(ctx, Entry{Event: EventStepBegin, Step: s.ID, Before: r.facts(ctx)}); err != nil {
		return r.failed(out, err), err
	}
	got, err := r.work(ctx, s)
	out.State, out.Facts, out.Warnings = got.state, got.facts, got.warnings
	if err != nil {
		out = r.failed(out, err)
	}
	end := Entry{Event: EventStepEnd, Step: s.ID, State: out.State, After: out.Facts, Text: strings.Join(out.Warnings, "; "), Error: out.Error}
	if e := r.journal(context.WithoutCancel(ctx), end); err == nil && e != nil {
		out, err = r.failed(out, e), e
	}
	r.o.Console.Step(out)
	return out, err
}

// failed describes a step that failed or was refused.
func (r *run) failed(s StepResult, err error) StepResult {
	s.State, s.Error = StepFailed, err.Error()
	if isRefusal(err) {
		s.State = StepRefused
	}
	s.Remedy = strings.Join(remedies(err), "; ")
	return s
}

// work does a step, or says what it would do.
func (r *run) work(ctx context.Context, s *actions.Step) (outcome, error) {
	w := workerOf(s)
	if w == nil {
		return r.person(ctx, s)
	}
	if w.check != nil {
		if err := w.check(r, ctx, s); err != nil {
			return outcome{}, err
		}
	}
	if !r.o.DryRun {
		return w.do(r, ctx, s)
	}
	out := outcome{state: StepWouldDo}
	if w.tell == nil {
		out.facts = []string{"would check: " + s.Verification}
		return out, nil
	}
	var err error
	out.facts, err = w.tell(r, ctx, s)
	return out, err
}

// person has a step done by the user, and believes what is said about it.
func (r *run) person(ctx context.Context, s *actions.Step) (outcome, error) {
	switch {
	case r.o.DryRun:
		return outcome{state: StepByHand, facts: []string{"a person does this: " + s.Verification}}, nil
	case r.isAfterwards(s):
		return byHand("for later: " + s.Verification), nil
	}
	if err := r.confirm(ctx, "Is this done: "+s.Title+"?", s.Why); err != nil {
		return outcome{}, err
	}
	return outcome{state: StepConfirmed}, nil
}

// isAfterwards reports whether a person's step comes when all work of the program is
// over: nothing waits for it.
func (r *run) isAfterwards(s *actions.Step) bool {
	at := slices.IndexFunc(r.plan.Steps, func(x actions.Step) bool { return x.ID == s.ID })
	for i := at + 1; i < len(r.plan.Steps); i++ {
		if w := workerOf(&r.plan.Steps[i]); w != nil {
			return false
		}
	}
	return slices.ContainsFunc(r.plan.Steps, func(x actions.Step) bool { return workerOf(&x) != nil })
}

// facts notes what is true of the cache files before a step.
func (r *run) facts(ctx context.Context) []string {
	var out []string
	for _, path := range r.cacheNames() {
		f, err := r.m.Stat(ctx, path)
		if err != nil {
			continue // that it is not there, or cannot be seen, is what the step itself finds
		}
		out = append(out, fmt.Sprintf("%s: %d bytes, %s", path, f.Bytes, f.Modified.UTC().Format(time.RFC3339)))
	}
	return out
}

// journal writes an entry of this run; in a dry run there is no journal.
func (r *run) journal(ctx context.Context, e Entry) error {
	if r.j == nil {
		return nil
	}
	e.Run = r.res.Run
	return r.j.Write(ctx, e)
}
