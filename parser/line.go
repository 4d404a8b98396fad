package parser

import "unicode/utf8"

// A Line is one physical line of a source, decoded, with its place in the raw bytes.
type Line struct {
	Offset int64  // bytes from the start of the source to the line's first byte
	Raw    []byte // the line's bytes, line end included
	Number int    // 1-based
	Text   string // decoded, without the line end; NULs and invalid bytes are replaced
	Mark   Mark   // severity that the writer expressed by colour (RTF items)
	Split  bool   // the line went on: it was longer than MaxLine and the rest follows as the next Line

	text Encoding // how Raw maps to Text; used by Cut
	pos  []int32  // for mapped encodings (RTF): base + raw index of each byte of Text
	base int32
}

// A Mark is a severity shown by colour, the only language-independent one that
// Outlook's stored sync logs have.
type Mark uint8

// Marks of a line.
const (
	MarkNone    Mark = iota // no colour, or the encoding has none
	MarkWarning             // \cf1, dark red
	MarkError               // \cf2, red
)

// Cut splits the line before byte at of its Text. Raw bytes are split at the same
// place, so that both halves keep exact offsets. A cut at 0 or beyond the text
// gives one empty half; the line end always belongs to the second half.
func (l Line) Cut(at int) (Line, Line) {
	raw := l.rawIndex(at)
	head, tail := l, l
	head.Text, tail.Text = l.Text[:at], l.Text[at:]
	head.Raw, tail.Raw = l.Raw[:raw:raw], l.Raw[raw:]
	tail.Offset = l.Offset + int64(raw)
	if l.pos != nil {
		head.pos, tail.pos = l.pos[:at], l.pos[at:]
		tail.base = l.base + int32(raw)
	}
	return head, tail
}

// rawIndex returns the index in Raw of the character that starts at byte at of Text.
func (l Line) rawIndex(at int) int {
	if at <= 0 {
		return 0
	}
	if l.pos != nil {
		if at >= len(l.pos) {
			return len(l.Raw)
		}
		return int(l.pos[at] - l.base)
	}
	raw, text := 0, 0
	for text < at && raw < len(l.Raw) {
		r, n := l.text.decodeRune(l.Raw[raw:])
		raw += n
		if r == bom && l.Number == 1 && text == 0 {
			continue
		}
		text += utf8.RuneLen(r)
	}
	return raw
}
