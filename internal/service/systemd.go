package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Manager registers watches with one of the systems that keep programs running.
type Manager interface {
	// Describe shows what would be registered, without doing anything.
	Describe(Spec) (string, error)

	// Install registers a watch, or brings one up to date, and starts it if now is set.
	Install(ctx context.Context, s Spec, now bool) (Outcome, error)

	// Uninstall stops a watch and takes its registration away. Its state stays.
	Uninstall(ctx context.Context, name string) (Outcome, error)

	// Start and Stop do what they say, once.
	Start(ctx context.Context, name string) (Outcome, error)
	Stop(ctx context.Context, name string) (Outcome, error)
}

// ErrNotInstalled says that there is nothing to start.
var ErrNotInstalled = errors.New("is not installed")

// Systemd registers units. Where systemctl is missing, the unit is written, and what is
// left to do is named.
type Systemd struct {
	System    bool   // for the computer, not for one user
	Folder    string // of units
	Systemctl string // path, empty if there is none
	Run       Runner
}

var _ Manager = (*Systemd)(nil)

func (d *Systemd) what(name string) string {
	if d.System {
		return string(SystemUnit) + " " + name + ".service"
	}
	return string(UserUnit) + " " + name + ".service"
}

func (d *Systemd) file(name string) string { return filepath.Join(d.Folder, name+".service") }

// ctl is a command of systemctl.
func (d *Systemd) ctl(args ...string) []string {
	program := d.Systemctl
	if program == "" {
		program = "systemctl"
	}
	if !d.System {
		return append([]string{program, "--user"}, args...)
	}
	return append([]string{program}, args...)
}

// all runs commands until one fails; what was not run is left to the user.
func (d *Systemd) all(ctx context.Context, o *Outcome, commands ...[]string) error {
	for i, c := range commands {
		if d.Systemctl == "" {
			o.ToRun = append(o.ToRun, commands[i:]...)
			o.Notes = append(o.Notes, "there is no systemctl here: run the commands where systemd runs")
			return nil
		}
		if _, err := d.Run(ctx, c); err != nil {
			o.ToRun = append(o.ToRun, commands[i:]...)
			if !d.System {
				o.Notes = append(o.Notes, "systemctl --user needs a session of the user: it has none under sudo, su and in containers; a unit of the computer (--system) needs none")
			}
			return err
		}
		o.Ran = append(o.Ran, c)
	}
	return nil
}

// Describe implements Manager.
func (d *Systemd) Describe(s Spec) (string, error) { return Unit(s, d.System) }

// Install implements Manager.
func (d *Systemd) Install(ctx context.Context, s Spec, now bool) (Outcome, error) {
	text, err := Unit(s, d.System)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{What: d.what(s.Name), Path: d.file(s.Name), Change: Created}
	before, err := os.ReadFile(o.Path)
	switch {
	case err == nil && bytes.Equal(before, []byte(text)):
		o.Change = Unchanged
	case err == nil:
		o.Change = Updated
	case !errors.Is(err, fs.ErrNotExist):
		return Outcome{}, err
	}
	var commands [][]string
	if o.Change != Unchanged {
		if err := writeWhole(o.Path, []byte(text), d.mode()); err != nil {
			return Outcome{}, err
		}
		commands = append(commands, d.ctl("daemon-reload"))
	}
	commands = append(commands, d.ctl("enable", s.Name+".service"))
	switch {
	case now:
		commands = append(commands, d.ctl("restart", s.Name+".service"))
	case o.Change == Updated:
		o.Notes = append(o.Notes, "a watch that runs goes on as it was until it is stopped and started")
	}
	if !d.System {
		o.Notes = append(o.Notes, "it runs while you are logged in; with loginctl enable-linger it runs from the start of the computer on")
	}
	return o, d.all(ctx, &o, commands...)
}

// Uninstall implements Manager.
func (d *Systemd) Uninstall(ctx context.Context, name string) (Outcome, error) {
	o := Outcome{What: d.what(name), Path: d.file(name), Change: Removed}
	if gone, err := isGone(o.Path); err != nil {
		return Outcome{}, err
	} else if gone {
		return Outcome{What: o.What, Change: Absent}, nil
	}
	if d.Systemctl != "" {
		if err := d.all(ctx, &o, d.ctl("disable", "--now", name+".service")); err != nil {
			o.Change = ""
			return o, fmt.Errorf("nothing was removed, since it could not be stopped: %w", err)
		}
	}
	if err := os.Remove(o.Path); err != nil {
		return Outcome{}, err
	}
	return o, d.all(ctx, &o, d.ctl("daemon-reload"))
}

// Start implements Manager.
func (d *Systemd) Start(ctx context.Context, name string) (Outcome, error) {
	return d.once(ctx, name, "start", Started)
}

// Stop implements Manager.
func (d *Systemd) Stop(ctx context.Context, name string) (Outcome, error) {
	return d.once(ctx, name, "stop", Stopped)
}

// once starts or stops a unit that is there.
func (d *Systemd) once(ctx context.Context, name, verb string, done Change) (Outcome, error) {
	o := Outcome{What: d.what(name)}
	gone, err := isGone(d.file(name))
	if err != nil {
		return o, err
	}
	if gone {
		return o, fmt.Errorf("%s: %w", o.What, ErrNotInstalled)
	}
	if err := d.all(ctx, &o, d.ctl(verb, name+".service")); err != nil {
		return o, err
	}
	if len(o.Ran) > 0 {
		o.Change = done
	}
	return o, nil
}

// isGone reports whether a file is not there.
func isGone(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

// mode is that of a unit's file: an address of a webhook can hold a token. Units of the
// system can be read by everybody in any case, since systemd shows them.
func (d *Systemd) mode() fs.FileMode {
	if d.System {
		return 0o644
	}
	return 0o600
}

// writeWhole writes a file, whole or not at all, and the folder if need be.
func writeWhole(path string, data []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
