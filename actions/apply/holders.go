package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"oxtail/actions"
)

// outlookProgram is the program that owns the profiles.
const outlookProgram = "OUTLOOK.EXE"

// isIndexer knows the programs of Windows Search, which are not closed but asked to
// leave by stopping their service.
func isIndexer(name string) bool {
	return slices.ContainsFunc([]string{"SearchProtocolHost.exe", "SearchFilterHost.exe", "SearchIndexer.exe"}, func(n string) bool { return strings.EqualFold(n, name) })
}

// processNames names programs for people.
func processNames(list []Process) string {
	var out []string
	for _, p := range list {
		text := fmt.Sprintf("%s (%d)", p.Name, p.ID)
		if len(p.Why) > 0 {
			text += " " + strings.Join(p.Why, ", ")
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// holderNames names the holders of a file, or says that they are not known.
func holderNames(list []Process) string {
	if len(list) == 0 {
		return "a program that could not be found out"
	}
	return processNames(list)
}

// ownSession leaves out the programs of other sessions.
func (r *run) ownSession(list []Process) []Process {
	return slices.DeleteFunc(slices.Clone(list), func(p Process) bool { return p.Session != r.who.Session })
}

func (r *run) tellClose(ctx context.Context, s *actions.Step) ([]string, error) {
	list, err := r.toClose(ctx, s.ID == "close-outlook")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return []string{"nothing to close"}, nil
	}
	return []string{"would ask to close: " + processNames(list)}, nil
}

// toClose lists the programs of a closing step.
func (r *run) toClose(ctx context.Context, outlook bool) ([]Process, error) {
	if outlook {
		list, err := r.m.Running(ctx, outlookProgram)
		if err != nil {
			return nil, fmt.Errorf("look for Outlook: %w", err)
		}
		return r.ownSession(list), nil
	}
	h, err := r.m.Holders(ctx, r.cacheNames())
	if err != nil {
		return nil, fmt.Errorf("look who uses the profile: %w", err)
	}
	list := h.Processes
	indexers, err := r.m.Running(ctx, "SearchProtocolHost.exe", "SearchFilterHost.exe")
	if err != nil {
		return nil, fmt.Errorf("look for the search indexer: %w", err)
	}
	for _, p := range indexers {
		if !slices.ContainsFunc(list, func(x Process) bool { return x.ID == p.ID }) {
			list = append(list, p)
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(p Process) bool { return strings.EqualFold(p.Name, outlookProgram) }), nil
}

func (r *run) closeOutlook(ctx context.Context, _ *actions.Step) (outcome, error) {
	list, err := r.toClose(ctx, true)
	if err != nil {
		return outcome{}, err
	}
	if len(list) == 0 {
		return done("Outlook does not run"), nil
	}
	if err := r.confirm(ctx, "Close Outlook now?", "it works on the profile; save what is open in it first"); err != nil {
		return outcome{}, err
	}
	for _, p := range list {
		if err := r.closeProcess(ctx, p); err != nil {
			return outcome{}, err
		}
	}
	return done("closed: " + processNames(list)), nil
}

// closeOthers closes what else uses the profile, and makes sure that the files are free.
func (r *run) closeOthers(ctx context.Context, _ *actions.Step) (outcome, error) {
	list, err := r.toClose(ctx, false)
	if err != nil {
		return outcome{}, err
	}
	out := done()
	var programs, indexers []Process
	for _, p := range list {
		if isIndexer(p.Name) {
			indexers = append(indexers, p)
		} else {
			programs = append(programs, p)
		}
	}
	if err := r.closePrograms(ctx, programs, &out); err != nil {
		return outcome{}, err
	}
	if len(indexers) > 0 {
		if err := r.dismissIndexer(ctx, &out); err != nil {
			return outcome{}, err
		}
	}
	unexamined, err := r.freeFiles(ctx)
	if err != nil {
		return outcome{}, err
	}
	out.facts = append(out.facts, "no program has the cache files open: each was opened for oneself")
	for _, text := range unexamined {
		out.facts = append(out.facts, "not examined: "+text)
	}
	return out, nil
}

// closePrograms asks the user, then closes programs that use the profile.
func (r *run) closePrograms(ctx context.Context, list []Process, out *outcome) error {
	if len(list) == 0 {
		return nil
	}
	for _, p := range list {
		if p.Session != r.who.Session {
			return refuse("end it there, or log that session off", "%s (%d) of session %d uses the profile; programs of other sessions are not touched", p.Name, p.ID, p.Session)
		}
	}
	if err := r.confirm(ctx, "Close these programs now: "+processNames(list)+"?", "they use the profile or its files; save what is open in them first"); err != nil {
		return err
	}
	for _, p := range list {
		if err := r.closeProcess(ctx, p); err != nil {
			return err
		}
	}
	out.facts = append(out.facts, "closed: "+processNames(list))
	return nil
}

// closeProcess closes a program: politely, then through Restart Manager, and by force
// only when the user has named it.
func (r *run) closeProcess(ctx context.Context, p Process) error {
	ways := []struct {
		how   How
		limit time.Duration
	}{{CloseQuit, r.o.Patience.Quit}, {CloseRestart, r.o.Patience.Restart}}
	if slices.ContainsFunc(r.o.Terminate, func(name string) bool { return strings.EqualFold(name, p.Name) }) {
		ways = append(ways, struct {
			how   How
			limit time.Duration
		}{CloseTerminate, r.o.Patience.Terminate})
	}
	var last error
	for _, way := range ways {
		process := p
		last = r.do(ctx, &Op{Name: OpClose, Process: &process, How: way.how.String()}, func(ctx context.Context) error { return r.m.Close(ctx, p, way.how) })
		if errors.Is(last, ErrOtherProcess) {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		gone, err := r.waitFor(ctx, "waiting for "+p.Name+" to end", way.limit, func() (bool, error) { return r.isGone(ctx, p) })
		if gone || err != nil {
			return err
		}
	}
	remedy := "close it yourself and try again; --terminate " + p.Name + " ends it by force, and what it has not saved is lost; or log off and on"
	if last != nil {
		return &refusal{fmt.Sprintf("%s does not close: %v", processNames([]Process{p}), last), remedy, last}
	}
	return refuse(remedy, "asked to close, it still runs: %s", processNames([]Process{p}))
}

// isGone reports whether a process has ended; another one may have its number.
func (r *run) isGone(ctx context.Context, p Process) (bool, error) {
	running, err := r.m.Running(ctx, p.Name)
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", p.Name, err)
	}
	return !slices.ContainsFunc(running, func(x Process) bool { return x.ID == p.ID && x.Started.Equal(p.Started) }), nil
}

// dismissIndexer waits for the search indexer to let go, and stops its service if it
// does not. The service is started again at the end of the run in any case.
func (r *run) dismissIndexer(ctx context.Context, out *outcome) error {
	noIndexer := func() (bool, error) {
		list, err := r.toClose(ctx, false)
		return !slices.ContainsFunc(list, func(p Process) bool { return isIndexer(p.Name) }), err
	}
	limit := r.o.Patience.Idle
	if r.who.Elevated {
		limit /= 4 // there is another way
	}
	idle, err := r.waitFor(ctx, "waiting for Windows Search to leave the profile", limit, noIndexer)
	if err != nil {
		return err
	}
	if idle {
		out.facts = append(out.facts, "Windows Search has left the profile by itself")
		return nil
	}
	if !r.who.Elevated {
		return refuse("wait until it is idle, or run oxtail as an administrator of the same name, or log off and on", "Windows Search uses the profile and does not let go; stopping its service needs an administrator")
	}
	op := &Op{Name: OpStopSearch}
	err = r.do(ctx, op, func(ctx context.Context) error {
		var err error
		op.Ran, err = r.m.StopSearch(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("stop Windows Search: %w", err)
	}
	gone, err := r.waitFor(ctx, "waiting for Windows Search to end", r.o.Patience.Quit, noIndexer)
	if err != nil {
		return err
	}
	if !gone {
		return refuse("log off and on, then try again", "the service of Windows Search was stopped, but its programs still run")
	}
	out.facts = append(out.facts, "the service WSearch was stopped; it is started again at the end")
	return nil
}

// freeFiles demands that every cache file can be had for oneself.
func (r *run) freeFiles(ctx context.Context) (unexamined []string, err error) {
	var names []string
	files, err := r.caches(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range files {
		if c.Exists {
			names = append(names, c.Path)
		}
	}
	h, err := r.m.Holders(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("look who uses the profile: %w", err)
	}
	for _, name := range names {
		switch h.Files[name] {
		case FileFree, FileMissing:
		case FileHeld:
			return nil, refuse("close it; or log off and on, then try again", "%s is held by %s", name, holderNames(h.Processes))
		default:
			return nil, refuse("look at the rights of the file; run oxtail as its owner", "whether %s is in use cannot be found out: %s", name, strings.Join(h.Unexamined, "; "))
		}
	}
	if left := r.ownSession(h.Processes); len(left) > 0 {
		return nil, refuse("close it; or log off and on, then try again", "still uses the profile: %s", processNames(left))
	}
	return h.Unexamined, nil
}

// searchStopped reports whether this run, or the one that it resumes, has stopped Windows
// Search and not started it again.
func (r *run) searchStopped() bool {
	stopped := false
	for _, o := range r.ops {
		switch o.Name {
		case OpStopSearch:
			stopped = o.Ran || !o.Ended
		case OpStartSearch:
			stopped = stopped && !o.Ended
		}
	}
	return stopped
}

// startSearch starts Windows Search again, whatever has happened meanwhile.
func (r *run) startSearch(ctx context.Context) {
	if !r.searchStopped() {
		return
	}
	r.step = ""
	op := &Op{Name: OpStartSearch}
	if err := r.do(context.WithoutCancel(ctx), op, r.m.StartSearch); err != nil {
		r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("Windows Search could not be started again (%v): start the service WSearch", err))
	}
}
