package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/actions"
)

// An Engine carries plans out on a machine.
type Engine struct {
	m Machine
	o Options
}

// New returns an engine. The console must not be nil.
func New(m Machine, o Options) *Engine {
	if o.Patience == (Patience{}) {
		o.Patience = DefaultPatience()
	}
	return &Engine{m, o}
}

// newRun begins the state of a run; nothing is written.
func (e *Engine) newRun(ctx context.Context, plan actions.Plan) (*run, error) {
	who, err := e.m.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("find out who works on which computer: %w", err)
	}
	r := &run{m: e.m, o: e.o, plan: plan, who: who, ended: map[string]StepResult{}, removed: map[string]bool{}, security: map[string]string{}}
	r.res = &Result{
		Schema: ResultSchema, Plan: plan.ID, Kind: plan.Kind, Title: plan.Title, Case: plan.Case, Target: plan.Target, DryRun: e.o.DryRun, Simulated: who.Simulated,
		Computer: who.Computer, User: who.User, Run: "r" + e.m.Now().UTC().Format("20060102-150405") + "-" + plan.ID,
	}
	return r, nil
}

// Apply carries a plan out. The error is for what keeps it from even looking at the
// computer; everything else is in the result.
func (e *Engine) Apply(ctx context.Context, plan actions.Plan) (*Result, error) {
	r, err := e.newRun(ctx, plan)
	if err != nil {
		return nil, err
	}
	r.chooseMode(ctx)
	if err := r.checkGates(ctx); err != nil {
		return r.refused(err), nil
	}
	if r.o.Mode == ModePlan || !r.guided() {
		return r.handOver(ctx), nil
	}
	if r.o.DryRun {
		return r.finish(ctx, r.steps(ctx)), nil
	}
	if err := r.confirm(ctx, "Carry this plan out now?", plan.Title); err != nil {
		return r.refused(err), nil
	}
	if err := r.openJournal(ctx); err != nil {
		return r.refused(err), nil
	}
	choices := r.o.Choices
	if err := r.journal(ctx, Entry{Event: EventRunBegin, Plan: &plan, Choices: &choices, Values: map[string]any{"security": r.security}}); err != nil {
		return r.refused(err), nil
	}
	return r.finish(ctx, r.steps(ctx)), nil
}

// chooseMode decides how a service is re-created when the user has not.
func (r *run) chooseMode(ctx context.Context) {
	if r.plan.Kind == actions.PlanRecreateService && r.o.Mode == ModeAuto {
		r.o.Mode = ModePlan
		if r.m.CanMAPI(ctx) == nil && r.m.CanConfigure(ctx, r.plan.Target.Service) {
			r.o.Mode = ModeCopy
		} else {
			r.res.Because = append(r.res.Because, "the provider is not known to take its configuration without a dialog")
			r.res.Remedies = append(r.res.Remedies, "do the steps by hand, or use --mode assisted: the provider's own dialog asks then")
		}
	}
	r.res.Mode = r.o.Mode
}

// openJournal opens the journal and takes a run id that is not in it.
func (r *run) openJournal(ctx context.Context) error {
	j, entries, err := OpenJournal(ctx, r.m, r.who, r.o.Tool)
	if err != nil {
		return err
	}
	if open := openRuns(entries); len(open) > 0 && !r.resumed {
		return unfinished(open)
	}
	base := r.res.Run
	for n := 2; slices.ContainsFunc(entries, func(e Entry) bool { return e.Run == r.res.Run }) && !r.resumed; n++ {
		r.res.Run = fmt.Sprintf("%s-%d", base, n)
	}
	r.j = j
	return nil
}

// steps carries out all steps that have not ended yet.
func (r *run) steps(ctx context.Context) error {
	for i := range r.plan.Steps {
		s := &r.plan.Steps[i]
		if before, ok := r.ended[s.ID]; ok && r.finished(s.ID) {
			before.Schema, before.Run, before.Plan, before.Number, before.Title = StepSchema, r.res.Run, r.plan.ID, i+1, s.Title
			r.res.Steps = append(r.res.Steps, before)
			continue
		}
		if err := ctx.Err(); err != nil {
			r.notReached(i)
			return err
		}
		result, err := r.perform(ctx, i+1, s)
		r.res.Steps = append(r.res.Steps, result)
		r.ended[s.ID] = result
		if err != nil {
			r.notReached(i + 1)
			return err
		}
	}
	return nil
}

// notReached lists the steps from one on that were not begun.
func (r *run) notReached(from int) {
	for i := from; i < len(r.plan.Steps); i++ {
		s := &r.plan.Steps[i]
		r.res.Steps = append(r.res.Steps, StepResult{Schema: StepSchema, Run: r.res.Run, Plan: r.plan.ID, Number: i + 1, ID: s.ID, Title: s.Title, State: StepNotReached, NoUndo: s.NoWayBack})
	}
}

// refused is the result of a run that a gate has stopped before it began.
func (r *run) refused(err error) *Result {
	r.res.State = RunRefused
	r.res.Because, r.res.Remedies = nil, nil
	r.blame(err)
	r.notReached(0)
	return r.res
}

