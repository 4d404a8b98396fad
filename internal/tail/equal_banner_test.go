package tail

import "testing"

// Situation 08: truncated and grown past the old end; old and new content begin with an
// equal banner.
func TestEqualBanner(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold)
		want := append(r.banner("log/app.log"), r.write("log/app.log", "a", 0, 50)...)
		r.poll()
		r.fs.truncate("log/app.log", 0)
		want = append(append(want, r.banner("log/app.log")...), r.write("log/app.log", "b", 0, 160)...)
		r.poll()
		r.want(want)
	})
}

// TestEqualBannersOfManyFiles: logs that begin alike are many, rotated names or not.
func TestEqualBannersOfManyFiles(t *testing.T) {
	both(t, func(t *testing.T, hold bool) {
		r := newRig(t, hold, "log/*.log*")
		var want []string
		for _, name := range []string{"log/a.log", "log/b.log", "log/app-x.log", "log/a.log.1", "log/oxtstore_1.log", "log/oxtstore_2.log"} {
			want = append(want, r.banner(name)...)
			want = append(want, r.write(name, name, 0, 3)...)
		}
		r.poll()
		for _, name := range []string{"log/c.log", "log/oxtstore_3.log"} {
			want = append(want, r.banner(name)...)
		}
		r.poll()
		r.wantAnyOrder(want)
		r.wantLosses()
	})
}
