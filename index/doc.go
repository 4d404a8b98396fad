// Package index is the searchable store of records: every record of every source,
// found in milliseconds.
//
// Records lie in compressed blocks, consecutive records of one source each. Bleve
// knows which words occur in which blocks (a small segment has them in a list);
// identifiers (tokens with a digit, which would make any word index larger than the log)
// go to one small filter a block. A search asks both for blocks that may hold matches,
// reads those, and evaluates the query record by record. Few records are errors or known
// to rules: these stand with the columns of their block, which are read first.
//
// On disk an index is a folder: segments that never change once they are complete,
// and a catalogue that names them. The catalogue is replaced as a whole when all
// that it names is on disk; what it does not name is left over from an interrupted
// run and ignored. So readers need no lock, whatever a writer does.
//
// It never reads logs itself, and never decides what is a fault: records and tags
// are handed to it.
package index
