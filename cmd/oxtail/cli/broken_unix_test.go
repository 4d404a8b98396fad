//go:build !windows

package cli

import "syscall"

// brokenPipe is what a write into a closed pipe gives.
const brokenPipe = syscall.EPIPE
