package tail

import (
	"testing"
	"time"
)

// Situation 16: another file is renamed over it.
func TestRenamedOver(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 50)
	r.poll()
	want = append(want, r.write("log/app.log", "a", 50, 30)...)
	fresh := r.write("log/app.tmp", "b", 0, 50)
	r.fs.rename("log/app.tmp", "log/app.log")
	r.poll()
	r.want(append(want, fresh...))
	r.wantLosses()
}

// TestRenamedOverNotHeld: without a handle nobody can tell what the old file still got.
func TestRenamedOverNotHeld(t *testing.T) {
	r := newRig(t, false)
	want := r.write("log/app.log", "a", 0, 50)
	r.poll()
	want = append(want, r.write("log/app.tmp", "b", 0, 50)...)
	r.fs.rename("log/app.tmp", "log/app.log")
	r.poll()
	r.after(time.Second)
	r.want(want)
	if e := r.tail.Ledger().Entries; len(e) != 1 || !e[0].Possible {
		t.Errorf("ledger %v; want one possible loss", e)
	}
}

// Situation 09: deleted and created again, with the same id.
func TestDeletedAndCreated(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		var want []string
		for round := range 5 {
			if round > 0 {
				r.fs.remove("log/app.log")
			}
			want = append(want, r.write("log/app.log", "round", round*50, 50)...)
			r.after(50 * time.Millisecond)
		}
		r.want(want)
		if certain, _, _ := r.tail.Ledger().Gaps(); certain > 0 || hold && len(r.tail.Ledger().Entries) > 0 {
			t.Errorf("ledger %v; want no certain loss, and none at all with handles", r.tail.Ledger().Entries)
		}
	})
}

// TestDeletedForAnHour.
func TestDeletedForAnHour(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 10)
		r.poll()
		r.fs.remove("log/app.log")
		for range 60 {
			r.after(time.Minute)
		}
		want = append(want, r.write("log/app.log", "b", 0, 10)...)
		r.poll()
		r.want(want)
	})
}

// TestWrittenWhileDeleted: what a writer puts into a file without a name is read by the handle.
func TestWrittenWhileDeleted(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 10)
	r.poll()
	f := r.fs.names["log/app.log"]
	r.fs.remove("log/app.log")
	r.poll()
	f.write("still written\n", r.fs.now)
	r.after(time.Second)
	r.want(append(want, "still written"))
	r.wantLosses()
}

// TestLinkSwitched: a name that leads to another file now, as a link does.
func TestLinkSwitched(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold, "log/current")
		want := r.write("log/one", "a", 0, 10)
		r.fs.names["log/current"] = r.fs.names["log/one"]
		r.poll()
		want = append(want, r.write("log/one", "a", 10, 10)...)
		want = append(want, r.write("log/two", "b", 0, 10)...)
		r.fs.names["log/current"] = r.fs.names["log/two"]
		r.poll()
		r.want(want)
		r.wantLosses()
	})
}
