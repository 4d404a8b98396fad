package parser

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Limits of the RTF decoder.
const (
	// maxRTFDepth is how deep groups may nest before deeper ones share the state
	// of the last; Outlook uses four, hostile files a million.
	maxRTFDepth = 256

	// maxRTFColours bounds the colour table; Word itself stops at 256.
	maxRTFColours = 1024

	// maxRTFWord is the longest control word in letters, by the specification.
	maxRTFWord = 32

	// maxRTFDigits is the longest number behind a control word that is read.
	maxRTFDigits = 9

	// maxRTFRescues is how often the document is decoded again because a table
	// that never ended had swallowed its text.
	maxRTFRescues = 4
)

// decodeRTF returns the lines of an RTF document. The lines' Raw tile the document:
// control words belong to the line whose text follows them, and what comes after
// the last text belongs to the last line.
//
// Damage is expected: documents that end anywhere, and tables that never end.
func decodeRTF(raw []byte) []Line {
	shown := map[int]bool{}
	for range maxRTFRescues {
		d := newRTFDecoder(raw, shown)
		d.run()
		if d.lost < 0 {
			return d.lines
		}
		shown[d.lost] = true
	}
	d := newRTFDecoder(raw, shown)
	d.run()
	return d.lines
}

// An rtfDecoder walks once over a document.
type rtfDecoder struct {
	raw   []byte
	at    int          // next byte
	shown map[int]bool // groups (by index of their brace) that look skipped but hold the text
	lost  int          // index of the brace of a skipped group that never ended, or -1

	state   rtfState
	stack   []rtfState
	tooDeep int // open groups beyond maxRTFDepth
	ansi    Encoding

	colours []Mark
	colour  rtfColour // being read

	lines   []Line
	start   int // of the open line
	text    []byte
	pos     []int32
	mark    Mark
	pending []byte // bytes in the ANSI code page, not yet a whole character
	places  []int  // index of each pending byte
	high    rune   // first half of a surrogate pair
	highAt  int    // its index
	skip    int    // fallback characters behind \u that are still to be left out
}

// An rtfState is what a group inherits and its end restores.
type rtfState struct {
	dest   rtfDest
	group  int // index of the brace that began dest
	colour int
	uc     int // fallback characters behind \u
}

type rtfDest uint8

const (
	rtfText     rtfDest = iota // shown
	rtfTable                   // fonts, styles, properties: skipped, but never holds paragraphs
	rtfColours                 // colour table
	rtfSkipped                 // annotations that readers may skip (\*)
	rtfBinary                  // pictures and objects: skipped, never text
	rtfUndecide                // group has just begun
)

type rtfColour struct{ red, green, blue int }

func newRTFDecoder(raw []byte, shown map[int]bool) *rtfDecoder {
	return &rtfDecoder{raw: raw, shown: shown, lost: -1, state: rtfState{uc: 1}}
}

func (d *rtfDecoder) run() {
	for d.at < len(d.raw) {
		switch c := d.raw[d.at]; c {
		case '{':
			d.open()
		case '}':
			d.close()
		case '\\':
			d.control()
		case '\r', '\n', 0:
			d.at++
		default:
			d.plain()
		}
	}
	d.noticeLost()
	d.finish()
}

func (d *rtfDecoder) open() {
	d.flush()
	d.skip = 0
	if len(d.stack) >= maxRTFDepth {
		d.tooDeep++
		d.at++
		return
	}
	d.stack = append(d.stack, d.state)
	if d.state.dest == rtfText {
		d.state.dest, d.state.group = rtfUndecide, d.at
	}
	d.at++
}

func (d *rtfDecoder) close() {
	d.flush()
	d.skip = 0
	d.at++
	if d.tooDeep > 0 {
		d.tooDeep--
		return
	}
	if n := len(d.stack); n > 0 {
		d.state, d.stack = d.stack[n-1], d.stack[:n-1]
	}
}

// noticeLost looks for a group that was skipped up to the end of the document,
// although paragraphs stand in it.
func (d *rtfDecoder) noticeLost() {
	if dest := d.state.dest; dest != rtfTable && dest != rtfColours && dest != rtfSkipped {
		return
	}
	if g := d.state.group; !d.shown[g] && bytes.Contains(d.raw[g:], []byte(`\par`)) {
		d.lost = g
	}
}

// finish emits the last line, and gives what follows it to it.
func (d *rtfDecoder) finish() {
	d.flush()
	switch n := len(d.lines); {
	case d.start == len(d.raw):
	case len(d.text) > 0 || n == 0:
		d.endLine(false)
	default:
		last := &d.lines[n-1]
		last.Raw = d.raw[last.Offset:]
	}
}

// endLine ends the open line before the byte at d.at and takes the line ends of the
// RTF source along, which mean nothing.
func (d *rtfDecoder) endLine(split bool) {
	for !split && d.at < len(d.raw) && (d.raw[d.at] == '\r' || d.raw[d.at] == '\n') {
		d.at++
	}
	d.lines = append(d.lines, Line{
		Offset: int64(d.start), Raw: d.raw[d.start:d.at:d.at], Number: len(d.lines) + 1,
		Text: string(d.text), Mark: d.mark, Split: split, pos: d.pos,
	})
	d.start, d.text, d.pos, d.mark = d.at, nil, nil, MarkNone
}

