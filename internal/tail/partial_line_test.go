package tail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Situation 01: lines that are appended in steps.
func TestAppended(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		var want []string
		for step := range 20 {
			want = append(want, r.write("log/app.log", "a", step*50, 50)...)
			r.after(100 * time.Millisecond)
		}
		r.want(want)
		r.wantLosses()
	})
}

// Situation 02: a line in two parts, 300 ms apart.
func TestLineInTwoParts(t *testing.T) {
	r := newRig(t, true)
	var want []string
	for range 5 {
		r.fs.append("log/app.log", "the first half, ")
		r.after(300 * time.Millisecond)
		r.fs.append("log/app.log", "the second half\n")
		r.after(300 * time.Millisecond)
		want = append(want, "the first half, the second half")
	}
	r.want(want)
	if len(r.torn) > 0 {
		t.Errorf("torn lines %q; want none", r.torn)
	}
}

// Situation 13: the last line has no line end and the writer is idle.
func TestUnterminatedLastLine(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 5)
	r.fs.append("log/app.log", "no line end")
	r.after(0)
	r.want(want)
	r.after(DefaultIdle - time.Millisecond)
	r.want(want)
	r.after(2 * time.Millisecond)
	r.want(append(want, "no line end"))
	if !slices.Equal(r.torn, []string{"no line end"}) {
		t.Errorf("torn %q; want the last line", r.torn)
	}
	r.after(time.Hour)
	r.want(append(want, "no line end"))
}

// Situation 12: stopped in the middle of a line.
func TestStoppedInLine(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 5)
		r.fs.append("log/app.log", "first half, ")
		r.poll()
		r.restart()
		r.poll()
		r.fs.append("log/app.log", "second half\n")
		r.poll()
		r.want(append(want, "first half, second half"))
		r.wantLosses()
	})
}

// Situation 14: CR LF, also in different reads.
func TestCRLF(t *testing.T) {
	r := newRig(t, true)
	r.fs.append("log/app.log", "one\r")
	r.poll()
	r.fs.append("log/app.log", "\ntwo\r\n")
	r.poll()
	r.want([]string{"one", "two"})
}

// Situation 15: a line of 3 MiB, then three short ones.
func TestLongLine(t *testing.T) {
	r := newRig(t, true)
	long := strings.Repeat("x", 3<<20)
	for part := 0; part < len(long); part += 100 << 10 {
		r.fs.append("log/app.log", long[part:min(len(long), part+100<<10)])
		r.poll()
	}
	r.fs.append("log/app.log", "\na\nb\nc\n")
	r.poll()
	r.want([]string{long, "a", "b", "c"})
}

// Situation 17: truncated under a writer that goes on at its old offset.
func TestNulGap(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 50)
		r.poll()
		size := len(r.fs.names["log/app.log"].data)
		r.fs.truncate("log/app.log", 0)
		r.fs.append("log/app.log", strings.Repeat("\x00", size))
		want = append(want, r.write("log/app.log", "b", 0, 20)...)
		r.poll()
		r.want(want)
		r.wantLosses(fmt.Sprintf("%d-? %s (possible)", size, WhyTruncating), fmt.Sprintf("0-%d %s", size, WhyNul))
	})
}

// TestNulInLine: the bytes before a gap are no line with those behind it.
func TestNulInLine(t *testing.T) {
	for _, cut := range []int{0, 1, 15, 16, 17, 100} { // where the first poll meets the gap
		r := newRig(t, true)
		nul := strings.Repeat("\x00", 100)
		r.fs.append("log/app.log", "whole\nhalf"+nul[:cut])
		r.poll()
		r.fs.append("log/app.log", nul[cut:]+"rest\nnext\n")
		r.poll()
		r.want([]string{"whole", "half", "rest", "next"})
		r.wantLosses("10-110 " + WhyNul)
	}
}

// TestUTF16IsNoGap: text in UTF-16 has NUL bytes and no gap, wherever it is cut.
func TestUTF16IsNoGap(t *testing.T) {
	text := "\xff\xfea\x00b\x00\n\x00c\x00\n\x00"
	for cut := range len(text) {
		r := newRig(t, true)
		r.tail.consume = nil
		var got []byte
		keep := func(p *Piece) int { got = append(got, p.Data...); return len(p.Data) }
		r.fs.append("log/app.log", text[:cut])
		r.tail.Poll(keep)
		r.fs.append("log/app.log", text[cut:])
		r.tail.Poll(keep)
		if string(got) != text {
			t.Errorf("cut at %d: got %q; want %q", cut, got, text)
		}
		r.wantLosses()
	}
}
