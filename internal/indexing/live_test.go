package indexing

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"oxtail/index"
	"oxtail/index/query"
	"oxtail/parser"
)

// recordsOf reads records as the one who follows a file does.
func recordsOf(t *testing.T, path string, data []byte, opts Options) (Generation, []*parser.Record) {
	t.Helper()
	r := parser.NewReader(bytes.NewReader(data), parser.Source{Path: path}, parser.Options{Formats: opts.Formats})
	g := Generation{Key: "1-2-0", Path: path}
	if f, _ := r.Format(); f != nil {
		g.Format = f.Name()
	}
	var out []*parser.Record
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			g.Encoding = r.Encoding()
			return g, out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
}

func live(t *testing.T, dir string, opts Options) *Live {
	t.Helper()
	l, err := OpenLive(dir, LiveOptions{Formats: opts.Formats, Rules: opts.Rules})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func feed(t *testing.T, l *Live, g Generation, records []*parser.Record) {
	t.Helper()
	for _, r := range records {
		c := *r
		if err := l.Add(g, &c); err != nil {
			t.Fatal(err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLiveEqualsReading adds records in random portions, crashes (what was added since
// the last commit is lost), repeats from an older checkpoint, and compares with the file.
func TestLiveEqualsReading(t *testing.T) {
	opts := testOptions(t)
	seed := rand.Int63()
	rng := rand.New(rand.NewSource(seed))
	t.Logf("seed %d", seed)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	data := testLog(t, 6_000)
	must(t, os.WriteFile(path, data, 0o666))
	g, records := recordsOf(t, path, data, opts)
	l := live(t, ix, opts)
	at, safe := 0, 0
	for at < len(records) {
		n := min(1+rng.Intn(600), len(records)-at)
		feed(t, l, g, records[at:at+n])
		at += n
		switch rng.Intn(4) {
		case 0: // killed
			must(t, l.w.Close())
			l = live(t, ix, opts)
			at = max(0, safe-rng.Intn(300)) // the checkpoint may be older than the index
		case 1, 2:
			must(t, l.Commit())
			safe = at
		}
	}
	must(t, l.Close())
	check(t, ix, path, opts)
}

// TestLiveThenAdd follows a file, then reads it the other way, and the reverse.
func TestLiveThenAdd(t *testing.T) {
	opts := testOptions(t)
	data := testLog(t, 3_000)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	g, records := recordsOf(t, path, data, opts)
	half := len(records) / 2
	cut := records[half].Offset
	steps := []struct {
		name string
		do   func()
	}{
		{"live", func() { l := live(t, ix, opts); feed(t, l, g, records[:half]); must(t, l.Close()) }},
		{"add the same", func() {
			res, err := Add(context.Background(), ix, []string{path}, opts)
			must(t, err)
			if res.Count(Unchanged) != 1 {
				t.Errorf("got %+v; want one unchanged source", res.Outcomes)
			}
		}},
		{"live on", func() { l := live(t, ix, opts); feed(t, l, g, records[half-20:half+100]); must(t, l.Close()) }},
		{"add the rest", func() {
			must(t, os.WriteFile(path, data, 0o666))
			res, err := Add(context.Background(), ix, []string{path}, opts)
			must(t, err)
			if res.Count(Grown) != 1 {
				t.Errorf("got %+v; want one grown source", res.Outcomes)
			}
		}},
		{"live from the start", func() {
			l := live(t, ix, opts)
			feed(t, l, g, records)
			if added, again := l.Counts(); added != 0 || again != int64(len(records)) {
				t.Errorf("%d records added, %d repeated; want 0, %d", added, again, len(records))
			}
			must(t, l.Close())
		}},
	}
	for _, s := range steps {
		must(t, os.WriteFile(path, data[:cut], 0o666))
		if s.name == "live on" || s.name == "live from the start" {
			must(t, os.WriteFile(path, data, 0o666))
		}
		s.do()
	}
	check(t, ix, path, opts)
}

// TestLiveLongerRecord hands half a line over and, after a crash, the whole of it.
func TestLiveLongerRecord(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	data := testLog(t, 200)
	must(t, os.WriteFile(path, data, 0o666))
	g, records := recordsOf(t, path, data, opts)
	const half = 100
	torn := *records[half]
	torn.Raw, torn.Text = torn.Raw[:20], torn.Text[:20]
	torn.Message = torn.Text
	l := live(t, ix, opts)
	feed(t, l, g, records[:half])
	feed(t, l, g, []*parser.Record{&torn})
	must(t, l.Close())
	l = live(t, ix, opts)
	feed(t, l, g, records[half-10:])
	must(t, l.Close())
	check(t, ix, path, opts)
	res, err := Add(context.Background(), ix, []string{path}, opts)
	must(t, err)
	if res.Count(Unchanged) != 1 {
		t.Errorf("got %+v; want one unchanged source", res.Outcomes)
	}
}

// TestLiveRotated gives a path to a second generation: the first one stays, and is
// known again under its new name.
func TestLiveRotated(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	first, second := testLog(t, 400), bytes.ReplaceAll(testLog(t, 300), []byte("2026-03-05"), []byte("2026-03-06"))
	g, a := recordsOf(t, path, first, opts)
	h, b := recordsOf(t, path, second, opts)
	h.Key = "1-3-0"
	l := live(t, ix, opts)
	feed(t, l, g, a)
	feed(t, l, h, b)
	must(t, l.Close())
	must(t, os.WriteFile(path+".1", first, 0o666))
	must(t, os.WriteFile(path, second, 0o666))
	want := len(a) + len(b)
	if got := countIn(t, ix, "*", opts); got != want {
		t.Fatalf("%d records after a rotation, want %d", got, want)
	}
	res, err := Add(context.Background(), ix, []string{path, path + ".1"}, opts)
	must(t, err)
	if got := countIn(t, ix, "*", opts); got != want || res.Count(Unchanged) != 1 || res.Count(Renamed) != 1 {
		t.Errorf("%d records after reading both files, want %d; %+v", got, want, res.Outcomes)
	}
	if got := countIn(t, ix, "source:*.log.1", opts); got != len(a) {
		t.Errorf("%d records under the new name, want %d", got, len(a))
	}
}

// TestOtherSpelling names the same file in two ways, to each way of reading.
func TestOtherSpelling(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	data := testLog(t, 100)
	must(t, os.WriteFile(path, data, 0o666))
	t.Chdir(dir)
	_, err := Add(context.Background(), ix, []string{"oxtstore_1.log"}, opts)
	must(t, err)
	g, records := recordsOf(t, path, data, opts)
	l := live(t, ix, opts)
	feed(t, l, g, records)
	must(t, l.Close())
	res, err := Add(context.Background(), ix, []string{path}, opts)
	must(t, err)
	if got := countIn(t, ix, "*", opts); got != len(records) || res.Count(Renamed) != 1 {
		t.Errorf("%d records, want %d; %+v", got, len(records), res.Outcomes)
	}
}

// TestLivePacked rotates and packs a log that was followed: its records are not there
// twice, and its links lead to the packed file.
func TestLivePacked(t *testing.T) {
	opts := testOptions(t)
	for _, lines := range []int{50, 3_000} {
		dir := t.TempDir()
		path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
		first := testLog(t, lines)
		second := bytes.ReplaceAll(testLog(t, 300), []byte("2026-03-05"), []byte("2026-03-06"))
		g, a := recordsOf(t, path, first, opts)
		h, b := recordsOf(t, path, second, opts)
		h.Key = "1-3-0"
		l := live(t, ix, opts)
		feed(t, l, g, a)
		feed(t, l, h, b)
		must(t, l.Close())
		must(t, os.WriteFile(path, second, 0o666))
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := z.Write(first)
		must(t, err)
		must(t, z.Close())
		must(t, os.WriteFile(path+".1.gz", packed.Bytes(), 0o666))
		res, err := Add(context.Background(), ix, []string{dir}, opts)
		must(t, err)
		if got := countIn(t, ix, "*", opts); got != len(a)+len(b) || res.Count(Renamed) != 1 {
			t.Errorf("%d lines: %d records after packing, want %d; %+v", lines, got, len(a)+len(b), res.Outcomes)
		}
		if res, err = Add(context.Background(), ix, []string{dir}, opts); err != nil || res.Count(Unchanged) != 2 {
			t.Errorf("%d lines: added again: %+v, %v; want two unchanged sources", lines, res.Outcomes, err)
		}
	}
}

// TestLiveGap begins a file in its middle: reading it the other way brings the rest.
func TestLiveGap(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	data := testLog(t, 400)
	must(t, os.WriteFile(path, data, 0o666))
	g, records := recordsOf(t, path, data, opts)
	l := live(t, ix, opts)
	feed(t, l, g, records[200:250])
	feed(t, l, g, records[300:])
	must(t, l.Commit())
	feed(t, l, g, records[100:350]) // a restart without a checkpoint
	must(t, l.Close())
	if got, want := countIn(t, ix, "*", opts), len(records)-100; got != want {
		t.Errorf("%d records, want %d", got, want)
	}
	_, err := Add(context.Background(), ix, []string{path}, opts)
	must(t, err)
	check(t, ix, path, opts)
}

func countIn(t *testing.T, dir, text string, opts Options) int {
	t.Helper()
	x, err := index.Open(dir, index.Options{Formats: Lookup(opts.Formats)})
	must(t, err)
	defer x.Close()
	q, err := query.Parse(text, query.Options{})
	must(t, err)
	n := 0
	must(t, x.Each(context.Background(), q, nil, func(_ query.Block, s query.Bits) { n += s.Count() }))
	for _, loss := range x.Losses() {
		t.Errorf("lost: %v", loss)
	}
	return n
}

// TestLiveReaders searches all the time while a Live writes: what is committed is found,
// and nothing fails.
func TestLiveReaders(t *testing.T) {
	opts := testOptions(t)
	dir := t.TempDir()
	path, ix := filepath.Join(dir, "oxtstore_1.log"), filepath.Join(dir, "ix")
	data := testLog(t, 4_000)
	g, records := recordsOf(t, path, data, opts)
	l := live(t, ix, opts)
	feed(t, l, g, records[:10])
	must(t, l.Commit())
	steps := make(chan int) // records committed so far
	failed := make(chan error, 1)
	go func() {
		defer close(steps)
		for at := 10; at < len(records); at += 100 {
			to := min(at+100, len(records))
			for _, r := range records[at:to] {
				if err := l.Add(g, r); err != nil {
					failed <- err
					return
				}
			}
			if err := l.Commit(); err != nil {
				failed <- err
				return
			}
			steps <- to
		}
	}()
	floor := 10
	for {
		if got := countIn(t, ix, "*", opts); got < floor {
			t.Fatalf("%d records found, %d are committed", got, floor)
		}
		n, ok := <-steps
		if !ok {
			break
		}
		floor = n
	}
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
	_, err := OpenLive(ix, LiveOptions{})
	var locked *index.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("second writer: %v; want a LockedError with process %d", err, os.Getpid())
	}
	must(t, l.Close())
	must(t, os.WriteFile(path, data, 0o666))
	check(t, ix, path, opts)
}

// BenchmarkLive commits twenty records of each of fifty files: a second of work of watch
// under load is twenty of these.
func BenchmarkLive(b *testing.B) {
	opts := testOptions(b)
	l, err := OpenLive(filepath.Join(b.TempDir(), "ix"), LiveOptions{Formats: opts.Formats, Rules: opts.Rules})
	if err != nil {
		b.Fatal(err)
	}
	const files, portion = 50, 20
	lines := bytes.SplitAfter(testLog(b, 4_000), []byte{'\n'})
	var at [files]int64
	for n := 0; b.Loop(); n++ {
		for f := range files {
			g := Generation{Key: fmt.Sprint(f), Path: fmt.Sprintf("log%d", f), Encoding: "utf-8"}
			for i := range portion {
				line := lines[(n*portion+i)%len(lines)]
				text := string(bytes.TrimSpace(line))
				r := &parser.Record{Offset: at[f], Raw: line, Line: n*portion + i + 1, Text: text, Message: text}
				at[f] = r.End()
				if err := l.Add(g, r); err != nil {
					b.Fatal(err)
				}
			}
		}
		if err := l.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/(files*portion), "µs/record")
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}
