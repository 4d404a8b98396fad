package caches

import (
	"bytes"
	"errors"
	"io"
	"math"

	"oxtail/parser/store"
)

// SniffBytes is how much of a file is read to tell its content: enough for every magic and for a fair entropy.
const SniffBytes = 64 << 10

// Content says what the first bytes are, and never more than that.
type Content string

// The contents beside those of stores, which are named "ost unicode 4k", "pst ansi" and so on by package store.
const (
	ContentEmpty      Content = "empty"
	ContentOpaque     Content = "opaque"     // no known magic; see Entropy
	ContentZeros      Content = "zeros"      // only zero bytes at the beginning: reserved and never written
	ContentUnreadable Content = "unreadable" // could not be opened or read
)

// magic is one known beginning.
type magic struct {
	at   int
	want string
	is   Content
}

// magics are looked at in this order. gzip, zstd and the like prove a compression, not what is in it. zlib has no magic worth
// the name: two bytes that random data begins with once in 20,000 files.
func magics() []magic {
	return []magic{
		{0, "SQLite format 3\x00", "sqlite3"},
		{4, "Standard Jet DB", "jet database"},
		{4, "Standard ACE DB", "access database"},
		{0, "ElfFile\x00", "event log"},
		{0, "regf", "registry hive"},
		{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "ole compound file"},
		{0, "\x0D\xF0\xAD\xBA", "outlook nicknames"},
		{4, "\xEF\xCD\xAB\x89", "ese database"},
		{12, "\x62\x31\x05\x00", "berkeley db btree"},
		{12, "\x61\x15\x06\x00", "berkeley db hash"},
		{0, "PK\x03\x04", "zip"},
		{0, "PK\x05\x06", "zip"}, // an empty archive
		{0, "\x1F\x8B\x08", "gzip"},
		{0, "\x28\xB5\x2F\xFD", "zstd"},
		{0, "\xFD7zXZ\x00", "xz"},
		{0, "7z\xBC\xAF\x27\x1C", "7z"},
	}
}

// sniffed is what the beginning of one file told.
type sniffed struct {
	content Content
	entropy float64
	header  store.Header // of a store; of anything else it tells why it is none
	err     error
}

// sniff reads the beginning of an opened file.
func sniff(r io.ReaderAt, size int64) sniffed {
	header := store.ReadHeader(r, size)
	if header.IsStore {
		return sniffed{content: Content(header.Content()), header: header}
	}
	head := make([]byte, max(0, min(size, SniffBytes)))
	n, err := r.ReadAt(head, 0)
	if n <= 0 {
		if len(head) == 0 || err == nil || errors.Is(err, io.EOF) {
			return sniffed{content: ContentEmpty, header: header}
		}
		return sniffed{content: ContentUnreadable, header: header, err: err}
	}
	seen := sniffHead(head[:min(n, len(head))])
	seen.header = header
	return seen
}

func sniffHead(head []byte) sniffed {
	for _, m := range magics() {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.want)) {
			if m.is == "zip" && isOpenDocument(head) {
				return sniffed{content: contentOpenDocument}
			}
			return sniffed{content: m.is}
		}
	}
	if len(bytes.Trim(head, "\x00")) == 0 {
		return sniffed{content: ContentZeros}
	}
	return sniffed{content: ContentOpaque, entropy: entropy(head)}
}

// contentOpenDocument is a database of LibreOffice when it is named .odb: nothing of Open-Xchange.
const contentOpenDocument Content = "opendocument"

// isOpenDocument looks for the entry "mimetype" that an OpenDocument file has to begin with, stored and not compressed.
func isOpenDocument(head []byte) bool {
	const nameAt = 30 // length of a zip entry's local header
	return len(head) > nameAt && bytes.HasPrefix(head[nameAt:], []byte("mimetypeapplication/vnd.oasis.opendocument"))
}

// entropy is Shannon's, in bits a byte, to two decimals.
func entropy(b []byte) float64 {
	var counts [256]int
	for _, c := range b {
		counts[c]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(b))
			bits -= p * math.Log2(p)
		}
	}
	return math.Round(bits*100) / 100
}
