package parser

import (
	"bytes"
	"io"
)

// Limits of the line reader.
const (
	// MaxLine is the longest line in bytes that is kept whole; a longer one is
	// handed on in pieces that are marked Split. A gigabyte without a line end
	// must not become a gigabyte of memory.
	MaxLine = 1 << 20

	// MaxItem is the largest RTF item in bytes: RTF is decoded as a whole.
	MaxItem = 64 << 20

	// chunkBytes is the size of one read. Lines are slices of the chunk that they
	// were read into, so small chunks free memory early and large ones save calls.
	chunkBytes = 64 << 10

	// switchBytes is how much of a line is looked at to recognise its encoding, at
	// the start of the source and wherever the encoding may have changed.
	switchBytes = 64

	// minASCII is how many bytes of plain text end a UTF-16 section: less can be
	// read either way.
	minASCII = 8
)

// A LineReader cuts a byte stream into decoded lines. It notices UTF-16 by content,
// also in the middle of a stream, unless the encoding is given.
type LineReader struct {
	in     io.Reader
	enc    Encoding
	fixed  bool // the encoding was given: never second-guess it
	begun  bool
	buf    []byte // unread bytes
	offset int64  // of buf[0] in the stream
	number int    // of the last line
	err    error  // of the last read, sticky
	rtf    []Line // decoded lines of an RTF item that are still to be handed out
	isRTF  bool
	legacy bool // a byte was seen that is not UTF-8
}

// NewLineReader returns a reader of the lines of in. A zero Encoding means that it
// is recognised from the content.
func NewLineReader(in io.Reader, enc Encoding) *LineReader {
	return &LineReader{in: in, enc: enc, fixed: enc.name != ""}
}

// Encoding names the encoding in use so far.
func (lr *LineReader) Encoding() string {
	switch {
	case lr.isRTF:
		return "rtf"
	case lr.legacy && lr.enc.kind == utf8Encoding:
		return "windows-1252"
	}
	return lr.enc.Name()
}

// Offset returns the number of raw bytes that were handed out as lines.
func (lr *LineReader) Offset() int64 { return lr.offset }

// Next returns the next line. At the end it returns io.EOF, or the error that the
// stream failed with; all lines before that point have been returned then.
func (lr *LineReader) Next() (Line, error) {
	if !lr.begun {
		lr.begin()
	}
	if lr.isRTF {
		return lr.nextRTF()
	}
	if !lr.fixed {
		lr.noticeSwitch()
	}
	n, split := lr.lineLen()
	if n == 0 {
		return Line{}, lr.err
	}
	raw := lr.buf[:n:n]
	lr.buf = lr.buf[n:]
	lr.number++
	l := Line{Offset: lr.offset, Raw: raw, Number: lr.number, Split: split, text: lr.enc}
	lr.offset += int64(n)
	l.Text = lr.textOf(raw)
	return l, nil
}

func (lr *LineReader) begin() {
	lr.begun = true
	lr.fill(switchBytes)
	if bytes.HasPrefix(lr.buf, []byte(`{\rtf`)) {
		lr.beginRTF()
		return
	}
	if !lr.fixed {
		lr.enc = sniffEncoding(lr.buf[:min(len(lr.buf), switchBytes)])
	}
}

func (lr *LineReader) beginRTF() {
	lr.isRTF = true
	lr.fill(MaxItem)
	item := lr.buf[:min(len(lr.buf), MaxItem)]
	lr.rtf = decodeRTF(item)
	lr.buf = lr.buf[len(item):]
}

func (lr *LineReader) nextRTF() (Line, error) {
	if len(lr.rtf) > 0 {
		l := lr.rtf[0]
		lr.rtf = lr.rtf[1:]
		lr.offset = l.Offset + int64(len(l.Raw))
		lr.number = l.Number
		return l, nil
	}
	if len(lr.buf) > 0 { // beyond MaxItem: read on as plain lines
		lr.isRTF, lr.begun = false, true
		return lr.Next()
	}
	return Line{}, lr.err
}

// textOf decodes a line without its line end.
func (lr *LineReader) textOf(raw []byte) string {
	raw = trimLineEnd(raw, lr.enc)
	if lr.number == 1 {
		raw = trimBOM(raw, lr.enc)
	}
	text := lr.enc.decode(raw)
	if lr.enc.kind == utf8Encoding && len(text) != len(raw) {
		lr.legacy = true
	}
	return text
}

