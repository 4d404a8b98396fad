package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// maxComplaint is how much of a command's error output is told, in bytes.
const maxComplaint = 500

// A Command is a Sender that runs a program for each notice. The notice stands on its
// standard input, as JSON; no word of a log ever becomes an argument, and no shell runs.
type Command struct {
	path string
	args []string
}

var _ Sender = (*Command)(nil)

// NewCommand finds the program. Scripts that Windows runs by its shell are refused.
func NewCommand(program string, args []string) (*Command, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, fmt.Errorf("command of --exec: %w", err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".bat", ".cmd":
		return nil, fmt.Errorf("command of --exec: %s runs in a shell; name the program itself, such as powershell.exe, and give the script as its argument", path)
	}
	return &Command{path: path, args: args}, nil
}

// Name implements Sender.
func (c *Command) Name() string { return "command " + filepath.Base(c.path) }

// Send implements Sender.
func (c *Command) Send(ctx context.Context, body []byte) error {
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Stdin = bytes.NewReader(body)
	var complaint capped
	cmd.Stderr = &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return fmt.Errorf("%s: %w: %s", c.Name(), err, strings.TrimSpace(complaint.String()))
	}
	return fmt.Errorf("%s: %w", c.Name(), err)
}

// capped keeps the first bytes that are written to it.
type capped struct{ bytes.Buffer }

// Write implements io.Writer.
func (c *capped) Write(p []byte) (int, error) {
	if room := maxComplaint - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
