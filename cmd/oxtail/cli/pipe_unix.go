//go:build !windows

package cli

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// ignoreBrokenPipes makes a write into a closed pipe an error, not the end of the
// process by a signal.
func ignoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }

// isBrokenPipe reports whether the reader of stdout has gone.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// enableColour reports whether a terminal shows escape sequences.
func enableColour(*os.File) bool { return true }
