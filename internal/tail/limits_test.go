package tail

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestManyFiles: 5,000 files are followed, and few of them stay open.
func TestManyFiles(t *testing.T) {
	const files = 5000
	r := newRig(t, true, "log/*.log")
	var want []string
	for i := range files {
		want = append(want, r.write(fmt.Sprintf("log/%04d.log", i), "a", i, 1)...)
	}
	r.poll()
	r.after(time.Hour)
	before := r.fs.opens
	for i := 0; i < files; i += 100 {
		want = append(want, r.write(fmt.Sprintf("log/%04d.log", i), "b", i, 1)...)
	}
	r.poll()
	r.wantAnyOrder(want)
	r.wantLosses()
	if n := r.fs.opens - before; n > files/100 {
		t.Errorf("%d files were opened for %d that changed", n, files/100)
	}
	if r.tail.held > maxHeld {
		t.Errorf("%d files are held open; want at most %d", r.tail.held, maxHeld)
	}
}

// TestEndlessLine: a file without line ends does not become memory; what the consumer
// does not take at the limit is counted.
func TestEndlessLine(t *testing.T) {
	r := newRig(t, true)
	piece := strings.Repeat("x", 1<<20)
	largest := 0
	never := func(p *Piece) int {
		largest = max(largest, len(p.Data))
		return 0
	}
	for range 40 {
		r.fs.append("log/app.log", piece)
		r.tail.Poll(never)
	}
	if largest > MaxPending+pieceBytes {
		t.Errorf("%d bytes pending; want at most about %d", largest, MaxPending)
	}
	if _, _, lost := r.tail.Ledger().Gaps(); lost < MaxPending {
		t.Errorf("%d bytes counted as lost; want those over the limit", lost)
	}
}

// TestHugeGap: a gap of NUL bytes is counted, not kept.
func TestHugeGap(t *testing.T) {
	r := newRig(t, true)
	const gap = 64 << 20
	r.fs.append("log/app.log", "a\n"+strings.Repeat("\x00", gap)+"b\n")
	r.poll()
	r.want([]string{"a", "b"})
	r.wantLosses(fmt.Sprintf("2-%d %s", 2+gap, WhyNul))
	if n := cap(r.tail.order[0].buf); n > 4*pieceBytes {
		t.Errorf("%d bytes kept", n)
	}
}

// TestSmallGap: a file with a gap that is shorter than what is compared before a place is
// the same file at the next look, and after a restart.
func TestSmallGap(t *testing.T) {
	for _, gap := range []int{minNul, 100, tailBytes, tailBytes + 44} {
		r := newRig(t, true)
		r.fs.append("log/app.log", "before\n"+strings.Repeat("\x00", gap)+"behind\n")
		r.poll()
		r.after(5 * time.Second)
		r.poll()
		r.restart()
		r.poll()
		r.fs.append("log/app.log", "more\n")
		r.poll()
		r.want([]string{"before", "behind", "more"})
		r.wantLosses(fmt.Sprintf("7-%d %s", 7+gap, WhyNul))
	}
}
