// Package checks holds the checks of a computer's environment as data, and the engine
// that judges them.
//
// A check asks one or more probes what the evidence says (a registry value, the version
// of a program, an answer of a person) and holds the values against a condition. The
// probes are a small typed set that an [Evidence] answers; package doctor has one.
// Every check names its source, what to do, and how certain it is.
//
// The package reads no evidence and asks nobody. Invariant: a check passes only on
// evidence that is there. What was not looked at is unknown, and says what would
// settle it.
package checks
