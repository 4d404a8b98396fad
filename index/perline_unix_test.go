//go:build !windows

package index

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
)

// perLineEnv names a log for BenchmarkDocumentPerLine.
const perLineEnv = "OXTAIL_BENCH_LOG"

// BenchmarkDocumentPerLine measures what this package avoids: a document of bleve for
// each line of a log, as docs/benchmarks-index.md compares it.
func BenchmarkDocumentPerLine(b *testing.B) {
	name := os.Getenv(perLineEnv)
	if name == "" {
		b.Skipf("no log: set %s to one of go run ./cmd/loggen", perLineEnv)
	}
	for b.Loop() {
		before := cpu(b)
		lines := indexPerLine(b, name, filepath.Join(b.TempDir(), "bleve"))
		b.ReportMetric((cpu(b) - before).Seconds(), "CPU-s")
		b.ReportMetric(float64(lines), "lines")
	}
}

func indexPerLine(b *testing.B, name, dir string) int {
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	ix, err := bleve.New(dir, bleve.NewIndexMapping())
	if err != nil {
		b.Fatal(err)
	}
	const batchLines = 2000
	batch, n := ix.NewBatch(), 0
	for s := bufio.NewScanner(f); s.Scan(); {
		if err := batch.Index(strconv.Itoa(n), map[string]any{"text": s.Text()}); err != nil {
			b.Fatal(err)
		}
		if n++; n%batchLines == 0 {
			if err := ix.Batch(batch); err != nil {
				b.Fatal(err)
			}
			batch = ix.NewBatch()
		}
	}
	if err := ix.Batch(batch); err != nil {
		b.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(diskUse(dir)), "bytes")
	return n
}

// cpu returns the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
