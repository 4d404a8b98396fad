package watch

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/internal/tail"
)

// A shelf is a Watcher over real files with the clock of a test.
type shelf struct {
	*bench
	logs string
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{&bench{t: t, dir: t.TempDir(), clock: sampleMod.Add(time.Hour)}, t.TempDir()}
	s.disk = tail.OS{}
	s.pattern = filepath.Join(s.logs, "a.log")
	return s
}

func (s *shelf) path(name string) string { return filepath.Join(s.logs, name) }

// write makes or replaces a file, last changed an hour ago.
func (s *shelf) write(name string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), data, 0o666); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Chtimes(s.path(name), sampleMod, sampleMod); err != nil {
		s.t.Fatal(err)
	}
}

// grow appends to a file.
func (s *shelf) grow(name, text string) {
	s.t.Helper()
	f, err := os.OpenFile(s.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) rename(from, to string) {
	s.t.Helper()
	if err := os.Rename(s.path(from), s.path(to)); err != nil {
		s.t.Fatal(err)
	}
}

// pack compresses a file and removes it.
func (s *shelf) pack(from, to string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(from))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(to, gzipped(s.t, data))
	if err := os.Remove(s.path(from)); err != nil {
		s.t.Fatal(err)
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// settle lets the watch run until its reader of compressed files is done.
func (s *shelf) settle() {
	s.t.Helper()
	s.pass(70 * time.Second)
	for range 10_000 {
		if s.w.packed.current == nil && len(s.w.packed.queue) == 0 {
			break
		}
		s.pass(time.Second)
	}
	s.pass(3 * time.Second)
}

// check counts how often each numbered item was handed on.
func (s *shelf) check(from, to int) {
	s.t.Helper()
	count := map[string]int{}
	for _, part := range strings.Split(s.out.String(), "item ")[1:] {
		count[part[:min(5, len(part))]]++
	}
	for i := from; i < to; i++ {
		if n := count[fmt.Sprintf("%04d\"", i)]; n != 1 {
			s.t.Fatalf("item %d was handed on %d times; want once", i, n)
		}
	}
}

// items are log lines with numbers of four digits.
func items(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		b.WriteString("2026-03-05 18:00:00.000: INFO sync engine: item " + fmt.Sprintf("%04d", i) + "\n")
	}
	return b.String()
}

// TestPackedAtStart: what rotations left is read once, the oldest first and before the
// live file; not again after a restart, under a new name, or when it is packed later.
func TestPackedAtStart(t *testing.T) {
	s := newShelf(t)
	s.write("a.log.3.gz", gzipped(t, []byte(items(0, 50)+faultLine)))
	s.write("a.log.2.zip", zipped(t, "a.log.2", items(50, 100)))
	s.write("a.log.1", []byte(items(100, 150)))
	s.write("a.log", []byte(items(150, 200)))
	s.write("b.log.1.gz", gzipped(t, []byte("2026-03-05 18:00:00.000: INFO sync engine: of another log\n")))
	s.records = true
	s.start()
	s.settle()
	s.check(0, 200)
	out := s.out.String()
	if strings.Index(out, `item 0000"`) > strings.Index(out, `item 0150"`) || strings.Contains(out, "another log") {
		t.Errorf("the live file came before its archive, or that of another log was read:\n%.300s", out)
	}
	if s.told("silent") != 1 || s.told("open") != 0 {
		t.Errorf("told silent %d times, open %d times; want the old fault as silent, once", s.told("silent"), s.told("open"))
	}
	s.stop()
	s.rename("a.log.3.gz", "a.log.4.gz")
	s.start()
	s.settle()
	s.pack("a.log.1", "a.log.1.gz")
	s.settle()
	s.check(0, 200)
	if st := s.w.Status(); st.Gaps+st.PossibleGaps != 0 {
		t.Errorf("losses %+v; want none", st.Losses)
	}
	s.stop()
}

func zipped(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPackedWhileStopped: a log that is rotated and compressed while the watch is stopped
// is read on from where it was read to, and there is no gap.
func TestPackedWhileStopped(t *testing.T) {
	s := newShelf(t)
	s.records = true
	s.grow("a.log", items(0, 100))
	s.start()
	s.settle()
	s.stop()
	s.grow("a.log", items(100, 150))
	s.pack("a.log", "a.log.1.gz")
	s.grow("a.log", items(150, 200))
	s.start()
	s.settle()
	s.check(0, 200)
	if st := s.w.Status(); st.Gaps+st.PossibleGaps != 0 {
		t.Errorf("losses %+v; want none", st.Losses)
	}
	s.stop()
}

// TestPackedCopy: the compressed copy of a log that was truncated was read before.
func TestPackedCopy(t *testing.T) {
	s := newShelf(t)
	s.records = true
	s.grow("a.log", items(0, 100))
	s.start()
	s.settle()
	data, err := os.ReadFile(s.path("a.log"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(s.path("a.log"), 0); err != nil {
		t.Fatal(err)
	}
	s.pass(3 * time.Second)
	s.grow("a.log", items(100, 120))
	s.write("a.log-20260305.gz", gzipped(t, data))
	s.settle()
	s.check(0, 120)
	s.stop()
}

// TestPackedOff: with NoArchives nothing but the patterns is read.
func TestPackedOff(t *testing.T) {
	s := newShelf(t)
	s.records, s.noArchives = true, true
	s.write("a.log.2.gz", gzipped(t, []byte(items(0, 50))))
	s.write("a.log.1", []byte(items(50, 60)))
	s.write("a.log", []byte(items(60, 100)))
	s.start()
	s.settle()
	s.check(60, 100)
	if got := s.w.Status().Records; got != 40 {
		t.Errorf("%d records; want 40", got)
	}
	s.stop()
}

// TestPackedCut: one that cannot be read is told once it is left alone, and read when it
// is whole.
func TestPackedCut(t *testing.T) {
	s := newShelf(t)
	s.records = true
	whole := gzipped(t, []byte(items(0, 100)))
	s.write("a.log.1.gz", whole[:len(whole)/2])
	s.write("a.log", []byte(items(100, 110)))
	s.start()
	s.settle()
	if st := s.w.Status(); st.Gaps != 1 || st.Records != 10 {
		t.Errorf("%d gaps, %d records; want one and those of the live file", st.Gaps, st.Records)
	}
	s.write("a.log.1.gz", whole)
	s.settle()
	s.check(0, 110)
	s.stop()
}

// TestPackedInterrupted: a watch that ends while it reads an archive goes on there.
func TestPackedInterrupted(t *testing.T) {
	s := newShelf(t)
	s.records = true
	s.write("a.log.1.gz", gzipped(t, []byte(items(0, 9000))))
	s.write("a.log", []byte(items(9000, 9010)))
	s.start()
	if _, err := s.w.Step(); err != nil {
		t.Fatal(err)
	}
	if n := s.w.Status().Records; n == 0 || n >= 9000 {
		t.Fatalf("%d records after the first step; want some", n)
	}
	s.stop()
	s.start()
	s.settle()
	s.check(0, 9010)
	s.stop()
}
