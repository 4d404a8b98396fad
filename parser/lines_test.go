package parser

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func utf16Bytes(s string, little bool) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		lo, hi := byte(u), byte(u>>8)
		if little {
			out = append(out, lo, hi)
		} else {
			out = append(out, hi, lo)
		}
	}
	return out
}

func readLines(t *testing.T, in io.Reader) ([]Line, *LineReader) {
	t.Helper()
	lr := NewLineReader(in, Encoding{})
	var lines []Line
	for {
		l, err := lr.Next()
		if errors.Is(err, io.EOF) {
			return lines, lr
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
}

func joinText(lines []Line) string {
	var text []string
	for _, l := range lines {
		text = append(text, l.Text)
	}
	return strings.Join(text, "|")
}

func TestLineReaderEncodings(t *testing.T) {
	const text = "Größe 1\r\nzweite Zeile\nletzte 😀"
	cases := []struct {
		name, encoding string
		raw            []byte
		want           string
	}{
		{"utf-8", "utf-8", []byte(text), "Größe 1|zweite Zeile|letzte 😀"},
		{"utf-8 BOM", "utf-8", []byte("\ufeff" + text), "Größe 1|zweite Zeile|letzte 😀"},
		{"utf-16le BOM", "utf-16le", utf16Bytes("\ufeff"+text, true), "Größe 1|zweite Zeile|letzte 😀"},
		{"utf-16be BOM", "utf-16be", utf16Bytes("\ufeff"+text, false), "Größe 1|zweite Zeile|letzte 😀"},
		{"utf-16le", "utf-16le", utf16Bytes(text, true), "Größe 1|zweite Zeile|letzte 😀"},
		{"utf-16be", "utf-16be", utf16Bytes(text, false), "Größe 1|zweite Zeile|letzte 😀"},
		{"windows-1252", "windows-1252", []byte("Gr\xf6\xdfe \x80\r\r\nx\n"), "Größe €|x"},
		{"NULs", "utf-8", []byte("a\x00b\nc"), "a\x00b|c"},
		{"empty lines", "utf-8", []byte("\n\r\na\n"), "||a"},
		{"switch to UTF-16", "utf-16le", append([]byte("2026-03-05 ansi line\r\n"), utf16Bytes("wide line one\r\nwide line two\r\n", true)...), "2026-03-05 ansi line|wide line one|wide line two"},
		{"switch to UTF-16 BOM", "utf-16le", append([]byte("ansi\r\n"), utf16Bytes("\ufeffwide\r\n", true)...), "ansi|\ufeffwide"},
		{"switch back", "utf-8", append(utf16Bytes("wide line one\r\n", true), []byte("plain ascii line that is long enough\n")...), "wide line one|plain ascii line that is long enough"},
		{"odd UTF-16 tail", "utf-16le", append(utf16Bytes("wide\n", true), 'x'), "wide|\ufffd"},
		{"empty", "utf-8", nil, ""},
	}
	for _, c := range cases {
		for _, in := range []io.Reader{bytes.NewReader(c.raw), iotest.OneByteReader(bytes.NewReader(c.raw)), iotest.DataErrReader(bytes.NewReader(c.raw))} {
			lines, lr := readLines(t, in)
			if got := joinText(lines); got != c.want {
				t.Errorf("%s: text = %q; want %q", c.name, got, c.want)
			}
			if lr.Encoding() != c.encoding {
				t.Errorf("%s: encoding = %s; want %s", c.name, lr.Encoding(), c.encoding)
			}
			var raw []byte
			for i, l := range lines {
				if l.Offset != int64(len(raw)) || l.Number != i+1 {
					t.Errorf("%s: line %d has offset %d, number %d; want %d, %d", c.name, i, l.Offset, l.Number, len(raw), i+1)
				}
				raw = append(raw, l.Raw...)
			}
			if !bytes.Equal(raw, c.raw) {
				t.Errorf("%s: raw lines do not tile the input", c.name)
			}
		}
	}
}

func TestLineReaderSplitsLongLines(t *testing.T) {
	raw := bytes.Repeat([]byte("ä"), MaxLine) // two bytes each
	raw = append(raw, "\nend"...)
	lines, _ := readLines(t, bytes.NewReader(raw))
	var total int
	for _, l := range lines {
		total += len(l.Raw)
		if strings.ContainsRune(l.Text, '\ufffd') || strings.ContainsRune(l.Text, 'Ã') {
			t.Fatalf("a character was cut in line of %d bytes", len(l.Raw))
		}
		if len(l.Raw) > MaxLine+1 {
			t.Fatalf("line of %d bytes; the limit is %d", len(l.Raw), MaxLine)
		}
	}
	if total != len(raw) || !lines[0].Split || lines[len(lines)-1].Text != "end" {
		t.Errorf("%d bytes in %d lines, first split %v; want %d bytes", total, len(lines), lines[0].Split, len(raw))
	}
}

func TestLineReaderKeepsWhatCameBeforeAnError(t *testing.T) {
	broken := errors.New("disk on fire")
	lr := NewLineReader(io.MultiReader(strings.NewReader("one\ntwo"), iotest.ErrReader(broken)), Encoding{})
	var got []string
	var err error
	for err == nil {
		var l Line
		if l, err = lr.Next(); err == nil {
			got = append(got, l.Text)
		}
	}
	if strings.Join(got, "|") != "one|two" || !errors.Is(err, broken) {
		t.Errorf("lines %q, error %v; want one|two and the reader's error", got, err)
	}
}

// stuck is a reader that gives neither bytes nor an error.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestLineReaderGivesUpOnAStuckReader(t *testing.T) {
	lr := NewLineReader(io.MultiReader(strings.NewReader("one\n"), stuck{}), Encoding{})
	l, err := lr.Next()
	if err != nil || l.Text != "one" {
		t.Errorf("first line = %q, %v", l.Text, err)
	}
	if _, err := lr.Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("after it: %v; want %v", err, io.ErrNoProgress)
	}
}

