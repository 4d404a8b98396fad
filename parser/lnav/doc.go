// Package lnav reads log formats that are written down as lnav format files and
// turns the lines of a source into records with them.
//
// A format file is JSON (comments are tolerated) and holds named-group patterns,
// timestamp layouts, level patterns and samples. Files written for lnav work
// unchanged. Patterns compile with Go's linear-time engine; those that need
// look-around, possessive quantifiers, atomic groups or back references go to a
// backtracking engine with a time limit (pattern.go, the only door to it).
//
// An extra key "oxtail" says which captures are the record's component and thread;
// lnav itself warns about it and goes on. See docs/formats.md.
//
// The package never opens files, prints, or reads the clock. Loading a format runs
// its samples: a format whose samples do not parse does not load.
//
// Invariant: the raw bytes of the records of an assembler, in order, are the bytes
// of the lines that were added.
package lnav
