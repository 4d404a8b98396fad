package outlook

import (
	"path"
	"strings"
	"testing"
)

// seed adds the fixtures of the given kinds.
func seed(f *testing.F, kinds ...string) {
	n := 0
	for name, raw := range corpus(f) {
		for _, kind := range kinds {
			if path.Base(path.Dir(name)) == kind {
				f.Add(raw)
				n++
			}
		}
	}
	if n == 0 {
		f.Fatalf("no fixtures of %v", kinds)
	}
}

func FuzzSync(f *testing.F) {
	seed(f, "sync", "sync_issues", "modres", "modification_resolution", "sendreceive", "send_receive")
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, format := range Formats()[:3] {
			lossless(t, raw, format.Name())
		}
	})
}

func FuzzEvents(f *testing.F) {
	seed(f, "eventlog", "scanpst", "opmlog", "eas", "ox")
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, format := range Formats()[3:] {
			lossless(t, raw, format.Name())
		}
	})
}

// lossless fails unless the records of a grammar are the source, each with its text.
func lossless(t *testing.T, raw []byte, name string) {
	t.Helper()
	for _, format := range Formats() {
		if format.Name() != name {
			continue
		}
		records := read(format, raw)
		checkTiles(t, raw, records)
		for _, r := range records {
			if len(r.Raw) == 0 || strings.HasSuffix(r.Text, "\n") || r.Line < 1 {
				t.Fatalf("%s: record at %d has raw %q, text %q, line %d", name, r.Offset, r.Raw, r.Text, r.Line)
			}
		}
		if c := format.Claim(linesOf(raw)); c.Matched > c.Considered || c.Matched < 0 {
			t.Fatalf("%s claims %d of %d lines", name, c.Matched, c.Considered)
		}
	}
}
