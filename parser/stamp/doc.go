// Package stamp reads timestamps: those of a declared strptime-like layout
// (layout.go) and, by their look alone, those that logs commonly use (parse.go).
//
// It never guesses a missing part: a Stamp says which parts the text holds (date,
// year, zone), and whether day and month could be read the other way round. Order
// collects what a whole file says about that.
//
// Invariant: reading is deterministic, never panics, allocates nothing, and never
// consumes more than MaxBytes of the text.
package stamp
