package outlook

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/parser"
)

// read returns the records of text as a format assembles them.
func read(f parser.Format, raw []byte) []*parser.Record {
	return readSource(f, raw, parser.Source{Path: "test"})
}

func readSource(f parser.Format, raw []byte, src parser.Source) []*parser.Record {
	var out []*parser.Record
	asm := f.Assembler(src)
	emit := func(r *parser.Record) { out = append(out, r) }
	for _, l := range linesOf(raw) {
		asm.Add(l, emit)
	}
	asm.Close(emit)
	return out
}

func linesOf(raw []byte) []parser.Line {
	lr := parser.NewLineReader(bytes.NewReader(raw), parser.Encoding{})
	var lines []parser.Line
	for {
		l, err := lr.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				panic("BUG: " + err.Error())
			}
			return lines
		}
		lines = append(lines, l)
	}
}

// checkTiles fails unless the records are the source.
func checkTiles(t *testing.T, raw []byte, records []*parser.Record) {
	t.Helper()
	var got []byte
	for i, r := range records {
		if r.Offset != int64(len(got)) {
			t.Fatalf("record %d begins at %d; want %d", i, r.Offset, len(got))
		}
		got = append(got, r.Raw...)
	}
	if !bytes.Equal(got, raw) {
		t.Fatalf("the records have %d bytes; the source has %d", len(got), len(raw))
	}
}

// show renders what a test asserts about a record: the named fields that are set.
func show(r *parser.Record, names ...string) string {
	var parts []string
	for _, name := range names {
		if v, ok := r.Field(name); ok {
			parts = append(parts, name+"="+v)
		}
	}
	return strings.Join(parts, " ")
}

func field(r *parser.Record, name string) string {
	v, _ := r.Field(name)
	return v
}

// choose returns the name of the grammar that claims text, "" if none does.
func choose(raw []byte) string {
	f, _ := parser.Choose(Formats(), "", linesOf(raw))
	if f == nil {
		return ""
	}
	return f.Name()
}

// corpus returns the texts that every property is tested with: our own fixtures, and
// the public samples where they are present.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"../../samples/outlook/*/*", "../../../shared/samples/outlook/*/*", "../../../shared/samples/ox/*.txt"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.ToSlash(name)] = raw
		}
	}
	if len(files) == 0 {
		t.Fatal("no fixtures in samples/outlook")
	}
	return files
}

// Whatever the bytes are and whichever grammar reads them, nothing is lost.
func TestRecordsTileTheSource(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for name, raw := range corpus(t) {
		for _, f := range Formats() {
			checkTiles(t, raw, read(f, raw))
			for range 3 {
				broken := damage(rnd, raw)
				checkTiles(t, broken, read(f, broken))
			}
		}
		if t.Failed() {
			t.Fatalf("in %s", name)
		}
	}
}

// damage returns raw with random pieces cut out, doubled and overwritten.
func damage(rnd *rand.Rand, raw []byte) []byte {
	out := bytes.Clone(raw)
	for range 1 + rnd.Intn(6) {
		if len(out) < 2 {
			break
		}
		from := rnd.Intn(len(out))
		to := min(len(out), from+1+rnd.Intn(80))
		switch rnd.Intn(4) {
		case 0:
			out = append(out[:from], out[to:]...)
		case 1:
			out = append(out[:to:to], out[from:]...)
		case 2:
			out[from] = byte(rnd.Intn(256))
		case 3:
			out = bytes.ReplaceAll(out, []byte{out[from]}, nil)
		}
	}
	return out
}
