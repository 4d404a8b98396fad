// Package indexing takes sources into an index: it finds out what is new, reads it,
// and tags records with the rules that they fit.
//
// A source that did not change is skipped, a grown one is continued, a replaced one
// is read anew. What is no longer there stays in the index unless the caller prunes.
//
// Add reads what paths name. A Live takes the records of one who follows files. Both may
// take turns on the same index: no record is there twice. Judge derives from an index
// what a scan derives from logs, and Inventory has the profiles and cache files that
// stood beside them.
//
// It never prints and never changes a source.
package indexing
