package redact

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"oxtail/parser/regfile"
)

// headBytes is how much of an input is looked at to tell its form.
const headBytes = 64 << 10

// utf16Order is a byte order that reads and appends.
type utf16Order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// A lineForm redacts text whose lines depend on one another. line takes a line with its
// end and gives what can be written by now; end gives the rest.
type lineForm interface {
	line(text []byte) []byte
	end() []byte
}

// An input is text in one encoding, cut into pieces of whole lines.
type input struct {
	r    *bufio.Reader
	mark []byte     // byte order mark, which stays
	wide utf16Order // nil: bytes
	head []byte     // as UTF-8
	rest []byte     // the start of the line that the next piece begins with
	done bool
}

// openInput tells the encoding by the head. It fails with ErrBinary.
func openInput(in io.Reader) (*input, error) {
	x := &input{r: bufio.NewReaderSize(in, headBytes)}
	head, err := x.r.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if isBinary(head) {
		return nil, ErrBinary
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		x.mark = []byte{0xef, 0xbb, 0xbf}
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		x.mark, x.wide = []byte{0xff, 0xfe}, binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		x.mark, x.wide = []byte{0xfe, 0xff}, binary.BigEndian
	default:
		x.wide = guessWide(head)
	}
	head = head[len(x.mark):]
	x.head = bytes.Clone(head)
	if x.wide != nil {
		x.head = decode16(head, x.wide)
	}
	_, err = x.r.Discard(len(x.mark))
	return x, err
}

// guessWide tells UTF-16 without a byte order mark by its zero bytes.
func guessWide(head []byte) utf16Order {
	var zero [2]int
	n := min(len(head), 4096)
	for i, c := range head[:n] {
		if c == 0 {
			zero[i%2]++
		}
	}
	switch {
	case n < 4:
		return nil
	case zero[1] > n*2/5 && zero[0] < n/20:
		return binary.LittleEndian
	case zero[0] > n*2/5 && zero[1] < n/20:
		return binary.BigEndian
	}
	return nil
}

// magics begin files that are no text.
var magics = []string{"regf", "!BDN", "ElfFile", "PK\x03\x04", "PK\x05\x06", "7z\xbc\xaf", "\x1f\x8b", "Rar!", "\x28\xb5\x2f\xfd", "\xfd7zXZ", "BZh",
	"\x89PNG", "\xff\xd8\xff", "GIF8", "MZ", "\x7fELF", "\xd0\xcf\x11\xe0", "SQLite format", "%PDF", "MSCF", "LfLe"}

// isBinary reports whether a file that begins with head is no text.
func isBinary(head []byte) bool {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m)) && (m != "MZ" || bytes.IndexByte(head[:min(len(head), 256)], 0) >= 0) && (m != "BZh" || bytes.Contains(head, []byte("1AY&SY"))) {
			return true
		}
	}
	control := 0
	for _, c := range head {
		if c < ' ' && c != 0 && c != '\t' && c != '\r' && c != '\n' && c != '\f' && c != 0x1b {
			control++
		}
	}
	wide := bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff})
	zeros := bytes.Count(head, []byte{0})
	return !wide && (control > 8+len(head)/20 || zeros > 64 && control > len(head)/50 && guessWide(head) == nil)
}

// next gives the next piece: whole lines, but for one that is longer than MaxLineBytes.
func (x *input) next(ctx context.Context) ([]byte, error) {
	buf := append(make([]byte, 0, chunkBytes+len(x.rest)), x.rest...)
	x.rest = nil
	for !x.done {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := io.ReadFull(x.r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			x.done = true
			break
		}
		if err != nil {
			return buf, err
		}
		if cut := x.cut(buf); cut > 0 {
			x.rest = bytes.Clone(buf[cut:])
			return buf[:cut], nil
		}
		buf = append(make([]byte, 0, 2*cap(buf)), buf...)
	}
	if len(buf) == 0 {
		return nil, io.EOF
	}
	return buf, nil
}

// cut returns the end of the last whole line in buf, 0 if there is none.
func (x *input) cut(buf []byte) int {
	end := len(buf)
	if x.wide == nil {
		if n := bytes.LastIndexByte(buf, '\n'); n >= 0 || end < MaxLineBytes {
			return n + 1
		}
		for end > 0 && !utf8.RuneStart(buf[end-1]) {
			end--
		}
		return max(end-1, 1)
	}
	end &^= 1
	for i := end - 2; i >= 0; i -= 2 {
		if x.wide.Uint16(buf[i:]) == '\n' {
			return i + 2
		}
	}
	if end < MaxLineBytes {
		return 0
	}
	return end
}

