package pipeline

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"oxtail/parser"
)

// maxSeed is the largest sample in bytes that is a seed: large ones only slow the fuzzer down.
const maxSeed = 64 << 10

// sampleSeeds returns the files of samples/.
func sampleSeeds(tb testing.TB) [][]byte {
	tb.Helper()
	var out [][]byte
	err := filepath.WalkDir("../../samples", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) > 0 && len(raw) <= maxSeed {
			out = append(out, raw)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		tb.Fatalf("%d seeds below samples/: %v", len(out), err)
	}
	return out
}

// checkLossless fails unless the records of raw, joined, are raw, and stand where they say.
func checkLossless(t *testing.T, raw []byte, candidates []parser.Format) {
	t.Helper()
	r := parser.NewReader(bytes.NewReader(raw), parser.Source{Path: "x"}, parser.Options{Formats: candidates})
	at, line := 0, 0
	for rec, err := r.Next(); err == nil; rec, err = r.Next() {
		end := at + len(rec.Raw)
		if rec.Offset != int64(at) || len(rec.Raw) == 0 || end > len(raw) || !bytes.Equal(rec.Raw, raw[at:end]) {
			t.Fatalf("%d formats: record at %d holds %q; want it at %d and to be what stands there", len(candidates), rec.Offset, rec.Raw, at)
		}
		if rec.Line < max(line, 1) {
			t.Fatalf("%d formats: record at %d is on line %d, behind line %d", len(candidates), at, rec.Line, line)
		}
		at, line = end, rec.Line
	}
	if at != len(raw) {
		t.Fatalf("%d formats: records hold %d bytes of %d", len(candidates), at, len(raw))
	}
}

// FuzzLossless reads any bytes as the format that claims them and as one that may not.
func FuzzLossless(f *testing.F) {
	for i, raw := range sampleSeeds(f) {
		f.Add(raw, uint8(i))
	}
	all := defaults(f).Formats
	f.Fuzz(func(t *testing.T, raw []byte, format uint8) {
		checkLossless(t, raw, all)
		one := int(format) % len(all)
		checkLossless(t, raw, all[one:one+1])
	})
}
