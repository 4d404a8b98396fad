package watch

import (
	"errors"
	"fmt"
	"math/rand"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"oxtail/internal/indexing"
	"oxtail/parser"
)

// A disk is what of a fakeStore outlives a crash.
type disk struct {
	mu      sync.Mutex
	records map[string]string // key and offset → text
	opened  int
	fail    int // how many calls of Commit fail
}

// A fakeStore is a Store in memory.
type fakeStore struct {
	disk  *disk
	fresh map[string]string
}

var errFull = errors.New("write the index: no space left")

func (d *disk) open() (Store, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	return &fakeStore{d, map[string]string{}}, nil
}

func (s *fakeStore) Add(g indexing.Generation, r *parser.Record) error {
	s.fresh[fmt.Sprintf("%s@%d", g.Key, r.Offset)] = string(r.Raw)
	return nil
}

func (s *fakeStore) Commit() error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if s.disk.fail > 0 {
		s.disk.fail--
		return errFull
	}
	for place, text := range s.fresh {
		s.disk.records[place] = text
	}
	return nil
}

func (s *fakeStore) Forget(string) error { return nil }
func (s *fakeStore) Close() error        { return s.Commit() }

// missing returns the lines of a log that a disk does not hold once.
func (d *disk) missing(lines []string) (out []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	count := map[string]int{}
	for _, text := range d.records {
		count[text]++
	}
	for _, line := range lines {
		if count[line] != 1 {
			out = append(out, fmt.Sprintf("%d times %q", count[line], line))
		}
	}
	return out
}

func numbered(from, n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("2026-03-05 18:%02d:%02d.%03d: INFO sync engine: item %d\n", (from+i)/60%60, (from+i)%60, i, from+i))
	}
	return lines
}

// TestIndexedOnce kills the watch at random places between reading, storing and saving:
// each line is in the index once.
func TestIndexedOnce(t *testing.T) {
	for seed := range int64(8) {
		random := rand.New(rand.NewSource(seed))
		d := &disk{records: map[string]string{}}
		b := &bench{t: t, fs: newFakeFS(), dir: t.TempDir(), clock: sampleMod, index: d.open}
		b.start()
		var lines []string
		for range 60 {
			switch random.Intn(6) {
			case 0: // killed: what was not committed is lost, and so is what was not saved
				if err := b.f.Close(); err != nil {
					t.Fatal(err)
				}
				b.start()
			case 1:
				d.mu.Lock()
				d.fail = 0
				d.mu.Unlock()
				b.pass(time.Duration(random.Intn(1500)) * time.Millisecond)
			default:
				fresh := numbered(len(lines), 1+random.Intn(20))
				lines = append(lines, fresh...)
				b.fs.append("log/a.log", []byte(strings.Join(fresh, "")), b.clock)
				b.pass(time.Duration(random.Intn(700)) * time.Millisecond)
			}
		}
		b.pass(5 * time.Second)
		b.stop()
		if bad := d.missing(lines); len(bad) > 0 {
			t.Errorf("seed %d: of %d lines %d are missing or repeated: %.300v", seed, len(lines), len(bad), bad)
		}
	}
}

// TestIndexFails: a store that fails is opened again and gets what it had not committed.
func TestIndexFails(t *testing.T) {
	d := &disk{records: map[string]string{}, fail: 5}
	b := &bench{t: t, fs: newFakeFS(), dir: t.TempDir(), clock: sampleMod, index: d.open}
	b.start()
	b.w.keeper.start()
	lines := numbered(0, 500)
	b.fs.append("log/a.log", []byte(strings.Join(lines, "")+faultLine), b.clock)
	b.pass(10 * time.Second)
	for range 1_000_000 { // the keeper needs no time, but its turn
		if st, _ := b.w.keeper.status(); st.Queue == 0 && st.Error == "" {
			break
		}
		runtime.Gosched()
	}
	b.stop()
	if bad := d.missing(lines); len(bad) > 0 {
		t.Errorf("of %d lines %d are missing or repeated: %.300v", len(lines), len(bad), bad)
	}
	if b.told("open") != 1 || !strings.Contains(strings.Join(b.warn, "\n"), "no space left; it is tried again") {
		t.Errorf("told open %d times, warnings %q", b.told("open"), b.warn)
	}
}

// TestIndexGivenUp: a store that fails for good keeps neither faults from being told nor
// the watch from ending; the state stays, and the next watch stores everything.
func TestIndexGivenUp(t *testing.T) {
	d := &disk{records: map[string]string{}, fail: 1 << 30}
	b := &bench{t: t, fs: newFakeFS(), dir: t.TempDir(), clock: sampleMod, index: d.open}
	b.start()
	b.w.keeper.pause = func(time.Duration) {}
	lines := numbered(0, 500)
	b.fs.append("log/a.log", []byte(strings.Join(lines, "")+faultLine), b.clock)
	b.pass(10 * time.Second)
	if err := b.w.finish(); !errors.Is(err, errFull) || b.told("open") != 1 {
		t.Errorf("the end: %v; told open %d times; want the error of the store, and once", err, b.told("open"))
	}
	if err := b.f.Close(); err != nil {
		t.Fatal(err)
	}
	d.fail = 0
	b.start()
	b.pass(3 * time.Second)
	b.stop()
	if bad := d.missing(lines); len(bad) > 0 {
		t.Errorf("of %d lines %d are missing or repeated: %.300v", len(lines), len(bad), bad)
	}
}
