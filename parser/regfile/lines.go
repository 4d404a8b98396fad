package regfile

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"oxtail/parser/profile"
)

// Encoding says how the text of a file was read.
type Encoding string

// Encodings of .reg files.
const (
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
	UTF8    Encoding = "utf-8"
	ANSI    Encoding = "windows-1252" // a guess: the code page is not recorded
)

// The first lines of the two versions.
const (
	header4 = "REGEDIT4"
	header5 = "Windows Registry Editor Version 5.00"
)

// Detect reports whether a file that begins with head is a .reg file: one of
// the two first lines, in any encoding, behind empty lines and comments.
func Detect(head []byte) bool {
	lines := newLines(head[:min(len(head), detectBytes)])
	for range detectLines {
		line, ok := lines.next()
		if !ok {
			return false
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == ';' {
			continue
		}
		return isHeader(line)
	}
	return false
}

// detectBytes and detectLines bound the look at the head of a file.
const (
	detectBytes = 4096
	detectLines = 64
)

// isHeader compares a line with the two first lines.
func isHeader(line string) bool {
	return strings.EqualFold(line, header4) || strings.EqualFold(line, header5)
}

// lines cuts a file into lines and decodes one at a time, so that a large file
// is never in memory twice.
type lines struct {
	data     []byte
	pos      int // start of the next line
	start    int // of the line that was given last
	number   int // of the line that was given last, 1-based
	encoding Encoding
	isOld    bool // REGEDIT4
}

// newLines chooses the encoding from the byte order mark, else from the first
// bytes, which are Latin letters in every .reg file.
func newLines(data []byte) *lines {
	l := &lines{data: data, encoding: UTF8}
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		l.encoding, l.pos = UTF16LE, 2
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		l.encoding, l.pos = UTF16BE, 2
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		l.pos = 3
	case len(data) >= 4 && data[1] == 0 && data[3] == 0 && data[0] != 0:
		l.encoding = UTF16LE
	case len(data) >= 4 && data[0] == 0 && data[2] == 0 && data[1] != 0:
		l.encoding = UTF16BE
	case bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte(header4)):
		l.encoding = ANSI
	case !utf8.Valid(data):
		l.encoding = ANSI
	}
	return l
}

// next gives the next line without its end; ok is false at the end of the file.
func (l *lines) next() (line string, ok bool) {
	if l.pos >= len(l.data) {
		return "", false
	}
	l.number++
	l.start = l.pos
	rest := l.data[l.pos:]
	end, skip := l.lineEnd(rest)
	l.pos += skip
	return strings.TrimSuffix(l.decode(rest[:end]), "\r"), true
}

// place is that of the line that was given last, with its end.
func (l *lines) place() profile.Place {
	return profile.Place{Offset: int64(l.start), Length: l.pos - l.start, Line: l.number}
}

// lineEnd finds the line feed: where the line ends, where the next one starts.
func (l *lines) lineEnd(rest []byte) (end, skip int) {
	if l.encoding == UTF8 || l.encoding == ANSI {
		if end = bytes.IndexByte(rest, '\n'); end >= 0 {
			return end, end + 1
		}
		return len(rest), len(rest)
	}
	low := 0
	if l.encoding == UTF16BE {
		low = 1
	}
	for at := 0; at+1 < len(rest); at += 2 {
		if rest[at+low] == '\n' && rest[at+1-low] == 0 {
			return at, at + 2
		}
	}
	return len(rest), len(rest)
}

// decode turns the bytes of a line into text.
func (l *lines) decode(raw []byte) string {
	switch l.encoding {
	case UTF8:
		return string(raw)
	case ANSI:
		return decodeANSI(raw)
	}
	low := 0
	if l.encoding == UTF16BE {
		low = 1
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i+low]) | uint16(raw[2*i+1-low])<<8
	}
	return string(utf16.Decode(units))
}

// decodeANSI decodes Windows-1252; unlike a registry text, a line goes on
// behind a NUL.
func decodeANSI(raw []byte) string {
	var text strings.Builder
	text.Grow(len(raw))
	for _, b := range raw {
		text.WriteRune(profile.ANSIRune(b))
	}
	return text.String()
}
