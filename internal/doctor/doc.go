// Package doctor gathers what is known of a computer — from registry exports, hives,
// system reports, lists of files and programs, logs, a bundle that oxtail collect
// wrote, or the running computer — and answers the probes of the checks with it.
//
// It decides nothing: what a probe must find is data in actions/checks. It opens
// evidence through streams only, runs nothing and writes nothing.
//
// Invariant: absence is an answer only where the evidence covers the place. Everything
// that was not looked at stays unknown and says what would settle it.
package doctor
