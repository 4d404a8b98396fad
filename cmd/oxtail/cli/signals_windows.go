package cli

import (
	"os"
	"syscall"
)

// stopSignals are those that end a watch: Ctrl-C, and the end of the session or the
// console, which Go gives as SIGTERM.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }
