package lzfu_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/parser/lzfu"
)

// Vectors of [MS-OXRTFCP] section 3, from the specification.
func TestDecodeSpecificationVectors(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"simple", "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c 090020627705b06c647d0a800fa0",
			"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{"reads its own output", "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0",
			"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"},
	}
	for _, c := range cases {
		in, err := hex.DecodeString(strings.ReplaceAll(c.in, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := lzfu.Decode(in)
		if string(got) != c.want || err != nil {
			t.Errorf("%s: Decode(%x) = %q, %v; want %q", c.name, in, got, err, c.want)
		}
	}
}

func TestDecodeGivesBackWhatWasCompressed(t *testing.T) {
	line := "{\\rtf1\\ansi\\ansicpg1252 14:21:07 Synchronizer Version 16.0.4266\\par\r\n"
	cases := map[string][]byte{
		"empty":             {},
		"one byte":          {'x'},
		"sync log":          []byte(strings.Repeat(line, 3)),
		"longer than ring":  []byte(strings.Repeat(line, 500)),
		"one byte repeated": bytes.Repeat([]byte{'a'}, 10_000),
		"all byte values":   allBytes(3 * 4096),
	}
	for name, want := range cases {
		got, err := lzfu.Decode(compress(want))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: Decode gave %d bytes, %v; want the %d bytes that were compressed", name, len(got), err, len(want))
		}
		got, err = lzfu.Decode(store(want))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s, stored: Decode gave %d bytes, %v; want %d", name, len(got), err, len(want))
		}
	}
}

func TestDecodeDamaged(t *testing.T) {
	text := []byte(strings.Repeat("{\\rtf1 Error synchronizing folder [80040305-0-0-0]}", 20))
	good := compress(text)
	wrongCRC := bytes.Clone(good)
	wrongCRC[12] ^= 1
	wrongSize := bytes.Clone(good)
	wrongSize[4]++
	huge := bytes.Clone(good)
	binary.LittleEndian.PutUint32(huge[4:], 0xFFFFFFFF)
	cases := []struct {
		name string
		in   []byte
		err  error
		all  bool // all text is there nevertheless
	}{
		{"empty", nil, lzfu.ErrFormat, false},
		{"short", good[:15], lzfu.ErrFormat, false},
		{"other mark", append([]byte("\x10\x00\x00\x00\x10\x00\x00\x00XXXX"), make([]byte, 9)...), lzfu.ErrFormat, false},
		{"cut off", good[:len(good)-4], io.ErrUnexpectedEOF, false},
		{"header only", good[:16], io.ErrUnexpectedEOF, false},
		{"wrong checksum", wrongCRC, lzfu.ErrChecksum, true},
		{"wrong size", wrongSize, lzfu.ErrSize, true},
		{"claims 4 GiB", huge, lzfu.ErrSize, true},
		{"stored, cut off", store(text)[:100], io.ErrUnexpectedEOF, false},
	}
	for _, c := range cases {
		got, err := lzfu.Decode(c.in)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: Decode error = %v; want %v", c.name, err, c.err)
		}
		if !bytes.HasPrefix(text, got) {
			t.Errorf("%s: Decode gave %q, which is not what was compressed", c.name, got)
		}
		if c.all && !bytes.Equal(got, text) {
			t.Errorf("%s: Decode gave %d bytes; want all %d", c.name, len(got), len(text))
		}
	}
}

// Bodies that Outlook wrote; the .rtf beside each is what they hold.
func TestDecodeSamples(t *testing.T) {
	files, err := filepath.Glob("../../../shared/samples/outlook/*/*.lzfu.b64")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no ../shared/samples beside the project")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".lzfu.b64") + ".rtf")
		if err != nil {
			t.Fatal(err)
		}
		got, err := lzfu.Decode(raw)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Decode(%s) = %d bytes, %v; want the %d bytes of the .rtf", filepath.Base(file), len(got), err, len(want))
		}
	}
}

func FuzzLZFU(f *testing.F) {
	seeds := [][]byte{compress([]byte("{\\rtf1 hello hello hello}")), store([]byte("{\\rtf1}")), {}, make([]byte, 16)}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := lzfu.Decode(in)
		if len(got) > lzfu.MaxOutput {
			t.Fatalf("Decode gave %d bytes; limit %d", len(got), lzfu.MaxOutput)
		}
		if err != nil && errors.Is(err, lzfu.ErrFormat) && len(got) > 0 {
			t.Fatalf("Decode gave %d bytes of what is not compressed RTF", len(got))
		}
		if back, err := lzfu.Decode(compress(in)); err != nil || !bytes.Equal(back, in) {
			t.Fatalf("Decode(compress(%q)) = %q, %v", in, back, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	text := []byte(strings.Repeat("{\\rtf1 14:21:07 Error synchronizing folder [80040305-0-0-0]\\par\r\n}", 10_000))
	in := compress(text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := lzfu.Decode(in); err != nil {
			b.Fatal(err)
		}
	}
}

func allBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// store wraps text as a writer does that does not compress.
func store(text []byte) []byte {
	return header("MELA", len(text), 0, text)
}

// compress is the plainest writer: it looks the text up in the dictionary byte by byte.
func compress(text []byte) []byte {
	e := encoder{}
	e.w = copy(e.ring[:], `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0`+
		"\r\n"+`\par \pard\plain\f0\fs20\b\i\u\tab\tx`)
	e.filled = e.w
	for len(text) > 0 {
		from, n := e.longest(text)
		if n < 2 {
			e.put(false, text[0])
			n = 1
		} else {
			e.put(true, byte(from>>4), byte(from<<4)|byte(n-2))
		}
		for _, c := range text[:n] {
			e.ring[e.w] = c
			e.w = (e.w + 1) % 4096
			e.filled = min(e.filled+1, 4096)
		}
		text = text[n:]
		e.total += n
	}
	e.put(true, byte(e.w>>4), byte(e.w<<4))
	return header("LZFu", e.total, lzfu.Checksum(e.out), e.out)
}

func header(magic string, rawSize int, crc uint32, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(body)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(rawSize))
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, crc)
	return append(b, body...)
}

type encoder struct {
	out              []byte
	flags, used      int // place of the flag byte, bits used in it
	ring             [4096]byte
	w, filled, total int
}

func (e *encoder) put(reference bool, token ...byte) {
	if e.used%8 == 0 {
		e.flags, e.used = len(e.out), 0
		e.out = append(e.out, 0)
	}
	if reference {
		e.out[e.flags] |= 1 << e.used
	}
	e.used++
	e.out = append(e.out, token...)
}

// longest finds the longest match that does not start at the write position and
// does not run into it.
func (e *encoder) longest(text []byte) (from, n int) {
	for start := range e.filled {
		if start == e.w {
			continue
		}
		k := 0
		for k < 17 && k < len(text) && (start+k)%4096 != e.w && start+k < e.filled && e.ring[(start+k)%4096] == text[k] {
			k++
		}
		if k > n {
			from, n = start, k
		}
	}
	return from, n
}
