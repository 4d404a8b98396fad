package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// minCoded is the shortest word, in bytes, that may be text in hexadecimal or base64.
const minCoded = 16

// coded handles a long word that may be text in hexadecimal or base64: names in it are
// names.
func (s *scanner) coded(i, j int) {
	if s.depth >= maxNesting {
		return
	}
	if allHex(s.text[i:j]) {
		s.hexText(i, j)
		return
	}
	if j-i >= 20 {
		s.base64Text(i, j)
	}
}

func (s *scanner) hexText(i, j int) {
	if (j-i)%2 != 0 {
		return
	}
	data := make([]byte, (j-i)/2)
	if _, err := hex.Decode(data, s.text[i:j]); err != nil {
		return
	}
	out, ok := s.inner(data)
	if !ok {
		return
	}
	text := hex.EncodeToString(out)
	if bytes.ContainsAny(s.text[i:j], "ABCDEF") {
		text = strings.ToUpper(text)
	}
	s.put(i, j, text, "")
}

func (s *scanner) base64Text(i, j int) {
	isAlphabet := func(c byte) bool { return isAlnum(c) || strings.IndexByte("+/-_", c) >= 0 }
	for i > 0 && isAlphabet(s.text[i-1]) {
		i--
	}
	for j < len(s.text) && isAlphabet(s.text[j]) {
		j++
	}
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(s.text[i:j], "-_") {
		enc = base64.RawURLEncoding
	}
	data, err := enc.AppendDecode(nil, s.text[i:j])
	if err != nil {
		return
	}
	out, ok := s.inner(data)
	if !ok {
		return
	}
	text := enc.EncodeToString(out)
	for j < len(s.text) && s.text[j] == '=' {
		j++
	}
	if s.text[j-1] == '=' {
		text += strings.Repeat("=", (4-len(text)%4)%4)
	}
	s.put(i, j, text, "")
}

// inner redacts decoded data and reports whether that changed anything.
func (s *scanner) inner(data []byte) ([]byte, bool) {
	if isLogin(data) && s.r != nil {
		s.counts.add(Password, 1)
		return []byte(removed(Password)), true
	}
	if !isText(data) && !hasText(data) {
		return nil, false
	}
	out := s.below().data(data)
	return out, s.r != nil && !bytes.Equal(out, data)
}

// below returns a scanner for text within the text.
func (s *scanner) below() *scanner {
	return &scanner{t: s.t, keys: s.keys, depth: s.depth + 1, uuids: s.uuids, counts: s.counts, learn: s.learn, r: s.r}
}

// data redacts bytes that hold text: all of them, or runs.
func (s *scanner) data(data []byte) []byte {
	if isText(data) {
		return s.plain(nil, data)
	}
	return s.runs(data)
}

// plain appends redacted text to dst. When learning, it appends nothing of use.
func (s *scanner) plain(dst, text []byte) []byte {
	switch {
	case s.strip:
		return append(dst, text...)
	case s.back != nil:
		return append(dst, s.back.text(text)...)
	}
	counts := s.counts
	if s.learn != nil {
		counts = nil
	}
	s.scan(removeSecrets(text, counts))
	if s.learn != nil {
		return dst
	}
	return s.apply(dst)
}

// isLogin reports whether data is the "user:password" of basic authentication.
func isLogin(data []byte) bool {
	n := bytes.IndexByte(data, ':')
	if n < 2 || len(data) > 128 || len(data)-n < 4 {
		return false
	}
	for _, c := range data {
		if c <= ' ' || c > '~' || c == '/' {
			return false
		}
	}
	return true
}

// isText reports whether all of data is printable UTF-8.
func isText(data []byte) bool {
	for i := 0; i < len(data); {
		c := data[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError || r < 0xa0 {
			return false
		}
		i += n
	}
	return len(data) > 0
}

// Runs of text in binary data, in characters.
const (
	minWideRun   = 3
	minNarrowRun = 5
)

// hasText reports whether binary data holds a run of text that is worth a look.
func hasText(data []byte) bool {
	wide, narrow := 0, 0
	for i, c := range data {
		if c >= ' ' && c < 0x7f {
			narrow++
			if narrow >= 8 {
				return true
			}
			if i+1 < len(data) && data[i+1] == 0 {
				wide++
				if wide >= 4 {
					return true
				}
			}
			continue
		}
		narrow = 0
		if c != 0 {
			wide = 0
		}
	}
	return false
}

// runs redacts the runs of text in binary data, in UTF-16LE, UTF-8 and Windows-1252.
// What lies between them stays as it is.
func (s *scanner) runs(data []byte) []byte {
	var out []byte
	for i := 0; i < len(data); {
		if n := wideRun(data[i:]); n >= minWideRun {
			out = append(out, encode16(s.plain(nil, decode16(data[i:i+2*n], binary.LittleEndian)), binary.LittleEndian)...)
			i += 2 * n
			continue
		}
		if n := narrowRun(data[i:]); n >= minNarrowRun {
			out = append(out, narrowLine(s, data[i:i+n])...)
			i += n
			continue
		}
		out = append(out, data[i])
		i++
	}
	return out
}

// wideRun counts the printable characters of UTF-16LE at the start of data.
func wideRun(data []byte) int {
	n := 0
	for ; 2*n+1 < len(data); n++ {
		u := binary.LittleEndian.Uint16(data[2*n:])
		if (u < ' ' || u == 0x7f) && u != '\t' && u != '\r' && u != '\n' || u > 0x7f && u < 0xa0 || u > 0x17f && (u < 0x2010 || u > 0x20ac) {
			break
		}
	}
	return n
}

// narrowRun counts the printable bytes at the start of data.
func narrowRun(data []byte) int {
	n := 0
	for n < len(data) && (data[n] >= ' ' && data[n] < 0x7f || data[n] >= 0x80 || data[n] == '\t' || data[n] == '\r' || data[n] == '\n') {
		if n+3 < len(data) && data[n+1] == 0 && data[n+3] == 0 && data[n+2] != 0 {
			break // text in UTF-16 begins
		}
		n++
	}
	return n
}

// decode16 turns UTF-16 into UTF-8; halves of pairs keep their value (WTF-8), so that
// encode16 gives the same bytes back.
func decode16(data []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(data)*3/4)
	for i := 0; i+1 < len(data); i += 2 {
		u := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(u) && i+3 < len(data) {
			if r := utf16.DecodeRune(u, rune(order.Uint16(data[i+2:]))); r != utf8.RuneError {
				out = utf8.AppendRune(out, r)
				i += 2
				continue
			}
		}
		switch {
		case u < utf8.RuneSelf:
			out = append(out, byte(u))
		case utf16.IsSurrogate(u):
			out = append(out, 0xe0|byte(u>>12), 0x80|byte(u>>6)&0x3f, 0x80|byte(u)&0x3f)
		default:
			out = utf8.AppendRune(out, u)
		}
	}
	return out
}

func encode16(text []byte, order binary.AppendByteOrder) []byte {
	out := make([]byte, 0, 2*len(text))
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			out = order.AppendUint16(out, uint16(c))
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1 && c == 0xed && i+2 < len(text):
			out = order.AppendUint16(out, uint16(c&0xf)<<12|uint16(text[i+1]&0x3f)<<6|uint16(text[i+2]&0x3f))
			i += 3
			continue
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = order.AppendUint16(order.AppendUint16(out, uint16(hi)), uint16(lo))
		default:
			out = order.AppendUint16(out, uint16(r))
		}
		i += n
	}
	return out
}
