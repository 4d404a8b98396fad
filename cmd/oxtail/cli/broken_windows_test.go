package cli

import "golang.org/x/sys/windows"

// brokenPipe is what a write into a closed pipe gives.
const brokenPipe = windows.ERROR_BROKEN_PIPE
