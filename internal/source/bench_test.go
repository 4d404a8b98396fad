package source_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/internal/source"
)

// drain walks paths and reads everything.
func drain(b *testing.B, paths ...string) (streams int, bytesOut int64) {
	buf := make([]byte, 256<<10)
	skipped, err := source.Walk(context.Background(), paths, source.Options{}, func(s *source.Stream) error {
		streams++
		rc, err := s.Open()
		if err != nil {
			return err
		}
		defer rc.Close()
		n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{rc}, buf)
		bytesOut += n
		return err
	})
	if err != nil || len(skipped) > 0 {
		b.Fatal(err, skipped)
	}
	return streams, bytesOut
}

func BenchmarkManySmallFiles(b *testing.B) {
	const files = 10_000
	root := b.TempDir()
	text := []byte(strings.Repeat("2026-11-02 14:21:07,123 INFO a line of a small log\n", 40))
	for i := range files {
		dir := filepath.Join(root, fmt.Sprintf("%02d", i%50))
		os.MkdirAll(dir, 0o755)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.log", i)), text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if n, _ := drain(b, root); n != files {
			b.Fatalf("%d streams; want %d", n, files)
		}
	}
	b.ReportMetric(float64(files)*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

func BenchmarkArchives(b *testing.B) {
	var text bytes.Buffer
	for i := range 400_000 {
		fmt.Fprintf(&text, "2026-11-02 14:21:07,%03d INFO [%d] folder %x synchronised in %d ms\n", i%1000, i, uint32(i)*2654435761, i%97)
	}
	forms := map[string][]byte{
		"a.log":     text.Bytes(),
		"a.zip":     zipOf(b, file{"a.log", text.String()}),
		"a.log.gz":  gzipOf(b, text.Bytes()),
		"a.log.zst": zstdOf(b, text.Bytes()),
		"a.log.xz":  xzOf(b, text.Bytes()),
		"a.tar.gz":  gzipOf(b, tarOf(b, file{"a.log", text.String()})),
	}
	for _, name := range []string{"a.log", "a.zip", "a.log.gz", "a.log.zst", "a.log.xz", "a.tar.gz"} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), name)
			if err := os.WriteFile(path, forms[name], 0o644); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				if _, n := drain(b, path); n != int64(text.Len()) {
					b.Fatalf("%d bytes; want %d", n, text.Len())
				}
			}
		})
	}
}
