// Package regfile reads .reg files, the text exports of the registry editor,
// into a tree of [profile.Key], and writes a tree as such a file.
//
// It reads REGEDIT4 files (Windows-1252) and "Windows Registry Editor Version
// 5.00" files (UTF-16 or UTF-8), with all value types. It never changes a
// registry and never guesses at damaged data: a line that cannot be read
// becomes a [Problem] with its line number, and the next line is read.
//
// Invariants: Parse does not panic on any input; the tree is no larger than the
// file it came from, times a constant; two equal files give equal trees; Parse of what Write wrote gives the tree
// that was written, to the byte.
package regfile
