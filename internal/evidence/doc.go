// Package evidence gathers what stands beside the logs: registry exports and hives
// with mail profiles, cache files, stores. It is told of every stream of a walk and
// gives the inventory that package actions links findings with.
//
// It opens only streams that hold such evidence, reads of a cache file no more than
// its beginning, and never changes or keeps open anything.
//
// Invariants: the inventory does not depend on the order of the streams; memory is
// bounded by the limits named in limits.go, whatever is handed over; what could not
// be read is a Problem, never a stop.
package evidence
