// Package pipeline takes sources through the parser and the detectors. It owns the
// goroutines and the limits of a scan.
//
// Streams are read in parallel, but what they give is taken in the order in which
// they were handed over: two scans of the same input give the same result.
//
// It never prints; it reports progress to whoever asked for it.
package pipeline