// redact redacts a piece in its own encoding.
func (x *input) redact(s *scanner, raw []byte) []byte {
	if x.wide != nil {
		even := len(raw) &^ 1
		out := s.plain(nil, decode16(raw[:even], x.wide))
		return append(encode16(out, x.wide), raw[even:]...)
	}
	switch {
	case utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0:
		return s.plain(nil, raw)
	}
	var out []byte
	for len(raw) > 0 {
		end := min(lineEnd(raw, 0)+1, len(raw))
		if bytes.IndexByte(raw[:end], 0) < 0 {
			out = append(out, narrowLine(s, raw[:end])...)
			raw = raw[end:]
			continue
		}
		for end < len(raw) { // all lines with zeros together: text in UTF-16 within the file
			next := min(lineEnd(raw, end)+1, len(raw))
			if bytes.IndexByte(raw[end:next], 0) < 0 {
				break
			}
			end = next
		}
		out = append(out, s.runs(raw[:end])...)
		raw = raw[end:]
	}
	return out
}

// narrowLine redacts a line that may be in UTF-8, in Windows-1252, or in both.
func narrowLine(s *scanner, line []byte) []byte {
	if utf8.Valid(line) {
		return s.plain(nil, line)
	}
	out := s.plain(nil, decodeANSI(line))
	if s.learn != nil || s.back != nil || !hasUTF8(line) {
		if s.learn != nil && hasUTF8(line) {
			s.plain(nil, line)
		}
		return encodeANSI(out)
	}
	return s.plain(nil, encodeANSI(out))
}

// hasUTF8 reports whether bytes that are not UTF-8 hold a character of it.
func hasUTF8(line []byte) bool {
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		if n > 1 && r != utf8.RuneError {
			return true
		}
		i += n
	}
	return false
}

// form returns how lines of the input depend on one another, nil if they do not.
func (x *input) form(s *scanner, uids map[string]bool) lineForm {
	if regfile.Detect(x.head) {
		return newRegText(s, uids)
	}
	if cols := csvColumns(x.head); cols != nil {
		return &csvText{s: s, columns: cols}
	}
	return nil
}

// lines gives a lineForm each line of a piece, and appends what it gives to dst.
func (x *input) lines(f lineForm, dst, raw []byte) []byte {
	text := raw
	if x.wide != nil {
		text = decode16(raw[:len(raw)&^1], x.wide)
	}
	for len(text) > 0 {
		end := min(lineEnd(text, 0)+1, len(text))
		line := text[:end]
		text = text[end:]
		if x.wide == nil && !utf8.Valid(line) {
			line = decodeANSI(line)
			dst = append(dst, encodeANSI(f.line(line))...)
			continue
		}
		dst = append(dst, x.encode(f.line(line))...)
	}
	return dst
}

func (x *input) encode(text []byte) []byte {
	if x.wide != nil {
		return encode16(text, x.wide)
	}
	return text
}

// eachChunk learns from an input, piece by piece, in parallel.
func (c *Case) eachChunk(ctx context.Context, in io.Reader, merge func(*candidates)) error {
	x, err := openInput(in)
	if err != nil {
		return err
	}
	whole := newCandidates()
	if f := x.form(c.scanner(whole), c.uids); f != nil {
		err := x.sequential(ctx, f, io.Discard)
		merge(whole)
		return err
	}
	return parallel(ctx, x, c.opts.Jobs, func(raw []byte) *candidates {
		found := newCandidates()
		x.redact(c.scanner(found), raw)
		return found
	}, func(found *candidates) error { merge(found); return nil })
}

// eachChunk redacts an input, piece by piece, in parallel.
func (r *Redactor) eachChunk(ctx context.Context, out io.Writer, in io.Reader, counts Counts) error {
	x, err := openInput(in)
	if err != nil {
		return err
	}
	if _, err := out.Write(x.mark); err != nil {
		return err
	}
	if f := x.form(r.scanner(counts), r.uids); f != nil {
		return x.sequential(ctx, f, out)
	}
	type piece struct {
		text   []byte
		counts Counts
	}
	return parallel(ctx, x, r.opts.Jobs, func(raw []byte) piece {
		p := piece{counts: Counts{}}
		p.text = x.redact(r.scanner(p.counts), raw)
		return p
	}, func(p piece) error {
		counts.Add(p.counts)
		_, err := out.Write(p.text)
		return err
	})
}

// sequential gives all lines of an input to a lineForm.
func (x *input) sequential(ctx context.Context, f lineForm, out io.Writer) error {
	for {
		raw, err := x.next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if _, err := out.Write(x.lines(f, nil, raw)); err != nil {
			return err
		}
	}
	_, err := out.Write(x.encode(f.end()))
	return err
}

// parallel gives each piece of an input to work, on several goroutines, and what it
// returns to take, in the order of the pieces.
func parallel[T any](ctx context.Context, x *input, jobs int, work func([]byte) T, take func(T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan T, jobs)
	failed := make(chan error, 1)
	go func() {
		defer close(queue)
		for {
			raw, err := x.next(ctx)
			if err != nil {
				failed <- err
				return
			}
			done := make(chan T, 1)
			select {
			case queue <- done:
				go func() { done <- work(raw) }()
			case <-ctx.Done():
				failed <- ctx.Err()
				return
			}
		}
	}()
	var err error
	for done := range queue {
		result := <-done
		if err == nil {
			if err = take(result); err != nil {
				cancel()
			}
		}
	}
	if readErr := <-failed; err == nil && !errors.Is(readErr, io.EOF) {
		err = readErr
	}
	return err
}
