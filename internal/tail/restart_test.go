package tail

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// Situation 11: stopped, appended, started. Nothing twice.
func TestAppendedWhileStopped(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := r.write("log/app.log", "a", 0, 100)
		r.poll()
		s := r.tail.State()
		r.tail.Close()
		want = append(want, r.write("log/app.log", "a", 100, 50)...)
		r.start(&s)
		r.poll()
		r.want(want)
		r.wantLosses()
	})
}

// Situation 11k: killed; the checkpoint is older than what was handed out. Only the
// newest lines repeat, with the same generation and offset.
func TestKilled(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		r.write("log/app.log", "a", 0, 100)
		r.poll()
		s := r.tail.State()
		r.write("log/app.log", "a", 100, 20)
		r.poll()
		before := slices.Clone(r.at)
		r.tail.Close()
		r.write("log/app.log", "a", 120, 30)
		r.maxOff = map[string]int64{}
		r.start(&s)
		r.poll()
		again := r.at[len(before):]
		if len(again) != 50 || !slices.Equal(again[:20], before[100:]) {
			t.Errorf("%d lines after the restart; want the 20 newest again under the same place and 30 more", len(again))
		}
		r.wantLosses()
	})
}

// Situation 10: stopped; appended, rotated, new file; started.
func TestRotatedWhileStopped(t *testing.T) {
	for _, rotations := range []int{1, 2, 3} {
		both(t, func(t *testing.T, hold bool) {
			r := newRig(t, hold)
			want := r.write("log/app.log", "a", 0, 100)
			r.poll()
			s := r.tail.State()
			r.tail.Close()
			for i := range rotations {
				want = append(want, r.write("log/app.log", "b", i*20, 20)...)
				r.fs.rotate("log/app.log", 5)
			}
			want = append(want, r.write("log/app.log", "new", 0, 50)...)
			r.start(&s)
			r.poll()
			r.wantAnyOrder(want)
			r.wantLosses()
		})
	}
}

// TestTruncatedWhileStopped and grown past the old end.
func TestTruncatedWhileStopped(t *testing.T) {
	r := newRig(t, true)
	want := append(r.banner("log/app.log"), r.write("log/app.log", "a", 0, 50)...)
	r.poll()
	s := r.tail.State()
	r.tail.Close()
	r.fs.truncate("log/app.log", 0)
	want = append(append(want, r.banner("log/app.log")...), r.write("log/app.log", "b", 0, 150)...)
	r.start(&s)
	r.poll()
	r.want(want)
	if e := r.tail.Ledger().Entries; len(e) != 1 || e[0].Why != WhyTruncating {
		t.Errorf("ledger %v; want the truncation", e)
	}
}

// TestReplacedWhileStopped: the old file is gone with what it got; that is told.
func TestReplacedWhileStopped(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 50)
	r.poll()
	s := r.tail.State()
	r.tail.Close()
	r.write("log/app.log", "lost", 0, 5)
	want = append(want, r.write("log/app.tmp", "b", 0, 50)...)
	r.fs.rename("log/app.tmp", "log/app.log")
	r.start(&s)
	r.poll()
	r.after(time.Second)
	r.want(want)
	if e := r.tail.Ledger().Entries; len(e) != 1 || e[0].Why != WhyGone {
		t.Errorf("ledger %v; want one entry: gone", e)
	}
}

// TestCheckpointIsJSON: a checkpoint survives its way through a file.
func TestCheckpointIsJSON(t *testing.T) {
	r := newRig(t, true)
	want := r.write("log/app.log", "a", 0, 3)
	r.fs.append("log/app.log", "half")
	r.poll()
	data, err := json.Marshal(r.tail.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	r.tail.Close()
	r.start(&s)
	r.fs.append("log/app.log", " line\n")
	r.poll()
	r.want(append(want, "half line"))
	r.wantLosses()
}

// TestStart: where files are begun that are there at the first start, and later.
func TestStart(t *testing.T) {
	for _, c := range []struct {
		name  string
		start Start
		since time.Duration // before now
		want  int           // lines of the 10 that are there
	}{{"from-start", FromStart, 0, 10}, {"from-end", FromEnd, 0, 0}, {"since before", FromStart, 2 * time.Hour, 10}, {"since after", FromStart, time.Minute, 0}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, true, "log/*.log")
			old := r.write("log/app.log", "a", 0, 10)
			r.fs.append("log/app.log", "half")
			r.fs.now = r.fs.now.Add(time.Hour)
			r.opts.Start = c.start
			if c.since > 0 {
				r.opts.Since = r.fs.now.Add(-c.since)
			}
			r.start(nil)
			r.poll()
			r.fs.append("log/app.log", " line\n")
			want := append(slices.Clone(old[10-c.want:]), "half line")
			want = append(want, r.write("log/later.log", "b", 0, 5)...)
			r.poll()
			r.want(want)
			r.wantLosses()
		})
	}
}