func TestLineCut(t *testing.T) {
	for _, raw := range [][]byte{[]byte("Gr\xf6\xdfe: 10:11:12 x\r\n"), utf16Bytes("\ufeffGröße: 10:11:12 x\r\n", true), []byte("Größe: 10:11:12 x\n")} {
		lines, _ := readLines(t, bytes.NewReader(raw))
		at := strings.Index(lines[0].Text, "10:11:12")
		head, tail := lines[0].Cut(at)
		if head.Text != "Größe: " || tail.Text != "10:11:12 x" {
			t.Errorf("Cut of %q = %q, %q", raw, head.Text, tail.Text)
		}
		if !bytes.Equal(append(bytes.Clone(head.Raw), tail.Raw...), raw) || tail.Offset != int64(len(head.Raw)) {
			t.Errorf("Cut of %q does not tile: %q, %q, offset %d", raw, head.Raw, tail.Raw, tail.Offset)
		}
	}
}

func TestEncodingByName(t *testing.T) {
	enc, err := EncodingByName("Shift_JIS")
	if err != nil {
		t.Fatal(err)
	}
	lr := NewLineReader(bytes.NewReader([]byte{0x83, 0x65, 0x83, 0x58, 0x83, 0x67, '\n', 'a'}), enc)
	l, err := lr.Next()
	if err != nil || l.Text != "テスト" {
		t.Errorf("Shift_JIS line = %q, %v", l.Text, err)
	}
	head, _ := l.Cut(len("テ"))
	if len(head.Raw) != 2 {
		t.Errorf("Cut after one character took %d raw bytes; want 2", len(head.Raw))
	}
	if _, err := EncodingByName("klingon"); err == nil {
		t.Error("EncodingByName(klingon) gave no error")
	}
}

func FuzzEncoding(f *testing.F) {
	f.Add([]byte("plain\nlines\r\n"))
	f.Add(utf16Bytes("\ufeffwide\r\nlines", true))
	f.Add(append([]byte("ansi\n"), utf16Bytes("wide and long enough to tell\n", true)...))
	f.Add([]byte("Gr\xf6\xdfe\n\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var back []byte
		lr := NewLineReader(bytes.NewReader(raw), Encoding{})
		for {
			l, err := lr.Next()
			if err != nil {
				break
			}
			if l.Offset != int64(len(back)) {
				t.Fatalf("offset %d; want %d", l.Offset, len(back))
			}
			for at := 0; at <= len(l.Text); at += 1 + len(l.Text)/4 {
				head, tail := l.Cut(at)
				if len(head.Raw)+len(tail.Raw) != len(l.Raw) {
					t.Fatalf("Cut(%d) of %q loses bytes", at, l.Raw)
				}
			}
			back = append(back, l.Raw...)
		}
		if !bytes.Equal(back, raw) {
			t.Fatalf("lines give back %q; want %q", back, raw)
		}
	})
}
