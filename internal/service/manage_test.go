package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A host is a system whose programs answer as the test says.
type host struct {
	ran  []string
	says func(command string) error
}

func (h *host) run(_ context.Context, command []string) (string, error) {
	line := strings.Join(append([]string{filepath.Base(strings.ReplaceAll(command[0], `\`, "/"))}, command[1:]...), " ")
	h.ran = append(h.ran, line)
	if h.says != nil {
		return "", h.says(line)
	}
	return "", nil
}

// took returns what was run since the last call.
func (h *host) took() string {
	out := strings.Join(h.ran, "; ")
	h.ran = nil
	return out
}

// TestSystemd: install, update, again, start, stop, uninstall, again; in this order.
func TestSystemd(t *testing.T) {
	h := &host{}
	d := &Systemd{Folder: filepath.Join(t.TempDir(), "systemd", "user"), Systemctl: "/usr/bin/systemctl", Run: h.run}
	ctx := t.Context()
	s := linuxSpec()
	changed := linuxSpec()
	changed.Args = []string{"watch", "other"}
	for i, step := range []struct {
		do   func() (Outcome, error)
		want Change
		ran  string
	}{
		{func() (Outcome, error) { return d.Uninstall(ctx, s.Name) }, Absent, ""},
		{func() (Outcome, error) { return d.Install(ctx, s, false) }, Created, "systemctl --user daemon-reload; systemctl --user enable oxtail-watch.service"},
		{func() (Outcome, error) { return d.Install(ctx, s, false) }, Unchanged, "systemctl --user enable oxtail-watch.service"},
		{func() (Outcome, error) { return d.Install(ctx, changed, true) }, Updated, "systemctl --user daemon-reload; systemctl --user enable oxtail-watch.service; systemctl --user restart oxtail-watch.service"},
		{func() (Outcome, error) { return d.Start(ctx, s.Name) }, Started, "systemctl --user start oxtail-watch.service"},
		{func() (Outcome, error) { return d.Stop(ctx, s.Name) }, Stopped, "systemctl --user stop oxtail-watch.service"},
		{func() (Outcome, error) { return d.Uninstall(ctx, s.Name) }, Removed, "systemctl --user disable --now oxtail-watch.service; systemctl --user daemon-reload"},
		{func() (Outcome, error) { return d.Uninstall(ctx, s.Name) }, Absent, ""},
	} {
		o, err := step.do()
		if ran := h.took(); err != nil || o.Change != step.want || ran != step.ran {
			t.Errorf("step %d: %q, error %v, ran %q; want %q, %q", i, o.Change, err, ran, step.want, step.ran)
		}
	}
	if _, err := d.Start(ctx, s.Name); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("start of what is not there: %v; want ErrNotInstalled", err)
	}
	for system, mode := range map[bool]os.FileMode{false: 0o600, true: 0o644} {
		d.System = system
		if _, err := d.Install(ctx, s, false); err != nil || strings.Contains(h.took(), "--user") == system {
			t.Errorf("system %v: error %v, or a wrong manager", system, err)
		}
		info, err := os.Stat(d.file(s.Name))
		if err != nil || info.Mode().Perm() != mode && os.PathSeparator == '/' {
			t.Errorf("system %v: unit file %v, %v; want mode %o", system, info.Mode(), err, mode)
		}
		if err := os.Remove(d.file(s.Name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSystemdMissing: without systemctl the unit is written and the rest is named; with
// one that fails, the error and what is left.
func TestSystemdMissing(t *testing.T) {
	h := &host{}
	d := &Systemd{Folder: t.TempDir(), Run: h.run}
	s := linuxSpec()
	o, err := d.Install(t.Context(), s, true)
	if err != nil || o.Change != Created || len(o.ToRun) != 3 || Line(o.ToRun[2]) != "systemctl --user restart oxtail-watch.service" || len(h.ran) != 0 {
		t.Errorf("install: %+v, error %v, ran %q; want three commands to run", o, err, h.ran)
	}
	if o, err = d.Start(t.Context(), s.Name); err != nil || o.Change != "" || len(o.ToRun) != 1 {
		t.Errorf("start: %+v, error %v; want one command to run", o, err)
	}
	if o, err = d.Uninstall(t.Context(), s.Name); err != nil || o.Change != Removed || len(o.ToRun) != 1 {
		t.Errorf("uninstall: %+v, error %v; want removed, one command to run", o, err)
	}

	d.Systemctl = "systemctl"
	h.says = func(string) error { return &errAnswer{[]string{"systemctl"}, 1, "Failed to connect to bus"} }
	o, err = d.Install(t.Context(), s, false)
	if err == nil || !strings.Contains(err.Error(), "Failed to connect to bus") || len(o.ToRun) != 2 || o.Path == "" {
		t.Errorf("install without a bus: %+v, error %v; want the file, the error, two commands", o, err)
	}
	if o, err = d.Uninstall(t.Context(), s.Name); err == nil || o.Change != "" {
		t.Errorf("uninstall without a bus: %+v, error %v; want an error, nothing removed", o, err)
	}
	if gone, _ := isGone(d.file(s.Name)); gone {
		t.Error("the unit was removed while the watch may run")
	}
}

// TestTasks: the same life, with schtasks.
func TestTasks(t *testing.T) {
	there, runs := false, false
	h := &host{}
	h.says = func(command string) error {
		switch {
		case strings.Contains(command, "/Query") && !there:
			return &errAnswer{[]string{"schtasks"}, 1, "ERROR: The system cannot find the file specified."}
		case strings.Contains(command, "/Create"):
			there = true
		case strings.Contains(command, "/Delete"):
			there = false
		case strings.Contains(command, "/Run"):
			runs = true
		}
		return nil
	}
	ask := func(context.Context, string) (bool, error) {
		was := runs
		runs = false
		return was, nil
	}
	tasks := &Tasks{Schtasks: `C:\Windows\System32\schtasks.exe`, Run: h.run, Ask: ask}
	s := windowsSpec()
	s.State = filepath.Join(t.TempDir(), "state")
	name, file := s.Name, filepath.Join(s.State, s.Name+".task.xml")
	on, off := "schtasks.exe /Change /TN "+name+" /ENABLE", "schtasks.exe /Change /TN "+name+" /DISABLE"
	end := "schtasks.exe /End /TN " + name
	query, create := "schtasks.exe /Query /TN "+name, "schtasks.exe /Create /TN "+name+" /XML "+file+" /F"
	ctx := t.Context()
	for i, step := range []struct {
		do   func() (Outcome, error)
		want Change
		ran  string
	}{
		{func() (Outcome, error) { return tasks.Uninstall(ctx, name) }, Absent, query},
		{func() (Outcome, error) { return tasks.Install(ctx, s, false) }, Created, query + "; " + create},
		{func() (Outcome, error) { return tasks.Stop(ctx, name) }, Idle, query + "; " + off + "; " + end},
		{func() (Outcome, error) { return tasks.Install(ctx, s, true) }, Updated, query + "; " + end + "; " + create + "; schtasks.exe /Run /TN " + name},
		{func() (Outcome, error) { return tasks.Stop(ctx, name) }, Stopped, query + "; " + off},
		{func() (Outcome, error) { return tasks.Start(ctx, name) }, Started, query + "; " + on + "; schtasks.exe /Run /TN " + name},
		{func() (Outcome, error) { return tasks.Uninstall(ctx, name) }, Removed, query + "; schtasks.exe /Delete /TN " + name + " /F"},
	} {
		o, err := step.do()
		if ran := h.took(); err != nil || o.Change != step.want || ran != step.ran {
			t.Errorf("step %d: %q, error %v, ran %q; want %q, %q", i, o.Change, err, ran, step.want, step.ran)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(data), "\xff\xfe<\x00?\x00x\x00") {
		t.Errorf("task file: error %v, begins % x; want UTF-16 with its mark", err, data[:min(len(data), 8)])
	}
	if _, err := tasks.Start(ctx, name); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("start of what is not there: %v; want ErrNotInstalled", err)
	}
	there = true
	tasks.Ask = func(context.Context, string) (bool, error) { return true, context.DeadlineExceeded }
	h.took()
	if o, err := tasks.Stop(ctx, name); err != nil || o.Change != Stopped || len(o.Notes) != 1 || !strings.HasSuffix(h.took(), "/End /TN "+name) {
		t.Errorf("stop of one that hangs: %+v, error %v; want it ended, with a note", o, err)
	}
	h.says = func(string) error { return errors.New("no such program") }
	if _, err := tasks.Install(ctx, s, false); err == nil {
		t.Error("a scheduler that cannot be run was taken for one without the task")
	}
}

// TestLog: lines have their time; a log that grew is put aside, one older is kept.
func TestLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "service.log")
	now := func() time.Time { return time.Date(2026, 3, 5, 10, 14, 3, 0, time.UTC) }
	if err := os.WriteFile(path, make([]byte, maxLog), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := OpenLog(path, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"oxtail: one\n", "oxtail: two\n"} {
		if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("Write = %d, %v; want %d", n, err, len(line))
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "2026-03-05 10:14:03 oxtail: one\n2026-03-05 10:14:03 oxtail: two\n"; string(got) != want || err != nil {
		t.Errorf("log %q, %v; want %q", got, err, want)
	}
	if info, err := os.Stat(path + ".old"); err != nil || info.Size() != maxLog {
		t.Errorf("older log: %v, %v; want %d bytes", info, err, maxLog)
	}
}

// TestRun: exit codes, output and a program that is not there.
func TestRun(t *testing.T) {
	tool := Find("go")
	if tool == "" {
		t.Skip("there is no program to run: go is not in the path")
	}
	if said, err := Run(t.Context(), []string{tool, "env", "GOVERSION"}); err != nil || !strings.HasPrefix(said, "go1.") {
		t.Errorf("Run(go env) = %q, %v", said, err)
	}
	var no *errAnswer
	if _, err := Run(t.Context(), []string{tool, "no-such-command"}); !errors.As(err, &no) || no.code != 2 || !strings.Contains(err.Error(), "unknown command") {
		t.Errorf("error %v; want exit code 2 with what it said", err)
	}
	if _, err := Run(t.Context(), []string{filepath.Join(t.TempDir(), "none")}); err == nil || errors.As(err, &no) {
		t.Errorf("error %v; want one of starting", err)
	}
	if Find("no-such-program-here") != "" {
		t.Error("found a program that is not there")
	}
}

// TestLine: commands are shown so that they can be typed.
func TestLine(t *testing.T) {
	got := Line([]string{"systemctl", "--user", "it's here", "", `C:\Windows\System32\x.exe`})
	if want := `systemctl --user 'it'\''s here' '' C:\Windows\System32\x.exe`; got != want {
		t.Errorf("Line = %s; want %s", got, want)
	}
}
