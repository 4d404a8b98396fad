package watch

import (
	"bytes"

	"oxtail/parser"
)

// maxStrange is the share of bytes, in percent, that may be control characters in a text.
const maxStrange = 10

// looksLikeText tells logs from caches, stores, archives and programs by their first bytes.
func looksLikeText(head []byte) bool {
	for _, magic := range [...]string{
		"!BDN", "regf", "PK\x03\x04", "\x1f\x8b", "\xd0\xcf\x11\xe0", "SQLite format", "MZ", "\x7fELF", "ElfFile\x00", "7z\xbc\xaf", "\x28\xb5\x2f\xfd", "\xfd7zXZ", "BZh", "%PDF", "\x89PNG",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return false
		}
	}
	head = withoutGaps(head) // the writer of a truncated log goes on at its old offset
	if plainASCII(head) {    // nearly all logs; an empty head says nothing
		return true
	}
	r := parser.NewLineReader(bytes.NewReader(head), parser.Encoding{})
	strange, all := 0, 0
	for {
		l, err := r.Next()
		if err != nil {
			break
		}
		for _, c := range l.Text {
			all++
			if c < 0x20 && c != '\t' && c != '\f' && c != 0x1b && c != '\r' || c == 0xfffd || c >= 0x80 && c < 0xa0 {
				strange++
			}
		}
	}
	return strange*100 <= all*maxStrange
}

// plainASCII reports whether all bytes are characters or blanks of ASCII.
func plainASCII(head []byte) bool {
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c >= 0x7f {
			return false
		}
	}
	return true
}

// nulGap is the shortest run of NUL bytes that is a gap. UTF-16 has none that is longer
// than three.
const nulGap = 16

// withoutGaps returns the bytes of a head without the runs of NUL bytes in it.
func withoutGaps(head []byte) []byte {
	head = bytes.TrimLeft(head, "\x00")
	gap := make([]byte, nulGap)
	for {
		at := bytes.Index(head, gap)
		if at < 0 {
			return head
		}
		head = append(bytes.Clone(head[:at]), bytes.TrimLeft(head[at:], "\x00")...)
	}
}
