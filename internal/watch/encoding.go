package watch

import (
	"bytes"

	"oxtail/internal/tail"
	"oxtail/parser"
)

// completeLen returns the length of the whole lines at the start of data.
func completeLen(data []byte, encoding string) int {
	for end := len(data); ; {
		at := bytes.LastIndexByte(data[:end], '\n')
		switch {
		case at < 0:
			return 0
		case encoding == parser.UTF16LE.Name():
			if at+1 < len(data) && data[at+1] == 0 {
				return at + 2
			}
		case encoding == parser.UTF16BE.Name():
			if at > 0 && data[at-1] == 0 {
				return at + 1
			}
		default:
			return at + 1
		}
		end = at
	}
}

// lineCount returns how many physical lines a record has.
func lineCount(raw []byte, encoding string) int {
	n, rest := 0, raw
	for len(rest) > 0 {
		at := lineEnd(rest, encoding)
		if at < 0 {
			return n + 1
		}
		n++
		rest = rest[at:]
	}
	return n
}

// lineEnd returns the index behind the first line end, or -1.
func lineEnd(b []byte, encoding string) int {
	switch encoding {
	case parser.UTF16LE.Name():
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == '\n' && b[i+1] == 0 {
				return i + 2
			}
		}
		return -1
	case parser.UTF16BE.Name():
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == 0 && b[i+1] == '\n' {
				return i + 2
			}
		}
		return -1
	}
	if at := bytes.IndexByte(b, '\n'); at >= 0 {
		return at + 1
	}
	return -1
}

// blankUTF16 reports whether data begins with an empty line in UTF-16, by which nobody
// recognises the encoding.
func (s *stream) blankUTF16(data []byte) bool {
	switch s.encod {
	case parser.UTF16LE.Name():
		return bytes.HasPrefix(data, []byte("\n\x00"))
	case parser.UTF16BE.Name():
		return bytes.HasPrefix(data, []byte("\x00\n"))
	}
	return false
}

// forced returns a reader that takes the stream's format without asking, and recognises
// the encoding as at the start of a source, or takes the one that is known.
func (s *stream) forced(rd *reading, p *tail.Piece, data []byte) *parser.Reader {
	opts := parser.Options{Encoding: rd.encoding}
	if p.Offset > 0 && s.encod == parser.UTF16LE.Name() {
		opts.Encoding = parser.UTF16LE
	} else if p.Offset > 0 && s.encod == parser.UTF16BE.Name() {
		opts.Encoding = parser.UTF16BE
	}
	if s.format != nil {
		opts.Formats = []parser.Format{certain{s.format}}
	}
	return parser.NewReader(bytes.NewReader(data), rd.source(p), opts)
}

// certain is a format that claims every head.
type certain struct{ parser.Format }

// Claim implements parser.Format.
func (c certain) Claim([]parser.Line) parser.Claim {
	return parser.Claim{Matched: 1, Considered: 1, Specificity: 1}
}