// visible reports whether text at this place is shown; a group that begins with
// text is.
func (d *rtfDecoder) visible() bool {
	if d.state.dest == rtfUndecide {
		d.state.dest = rtfText
	}
	return d.state.dest == rtfText
}

// put adds one character that stands at index from.
func (d *rtfDecoder) put(r rune, from int) {
	if len(d.text) >= MaxLine {
		at := d.at
		d.at = max(from, d.start)
		d.endLine(true)
		d.at = at
	}
	before := len(d.text)
	d.text = utf8.AppendRune(d.text, r)
	for range len(d.text) - before {
		d.pos = append(d.pos, int32(from-d.start))
	}
	if r != ' ' && r != '\t' {
		d.mark = max(d.mark, d.markOf(d.state.colour))
	}
}

// plain handles a byte that stands for itself.
func (d *rtfDecoder) plain() {
	c := d.raw[d.at]
	switch {
	case d.state.dest == rtfColours:
		d.colourText(c)
	case !d.visible():
		d.at++
	case d.skip > 0:
		d.skip--
		d.at++
	case c < utf8.RuneSelf:
		d.flush()
		d.put(rune(c), d.at)
		d.at++
	default:
		d.highByte()
	}
}

// highByte handles a byte beyond ASCII: UTF-8 if it is (someone edited the file),
// else a byte of the document's code page.
func (d *rtfDecoder) highByte() {
	r, n := utf8.DecodeRune(d.raw[d.at:])
	if len(d.pending) > 0 || r == utf8.RuneError {
		d.pend(d.raw[d.at], d.at)
		d.at++
		return
	}
	d.put(r, d.at)
	d.at += n
}

// pend notes a byte of the document's code page; several may make one character.
func (d *rtfDecoder) pend(c byte, from int) {
	d.pending = append(d.pending, c)
	d.places = append(d.places, from)
	if len(d.pending) >= maxCharBytes {
		d.takePending()
	}
}

// takePending turns the first pending bytes into a character.
func (d *rtfDecoder) takePending() {
	r, n := charmap.Windows1252.DecodeByte(d.pending[0]), 1
	if d.ansi.name != "" {
		r, n = d.ansi.decodeRune(d.pending)
	}
	from := d.places[0]
	d.pending, d.places = d.pending[n:], d.places[n:]
	d.put(r, from)
}

// flush ends what is pending: something else follows.
func (d *rtfDecoder) flush() {
	for len(d.pending) > 0 {
		d.takePending()
	}
	if d.high != 0 {
		d.high = 0
		d.put(utf8.RuneError, d.highAt)
	}
}

// character handles a character that a control word or symbol stands for.
func (d *rtfDecoder) character(r rune, from int) {
	if !d.visible() {
		return
	}
	if d.skip > 0 {
		d.skip--
		return
	}
	d.flush()
	d.put(r, from)
}

// codeUnit handles \uN.
func (d *rtfDecoder) codeUnit(n, from int) {
	if !d.visible() {
		return
	}
	r := rune(uint16(n))
	if r == '\n' {
		d.lineBreak()
		return
	}
	high := d.high
	if high != 0 && utf16.DecodeRune(high, r) != utf8.RuneError {
		d.high, from = 0, d.highAt
	}
	d.flush()
	d.skip = d.state.uc
	switch {
	case utf16.IsSurrogate(r) && r < 0xdc00:
		d.high, d.highAt = r, from
	case utf16.IsSurrogate(r):
		d.put(utf16.DecodeRune(high, r), from)
	case r != 0 && r != '\r':
		d.put(r, from)
	}
}

// colourText handles text in the colour table. Anything but a separator means that
// the table was cut off and the document goes on.
func (d *rtfDecoder) colourText(c byte) {
	switch c {
	case ';':
		if len(d.colours) < maxRTFColours {
			d.colours = append(d.colours, d.colour.mark())
		}
		d.colour = rtfColour{}
	case ' ', '\t':
	default:
		d.state.dest = rtfText
		return
	}
	d.at++
}

// mark returns the severity that a colour stands for: red is an error, dark red a
// warning. The shades are wide enough for what other writers make of them.
func (c rtfColour) mark() Mark {
	const most = 64 // green and blue in a red
	switch {
	case c.green > most || c.blue > most:
		return MarkNone
	case c.red >= 192:
		return MarkError
	case c.red >= 96:
		return MarkWarning
	}
	return MarkNone
}

// markOf returns the severity of a colour by its number in the table, or by
// Outlook's own numbers when the table was cut off.
func (d *rtfDecoder) markOf(number int) Mark {
	switch {
	case number >= 0 && number < len(d.colours):
		return d.colours[number]
	case number == 1:
		return MarkWarning
	case number == 2:
		return MarkError
	}
	return MarkNone
}
