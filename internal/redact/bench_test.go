package redact

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

// benchLog is like a log of the store provider: most lines name nobody.
func benchLog(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "2026-03-05 %02d:%02d:%02d.%03d: DEBUG sync engine: folder 'Kalender' object %08x-0000-4000-8000-%012x state clean, 12 objects in 302 ms\r\n", i/3600%24, i/60%60, i%60, i%1000, uint32(i)*2654435761, i)
		switch i % 20 {
		case 3:
			fmt.Fprintf(&b, "2026-03-05 10:11:12.345: INFO  GET https://ox%d.kunde.de/ajax/folders?session=8f3e0c1a9d%08x answered 200 in 12 ms\r\n", i%7, i)
		case 7:
			fmt.Fprintf(&b, "10:183:user%d:JSON:device0001: Sync executed in 302 ms, 4 OX calls took 253 ms.\r\n", i%200)
		case 11:
			fmt.Fprintf(&b, "2026-03-05 10:11:12.345: DEBUG cache C:\\Users\\user%d\\AppData\\Local\\OXSTORE2\\a1.odb for user%d@kunde.de\r\n", i%200, i%200)
		}
	}
	return b.Bytes()
}

func BenchmarkRedact(b *testing.B) {
	data := benchLog(32 << 20)
	for _, jobs := range []int{1, 2} {
		b.Run(fmt.Sprintf("jobs=%d", jobs), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				c := newCase(b, Options{Jobs: jobs})
				for i := range 500 {
					c.LearnName(Mailbox, fmt.Sprintf("Vorname%d Nachname%d", i, i))
				}
				if err := c.Learn(context.Background(), bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
				r, err := c.Seal()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.Copy(context.Background(), io.Discard, bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestLineCountOfBench(t *testing.T) {
	data := string(benchLog(1 << 20))
	out := redactAll(t, newCase(t, Options{Jobs: 3}), data)[0]
	if got, want := strings.Count(out, "\n"), strings.Count(data, "\n"); got != want {
		t.Errorf("%d lines; want %d", got, want)
	}
	if strings.Contains(out, "kunde") || strings.Contains(out, "8f3e0c1a9d") {
		t.Error("a name is left")
	}
	again := redactAll(t, newCase(t, Options{Jobs: 1}), data)[0]
	if again != out {
		t.Error("one goroutine and three give different names")
	}
}