// blame adds the reasons and remedies of an error.
func (r *run) blame(err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			r.blame(e)
		}
		return
	}
	if !slices.Contains(r.res.Because, err.Error()) {
		r.res.Because = append(r.res.Because, err.Error())
	}
	for _, text := range remedies(err) {
		if !slices.Contains(r.res.Remedies, text) {
			r.res.Remedies = append(r.res.Remedies, text)
		}
	}
}

// handOver is the result when a person does the steps: everything is looked at, nothing
// is changed.
func (r *run) handOver(ctx context.Context) *Result {
	if r.changesAnything() {
		if files, err := r.caches(ctx); err == nil {
			r.res.Before = files
		}
		if list, err := r.properties(ctx, r.plan.Target.ServiceUID); err == nil {
			r.res.PropsBefore = redacted(list)
		}
	}
	if r.o.Mode != ModePlan {
		r.res.Because = append(r.res.Because, "every step of this procedure is a person's")
	}
	for i := range r.plan.Steps {
		s := &r.plan.Steps[i]
		r.res.Steps = append(r.res.Steps, StepResult{
			Schema: StepSchema, Run: r.res.Run, Plan: r.plan.ID, Number: i + 1, ID: s.ID, Title: s.Title, State: StepByHand, NoUndo: s.NoWayBack,
			Facts: []string{"done when: " + s.Verification},
		})
	}
	r.res.State = RunByHand
	r.res.Next = append(r.res.Next, "afterwards oxtail verify says whether it helped")
	return r.res
}

// finish ends a run: what failed is undone, what was stopped is started, and the result
// is judged and noted.
func (r *run) finish(ctx context.Context, err error) *Result {
	rest := context.WithoutCancel(ctx)
	if r.o.DryRun {
		r.res.State = RunDryRun
		if err != nil {
			r.res.State = RunRefused
			r.blame(err)
		}
		return r.res
	}
	r.res.State = r.judge()
	if err != nil {
		r.blame(err)
		r.res.State = r.fail(rest, err)
	}
	r.startSearch(rest)
	r.compareSecurity(rest)
	if e := r.journal(rest, Entry{Event: EventRunEnd, State: r.res.State, Text: strings.Join(r.res.Because, "; "), After: r.res.Warnings}); e != nil {
		r.res.Warnings = append(r.res.Warnings, e.Error())
	}
	return r.res
}

// fail undoes what was done, and gives the state of the run.
func (r *run) fail(ctx context.Context, err error) State {
	changed := slices.ContainsFunc(r.ops, func(o *Op) bool { return o.changes() && !o.Undone })
	closed := slices.ContainsFunc(r.ops, func(o *Op) bool { return o.Name == OpClose })
	if closed {
		r.res.Next = append(r.res.Next, "programs were closed; start them again")
	}
	switch {
	case r.mayWait(err, changed):
		r.res.Remedies = append(r.res.Remedies, "oxtail apply --resume goes on; oxtail apply --resume --roll-back takes everything back")
		return RunPartly
	case changed && r.undo(ctx):
		return RunUndone
	case changed:
		return RunPartly
	case isRefusal(err), errors.Is(err, context.Canceled):
		return RunRefused
	}
	return RunUndone
}

// mayWait reports whether a run that was refused a step stays half done until it is
// resumed: nothing of a profile is missing by our doing, a person is needed, and there is
// a way on and a way back.
func (r *run) mayWait(err error, changed bool) bool {
	if !isRefusal(err) || errors.Is(err, ErrStale) {
		return false
	}
	return r.plan.Kind == actions.PlanManualProfile || r.plan.Kind == actions.PlanSupportFiles && changed
}

// judge gives the state of a run whose steps have all ended.
func (r *run) judge() State {
	state := RunDone
	for _, s := range r.res.Steps {
		r.res.Warnings = append(r.res.Warnings, s.Warnings...)
		waits := s.State == StepByHand && r.plan.Kind != actions.PlanRecreateService && workerOf(&actions.Step{ID: s.ID}) != nil
		if s.State == StepWarned || waits {
			state = RunWarnings
		}
	}
	if state == RunWarnings && len(r.res.Warnings) == 0 {
		r.res.Warnings = append(r.res.Warnings, "not verified yet: a step is left to a person")
	}
	return state
}

// compareSecurity tells when the access list of the profiles has changed meanwhile.
func (r *run) compareSecurity(ctx context.Context) {
	for _, root := range r.roots() {
		was, known := r.security[root]
		if !known {
			continue
		}
		now, err := r.m.KeySecurity(ctx, root)
		switch {
		case err != nil:
			r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("the access list of HKCU\\%s cannot be read any more: %v", root, err))
		case now != was:
			r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("the access list of HKCU\\%s has changed: it was %s, it is %s", root, was, now))
		}
		if (err != nil || now != was) && r.res.State == RunDone {
			r.res.State = RunWarnings
		}
	}
}

// copyAll copies until the end or until ctx does.
func copyAll(ctx context.Context, out io.Writer, in io.Reader) (int64, error) {
	return io.Copy(out, readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return in.Read(p)
	}))
}

// A readerFunc is a function that reads.
type readerFunc func([]byte) (int, error)

// Read calls the function.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
