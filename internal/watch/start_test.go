//go:build !windows

package watch

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"oxtail/internal/tail"
)

// oldFiles is how many files BenchmarkStart finds. docs/benchmarks-watch.md has 10000.
var oldFiles = flag.Int("oldfiles", 500, "files of BenchmarkStart")

// writeOld makes n files of 20 lines that nobody changed for an hour.
func writeOld(t testing.TB, dir string, n int) {
	t.Helper()
	for i := range n {
		var b strings.Builder
		for line := range 20 {
			fmt.Fprintf(&b, "2026-03-05 08:%02d:%02d.000: INFO sync engine: folder %d checked in file %d\n", line, i%60, line, i)
		}
		name, old := filepath.Join(dir, fmt.Sprintf("oxtstore_%d.log", i)), time.Now().Add(-time.Hour)
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkStart is the first look at many old files, all read and judged, and the
// second start with the state of the first.
func BenchmarkStart(b *testing.B) {
	logs := b.TempDir()
	writeOld(b, logs, *oldFiles)
	rules, formats := allRules(b), allFormats(b)
	for b.Loop() {
		state := b.TempDir()
		for _, name := range []string{"first", "second"} {
			began, cpu := time.Now(), cpuTime()
			folder, err := OpenFolder(state)
			if err != nil {
				b.Fatal(err)
			}
			w, err := New(Options{
				Patterns: []string{logs}, FS: tail.OS{}, Now: time.Now, Rules: rules, Formats: formats, Folder: folder,
				Outputs: []Output{NewPrinter(writerFunc(func([]byte) {}), true)},
			})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := w.Step(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(began).Seconds(), name+"-s/op")
			b.ReportMetric((cpuTime() - cpu).Seconds(), name+"-cpu-s/op")
			if got := w.Status().Records; name == "first" && got != int64(20**oldFiles) {
				b.Fatalf("%d records; want %d", got, 20**oldFiles)
			}
			if err := w.finish(); err != nil {
				b.Fatal(err)
			}
			_ = folder.Close()
		}
	}
}

// cpuTime is the processor time of this process so far.
func cpuTime() time.Duration {
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
