//go:build !windows

package cli

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A signalling writer presses Ctrl-C when something is written to it first.
type signalling struct{ done bool }

func (s *signalling) Write(p []byte) (int, error) {
	if !s.done {
		s.done = true
		return len(p), syscall.Kill(syscall.Getpid(), syscall.SIGINT)
	}
	return len(p), nil
}

// TestFollowInterrupt presses Ctrl-C while a search follows an index: that is how it ends.
func TestFollowInterrupt(t *testing.T) {
	ix := filepath.Join(t.TempDir(), "ix")
	if code, _, stderr := run(t, nil, "index", "add", "--index", ix, badLog(t)); code != ExitDone {
		t.Fatalf("index add: code %d, %s", code, stderr)
	}
	code, _, _ := run(t, func(p *Process) { p.Stderr = &signalling{} }, "search", "--index", ix, "--follow", "uuid")
	if code != ExitDone {
		t.Errorf("search --follow ended by Ctrl-C: code %d, want %d", code, ExitDone)
	}
}
