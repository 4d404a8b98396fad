//go:build !windows

package cli

import (
	"os"
	"syscall"
)

// stopSignals are those that end a watch.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} }
