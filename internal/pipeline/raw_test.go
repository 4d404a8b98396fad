package pipeline

import (
	"bytes"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"oxtail/internal/loggen"
	"oxtail/parser"
)

// logOf returns a synthetic log of a few megabytes, more than one chunk.
func logOf(t testing.TB, seed int64) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := loggen.Write(&buf, loggen.Options{Lines: 30_000, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// insert puts text before the line in the middle of a log.
func insert(log []byte, text string) []byte { return insertAt(log, len(log)/2, text) }

// insertAt puts text before the line that follows byte at.
func insertAt(log []byte, at int, text string) []byte {
	at += bytes.IndexByte(log[at:], '\n') + 1
	return append(append(bytes.Clone(log[:at]), text...), log[at:]...)
}

// TestFastPathEqualsSlowPath is the promise of the fast path: the same result, for
// logs that it reads to the end and for those that it has to give up.
func TestFastPathEqualsSlowPath(t *testing.T) {
	log := logOf(t, 7)
	rng := rand.New(rand.NewSource(7))
	cases := map[string][]byte{
		"plain":               log,
		"BOM":                 append([]byte("\ufeff"), log...),
		"no line end at last": bytes.TrimRight(log, "\r\n"),
		"head without a head": append([]byte("written by nobody\r\nERROR before the first head\r\n"), log...),
		"stack traces":        insert(log, "java.lang.Error: No DataObject with UUID 00000000-0000-4000-8000-0000000000aa\r\n\tat a.b.c(D.java:1)\r\n"),
		"no format":           bytes.ReplaceAll(log, []byte("2026-03-0"), []byte("#")),
		"windows-1252":        bytes.ReplaceAll(log, []byte("Übersicht"), []byte("\xdcbersicht")),
		"NUL gap":             insert(log, string(make([]byte, 4096))),
		"NUL gap, 1st chunk":  insertAt(log, 2*rawHeadBytes, string(make([]byte, 4096))),
		"UTF-16 section":      insert(log, "2\x000\x002\x006\x00 \x00e\x00r\x00r\x00o\x00r\x00\r\x00\n\x00"),
		"long line":           insert(log, string(bytes.Repeat([]byte("x"), parser.MaxLine+100))+" error\r\n"),
		"long record":         insert(log, string(bytes.Repeat([]byte("\tat somewhere error\r\n"), 40_000))),
		"noise":               noisy(rng, log),
		"gap":                 bytes.ReplaceAll(bytes.ReplaceAll(log, []byte("-05 08:1"), []byte("-05 11:1")), []byte("Übersicht"), []byte("\xdcbersicht")),
	}
	for name, raw := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "oxtstore_1.log")
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			o := defaults(t)
			fast := scanPaths(t, o, path)
			o.NoRaw = true
			slow := scanPaths(t, o, path)
			if diff := cmp.Diff(slow, fast, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("slow path (-) and fast path (+) differ:\n%.4000s", diff)
			}
			if len(slow.Findings) == 0 {
				t.Error("no finding: the comparison proves nothing")
			}
			if got := fast.Sources[0].Bytes; got != int64(len(raw)) {
				t.Errorf("%d bytes in records; the file has %d", got, len(raw))
			}
		})
	}
}

// noisy changes bytes of a log at random.
func noisy(rng *rand.Rand, log []byte) []byte {
	out := bytes.Clone(log)
	for range 3000 {
		out[rng.Intn(len(out))] = byte(1 + rng.Intn(255))
	}
	return out
}
