// Package applytest holds every apply.Machine to the same cases: plans are carried out on
// it, broken off, disturbed and undone, and the registry and the files are compared byte
// by byte. It is for tests only.
//
// The cases run on the twin in memory on every system, and on Windows (or Wine) against
// the live implementation with the test provider.
package applytest
