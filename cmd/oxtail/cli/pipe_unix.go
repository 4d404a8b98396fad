//go:build !windows

package cli

import (
	"errors"
	"os"
	"syscall"
)

// isBrokenPipe reports whether the reader of stdout has gone.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// enableColour reports whether a terminal shows escape sequences.
func enableColour(*os.File) bool { return true }
