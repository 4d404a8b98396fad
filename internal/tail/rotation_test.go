package tail

import (
	"slices"
	"testing"
	"time"
)

// sorted compares without order between files.
func (r *rig) wantAnyOrder(lines []string) {
	r.t.Helper()
	got, want := slices.Sorted(slices.Values(r.lines)), slices.Sorted(slices.Values(lines))
	if !slices.Equal(got, want) {
		r.t.Errorf("got %d lines, want %d; missing %.3q, too many %.3q", len(got), len(want), without(want, got), without(got, want))
	}
}

// without returns the elements of a that b has not.
func without(a, b []string) []string {
	n := map[string]int{}
	for _, x := range b {
		n[x]++
	}
	var out []string
	for _, x := range a {
		if n[x]--; n[x] < 0 {
			out = append(out, x)
		}
	}
	return out
}

// Situation 03: append, rename, create and append at once; five times. The pattern has
// only the live name.
func TestRenameAndCreate(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		r.poll()
		var want []string
		for round := range 5 {
			want = append(want, r.write("log/app.log", "a", round*100, 50)...)
			r.fs.rotate("log/app.log", 5)
			want = append(want, r.write("log/app.log", "a", round*100+50, 50)...)
			r.after(50 * time.Millisecond)
		}
		r.wantAnyOrder(want)
		r.wantLosses()
	})
}

// rotate renames name.1 to name.2 and so on, and name to name.1.
func (m *memFS) rotate(name string, keep int) {
	for i := keep; i > 0; i-- {
		from := name
		if i > 1 {
			from = name + "." + string(rune('0'+i-1))
		}
		if m.names[from] != nil {
			m.rename(from, name+"."+string(rune('0'+i)))
		}
	}
}

// Situation 04: the writer goes on in the renamed file.
func TestLateWriter(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 60)
		r.poll()
		r.fs.rename("log/app.log", "log/app.log.1")
		for step := range 8 {
			want = append(want, r.write("log/app.log.1", "late", step*10, 10)...)
			if step == 4 {
				want = append(want, r.write("log/app.log", "new", 0, 40)...)
			}
			r.after(50 * time.Millisecond)
		}
		r.wantAnyOrder(want)
		r.wantLosses()
	})
}

// Situation 05: three rotations within one poll.
func TestSeveralRotations(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 50)
		r.poll()
		for round := range 3 {
			want = append(want, r.write("log/app.log", "a", 50+round*100, 100)...)
			r.fs.rotate("log/app.log", 5)
		}
		want = append(want, r.write("log/app.log", "new", 0, 20)...)
		r.poll()
		r.wantAnyOrder(want)
		r.wantLosses()
	})
}

// TestOldRotated: files that were rotated before the start are not read when only the
// live name is in the pattern, and are read once when they are.
func TestOldRotated(t *testing.T) {
	for _, pattern := range []string{"log/app.log", "log/app.log*"} {
		r := newRig(t, true, pattern)
		old := r.write("log/app.log", "old", 0, 10)
		r.fs.rotate("log/app.log", 5)
		want := r.write("log/app.log", "a", 0, 10)
		if pattern != "log/app.log" {
			want = append(old, want...)
		}
		r.poll()
		r.fs.rotate("log/app.log", 5)
		want = append(want, r.write("log/app.log", "b", 0, 10)...)
		r.poll()
		r.want(want)
		r.wantLosses()
	}
}

// TestRenamedAwayAndBack: what comes back is not read again.
func TestRenamedAwayAndBack(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 10)
		r.poll()
		r.fs.rename("log/app.log", "log/elsewhere")
		for range 100 {
			r.after(time.Second)
		}
		r.fs.rename("log/elsewhere", "log/app.log")
		want = append(want, r.write("log/app.log", "a", 10, 10)...)
		r.poll()
		r.want(want)
		r.wantLosses()
	})
}

// TestCompressedNeighbour: the compressed form of a rotated file is not read.
func TestCompressedNeighbour(t *testing.T) {
	r := newRig(t, true, "log/app.log*")
	want := r.write("log/app.log", "a", 0, 10)
	r.poll()
	r.fs.rotate("log/app.log", 5)
	r.fs.append("log/app.log.1.gz", "\x1f\x8b compressed")
	r.fs.remove("log/app.log.1")
	r.after(time.Second)
	r.after(time.Second)
	r.want(want)
	r.wantLosses()
}

// TestDateInLiveName: each day has a file of its own; yesterday's is read to its end.
func TestDateInLiveName(t *testing.T) {
	r := newRig(t, true, "log/app-*.log")
	want := r.write("log/app-2026-03-05.log", "a", 0, 10)
	r.poll()
	want = append(want, r.write("log/app-2026-03-05.log", "a", 10, 10)...)
	r.poll()
	want = append(want, r.write("log/app-2026-03-06.log", "b", 0, 10)...)
	r.poll()
	r.want(want)
}

func TestRotatedName(t *testing.T) {
	for _, c := range []struct {
		base, name string
		want       bool
	}{
		{"app.log", "app.log.1", true}, {"app.log", "app.log-20260305", true}, {"app.log", "app.1.log", true},
		{"app.log", "app-2026-03-05.log", true}, {"app.log", "app.log.old", true}, {"app.log", "APP.LOG.BAK", true},
		{"app.log", "app (1).log", true}, {"app.log", "app.log", false}, {"app.log", "app-b.log", false},
		{"app.log", "application.log", false}, {"oxtstore_1.log", "oxtstore_10.log", false}, {"oxtstore_1.log", "oxtstore_2.log", false},
		{"app.log", "app.log2", false}, {"app", "app.1", true},
	} {
		if got := rotatedName(c.base, c.name); got != c.want {
			t.Errorf("rotatedName(%q, %q) = %v; want %v", c.base, c.name, got, c.want)
		}
	}
}
