package tail

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A rig is a Tailer over a memFS with a consumer that takes lines, as the tests of all
// situations need it.
type rig struct {
	t     *testing.T
	fs    *memFS
	tail  *Tailer
	clock time.Time
	opts  Options
	pats  []string

	lines  []string // handed out, in order
	torn   []string // handed out without a line end
	at     []string // generation and offset of each line
	maxOff map[string]int64
	polled func() // after each poll, if set
	skewed bool   // the clock of the file system is not that of the computer
}

func newRig(t *testing.T, hold bool, patterns ...string) *rig {
	t.Helper()
	r := &rig{t: t, fs: newMemFS(hold), clock: time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC), pats: patterns, maxOff: map[string]int64{}}
	if len(patterns) == 0 {
		r.pats = []string{"log/app.log"}
	}
	r.opts = Options{FS: r.fs, Now: func() time.Time { return r.clock }}
	r.start(nil)
	return r
}

func (r *rig) start(s *State) {
	r.t.Helper()
	x, err := New(r.pats, r.opts)
	if err != nil {
		r.t.Fatal(err)
	}
	if s != nil {
		x.Restore(*s)
	}
	r.tail = x
}

// restart stops cleanly and starts again from the checkpoint.
func (r *rig) restart() {
	s := r.tail.State()
	r.tail.Close()
	r.start(&s)
}

// take is a Consumer of lines. Half a line is taken only when it is idle or the last.
func (r *rig) take(p *Piece) int {
	if p.Offset != r.maxOff[p.Key] && !(p.Skip && r.maxOff[p.Key] == 0) && r.maxOff[p.Key] > p.Offset {
		r.t.Errorf("%s: piece at %d after %d was settled", p.Key, p.Offset, r.maxOff[p.Key])
	}
	n := 0
	for {
		at := strings.IndexByte(string(p.Data[n:]), '\n')
		if at < 0 {
			break
		}
		r.emit(p, n, strings.TrimSuffix(string(p.Data[n:n+at]), "\r"))
		n += at + 1
	}
	if rest := p.Data[n:]; len(rest) > 0 && (p.Idle || p.Last || p.Full) {
		r.torn = append(r.torn, string(rest))
		r.emit(p, n, string(rest))
		n = len(p.Data)
	}
	r.maxOff[p.Key] = p.Offset + int64(n)
	return n
}

func (r *rig) emit(p *Piece, n int, line string) {
	r.lines = append(r.lines, line)
	r.at = append(r.at, fmt.Sprintf("%s@%d", p.Key, p.Offset+int64(n)))
}

// poll polls until there is nothing more to read at once.
func (r *rig) poll() {
	if !r.skewed && r.fs.now.After(r.clock) {
		r.clock = r.fs.now
	}
	for r.tail.Poll(r.take) {
	}
	if r.polled != nil {
		r.polled()
	}
}

// after lets time pass and polls.
func (r *rig) after(d time.Duration) {
	r.clock = r.clock.Add(d)
	r.fs.now = r.fs.now.Add(d)
	r.poll()
}

// write appends numbered lines and returns them.
func (r *rig) write(name, prefix string, from, n int) []string {
	var out []string
	for i := range n {
		line := fmt.Sprintf("%s line %d of a log that somebody writes", prefix, from+i)
		r.fs.append(name, line+"\n")
		out = append(out, line)
	}
	return out
}

// want compares all lines so far, in order.
func (r *rig) want(lines []string) {
	r.t.Helper()
	if len(r.lines) != len(lines) {
		r.t.Errorf("got %d lines; want %d", len(r.lines), len(lines))
	}
	for i := range min(len(r.lines), len(lines)) {
		if r.lines[i] != lines[i] {
			r.t.Fatalf("line %d is %.80q; want %.80q", i, r.lines[i], lines[i])
		}
	}
}

// wantLosses compares the ledger: "from-to why" for each entry, open ends as "?".
func (r *rig) wantLosses(want ...string) {
	r.t.Helper()
	var got []string
	for _, x := range r.tail.Ledger().Entries {
		if x.Resolved.IsZero() {
			got = append(got, x.text())
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		r.t.Errorf("ledger\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (x Loss) text() string {
	to := fmt.Sprint(x.To)
	if x.To == OpenEnd {
		to = "?"
	}
	possible := ""
	if x.Possible {
		possible = " (possible)"
	}
	return fmt.Sprintf("%d-%s %s%s", x.From, to, x.Why, possible)
}

// both runs a test with files held open between polls, and without.
func both(t *testing.T, test func(t *testing.T, hold bool)) {
	for _, hold := range []bool{true, false} {
		t.Run(fmt.Sprintf("hold=%v", hold), func(t *testing.T) { test(t, hold) })
	}
}
