package apply

import (
	"context"
	"fmt"
	"slices"

	"oxtail/actions"
)

// openRuns lists the runs that have begun and not ended, or ended with something left to
// do, in order.
func openRuns(entries []Entry) []string {
	var open []string
	for _, e := range entries {
		switch e.Event {
		case EventRunBegin, EventResume:
			if !slices.Contains(open, e.Run) {
				open = append(open, e.Run)
			}
		case EventRunEnd:
			if e.State != RunPartly {
				open = slices.DeleteFunc(open, func(run string) bool { return run == e.Run })
			}
		}
	}
	return open
}

// OpenRun gives the id and plan of the last run that is not finished, or of the run id.
func OpenRun(entries []Entry, id string) (string, *actions.Plan, error) {
	open := openRuns(entries)
	if len(open) == 0 {
		return "", nil, refuse("", "every run in the journal is finished; there is nothing to resume")
	}
	if id == "" {
		id = open[len(open)-1]
	}
	if !slices.Contains(open, id) {
		return "", nil, refuse("unfinished: "+fmt.Sprint(open), "run %s is not unfinished", id)
	}
	for _, e := range entries {
		if e.Run == id && e.Event == EventRunBegin && e.Plan != nil {
			return id, e.Plan, nil
		}
	}
	return "", nil, fmt.Errorf("the journal does not hold the plan of run %s", id)
}

// Resume goes on with a run that was broken off, the last one when id is empty, or takes
// it back.
func (e *Engine) Resume(ctx context.Context, id string, rollBack bool) (*Result, error) {
	check, err := CheckJournal(ctx, e.m)
	if err != nil {
		return nil, err
	}
	if !check.Sound() {
		return nil, &refusal{ErrTampered.Error() + ": " + check.Faults[0], "look at oxtail journal; what the backup holds can be put back with oxtail apply --undo", ErrTampered}
	}
	id, plan, err := OpenRun(check.Entries, id)
	if err != nil {
		return nil, err
	}
	r, err := e.newRun(ctx, *plan)
	if err != nil {
		return nil, err
	}
	r.res.Run, r.resumed = id, true
	if err := r.recall(ctx, check.Entries); err != nil {
		return nil, err
	}
	for _, gate := range []func(*run, context.Context) (string, error){(*run).gateSeal, (*run).gateComputer, (*run).gateOwner} {
		if _, err := gate(r, ctx); err != nil {
			return r.refused(err), nil
		}
	}
	if err := r.openJournal(ctx); err != nil {
		return r.refused(err), nil
	}
	if err := r.journal(ctx, Entry{Event: EventResume, Text: map[bool]string{true: "roll back", false: "go on"}[rollBack]}); err != nil {
		return r.refused(err), nil
	}
	if rollBack {
		return r.takeBack(ctx), nil
	}
	return r.finish(ctx, r.steps(ctx)), nil
}

// takeBack undoes a run as a whole.
func (r *run) takeBack(ctx context.Context) *Result {
	rest := context.WithoutCancel(ctx)
	r.res.Because = append(r.res.Because, "taken back as the user wished")
	r.notReached(0)
	r.res.State = RunUndone
	if err := r.freeForUndo(ctx); err != nil {
		r.blame(err)
		r.res.State = RunPartly
	} else if !r.undo(rest) {
		r.res.State = RunPartly
	}
	r.startSearch(rest)
	if err := r.journal(rest, Entry{Event: EventRunEnd, State: r.res.State, Text: "taken back", After: r.res.Warnings}); err != nil {
		r.res.Warnings = append(r.res.Warnings, err.Error())
	}
	return r.res
}

// freeForUndo closes what uses the profile before anything is put back.
func (r *run) freeForUndo(ctx context.Context) error {
	r.step = ""
	if _, err := r.closeOutlook(ctx, nil); err != nil {
		return err
	}
	_, err := r.closeOthers(ctx, nil)
	return err
}

// recall puts together from the journal what a run has done so far.
func (r *run) recall(ctx context.Context, entries []Entry) error {
	for i := range entries {
		e := &entries[i]
		if e.Run != r.res.Run {
			continue
		}
		switch e.Event {
		case EventRunBegin:
			r.recallBegin(e)
		case EventStepEnd:
			r.ended[e.Step] = StepResult{ID: e.Step, State: e.State, Facts: e.After, Error: e.Error}
			if e.State == StepWarned && e.Text != "" {
				s := r.ended[e.Step]
				s.Warnings = []string{e.Text}
				r.ended[e.Step] = s
			}
		case EventOpBegin, EventOpEnd, EventUndo:
			r.recallOp(e)
		}
	}
	return r.recallBackup(ctx)
}

// recallBegin takes the choices of the user; those of the command line add to them.
func (r *run) recallBegin(e *Entry) {
	if e.Choices != nil {
		given := r.o.Choices
		r.o.Choices = *e.Choices
		r.o.Terminate = append(slices.Clone(e.Choices.Terminate), given.Terminate...)
		r.o.Consent = r.o.Consent || given.Consent
		r.o.Start, r.o.SendAll = r.o.Start || given.Start, r.o.SendAll || given.SendAll
	}
	r.res.Mode = r.o.Mode
	if saved, ok := e.Values["security"].(map[string]any); ok {
		for key, sddl := range saved {
			r.security[key] = fmt.Sprint(sddl)
		}
	}
}

