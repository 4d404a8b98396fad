package indexing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/index/query"
	"oxtail/internal/loggen"
	"oxtail/parser"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

func testOptions(t testing.TB) Options {
	t.Helper()
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := detectors.Default()
	if err != nil {
		t.Fatal(err)
	}
	return Options{Formats: set.Formats(), Rules: rules}
}

// testLog returns a log with entries of several lines and, at will, bytes that are not UTF-8.
func testLog(t testing.TB, lines int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := loggen.Write(&b, loggen.Options{Lines: lines, Seed: 4}); err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i, l := range bytes.SplitAfter(b.Bytes(), []byte{'\n'}) {
		out = append(out, l...)
		switch {
		case i%97 == 3:
			out = append(out, "   at Sync.Engine.Run()\r\n   at Main\r\n"...)
		case i == 7000: // longer than an entry may be: its second part inherits the time
			out = append(out, bytes.Repeat([]byte("   dump\r\n"), 12_000)...)
		case i%1013 == 5:
			out = append(out, "   f\xfcr Windows-1252\r\n"...)
		}
	}
	return out
}

// check compares an index with what the parser makes of a file.
func check(t *testing.T, dir, path string, opts Options) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	r := parser.NewReader(bytes.NewReader(data), parser.Source{Path: path, ModTime: info.ModTime()}, parser.Options{Formats: opts.Formats})
	x, err := index.Open(dir, index.Options{Formats: Lookup(opts.Formats)})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	q, err := query.Parse("*", query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hits, _, err := x.Search(context.Background(), q, index.SearchOptions{Order: index.BySource})
	if err != nil {
		t.Fatal(err)
	}
	matcher := detectors.NewMatcher(opts.Rules)
	for i := 0; ; i++ {
		want, err := r.Next()
		if err != nil {
			if i != len(hits) {
				t.Fatalf("the index has %d records, want %d", len(hits), i)
			}
			return
		}
		if i >= len(hits) {
			t.Fatalf("the index has %d records, want more", len(hits))
		}
		got, err := x.Record(hits[i])
		if err != nil {
			t.Fatal(err)
		}
		if g, w := describe(got), describe(want); g != w {
			t.Fatalf("record %d:\ngot  %s\nwant %s", i, g, w)
		}
		tags, err := x.Tags(hits[i])
		if err != nil {
			t.Fatal(err)
		}
		if g, w := rulesOf(tags), wantRules(matcher, want, hits[i].Source); g != w {
			t.Fatalf("record %d %q has rules %q, want %q", i, want.Text, g, w)
		}
	}
}

func describe(r *parser.Record) string {
	return fmt.Sprintf("%d+%d line %d %s %s %s %q %q %q %v %v %v %q", r.Offset, len(r.Raw), r.Line, r.Time.UTC(), r.Basis, r.Level, r.Component, r.Thread, r.Message, r.Fields, r.Codes, r.UUIDs, r.Text)
}

func rulesOf(tags []parser.Field) string {
	var out []string
	for _, t := range tags {
		if t.Name == "rule" {
			out = append(out, t.Value)
		}
	}
	return strings.Join(out, " ")
}

func wantRules(m *detectors.Matcher, r *parser.Record, s *index.Source) string {
	var out []string
	for _, h := range m.Match(r, detectors.EventContext{Source: s.Path, Format: s.Format}) {
		if h.Kind == detectors.HitFault && !h.Rule.Silent {
			out = append(out, h.Rule.ID)
		}
	}
	return strings.Join(out, " ")
}

// TestQuickEqualsReader holds the quick way of reading against the parser's reader.
func TestQuickEqualsReader(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "oxtstore_1.log")
	if err := os.WriteFile(path, testLog(t, 20_000), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Add(context.Background(), filepath.Join(dir, "ix"), []string{path}, opts); err != nil {
		t.Fatal(err)
	}
	check(t, filepath.Join(dir, "ix"), path, opts)
}

// TestGrownEqualsWhole lets a file grow in random steps, in the middle of lines and entries.
func TestGrownEqualsWhole(t *testing.T) {
	opts := testOptions(t)
	rng := rand.New(rand.NewSource(2))
	for _, lines := range []int{300, 15_000} {
		dir := t.TempDir()
		path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
		data := testLog(t, lines)
		grown := 0
		for at := len(data) / 3; ; at += 1 + rng.Intn(len(data)/5) {
			at = min(at, len(data))
			if err := os.WriteFile(path, data[:at], 0o666); err != nil {
				t.Fatal(err)
			}
			res, err := Add(context.Background(), ix, []string{path}, opts)
			if err != nil {
				t.Fatal(err)
			}
			grown += res.Count(Grown)
			check(t, ix, path, opts)
			if at == len(data) {
				break
			}
		}
		if grown == 0 {
			t.Errorf("%d lines: the file was never continued", lines)
		}
	}
}

func TestOtherSources(t *testing.T) {
	opts := testOptions(t)
	var utf16le []byte
	for _, c := range utf16.Encode([]rune("\ufeff2026-03-05 08:00:00.000: ERROR Übersicht SVL-0019\r\n2026-03-05 08:00:01.000: DEBUG x\r\n")) {
		utf16le = append(utf16le, byte(c), byte(c>>8))
	}
	for name, data := range map[string][]byte{
		"utf16.log":   utf16le,
		"empty.log":   nil,
		"none.txt":    []byte("one\ntwo\n\nthree"),
		"bom.log":     []byte("\ufeff2026-03-05 08:00:00.000: DEBUG a\n2026-03-05 08:00:01.000: DEBUG b\n"),
		"clock.log":   []byte("08:00:00 start\n09:00:00 stop\n"),
		"sync.txt":    []byte("8:00:00 Synchronizer Version 16.0.20228\r\n8:00:00 Synchronizing Mailbox 'J'\r\n8:00:01 \tError synchronizing folder\r\n8:00:01 \t\t [80040305-54A-4DE-1900]\r\n8:00:02 Done\r\n"),
		"changes.log": append([]byte("2026-03-05 08:00:00.000: DEBUG a\n"), utf16le...),
	} {
		dir := t.TempDir()
		path, ix := filepath.Join(dir, name), filepath.Join(dir, "ix")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Add(context.Background(), ix, []string{path}, opts); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { check(t, ix, path, opts) })
	}
}

func TestInterrupted(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	if err := os.WriteFile(path, testLog(t, 20_000), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	opts.Progress = func(string, int64) { cancel() }
	if _, err := Add(ctx, ix, []string{path}, opts); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted Add = %v; want context.Canceled", err)
	}
	opts.Progress = nil
	if _, err := Add(context.Background(), ix, []string{path}, opts); err != nil {
		t.Fatal(err)
	}
	check(t, ix, path, opts)
}

// TestManyAdds adds a little at a time: the index must not fall to pieces.
func TestManyAdds(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	data := testLog(t, 400)
	for n := 1; n <= 40; n++ {
		if err := os.WriteFile(path, data[:len(data)*n/40], 0o666); err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(dir, fmt.Sprintf("other%d.log", n))
		if err := os.WriteFile(other, data[:1000], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Add(context.Background(), ix, []string{path, other}, opts); err != nil {
			t.Fatal(err)
		}
	}
	x, err := index.Open(ix, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Verify(context.Background()); err != nil || len(x.Losses()) > 0 {
		t.Errorf("verify: %v %v", err, x.Losses())
	}
	if info := x.Info(); info.Segments > 20 || info.Sources != 41 {
		t.Errorf("got %d segments and %d sources, want at most 20 and 41", info.Segments, info.Sources)
	}
}
