// Package apply carries plans out: it shows nothing, decides nothing about faults, and
// touches the computer through a [Machine] only.
//
// Invariant: before each step every assumption of the plan that still has to hold is
// checked again, each step is in the journal before it begins and after it ends, and
// what was done is undone in reverse order when a step fails.
package apply
