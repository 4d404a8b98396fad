// Package bundle collects what a support engineer needs of a computer, or of a tree of
// folders that stands for one, into one redacted archive, and checks such archives.
//
// It takes logs whole, registry exports of the places that matter, and of caches and
// stores only that they are there: name, size, times, header. It sends nothing
// anywhere, changes nothing but its own output and working folder, and follows no link.
//
// Invariants: nothing enters the archive unredacted unless the caller says so; what could
// not be redacted, or was left out, is in the manifest with its reason; the archive
// appears whole or not at all; memory does not grow with the size of the logs.
package bundle