func trimBOM(raw []byte, enc Encoding) []byte {
	if len(raw) == 0 {
		return raw
	}
	if r, n := enc.decodeRune(raw); r == bom {
		return raw[n:]
	}
	return raw
}

func trimLineEnd(raw []byte, enc Encoding) []byte {
	u := enc.unit()
	for len(raw) >= u {
		last := raw[len(raw)-u:]
		if c, _ := enc.decodeRune(last); c != '\n' && c != '\r' {
			break
		}
		raw = raw[:len(raw)-u]
	}
	return raw
}

// lineLen returns the length in bytes of the line at the start of buf, line end
// included, reading more as needed. 0 means that the stream is at its end.
func (lr *LineReader) lineLen() (n int, split bool) {
	searched := 0
	for {
		if at := lr.indexLineEnd(searched); at >= 0 && at <= MaxLine {
			return at, false
		}
		if len(lr.buf) > MaxLine {
			return cutAtChar(lr.buf, lr.enc, MaxLine), true
		}
		searched = len(lr.buf) - len(lr.buf)%lr.enc.unit()
		if lr.err != nil {
			return len(lr.buf), false
		}
		lr.fill(len(lr.buf) + 1)
	}
}

// indexLineEnd returns the index after the first line feed at or after from, or -1.
func (lr *LineReader) indexLineEnd(from int) int {
	if lr.enc.unit() == 1 {
		if at := bytes.IndexByte(lr.buf[from:], '\n'); at >= 0 {
			return from + at + 1
		}
		return -1
	}
	for i := from; i+1 < len(lr.buf); i += 2 {
		if lr.enc.word(lr.buf[i:]) == '\n' {
			return i + 2
		}
	}
	return -1
}

// cutAtChar returns the largest index ≤ limit at which raw may be cut between characters.
func cutAtChar(raw []byte, enc Encoding, limit int) int {
	switch {
	case enc.unit() == 2:
		at := limit &^ 1
		if r := rune(enc.word(raw[at-2:])); r >= 0xd800 && r < 0xdc00 {
			at -= 2
		}
		return at
	case enc.kind == utf8Encoding:
		for at := limit; at > limit-maxCharBytes; at-- {
			if raw[at]&0xc0 != 0x80 {
				return at
			}
		}
	}
	return limit
}

// maxEmptyReads is how many reads in a row may give neither bytes nor an error.
const maxEmptyReads = 100

// fill reads until buf holds at least want bytes or the stream ends.
func (lr *LineReader) fill(want int) {
	empty := 0
	for len(lr.buf) < want && lr.err == nil {
		if cap(lr.buf)-len(lr.buf) < chunkBytes/2 {
			grown := make([]byte, len(lr.buf), max(2*len(lr.buf), len(lr.buf)+chunkBytes))
			copy(grown, lr.buf)
			lr.buf = grown
		}
		n, err := lr.in.Read(lr.buf[len(lr.buf):cap(lr.buf)])
		lr.buf = lr.buf[:len(lr.buf)+n]
		lr.err = err
		if n > 0 {
			empty = 0
		} else if empty++; empty == maxEmptyReads && err == nil {
			lr.err = io.ErrNoProgress
		}
	}
}

// noticeSwitch looks at the start of the next line for another encoding than the
// one in use, as when a script appends UTF-16 to an ANSI file.
func (lr *LineReader) noticeSwitch() {
	if len(lr.buf) < switchBytes {
		lr.fill(switchBytes)
	}
	head := lr.buf[:min(len(lr.buf), switchBytes)]
	if lr.enc.unit() == 1 {
		lr.noticeUTF16(head)
		return
	}
	if looksASCII(head) {
		lr.enc = UTF8
	}
}

func (lr *LineReader) noticeUTF16(head []byte) {
	if len(head) == 0 || bytes.IndexByte(head, 0) < 0 && head[0] < 0xfe {
		return
	}
	if enc := sniffEncoding(head); enc.unit() == 2 {
		lr.enc = enc
	}
}

// looksASCII tells single-byte text from UTF-16: printable ASCII with at least one
// blank, digit or line end. CJK text in UTF-16 has other bytes among them.
func looksASCII(head []byte) bool {
	if at := bytes.IndexByte(head, '\n'); at >= 0 {
		head = head[:at]
	}
	if len(head) < minASCII {
		return false
	}
	typical := false
	for _, b := range head {
		if b >= 0x7f || b < 0x20 && b != '\t' && b != '\r' && b != '\n' {
			return false
		}
		typical = typical || b == ' ' || b >= '0' && b <= '9'
	}
	return typical
}
