package index

import (
	"context"
	"fmt"
	"testing"

	"oxtail/parser"
)

// TestTidy commits a little of several sources again and again: the segments and blocks
// must stay few, and every record must be there once, whoever has the words.
func TestTidy(t *testing.T) {
	for name, plain := range map[string]int64{"words in the segment": plainBytes, "words in bleve": 1} {
		t.Run(name, func(t *testing.T) {
			const commits, sources, portion = 150, 3, 20
			dir := t.TempDir()
			w, err := NewWriter(dir, WriterOptions{plainBytes: plain, segmentBytes: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			var writers [sources]*SourceWriter
			for s := range writers {
				writers[s] = w.Begin(Source{Path: fmt.Sprintf("s%d.log", s), ID: fmt.Sprint(s)})
			}
			for n := range commits {
				for s, sw := range writers {
					addPortion(t, sw, s, n*portion, portion)
				}
				if err := w.Commit(); err != nil {
					t.Fatal(err)
				}
				if err := w.Tidy(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			checkTidy(t, dir, commits*portion, sources)
		})
	}
}

func addPortion(t *testing.T, sw *SourceWriter, s, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		raw := fmt.Sprintf("2026-03-05 08:00:00.000: source%d line%06d word%c\n", s, i, 'a'+i%26)
		r := &parser.Record{Offset: int64(i * len(raw)), Raw: []byte(raw), Text: raw[:len(raw)-1], Line: i + 1}
		if err := sw.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := sw.Flush(); err != nil {
		t.Fatal(err)
	}
}

func checkTidy(t *testing.T, dir string, records, sources int) {
	t.Helper()
	x, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Verify(context.Background()); err != nil || len(x.Losses()) > 0 {
		t.Fatalf("verify: %v %v", err, x.Losses())
	}
	if info := x.Info(); info.Segments > 3*joinAt || info.Blocks > 40*sources || info.Records != int64(records*sources) {
		t.Errorf("%d segments, %d blocks, %d records; want at most %d and %d, and %d", info.Segments, info.Blocks, info.Records, 3*joinAt, 40*sources, records*sources)
	}
	for i := 0; i < records; i += 97 {
		if got := countAll(t, dir, fmt.Sprintf("source1 line%06d", i)); got != 1 {
			t.Fatalf("line %d is there %d times, want once", i, got)
		}
	}
	if got, want := countAll(t, dir, "worda"), sources*((records+25)/26); got != want {
		t.Errorf("%d records with a word, want %d", got, want)
	}
}
