// Package diff tells what is different between two scans: a bundle from before a change
// and one from after it.
//
// Paths, times and offsets differ between two bundles although nothing changed, so
// findings are paired by their rule and by what they concern; the path only decides
// between several that fit.
//
// Invariants: every finding of both sides is in exactly one Pair; the result does not
// depend on anything but the two sides; nothing is read or opened.
package diff
