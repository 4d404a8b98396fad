package cli

// The rules of talking, after age's tui.go: the result goes to stdout; everything
// else goes to stderr, one line each, prefixed "oxtail:", without capitals and full
// stops. A "hint:" line follows when the remedy is known. Nobody asks the user
// anything, but for apply. Colour is for terminals, and off when NO_COLOR is set.

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"oxtail/internal/report"
)

// A term is the only way in which commands talk to people.
type term struct {
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	getenv   func(string) string
	now      func() time.Time
	colour   bool // stdout may be coloured
	progress bool // stderr may show progress
}

func newTerm(p Process) *term {
	plain := p.Getenv("NO_COLOR") != "" || p.Getenv("TERM") == "dumb"
	return &term{
		stdin: p.Stdin, stdout: p.Stdout, stderr: p.Stderr, getenv: p.Getenv, now: p.Now,
		colour: p.StdoutTerminal && !plain, progress: p.StderrTerminal,
	}
}

// sayf prints a line of information.
func (t *term) sayf(format string, args ...any) { t.line("oxtail: ", fmt.Sprintf(format, args...)) }

// warnf prints a line about something that the user should know of the result.
func (t *term) warnf(format string, args ...any) {
	t.line("oxtail: warning: ", fmt.Sprintf(format, args...))
}

// hintf prints the remedy of what was said last.
func (t *term) hintf(format string, args ...any) { t.line("hint: ", fmt.Sprintf(format, args...)) }

// fail prints an error and its hints.
func (t *term) fail(err error) {
	t.line("oxtail: ", err.Error())
	for _, h := range hints(err) {
		t.hintf("%s", h)
	}
}

// line prints text with a prefix on each of its lines. Names of files and words of
// the user are part of it, so escapes are made visible.
func (t *term) line(prefix, text string) {
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintln(t.stderr, prefix+report.Plain(l))
	}
}

// A hinted error knows its remedy.
type hinted struct {
	err  error
	hint string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// withHint adds a remedy to an error.
func withHint(err error, hint string) error { return &hinted{err, hint} }

// Hinter is implemented by errors of other packages that know their remedy.
type Hinter interface {
	Hint() string
}

// hints returns the remedies of an error and of what it wraps.
func hints(err error) []string {
	var out []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		if h, ok := e.(*hinted); ok {
			out = append(out, h.hint)
		}
		if h, ok := e.(Hinter); ok && h.Hint() != "" {
			out = append(out, h.Hint())
		}
	}
	return out
}
