package parser

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// An Encoding maps raw bytes to text. The zero value is UTF-8 with Windows-1252
// for every byte that is not UTF-8, which reads both encodings, and files that
// change from one to the other, without a decision about the whole file.
type Encoding struct {
	kind  encodingKind
	name  string
	other encoding.Encoding // for kind otherEncoding
}

type encodingKind uint8

const (
	utf8Encoding encodingKind = iota
	utf16leEncoding
	utf16beEncoding
	otherEncoding
)

const bom = '\ufeff'

// UTF8, UTF16LE and UTF16BE are the encodings that are recognised by content.
var (
	UTF8    = Encoding{kind: utf8Encoding, name: "utf-8"}
	UTF16LE = Encoding{kind: utf16leEncoding, name: "utf-16le"}
	UTF16BE = Encoding{kind: utf16beEncoding, name: "utf-16be"}
)

// EncodingByName returns the encoding with an IANA or WHATWG name or alias, such
// as "windows-1252", "iso-8859-15" or "shift_jis".
func EncodingByName(name string) (Encoding, error) {
	enc, err := htmlindex.Get(name)
	if err != nil {
		return Encoding{}, fmt.Errorf("unknown encoding %q; want a name such as utf-8, utf-16le, windows-1252, iso-8859-15, shift_jis", name)
	}
	canonical, err := htmlindex.Name(enc)
	if err != nil {
		return Encoding{}, fmt.Errorf("name encoding %q: %w", name, err)
	}
	switch canonical {
	case "utf-8":
		return UTF8, nil
	case "utf-16le":
		return UTF16LE, nil
	case "utf-16be":
		return UTF16BE, nil
	}
	return Encoding{kind: otherEncoding, name: canonical, other: enc}, nil
}

// Name returns the encoding's canonical name.
func (e Encoding) Name() string {
	if e.name == "" {
		return UTF8.name
	}
	return e.name
}

// unit returns the size of a code unit in bytes.
func (e Encoding) unit() int {
	if e.kind == utf16leEncoding || e.kind == utf16beEncoding {
		return 2
	}
	return 1
}

// decodeRune returns the first character of raw, which is not empty, and its
// length in bytes (at least 1).
func (e Encoding) decodeRune(raw []byte) (rune, int) {
	switch e.kind {
	case utf16leEncoding, utf16beEncoding:
		return e.decodeUTF16(raw)
	case otherEncoding:
		return e.decodeOther(raw)
	}
	if raw[0] < utf8.RuneSelf {
		return rune(raw[0]), 1
	}
	if r, n := utf8.DecodeRune(raw); r != utf8.RuneError || n > 1 {
		return r, n
	}
	return charmap.Windows1252.DecodeByte(raw[0]), 1
}

func (e Encoding) decodeUTF16(raw []byte) (rune, int) {
	if len(raw) < 2 {
		return utf8.RuneError, len(raw)
	}
	first := rune(e.word(raw))
	if !utf16.IsSurrogate(first) {
		return first, 2
	}
	if len(raw) >= 4 {
		if r := utf16.DecodeRune(first, rune(e.word(raw[2:]))); r != utf8.RuneError {
			return r, 4
		}
	}
	return utf8.RuneError, 2
}

func (e Encoding) word(raw []byte) uint16 {
	if e.kind == utf16leEncoding {
		return uint16(raw[0]) | uint16(raw[1])<<8
	}
	return uint16(raw[1]) | uint16(raw[0])<<8
}

// maxCharBytes is the longest character of the multi-byte encodings that
// htmlindex knows (GB 18030).
const maxCharBytes = 4

func (e Encoding) decodeOther(raw []byte) (rune, int) {
	dec := e.other.NewDecoder()
	for n := 1; n <= maxCharBytes && n <= len(raw); n++ {
		out, err := dec.Bytes(raw[:n])
		if err != nil {
			continue
		}
		if r, size := utf8.DecodeRune(out); size == len(out) && r != utf8.RuneError {
			return r, n
		}
	}
	return utf8.RuneError, 1
}

// decode returns the text of raw.
func (e Encoding) decode(raw []byte) string {
	if e.kind == utf8Encoding && utf8.Valid(raw) {
		return string(raw)
	}
	if e.kind == otherEncoding {
		if out, err := e.other.NewDecoder().Bytes(raw); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
			return string(out)
		}
	}
	out := make([]byte, 0, len(raw)+len(raw)/8)
	for len(raw) > 0 {
		r, n := e.decodeRune(raw)
		out = utf8.AppendRune(out, r)
		raw = raw[n:]
	}
	return string(out)
}

// Decode returns the text of a raw line without its line end, as the reader does for
// sources that are not UTF-16.
func Decode(line []byte) string { return UTF8.decode(trimLineEnd(line, UTF8)) }

// sniffEncoding recognises UTF-16 by its byte order mark or by the NULs that
// Western text has in every other byte; all else is read as UTF-8. Only the first
// line of head counts: the next one may be written in another encoding.
func sniffEncoding(head []byte) Encoding {
	if at := bytes.IndexByte(head, '\n'); at >= 0 {
		head = head[:at+1]
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return UTF16LE
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return UTF16BE
	}
	var even, odd int
	for i, b := range head {
		if b != 0 {
			continue
		}
		if i%2 == 0 {
			even++
		} else {
			odd++
		}
	}
	half := len(head) / 2
	switch {
	case half > 0 && odd*10 >= half*7 && even*10 <= half:
		return UTF16LE
	case half > 0 && even*10 >= half*7 && odd*10 <= half:
		return UTF16BE
	}
	return UTF8
}
