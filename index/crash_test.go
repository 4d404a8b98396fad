package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/index/query"
	"oxtail/parser"
)

// crashEnv tells a copy of the test binary to write to an index until it is killed.
const crashEnv = "OXTAIL_TEST_CRASH_INDEX"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		writeForever(dir)
	}
	if dir := os.Getenv(followEnv); dir != "" {
		followForever(dir)
	}
	os.Exit(m.Run())
}

const crashSources = 6

// longEnv makes the tests with random moments and random queries long:
// OXTAIL_LONG_TESTS=1 go test ./index. Without it they take seconds and run everywhere.
const longEnv = "OXTAIL_LONG_TESTS"

func long() bool { return os.Getenv(longEnv) != "" }

// crashText is what source n holds; round tells the versions of it apart.
func crashText(n, round int) string {
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, "2026-03-05 08:%02d:%02d.000: source%d round%d line %d word%c\n", i/60, i%60, n, round, i, 'a'+i%26)
	}
	return b.String()
}

// fill brings all sources to one round: added, replaced, compacted.
func fill(dir string, round int) error {
	return fillWith(dir, round, WriterOptions{})
}

func fillWith(dir string, round int, opts WriterOptions) error {
	opts.segmentBytes, opts.blockBytes, opts.Jobs = 8<<10, 2<<10, 2
	if round%2 == 0 {
		opts.plainBytes = 1 // bleve has the words
	}
	w, err := NewWriter(dir, opts)
	if err != nil {
		return err
	}
	if err := fillSources(w, round); err != nil {
		_ = w.Close() // the error that matters is the one before
		return err
	}
	return w.Close()
}

func fillSources(w *Writer, round int) error {
	for n := range crashSources {
		path := fmt.Sprintf("s%d.log", n)
		sw := w.Begin(Source{Path: path, Base: path, ID: path})
		off := int64(0)
		for i, line := range strings.SplitAfter(crashText(n, round), "\n") {
			if line == "" {
				continue
			}
			r := &parser.Record{Offset: off, Raw: []byte(line), Text: strings.TrimSuffix(line, "\n"), Line: i + 1}
			off += int64(len(line))
			if err := sw.Add(r); err != nil {
				return err
			}
		}
		if err := sw.Close(); err != nil {
			return err
		}
		if n%2 == 1 {
			if err := w.Commit(); err != nil {
				return err
			}
		}
	}
	return w.Commit()
}

func writeForever(dir string) {
	for round := 1; ; round++ {
		if err := fill(dir, round); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		if _, _, err := Compact(context.Background(), dir, nil); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("round", round)
	}
}

// TestKill kills a writer at random moments. The index must open, verify, and be
// complete after it is written again.
func TestKill(t *testing.T) {
	kills := 25
	if long() {
		kills = 200
	}
	rng := rand.New(rand.NewSource(5))
	dir := filepath.Join(t.TempDir(), "index")
	for kill := range kills {
		out := killAfter(t, crashEnv, dir, time.Duration(rng.Intn(250))*time.Millisecond)
		if strings.Contains(out, "error") {
			t.Fatalf("kill %d: the writer failed: %s", kill, out)
		}
		checkKilled(t, dir, kill)
		if kill%10 != 0 {
			continue
		}
		if err := fill(dir, 1000+kill); err != nil {
			t.Fatalf("kill %d: write again: %v", kill, err)
		}
		if got, want := countAll(t, dir, fmt.Sprintf("round%d", 1000+kill)), crashSources*400; got != want {
			t.Fatalf("kill %d: %d records after writing again, want %d", kill, got, want)
		}
	}
}

func killAfter(t *testing.T, env, dir string, d time.Duration) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), env+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
	var said strings.Builder
	for s := bufio.NewScanner(out); s.Scan(); {
		said.WriteString(s.Text() + "\n")
	}
	_ = cmd.Wait() // it was killed
	return said.String()
}

