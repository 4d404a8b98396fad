// Package tail finds and follows files that grow: logs that are rotated, truncated,
// replaced, deleted and created again while they are read.
//
// A Tailer is driven from outside: each Poll lists the patterns, pairs what it finds
// with what it knows, reads what is new and hands it to a consumer, which says how much
// of it is settled. Notifications of the operating system (Waker) only shorten the wait
// between two polls; the poll is the truth.
//
// A file is the one that is known if its identity on the volume, the hash of its head
// and the bytes before the offset read so far all agree. Anything less fails: the
// identity is given to the next file, heads are equal start-up banners, and a file that
// was truncated may have grown past the old end.
//
// It never writes to what it follows, never hands out the same content twice while it
// runs, and never reads the clock: time, file system and waker are arguments. Whatever
// may have been lost stands in the ledger.
//
// Invariant: the bytes that the consumer settled, together with the gaps that the
// ledger names, are the bytes of each generation of a file from the place where it was
// begun, in order and without overlap.
package tail