// recallOp takes an operation, or what became of it.
func (r *run) recallOp(e *Entry) {
	if e.Op == nil {
		return
	}
	switch e.Event {
	case EventOpBegin:
		op := *e.Op
		op.step, op.Begun = e.Step, true
		r.ops = append(r.ops, &op)
	case EventOpEnd:
		for i := len(r.ops) - 1; i >= 0; i-- {
			if op := r.ops[i]; op.step == e.Step && op.Name == e.Op.Name && op.From == e.Op.From && !op.Ended {
				known := op.step
				*op = *e.Op
				op.step, op.Begun, op.Ended = known, true, e.Error == ""
				return
			}
		}
	case EventUndo:
		for _, op := range r.ops {
			if op.step == e.Step && op.Name == e.Op.Name && op.From == e.Op.From && op.UID == e.Op.UID {
				op.Undone = e.State == StepUndone
			}
		}
	}
}

// recallBackup opens the backup of the run, and the state of before that it holds.
func (r *run) recallBackup(ctx context.Context) error {
	for _, op := range r.ops {
		if op.Name != OpBackUp || !op.Ended {
			continue
		}
		list, err := ReadManifest(ctx, r.m, op.Backup)
		if err != nil {
			return err
		}
		if err := compareFile(ctx, r.m, list.Folder+`\`+manifestName, op.SHA256); err != nil {
			return &refusal{"the backup is not what was written: " + err.Error(), "look at oxtail backup verify; put back by hand what is sound", err}
		}
		r.backup, r.res.Backup, r.res.BackupID = list, list.Folder, list.ID
	}
	if r.backup == nil {
		return nil
	}
	for _, s := range r.backup.Saved {
		if s.Kind == SavedCache || s.Kind == SavedMetadata {
			r.res.Before = append(r.res.Before, CacheInfo{Path: s.Original, Exists: true, Bytes: s.Bytes, Modified: s.Modified, Head: r.savedHead(ctx, s)})
		}
	}
	if list, err := r.savedProperties(ctx); err == nil {
		r.res.PropsBefore = redacted(list)
	}
	for _, op := range r.ops {
		if op.Name == OpCreate && op.Ended && !op.Undone {
			r.res.OldUID, r.res.NewUID = r.plan.Target.ServiceUID, op.UID
		}
	}
	return nil
}

// savedHead is the checksum of the first bytes of a saved file.
func (r *run) savedHead(ctx context.Context, s Saved) string {
	if s.Kind == SavedMetadata {
		return s.SHA256
	}
	head, err := headSum(ctx, r.m, r.backup.Folder+`\`+s.File)
	if err != nil {
		return "" // then the file of now is taken for the old one, which is the safe error
	}
	return head
}

// Undo puts back what a finished run has changed, by the id of the run or its backup.
func (e *Engine) Undo(ctx context.Context, id string) (*Result, error) {
	check, err := CheckJournal(ctx, e.m)
	if err != nil {
		return nil, err
	}
	if !check.Sound() {
		return nil, &refusal{ErrTampered.Error() + ": " + check.Faults[0], "put the files and .reg of the backup back by hand", ErrTampered}
	}
	var begin *Entry
	for i := range check.Entries {
		x := &check.Entries[i]
		isRun := x.Run == id || x.Op != nil && x.Op.Name == OpBackUp && x.Op.Backup == id
		if isRun {
			at := slices.IndexFunc(check.Entries, func(y Entry) bool { return y.Run == x.Run && y.Event == EventRunBegin })
			if at >= 0 {
				begin = &check.Entries[at]
			}
			break
		}
	}
	if begin == nil || begin.Plan == nil {
		return nil, refuse("oxtail journal and oxtail backup list show them", "no run and no backup is %s", id)
	}
	r, err := e.newRun(ctx, *begin.Plan)
	if err != nil {
		return nil, err
	}
	r.res.Run, r.resumed = begin.Run, true
	if err := r.recall(ctx, check.Entries); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(r.ops, func(o *Op) bool { return o.changes() && !o.Undone }) {
		return r.refused(refuse("", "run %s has changed nothing that is not undone already", begin.Run)), nil
	}
	return r.undoAsked(ctx), nil
}

// undoAsked checks, asks and undoes.
func (r *run) undoAsked(ctx context.Context) *Result {
	for _, gate := range []func(*run, context.Context) (string, error){(*run).gateComputer, (*run).gateOwner, (*run).gateKey} {
		if _, err := gate(r, ctx); err != nil {
			return r.refused(err)
		}
	}
	r.asked = true
	why := "what was changed in the profile since then is taken back, too; it is kept beside the backup"
	if err := r.confirm(ctx, "Put everything back as it was before run "+r.res.Run+"?", why); err != nil {
		return r.refused(err)
	}
	if err := r.openJournal(ctx); err != nil {
		return r.refused(err)
	}
	if err := r.journal(ctx, Entry{Event: EventResume, Text: "undo"}); err != nil {
		return r.refused(err)
	}
	res := r.takeBack(ctx)
	if res.State == RunUndone {
		res.Because = []string{"put back as it was before run " + res.Run}
	}
	return res
}
