//go:build !windows

package cli

import (
	"io"
	"strings"
	"syscall"
	"testing"
)

// A silentPipe gives some bytes and then blocks until the test ends; asked is closed
// when it blocks.
type silentPipe struct {
	data  io.Reader
	asked chan struct{}
	end   chan struct{}
}

func (s *silentPipe) Read(p []byte) (int, error) {
	if n, err := s.data.Read(p); err == nil {
		return n, nil
	}
	close(s.asked)
	<-s.end
	return 0, io.EOF
}

// TestInterrupt presses Ctrl-C while a scan waits for more of standard input: what
// was found until then is shown, and the exit code says that it may not be all.
func TestInterrupt(t *testing.T) {
	pipe := &silentPipe{strings.NewReader(strings.Repeat(badLine, 100)), make(chan struct{}), make(chan struct{})}
	defer close(pipe.end)
	go func() {
		<-pipe.asked
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
			t.Error(err)
		}
	}()
	code, stdout, stderr := run(t, func(p *Process) { p.Stdin = pipe }, "scan", "-")
	if code != ExitIncomplete || !strings.Contains(stdout, "UUID already in use") || !strings.Contains(stderr, "interrupted") {
		t.Errorf("code %d, stdout %q, stderr %q; want %d, the finding, and a word about it", code, stdout, stderr, ExitIncomplete)
	}
}
