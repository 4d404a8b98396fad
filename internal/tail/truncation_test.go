package tail

import (
	"fmt"
	"testing"
	"time"
)

// banner is a start-up banner of 2,160 bytes, equal in all runs of a program.
func (r *rig) banner(name string) []string {
	var out []string
	for i := range 40 {
		line := fmt.Sprintf("banner line %02d: version 1.2.3, all options as before ...", i)[:53]
		r.fs.append(name, line+"\n")
		out = append(out, line)
	}
	return out
}

// Situation 06: copy and truncate, the reader had caught up.
func TestCopyTruncate(t *testing.T) {
	for _, pattern := range []string{"log/app.log", "log/app.log*"} {
		t.Run(pattern, func(t *testing.T) {
			both(t, func(t *testing.T, hold bool) {
				r := newRig(t, hold, pattern)
				want := r.write("log/app.log", "a", 0, 200)
				r.poll()
				r.fs.copy("log/app.log", "log/app.log.1")
				r.fs.truncate("log/app.log", 0)
				want = append(want, r.write("log/app.log", "b", 0, 50)...)
				r.after(50 * time.Millisecond)
				r.want(want)
				r.wantLosses()
			})
		})
	}
}

// TestCopyTruncateUnread: what was written between the last look and the truncation
// stands in the copy.
func TestCopyTruncateUnread(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 200)
		r.poll()
		for round := range 3 {
			want = append(want, r.write("log/app.log", "unread", round*30, 30)...)
			r.fs.rotate2("log/app.log.1", "log/app.log.2")
			r.fs.copy("log/app.log", "log/app.log.1")
			r.fs.truncate("log/app.log", 0)
			want = append(want, r.write("log/app.log", "b", round*50, 50)...)
			r.after(50 * time.Millisecond)
		}
		r.want(want)
		r.wantLosses()
	})
}

func (m *memFS) rotate2(from, to string) {
	if m.names[from] != nil {
		m.rename(from, to)
	}
}

// TestCopyInPattern: the copy is met before the original is truncated.
func TestCopyInPattern(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold, "log/*")
		want := r.write("log/app.log", "a", 0, 100)
		r.poll()
		want = append(want, r.write("log/app.log", "a", 100, 10)...)
		r.fs.copy("log/app.log", "log/app.log.1")
		want = append(want, r.write("log/app.log", "a", 110, 10)...)
		r.poll()
		r.fs.truncate("log/app.log", 0)
		r.poll()
		r.wantAnyOrder(want)
	})
}

// Situation 07: truncated and at once grown past the old end.
func TestTruncatedAndRegrown(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 100)
		r.poll()
		size := len(r.fs.names["log/app.log"].data)
		r.fs.truncate("log/app.log", 0)
		want = append(want, r.write("log/app.log", "b", 0, 155)...)
		r.poll()
		r.want(want)
		r.wantLosses(fmt.Sprintf("%d-? %s (possible)", size, WhyTruncating))
	})
}

// TestTruncatedUnread: a known size that was not read is a certain loss.
func TestTruncatedUnread(t *testing.T) {
	r := newRig(t, false)
	r.write("log/app.log", "a", 0, 10)
	r.poll()
	r.write("log/app.log", "a", 10, 10)
	f := r.tail.order[0]
	f.size = int64(len(r.fs.names["log/app.log"].data)) // seen, not read: the read failed
	from, to := f.next, f.size
	r.fs.truncate("log/app.log", 0)
	r.poll()
	r.wantLosses(fmt.Sprintf("%d-%d %s", from, to, WhyTruncated))
}

// TestTruncatedToMiddle: what stands there may be another content with the same head.
func TestTruncatedToMiddle(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 100)
	r.poll()
	half := len(want[0])*50 + 50 - 10
	for r.fs.names["log/app.log"].data[half-1] != '\n' {
		half--
	}
	r.fs.truncate("log/app.log", half)
	n := 0
	for i := range half {
		if r.fs.names["log/app.log"].data[i] == '\n' {
			n++
		}
	}
	r.poll()
	r.want(append(want, want[:n]...))
}

// TestTruncatedBetweenLookAndRead: the size that was asked for is not there any more.
func TestTruncatedBetweenLookAndRead(t *testing.T) {
	r := newRig(t, false)
	want := r.write("log/app.log", "a", 0, 10)
	r.poll()
	r.write("log/app.log", "lost", 0, 10)
	f := r.tail.order[0]
	file, done, err := r.tail.open(f)
	if err != nil {
		t.Fatal(err)
	}
	r.tail.consume = r.take
	f.size = int64(len(r.fs.names["log/app.log"].data))
	r.fs.truncate("log/app.log", 0)
	want = append(want, r.write("log/app.log", "b", 0, 30)...)
	if err := r.tail.read(f, file, r.clock); err != nil {
		t.Fatal(err)
	}
	done()
	r.poll()
	r.want(want)
	if len(r.tail.Ledger().Entries) != 1 {
		t.Errorf("ledger %v; want the truncation", r.tail.Ledger().Entries)
	}
}

// TestTruncatedToZero and written later.
func TestTruncatedToZero(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 10)
		r.poll()
		r.fs.truncate("log/app.log", 0)
		r.after(time.Second)
		r.after(time.Second)
		want = append(want, r.write("log/app.log", "b", 0, 10)...)
		r.poll()
		r.want(want)
		if n := len(r.tail.Ledger().Entries); n != 1 {
			t.Errorf("%d losses; want 1", n)
		}
	})
}

// TestCopyOfUnsettled: what was seen and not settled before a restart is found in the
// copy, although the log was truncated meanwhile.
func TestCopyOfUnsettled(t *testing.T) {
	r := newRig(t, true)
	r.fs.append("log/app.log", "half of a li")
	r.poll()
	s := r.tail.State()
	r.tail.Close()
	r.fs.append("log/app.log", "ne\n")
	r.fs.copy("log/app.log", "log/app.log.1")
	r.fs.truncate("log/app.log", 0)
	r.fs.append("log/app.log", "new\n")
	r.start(&s)
	r.poll()
	r.poll()
	r.want([]string{"half of a line", "new"})
	r.wantLosses()
}