// checkKilled opens what a killed writer left: nothing may be damaged, and no record
// may be there twice.
func checkKilled(t *testing.T, dir string, kill int) {
	t.Helper()
	x, err := Open(dir, Options{})
	var missing *MissingError
	if errors.As(err, &missing) {
		return
	}
	if err != nil {
		t.Fatalf("kill %d: open: %v", kill, err)
	}
	defer x.Close()
	if _, err := x.Verify(context.Background()); err != nil || len(x.Losses()) > 0 {
		t.Fatalf("kill %d: verify: %v %v", kill, err, x.Losses())
	}
	q, err := query.Parse("*", query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hits, _, err := x.Search(context.Background(), q, SearchOptions{Order: BySource})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, h := range hits {
		l, err := x.Link(h)
		if err != nil || seen[l.String()] {
			t.Fatalf("kill %d: record %s is there twice, or %v", kill, l, err)
		}
		seen[l.String()] = true
	}
}

func countAll(t *testing.T, dir, text string) int {
	t.Helper()
	x, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	q, err := query.Parse(text, query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := x.Each(context.Background(), q, nil, func(_ query.Block, s query.Bits) { n += s.Count() }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSecondWriter(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(dir, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewWriter(dir, WriterOptions{})
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Fatalf("second writer: got %v, want a LockedError with process %d", err, os.Getpid())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w, err = NewWriter(dir, WriterOptions{})
	if err != nil {
		t.Fatalf("writer after the first one is closed: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestReadWhileWriting reads all the time while a writer replaces and compacts.
func TestReadWhileWriting(t *testing.T) {
	dir := t.TempDir()
	if err := fill(dir, 0); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		for round := 1; round < 6; round++ {
			if err := fill(dir, round); err != nil {
				done <- err
				return
			}
			if _, _, err := Compact(context.Background(), dir, nil); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for reads := 0; ; reads++ {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d reads", reads)
			return
		default:
		}
		x, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, l := range x.Losses() {
			if !errors.Is(l.Err, os.ErrNotExist) && !strings.HasSuffix(l.Place, ".words") {
				t.Fatalf("read %d: %v", reads, l)
			}
		}
		x.Close()
	}
}

func TestOldVersion(t *testing.T) {
	dir := t.TempDir()
	if err := fill(dir, 1); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, catalogueName)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(b), fmt.Sprintf(`"version":%d`, Version), `"version":999`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	var version *VersionError
	if _, err := Open(dir, Options{}); !errors.As(err, &version) || version.Have != 999 || version.Hint() == "" {
		t.Errorf("Open = %v; want a VersionError with a hint", err)
	}
	if _, err := NewWriter(dir, WriterOptions{}); !errors.As(err, &version) {
		t.Errorf("NewWriter = %v; want a VersionError", err)
	}
	if err := Drop(dir); err != nil {
		t.Errorf("Drop of an old index: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// TestDamage changes single bytes of a segment: the rest stays searchable and the
// loss is named.
func TestDamage(t *testing.T) {
	rng := rand.New(rand.NewSource(9))
	clean := t.TempDir()
	if err := fill(clean, 1); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(clean, "segment-*.dat"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no segments: %v", err)
	}
	for range 60 {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(clean)); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.Base(files[rng.Intn(len(files))]))
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		at := rng.Intn(len(b)-len(segmentMagic)-4) + len(segmentMagic)
		b[at] ^= byte(1 + rng.Intn(255))
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
		x, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("byte %d of %s changed: open: %v", at, filepath.Base(name), err)
		}
		if _, err := x.Verify(context.Background()); err != nil || len(x.Losses()) == 0 {
			t.Errorf("byte %d of %s changed: verify found nothing (%v)", at, filepath.Base(name), err)
		}
		x.Close()
		if got := countAll(t, dir, "line"); got == 0 || got > crashSources*400 {
			t.Errorf("byte %d of %s changed: %d records remain", at, filepath.Base(name), got)
		}
	}
}

// A shrinkingDisk takes so many bytes and no more: the file that is being written then is
// cut off in the middle of a write.
type shrinkingDisk struct {
	left  int64
	inuse []string // files that were written
}

var errFull = errors.New("no space left on device")

func (d *shrinkingDisk) create(name string) (newFile, error) {
	f, err := os.Create(name)
	d.inuse = append(d.inuse, filepath.Base(name))
	return &shrinkingFile{f, d}, err
}

type shrinkingFile struct {
	*os.File
	disk *shrinkingDisk
}

// Write implements io.Writer.
func (f *shrinkingFile) Write(b []byte) (int, error) {
	n := min(int64(len(b)), f.disk.left)
	f.disk.left -= n
	got, err := f.File.Write(b[:n])
	if err == nil && n < int64(len(b)) {
		err = &os.PathError{Op: "write", Path: f.Name(), Err: errFull}
	}
	return got, err
}

// TestDiskFull lets the disk fill up at many places: in the middle of a segment, of its
// table, of the catalogue. The error is told, the index stays valid with each source of
// one round, and is complete after writing again.
func TestDiskFull(t *testing.T) {
	all := &shrinkingDisk{left: 1 << 40}
	dir := t.TempDir()
	if err := fillWith(dir, 1, WriterOptions{create: all.create}); err != nil {
		t.Fatal(err)
	}
	total := int64(1<<40) - all.left
	round := 2
	for at := int64(0); at < total; at += total/37 + 1 {
		disk := &shrinkingDisk{left: at}
		err := fillWith(dir, round, WriterOptions{create: disk.create})
		if last := disk.inuse[len(disk.inuse)-1]; !errors.Is(err, errFull) || !strings.Contains(err.Error(), last) {
			t.Errorf("full after %d of %d bytes: %v; want the cause and the file %s", at, total, err, last)
		}
		checkRounds(t, dir, at)
		round++
	}
	if err := fill(dir, round); err != nil {
		t.Fatal(err)
	}
	if got, want := countAll(t, dir, fmt.Sprintf("round%d", round)), crashSources*400; got != want {
		t.Errorf("%d records after writing again, want %d", got, want)
	}
}

// checkRounds verifies an index: the records of each source are of one round, and all of
// them are there unless the source says that it was not read to its end.
func checkRounds(t *testing.T, dir string, at int64) {
	t.Helper()
	x, err := Open(dir, Options{})
	if err != nil {
		t.Fatalf("full after %d bytes: open: %v", at, err)
	}
	defer x.Close()
	n, err := x.Verify(context.Background())
	if err != nil || len(x.Losses()) > 0 {
		t.Fatalf("full after %d bytes: %d records, %v %v", at, n, err, x.Losses())
	}
	for i, s := range x.Sources() {
		if s.Complete && s.Records != 400 || s.Records > 400 {
			t.Errorf("full after %d bytes: source %d has %d records, complete %v; want 400", at, i, s.Records, s.Complete)
		}
		rounds := map[string]int{}
		for _, b := range x.blocks[i] {
			v, err := x.load(b)
			if err != nil {
				t.Fatal(err)
			}
			for r := range v.Len() {
				rounds[strings.Fields(string(v.Text(r)))[3]]++
			}
		}
		if len(rounds) > 1 {
			t.Errorf("full after %d bytes: source %d is of the rounds %v; want one", at, i, rounds)
		}
	}
}
