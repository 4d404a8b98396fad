package cli

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// ignoreBrokenPipes has nothing to do: Windows knows no such signal.
func ignoreBrokenPipes() {}

// isBrokenPipe reports whether the reader of stdout has gone.
func isBrokenPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}

// enableColour makes a console show escape sequences, and reports whether it does:
// consoles before Windows 10 do not.
func enableColour(f *os.File) bool {
	var mode uint32
	h := windows.Handle(f.Fd())
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
