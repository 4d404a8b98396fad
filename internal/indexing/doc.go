// Package indexing takes sources into an index: it finds out what is new, reads it,
// and tags records with the rules that they fit.
//
// A source that did not change is skipped, a grown one is continued, a replaced one
// is read anew. What is no longer there stays in the index unless the caller prunes.
//
// It never prints and never changes a source.
package indexing
