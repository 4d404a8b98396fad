// Package twin is a computer in memory, made of evidence: registry exports, hives, cache
// files, the lists of a bundle. A plan is rehearsed on it with the same checks and the
// same words as on the real one, on any system, and tests break it where they like.
//
// It never touches the real computer: it reads the evidence while it is made and nothing
// afterwards. What it knows of MAPI and of providers is what is public; how a provider
// names a new cache is not, so it takes the old name.
//
// Invariant: two twins of the same evidence that get the same calls end in the same state.
// A Twin is not safe for concurrent use.
package twin
