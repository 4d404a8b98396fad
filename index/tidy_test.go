package index

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	if err := follow(sw, s, from, n); err != nil {
		t.Fatal(err)
	}
}

// follow adds lines to a source, as one who follows it does.
func follow(sw *SourceWriter, s, from, n int) error {
	for i := from; i < from+n; i++ {
		raw := fmt.Sprintf("2026-03-05 08:00:00.000: source%d line%06d word%c\n", s, i, 'a'+i%26)
		r := &parser.Record{Offset: int64(i * len(raw)), Raw: []byte(raw), Text: raw[:len(raw)-1], Line: i + 1}
		if err := sw.Add(r); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// followEnv tells a copy of the test binary to follow sources into an index until it is
// killed.
const followEnv = "OXTAIL_TEST_FOLLOW_INDEX"

const followed = 3 // sources

func followForever(dir string) {
	if err := followOn(dir); err != nil {
		fmt.Println("error", err)
	}
	os.Exit(1)
}

// followOn goes on where the index ends.
func followOn(dir string) error {
	w, err := NewWriter(dir, WriterOptions{plainBytes: 20 << 10, segmentBytes: 1 << 20})
	if err != nil {
		return err
	}
	var writers [followed]*SourceWriter
	var at [followed]int
	for s := range writers {
		path := fmt.Sprintf("s%d.log", s)
		old, known := w.Lookup(path)
		if at[s] = int(old.Records); !known {
			writers[s] = w.Begin(Source{Path: path, ID: fmt.Sprint(s)})
			continue
		}
		if writers[s], _, err = w.Continue(func(x Source) bool { return x.Path == path }); err != nil {
			return err
		}
	}
	for {
		for s, sw := range writers {
			const portion = 15
			if err := follow(sw, s, at[s], portion); err != nil {
				return err
			}
			at[s] += portion
		}
		if err := w.Commit(); err != nil {
			return err
		}
		for s := range at {
			fmt.Println("safe", s, at[s])
		}
		if err := w.Tidy(context.Background(), nil); err != nil {
			return err
		}
	}
}

// TestKillFollower kills one who follows at random moments, also while it joins segments.
// What it said to be safe is there, once, and the next one goes on.
func TestKillFollower(t *testing.T) {
	kills := 12
	if long() {
		kills = 200
	}
	rng := rand.New(rand.NewSource(11))
	dir := filepath.Join(t.TempDir(), "index")
	for kill := range kills {
		out := killAfter(t, followEnv, dir, time.Duration(rng.Intn(400))*time.Millisecond)
		if strings.Contains(out, "error") {
			t.Fatalf("kill %d: the writer failed: %s", kill, out)
		}
		checkKilled(t, dir, kill)
		var safe [followed]int
		for line := range strings.Lines(out) {
			var s, n int
			if _, err := fmt.Sscanf(line, "safe %d %d\n", &s, &n); err == nil {
				safe[s] = n
			}
		}
		for s, n := range safe {
			if n == 0 {
				continue
			}
			if got := countAll(t, dir, fmt.Sprintf("source%d", s)); got < n {
				t.Fatalf("kill %d: source %d has %d records, %d were safe", kill, s, got, n)
			}
		}
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
