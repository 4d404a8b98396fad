package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"oxtail/internal/loggen"
)

// BenchmarkScanLarge scans a provider log of 100,000 lines from the page cache.
func BenchmarkScanLarge(b *testing.B) {
	path := filepath.Join(b.TempDir(), "oxtstore_1.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := loggen.Write(f, loggen.Options{Lines: 100_000, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	o := defaults(b)
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		scanPaths(b, o, path)
	}
}

// BenchmarkPrefilter runs the rule pack's literals over the bytes of a log.
func BenchmarkPrefilter(b *testing.B) {
	log := logOf(b, 1)
	o := defaults(b)
	set := newPrefilters(o.Rules).of("oxtstore_a")
	if set == nil {
		b.Fatal("a rule without a literal")
	}
	b.SetBytes(int64(len(log)))
	hits := 0
	for b.Loop() {
		for at := set.Index(log, 0); at >= 0; at = set.Index(log, at+1) {
			hits++
		}
	}
	b.ReportMetric(float64(set.Len()), "literals")
	b.ReportMetric(100*set.Density(), "%table")
}

// BenchmarkSmallFiles scans 1,000 files of 20 lines.
func BenchmarkSmallFiles(b *testing.B) {
	dir := b.TempDir()
	const files = 1000
	for i := range files {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("oxtstore_%04d.log", i)))
		if err != nil {
			b.Fatal(err)
		}
		if err := loggen.Write(f, loggen.Options{Lines: 20, Seed: int64(i)}); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	o := defaults(b)
	for b.Loop() {
		scanPaths(b, o, dir)
	}
	b.ReportMetric(float64(files*b.N)/b.Elapsed().Seconds(), "files/s")
}
