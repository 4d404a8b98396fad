package watch

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"oxtail/internal/tail"
)

const faultLine = "2026-03-05 18:00:02.000: ERROR sync engine: UUID {8F3E0C1A-5D2B-4A77-9C31-2B6F0A9D41E7} already in use\n"

// A bench is a Watcher over a fakeFS with a state folder.
type bench struct {
	t     *testing.T
	fs    *fakeFS
	dir   string
	mu    sync.Mutex // of clock, for tests that run the watcher beside them
	clock time.Time
	out   bytes.Buffer
	warn  []string
	w     *Watcher
	f     *Folder

	outputs []Output              // instead of one to out
	index   func() (Store, error) // nil: none
	disk    tail.FS               // instead of fs
	pattern string                // instead of log/*.log

	records, noArchives bool
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, fs: newFakeFS(), dir: t.TempDir(), clock: sampleMod}
	b.start()
	return b
}

func (b *bench) start() {
	b.t.Helper()
	var err error
	if b.f, err = OpenFolder(b.dir); err != nil {
		b.t.Fatal(err)
	}
	folder := b.f
	b.t.Cleanup(func() { _ = folder.Close() }) // closed twice by tests that end the watch
	disk := b.disk
	if disk == nil {
		disk = b.fs
	}
	outputs := b.outputs
	if outputs == nil {
		outputs = []Output{NewPrinter(&b.out, true)}
	}
	b.w, err = New(Options{
		Patterns: []string{cmp.Or(b.pattern, "log/*.log")}, FS: disk, Records: b.records, NoArchives: b.noArchives, Now: b.now, Rules: allRules(b.t), Formats: allFormats(b.t),
		Folder: b.f, Outputs: outputs, Index: b.index, Retry: &noPause{}, Warn: func(m string) { b.warn = append(b.warn, m) },
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

func (b *bench) stop() {
	b.t.Helper()
	if err := errors.Join(b.w.finish(), b.f.Close()); err != nil {
		b.t.Fatal(err)
	}
}

// pass lets time pass in steps.
func (b *bench) pass(d time.Duration) {
	b.t.Helper()
	for end := b.clock.Add(d); b.clock.Before(end); b.advance(500 * time.Millisecond) {
		if _, err := b.w.Step(); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) told(state string) int { return strings.Count(b.out.String(), `"state":"`+state+`"`) }

// TestWatcherRestarts: a fault is told once although the watch is stopped and killed in between.
func TestWatcherRestarts(t *testing.T) {
	b := newBench(t)
	b.fs.append("log/a.log", []byte(strings.Repeat("2026-03-05 18:00:01.000: INFO sync engine: ok\n", 5)+faultLine), b.clock)
	b.pass(5 * time.Second)
	b.stop()
	b.start()
	b.pass(5 * time.Second)
	if err := b.f.Close(); err != nil { // killed: nothing is saved
		t.Fatal(err)
	}
	b.start()
	b.fs.append("log/a.log", []byte(faultLine), b.clock)
	b.pass(5 * time.Second)
	if b.told("open") != 1 || b.told("ongoing") != 0 {
		t.Errorf("told open %d times, ongoing %d times; want once and never\n%s", b.told("open"), b.told("ongoing"), b.out.String())
	}
	b.pass(31 * time.Minute)
	if b.told("silent") != 1 {
		t.Errorf("told silent %d times; want once", b.told("silent"))
	}
	if !strings.Contains(b.out.String(), `"state":"silent","finding":`) || !strings.Contains(b.out.String(), `"count":2}`) {
		t.Errorf("the summary does not count both records\n%s", b.out.String())
	}
	b.stop()
}

// TestStateUnusable: a state that is cut, empty or of another version is set aside and told.
func TestStateUnusable(t *testing.T) {
	for _, state := range []string{"", "{\"version\":1,", `{"version":99}`} {
		b := newBench(t)
		b.fs.append("log/a.log", []byte(faultLine), b.clock)
		b.pass(3 * time.Second)
		b.stop()
		if err := os.WriteFile(filepath.Join(b.dir, stateName), []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
		b.out.Reset()
		b.start()
		b.pass(3 * time.Second)
		if len(b.warn) != 1 || !strings.Contains(b.warn[0], "cannot be used") {
			t.Errorf("state %q: warnings %q", state, b.warn)
		}
		if b.told("open") != 1 || !strings.Contains(b.out.String(), "checkpoint unusable") {
			t.Errorf("state %q: want the fault again and the loss\n%s", state, b.out.String())
		}
		if _, err := os.Stat(filepath.Join(b.dir, stateName+".bad")); err != nil {
			t.Errorf("state %q: %v", state, err)
		}
		b.stop()
	}
}

// TestStateNotWritable: reading goes on and the user is told once.
func TestStateNotWritable(t *testing.T) {
	b := newBench(t)
	if err := os.Mkdir(filepath.Join(b.dir, stateName+".tmp"), 0o700); err != nil { // as a full disk: the write fails
		t.Fatal(err)
	}
	b.fs.append("log/a.log", []byte(faultLine), b.clock)
	b.pass(10 * time.Second)
	b.fs.append("log/a.log", []byte(faultLine), b.clock)
	b.pass(10 * time.Second)
	if len(b.warn) != 1 || b.told("open") != 1 {
		t.Errorf("warnings %q, open told %d times; want one each", b.warn, b.told("open"))
	}
}

// TestStatusTellsNewFiles: whoever asks for the status need not wait for the next round
// to hear of files that came.
func TestStatusTellsNewFiles(t *testing.T) {
	b := newBench(t)
	b.pass(2 * statusSoon)
	b.fs.append("log/a.log", nil, b.clock)
	b.fs.append("log/b.log", nil, b.clock)
	b.pass(statusEvery / 2)
	data, err := os.ReadFile(filepath.Join(b.dir, statusName))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(`"files":2,`)) {
		t.Errorf("status %s; want two files", data)
	}
}

// TestLocked: two watches do not share a state.
func TestLocked(t *testing.T) {
	b := newBench(t)
	if _, err := OpenFolder(b.dir); !errors.Is(err, ErrLocked) {
		t.Errorf("second watch: %v; want ErrLocked", err)
	}
	b.stop()
}

// TestLossesAreTold: the ledger reaches the output.
func TestLossesAreTold(t *testing.T) {
	b := newBench(t)
	b.fs.append("log/a.log", []byte("one line of a log\nanother line of it\n"), b.clock)
	b.pass(3 * time.Second)
	b.fs.files["log/a.log"].data = []byte("new\n")
	b.pass(3 * time.Second)
	if !strings.Contains(b.out.String(), `a.log","from":37,"why":"truncated`) {
		t.Errorf("no loss in the output:\n%s", b.out.String())
	}
	if st := b.w.Status(); st.PossibleGaps != 1 || st.Gaps != 0 || len(st.Losses) != 1 {
		t.Errorf("status %+v; want one possible gap", st)
	}
	b.stop()
}

// TestBinaryIsNotFollowed: caches and archives lie beside logs.
func TestBinaryIsNotFollowed(t *testing.T) {
	for _, c := range []struct {
		head string
		want bool
	}{
		{"2026-03-05 10:00:00 a line\n", true}, {"\xff\xfea\x00b\x00\n\x00", true}, {"{\\rtf1 text}", true}, {"gr\xfc\xdfe\n", true}, {"\x00\x00\x00\x00after a gap\n", true}, {"before\n" + strings.Repeat("\x00", 40) + "after a gap\n", true},
		{"PK\x03\x04abc", false}, {"!BDN\x00", false}, {"regf\x00", false}, {"\x1f\x8b\x08", false}, {"\x01\x02\x03\x04\x05\x06\x07\x08", false},
	} {
		if got := looksLikeText([]byte(c.head)); got != c.want {
			t.Errorf("looksLikeText(%q) = %v; want %v", c.head, got, c.want)
		}
	}
}
