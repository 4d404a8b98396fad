// Package parser turns the bytes of one source into records.
//
// The steps are: bytes → text (encoding.go) → lines (lines.go) → records (a
// Format's Assembler) → time, codes and UUIDs (reader.go). Formats live in the
// packages below this one: lnav (pattern formats, as data) and outlook (the
// grammars that no single pattern can describe); package formats lists them all.
//
// It never opens files, prints, or reads the clock: the caller hands it an
// io.Reader and what is known about the source (Source).
//
// Invariant: the raw bytes of all records of a source, in order, are the bytes of
// that source. A line that cannot be understood is a record with a Problem, never
// a stop.
package parser
