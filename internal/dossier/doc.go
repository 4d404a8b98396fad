// Package dossier tells the life of one UUID over all logs: every record about it in
// order of time, the first error and the last success, and what it is mapped to.
//
// It reads logs through source and parser, holds no log in memory, prints nothing
// and changes nothing. It knows no format: what a record does is told by its fields
// where the format has them, else by its words.
//
// Invariant: the result does not depend on the order of the paths; every entry and
// every mapping names the place that it was read from.
package dossier
