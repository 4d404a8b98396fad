// Package caches finds the cache files of mail profiles among files that were found elsewhere, says what they are, and joins
// them with the profiles that point to them.
//
// It opens a file only through its [Candidate], reads at most [SniffBytes] of it, writes nothing, and walks no folder: live
// disk, folder and archive look the same to it. The layout of .odb and .psz is not public, so of these it never claims more than
// the first bytes prove; and no account is ever derived from a file's name.
//
// Invariant: the result does not depend on the order of candidates or references; each candidate gives at most one [Cache], and
// each state says what it was decided from in Notes.
package caches
