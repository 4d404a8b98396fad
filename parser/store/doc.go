// Package store reads the facts of an Outlook store (.pst, .ost, .nst) from its bytes.
//
// What it says comes from the bytes alone: a file's extension is compared with the content, never believed. It reads the
// header only (the first 528 bytes) and the size; folders, items and stored sync logs are not read here. It opens nothing,
// prints nothing and asks no clock.
//
// Invariant: whatever the bytes are, [ReadHeader] returns; what it could not make sense of is a [Problem] with an offset,
// and a header without a Problem of weight [Damage] passed every check that its kind of file has.
//
// The layout follows [MS-PST] 2.2.2.6 (HEADER) and 2.2.2.5 (ROOT). Version 36, the 4K-page OST of Outlook 2013 and later, is in
// no public document; its header was seen to have the places of the Unicode one.
package store
