package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

const (
	// commandTime is how long a program of the system may take: systemctl waits for a
	// unit to stop, which may take TimeoutStopSec.
	commandTime = 90 * time.Second

	// maxAnswer is how much of what such a program says is kept, in bytes.
	maxAnswer = 2 << 10
)

// A Runner runs a program with arguments, without a shell, and returns what it said.
type Runner func(ctx context.Context, command []string) (said string, err error)

// errAnswer is a program that ran and answered no.
type errAnswer struct {
	command []string
	code    int
	said    string
}

// Error implements error.
func (e *errAnswer) Error() string {
	text := fmt.Sprintf("%s: exit code %d", Line(e.command), e.code)
	if e.said != "" {
		text += ": " + e.said
	}
	return text
}

// Run is the Runner of this computer.
func Run(ctx context.Context, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = time.Second // what it started may keep its output open
	out := &capped{}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	said := strings.TrimSpace(strings.ToValidUTF8(out.String(), "?"))
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // the latter: it is done, what it started is not
		return said, nil
	case ctx.Err() != nil:
		return said, fmt.Errorf("%s: %w", Line(command), ctx.Err())
	case errors.As(err, &exit):
		return said, &errAnswer{command, exit.ExitCode(), said}
	}
	return said, fmt.Errorf("run %s: %w", command[0], err)
}

// Find returns the path of a program, empty if there is none.
func Find(program string) string {
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	return path
}

// capped keeps the first bytes that are written to it.
type capped struct{ bytes.Buffer }

// Write implements io.Writer.
func (c *capped) Write(p []byte) (int, error) {
	if room := maxAnswer - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
