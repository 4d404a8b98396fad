package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// run runs the program in this process.
func run(t *testing.T, change func(*Process), args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := Process{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC) },
	}
	if change != nil {
		change(&p)
	}
	code = Main(p)
	return code, out.String(), errs.String()
}

const badLine = "2026-03-05 08:00:02.000: ERROR sync engine: UUID {8F3E0C1A-5D2B-4A77-9C31-2B6F0A9D41E7} already in use\n"

func badLog(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "bad.log")
	if err := os.WriteFile(name, []byte(badLine), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestColourOnTerminalOnly(t *testing.T) {
	log := badLog(t)
	for _, c := range []struct {
		name     string
		terminal bool
		env      map[string]string
		args     []string
		coloured bool
	}{
		{"terminal", true, nil, nil, true},
		{"file or pipe", false, nil, nil, false},
		{"NO_COLOR", true, map[string]string{"NO_COLOR": "1"}, nil, false},
		{"dumb terminal", true, map[string]string{"TERM": "dumb"}, nil, false},
		{"JSON", true, nil, []string{"--format", "json"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, _ := run(t, func(p *Process) {
				p.StdoutTerminal = c.terminal
				p.Getenv = func(name string) string { return c.env[name] }
			}, append([]string{"scan", log}, c.args...)...)
			if got := strings.Contains(stdout, "\x1b["); got != c.coloured || code != ExitFindings {
				t.Errorf("coloured %v, code %d; want %v, %d", got, code, c.coloured, ExitFindings)
			}
		})
	}
}

// A failing writer gives an error on every write.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestFailingOutput(t *testing.T) {
	log := badLog(t)
	for _, format := range []string{"text", "json", "csv", "md"} {
		code, _, stderr := run(t, func(p *Process) { p.Stdout = failing{fmt.Errorf("write: %w", brokenPipe)} }, "scan", "--format", format, log)
		if code != ExitDone || stderr != "" {
			t.Errorf("%s into a broken pipe: code %d, stderr %q; want 0 and silence", format, code, stderr)
		}
		code, _, stderr = run(t, func(p *Process) { p.Stdout = failing{errors.New("disk full")} }, "scan", "--format", format, log)
		if code != ExitFailed || !strings.Contains(stderr, "disk full") {
			t.Errorf("%s on a full disk: code %d, stderr %q; want 2 and the reason", format, code, stderr)
		}
	}
}

// TestHelp holds the promises of every help text: it says what the command does, and
// lists the exit codes; flags have a description without a full stop.
func TestHelp(t *testing.T) {
	commands := 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		commands++
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q; want some words without a full stop", c.CommandPath(), c.Short)
		}
		if !strings.Contains(c.Long, "Exit codes:") {
			t.Errorf("%s: help does not list the exit codes", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(newTerm(Process{Getenv: func(string) string { return "" }})))
	if commands < 10 {
		t.Errorf("found %d commands; want at least 10", commands)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"scan", "rules", "formats", "codes", "version"}
	for _, c := range []struct{ in, want string }{
		{"scna", "scan"}, {"rule", "rules"}, {"vers", "version"}, {"formtas", "formats"}, {"zzz", ""}, {"", ""}, {"x", ""},
	} {
		if got := nearest(c.in, known); got != c.want {
			t.Errorf("nearest(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}
