package tail

import (
	"testing"
	"time"
)

// TestUnreadable: rights that come and go delay, they do not lose.
func TestUnreadable(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 5)
		r.fs.denied["log/app.log"] = true
		for range 20 {
			r.after(time.Second)
		}
		r.want(nil)
		if e := r.tail.Ledger().Entries; len(e) != 1 || !e[0].Resolved.IsZero() {
			t.Errorf("ledger %v; want one open entry", e)
		}
		delete(r.fs.denied, "log/app.log")
		for range 40 {
			r.after(time.Second)
		}
		r.want(want)
		r.wantLosses()
		r.fs.denied["log/app.log"] = true
		want = append(want, r.write("log/app.log", "a", 5, 5)...)
		for range 3 {
			r.after(time.Second)
		}
		delete(r.fs.denied, "log/app.log")
		for range 10 {
			r.after(time.Second)
		}
		r.want(want)
		r.wantLosses()
	})
}

// TestOthersGoOn: a file that cannot be opened does not keep the others.
func TestOthersGoOn(t *testing.T) {
	r := newRig(t, true, "log/*")
	r.write("log/a.log", "a", 0, 5)
	r.fs.denied["log/a.log"] = true
	want := r.write("log/b.log", "b", 0, 5)
	r.poll()
	r.want(want)
}

// TestFolderDenied: files of a folder that cannot be listed are not gone.
func TestFolderDenied(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold, "log/*.log")
		want := r.write("log/app.log", "a", 0, 5)
		r.poll()
		r.fs.denied["log"] = true
		for range 100 {
			r.after(time.Second)
		}
		delete(r.fs.denied, "log")
		want = append(want, r.write("log/app.log", "a", 5, 5)...)
		r.after(time.Second)
		r.want(want)
		r.wantLosses()
	})
}

// TestFolderLater: the folder of a pattern appears, and one below it.
func TestFolderLater(t *testing.T) {
	r := newRig(t, true, "log/**/*.log", "later")
	r.poll()
	want := r.write("log/x/y/app.log", "a", 0, 5)
	r.fs.dirs["later"] = true
	want = append(want, r.write("later/z.txt", "b", 0, 5)...)
	r.poll()
	r.wantAnyOrder(want)
}

// TestFolderRenamed: the files of a renamed folder are known by their identity.
func TestFolderRenamed(t *testing.T) {
	r := newRig(t, true, "log/*/app.log")
	want := r.write("log/one/app.log", "a", 0, 5)
	r.poll()
	r.fs.rename("log/one/app.log", "log/two/app.log")
	want = append(want, r.write("log/two/app.log", "a", 5, 5)...)
	r.poll()
	r.want(want)
	r.wantLosses()
}

// TestClockJumps: the clock of the computer is set back and forth.
func TestClockJumps(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 5)
	r.fs.append("log/app.log", "half")
	r.poll()
	r.skewed = true
	r.clock = r.clock.Add(-24 * time.Hour)
	r.poll()
	r.fs.append("log/app.log", " line\n")
	r.poll()
	want = append(want, "half line")
	r.clock = r.clock.Add(1000 * time.Hour)
	want = append(want, r.write("log/app.log", "a", 5, 5)...)
	r.poll()
	r.want(want)
	r.wantLosses()
}
