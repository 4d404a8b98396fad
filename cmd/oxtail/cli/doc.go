// Package cli is the command line of oxtail: one file a command, each a newX that
// declares the command and a runX that does it.
//
// Commands hold no logic. They turn flags into options of internal/pipeline and its
// like, and hand the result to internal/report. Every word to people goes through
// term.go.
//
// Invariant: Main is the only way in, returns the exit code, and touches nothing of
// the process but what its Process argument holds; so scripts run it in tests.
package cli
