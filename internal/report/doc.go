// Package report writes what a scan found: as text for a person, JSON for a program,
// CSV for a spreadsheet, Markdown for a ticket. The schemas of the JSON stand here.
//
// It never opens files, reads the clock, or judges: verdicts come from detectors.
//
// Invariant: no writer passes on a password, a token, or a control character of a
// log; all evidence goes through Redact, and text for people through Plain.
package report
