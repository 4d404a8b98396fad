package pipeline

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"oxtail/parser"
)

// TestStampMemoEqualsReading reads lines of every embedded raw format, and near
// misses of their times, with and without the memo.
func TestStampMemoEqualsReading(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	layouts := []string{
		"2026-03-05 10:11:%02d.%03d: x", "2026-03-05 10:11:%02d,%03d [7] DEBUG a - b", "[05.03.2026 10:11:%02d.%03d] [0x1] [ERROR] c: m",
		"2026-03-05T10:11:%02d.%03d+05:30 3ac A:x", "2026-03-05T10:11:%02d.%03dZ x", "2026-03-05 10:11:%02d.%03d1 x", "2026-03-05 10:11:%02d:%03d x",
	}
	compared := 0
	for _, f := range defaults(t).Formats {
		raw, ok := f.(parser.RawFormat)
		if !ok || raw.Starts() == nil {
			continue
		}
		starts, read := raw.Starts(), raw.StampOf(parser.Source{})
		memo := stampMemo{read: read}
		for range 4000 {
			line := []byte(fmt.Sprintf(layouts[rng.Intn(len(layouts))], rng.Intn(3), rng.Intn(1000)))
			if rng.Intn(4) == 0 {
				line[rng.Intn(len(line))] = byte(' ' + rng.Intn(95))
			}
			if !starts(line) {
				continue // times are only asked of lines that begin a record
			}
			want, wantBasis, wantOK := read(line)
			got, basis, ok := memo.at(line)
			if ok != wantOK || ok && (!got.Equal(want) || basis != wantBasis) {
				t.Fatalf("%s: memo reads %q as %v, %v, %v; want %v, %v, %v", f.Name(), line, got.Format(time.RFC3339Nano), basis, ok, want.Format(time.RFC3339Nano), wantBasis, wantOK)
			}
			if ok {
				compared++
			}
		}
	}
	if compared < 1000 {
		t.Fatalf("only %d times were compared", compared)
	}
}
