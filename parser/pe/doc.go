// Package pe reads what a Windows program or DLL says about itself: the machine that it
// is for, and its version resource. Headers are read by debug/pe; the resources are
// walked here, because debug/pe does not know them.
//
// It loads, runs and checks no program. Invariant: whatever the bytes are, the reader
// ends, keeps no more than the limits of this file in memory, and does not panic.
package pe

const (
	// MaxFileBytes is the largest program that is looked at; the largest DLLs of Office
	// have 150 MB.
	MaxFileBytes = 1 << 30

	// maxEntries bounds the entries of one resource directory that are looked at, and
	// maxVersionBytes the version resource, which has 1 to 4 KB.
	maxEntries      = 4096
	maxVersionBytes = 64 << 10

	// maxBlocks bounds the blocks inside the version resource; maxNesting how deep they
	// stand in each other, which is 4 in a good one.
	maxBlocks  = 2000
	maxNesting = 6

	// maxStrings bounds the strings that are kept, maxText each of them, in characters.
	maxStrings = 64
	maxText    = 1024
)
