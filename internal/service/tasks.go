package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Tasks registers scheduled tasks through schtasks.exe of the system folder.
type Tasks struct {
	Schtasks string // path
	Run      Runner
	// Ask asks a watch that runs as a task to end, and reports whether there was one.
	// It returns when that has ended, or does not.
	Ask func(ctx context.Context, name string) (bool, error)
}

var _ Manager = (*Tasks)(nil)

func (*Tasks) what(name string) string { return string(UserTask) + ` \` + name }

// Describe implements Manager.
func (*Tasks) Describe(s Spec) (string, error) { return Task(s) }

// there reports whether a task is registered. schtasks answers with 1, in the language
// of the system, whatever is wrong: so what is not found is taken for absent.
func (t *Tasks) there(ctx context.Context, name string) (bool, error) {
	_, err := t.Run(ctx, []string{t.Schtasks, "/Query", "/TN", name})
	var no *errAnswer
	if errors.As(err, &no) {
		return false, nil
	}
	return err == nil, err
}

// Install implements Manager. The XML stays in the state folder, for whoever wants to
// know what was registered.
func (t *Tasks) Install(ctx context.Context, s Spec, now bool) (Outcome, error) {
	text, err := Task(s)
	if err != nil {
		return Outcome{}, err
	}
	there, err := t.there(ctx, s.Name)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{What: t.what(s.Name), Path: filepath.Join(s.State, s.Name+".task.xml"), Change: Created}
	if there {
		o.Change = Updated
	}
	if err := os.MkdirAll(s.State, 0o700); err != nil {
		return Outcome{}, err
	}
	if err := writeWhole(o.Path, utf16File(text), 0o600); err != nil {
		return Outcome{}, err
	}
	commands := [][]string{{t.Schtasks, "/Create", "/TN", s.Name, "/XML", o.Path, "/F"}}
	if now {
		if there {
			if _, err := t.end(ctx, &o, s.Name); err != nil {
				return o, err
			}
		}
		commands = append(commands, []string{t.Schtasks, "/Run", "/TN", s.Name})
	} else if there {
		o.Notes = append(o.Notes, "a watch that runs goes on as it was until it is stopped and started")
	}
	return o, t.all(ctx, &o, commands...)
}

// all runs commands until one fails; what was not run is left to the user.
func (t *Tasks) all(ctx context.Context, o *Outcome, commands ...[]string) error {
	for i, c := range commands {
		if _, err := t.Run(ctx, c); err != nil {
			o.ToRun = append(o.ToRun, commands[i:]...)
			return err
		}
		o.Ran = append(o.Ran, c)
	}
	return nil
}

// Uninstall implements Manager.
func (t *Tasks) Uninstall(ctx context.Context, name string) (Outcome, error) {
	o := Outcome{What: t.what(name), Change: Removed}
	there, err := t.there(ctx, name)
	if err != nil {
		return Outcome{}, err
	}
	if !there {
		o.Change = Absent
		return o, nil
	}
	if _, err := t.end(ctx, &o, name); err != nil {
		return o, err
	}
	return o, t.all(ctx, &o, []string{t.Schtasks, "/Delete", "/TN", name, "/F"})
}

// Start implements Manager.
func (t *Tasks) Start(ctx context.Context, name string) (Outcome, error) {
	o := Outcome{What: t.what(name)}
	there, err := t.there(ctx, name)
	if err != nil {
		return o, err
	}
	if !there {
		return o, fmt.Errorf("%s: %w", o.What, ErrNotInstalled)
	}
	if err := t.all(ctx, &o, []string{t.Schtasks, "/Change", "/TN", name, "/ENABLE"}, []string{t.Schtasks, "/Run", "/TN", name}); err != nil {
		return o, err
	}
	o.Change = Started
	return o, nil
}

// Stop implements Manager. The task is switched off, since it would start again by itself.
func (t *Tasks) Stop(ctx context.Context, name string) (Outcome, error) {
	o := Outcome{What: t.what(name)}
	there, err := t.there(ctx, name)
	if err != nil {
		return o, err
	}
	if !there {
		return o, fmt.Errorf("%s: %w", o.What, ErrNotInstalled)
	}
	if err := t.all(ctx, &o, []string{t.Schtasks, "/Change", "/TN", name, "/DISABLE"}); err != nil {
		return o, err
	}
	ran, err := t.end(ctx, &o, name)
	if err != nil {
		return o, err
	}
	o.Change = Idle
	if ran {
		o.Change = Stopped
	}
	return o, nil
}

// end asks the watch to end, and ends it when it does not: nothing is lost then, but the
// newest records are read again.
func (t *Tasks) end(ctx context.Context, o *Outcome, name string) (ran bool, err error) {
	ran, err = t.Ask(ctx, name)
	if err == nil && !ran {
		// One in another session of the user does not hear us. The answer for a task that
		// does not run differs between versions of Windows, so it is not asked for.
		_, _ = t.Run(ctx, []string{t.Schtasks, "/End", "/TN", name})
		return false, nil
	}
	if err == nil {
		return true, nil
	}
	o.Notes = append(o.Notes, "it did not end when it was asked to ("+err.Error()+"), so the task was ended")
	return true, t.all(ctx, o, []string{t.Schtasks, "/End", "/TN", name})
}
