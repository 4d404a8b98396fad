// Package arch holds the rules that the code base itself obeys, as data, and the
// checks that hold them: who may import whom, which third-party module enters by
// which door, and what no package does (init functions, mutable package variables,
// printing, reading the clock).
//
// The checks read the source files of all platforms and build tags. They never ask
// the go command: a test that does passes from Go's test cache with an illegal
// import in place.
//
// Invariant: every check is shown to fail by a tree under testdata.
package arch
