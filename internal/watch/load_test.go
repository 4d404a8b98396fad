//go:build !windows

package watch

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oxtail/index"
	"oxtail/index/query"
	"oxtail/internal/indexing"
	"oxtail/internal/report"
	"oxtail/internal/tail"
)

// The measurements of docs/benchmarks-watch.md. They take real time, so they run by flag only.
var (
	loadFor = flag.Duration("load", 0, "time of TestLoad, such as 60s")
	loadIx  = flag.Bool("loadindex", false, "TestLoad writes all records into an index, too")
	rate    = flag.Int("rate", 20_000, "lines a second of TestLoad")
	binary  = flag.String("oxtail", "", "program for TestKilled, TestIdle and TestManyFiles")
	killFor = flag.Int("kills", 20, "how often TestKilled kills")
)

// A timedWriter notes when each UUID was written for the first time.
type timedWriter struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func (w *timedWriter) Write(p []byte) (int, error) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range strings.SplitSeq(string(p), "\n") {
		if at := strings.Index(line, "{00000000-"); at >= 0 && strings.Contains(line, "finding/v1") {
			if id := line[at : at+38]; w.seen[id].IsZero() {
				w.seen[id] = now
			}
		}
	}
	return len(p), nil
}

// TestLoad appends lines to 50 files and measures the time from a fault's append to its
// finding on the output.
func TestLoad(t *testing.T) {
	if *loadFor == 0 {
		t.Skip("run with -load 60s")
	}
	const files = 50
	dir := t.TempDir()
	out := &timedWriter{seen: map[string]time.Time{}}
	ctx, cancel := context.WithCancel(context.Background())
	folder, err := OpenFolder(filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	var open func() (Store, error)
	if *loadIx {
		open = func() (Store, error) {
			return indexing.OpenLive(filepath.Join(dir, "index"), indexing.LiveOptions{Formats: allFormats(t), Rules: allRules(t)})
		}
	}
	w, err := New(Options{
		Index: open, Patterns: []string{filepath.Join(dir, "*.log")}, FS: tail.OS{}, Now: time.Now, Rules: allRules(t), Formats: allFormats(t),
		Outputs: []Output{NewPrinter(out, true)}, Folder: folder, CoolDown: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := tail.NewNotifier()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- w.Run(ctx, n) }()
	written, appended := writeLoad(t, dir, files)
	waitUntil(func() bool { return len(out.copy()) >= len(appended) }, 10*time.Second)
	tail.Timer{}.Wait(ctx, 3*time.Second) // the last records of each file are handed out when it is calm
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var lags []time.Duration
	seen := out.copy()
	for id, at := range appended {
		if s, ok := seen[id]; ok {
			lags = append(lags, s.Sub(at))
		}
	}
	slices.Sort(lags)
	if len(lags) == 0 {
		t.Fatal("no fault was found")
	}
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	st := w.Status()
	t.Logf("%d lines written, %d records, %d gaps, %d faults appended, %d found; lag p50 %v p99 %v max %v; CPU %v of the whole test, peak memory %d MB",
		written, st.Records, st.Gaps+st.PossibleGaps, len(appended), len(lags), lags[len(lags)/2], lags[len(lags)*99/100], lags[len(lags)-1],
		time.Duration(use.Utime.Nano()+use.Stime.Nano()).Round(time.Millisecond), use.Maxrss/1024)
	if st.Records != int64(written) || len(lags) != len(appended) {
		t.Errorf("%d of %d records, %d of %d faults", st.Records, written, len(lags), len(appended))
	}
}

func (w *timedWriter) copy() map[string]time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]time.Time{}
	for k, v := range w.seen {
		out[k] = v
	}
	return out
}

func waitUntil(ok func() bool, most time.Duration) {
	for end := time.Now().Add(most); !ok() && time.Now().Before(end); {
		tail.Timer{}.Wait(context.Background(), 20*time.Millisecond)
	}
}

// writeLoad appends rate lines a second, 100 times a second, with ten faults a second.
func writeLoad(t *testing.T, dir string, files int) (lines int, faults map[string]time.Time) {
	faults = map[string]time.Time{}
	var open []*os.File
	for i := range files {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("oxtstore_%d.log", i)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		open = append(open, f)
	}
	const beats = 100 // a second
	tick := time.NewTicker(time.Second / beats)
	defer tick.Stop()
	for beat := range int(loadFor.Seconds() * beats) {
		now := <-tick.C
		var b strings.Builder
		for range *rate / beats {
			lines++
			fmt.Fprintf(&b, "%s: INFO sync engine: folder %d checked, %d items are equal on both sides\n", now.UTC().Format("2006-01-02 15:04:05.000"), lines%40, lines)
		}
		if beat%10 == 0 && beat > 2*beats { // the formats are chosen by then
			lines++
			id := fmt.Sprintf("{00000000-0000-4000-8000-%012X}", beat)
			fmt.Fprintf(&b, "%s: ERROR sync engine: UUID %s already in use\n", now.UTC().Format("2006-01-02 15:04:05.000"), id)
			faults[strings.ToUpper(id)] = time.Now()
		}
		if _, err := open[beat%files].WriteString(b.String()); err != nil {
			t.Fatal(err)
		}
	}
	return lines, faults
}

// TestKilled kills the program again and again while a log grows and rotates: no line is
// lost, and repeats have the same place.
func TestKilled(t *testing.T) {
	if *binary == "" {
		t.Skip("run with -oxtail PROGRAM")
	}
	dir := t.TempDir()
	name, out := filepath.Join(dir, "app.log"), filepath.Join(dir, "out.jsonl")
	lines := 0
	write := func() {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for range 200 {
			lines++
			fmt.Fprintf(f, "line %d of a log\n", lines)
		}
	}
	for round := range *killFor + 1 {
		cmd := exec.Command(*binary, "watch", "--records", "--state", filepath.Join(dir, "state"), "--index", filepath.Join(dir, "index"), "-o", out, "--max-output", "10GB", name)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for beat := range 100 {
			write()
			if beat == 50 && round%3 == 1 {
				if err := os.Rename(name, fmt.Sprint(name, ".", round)); err != nil {
					t.Fatal(err)
				}
			}
			tail.Timer{}.Wait(context.Background(), 10*time.Millisecond)
		}
		if round == *killFor {
			waitIndexed(filepath.Join(dir, "state"))
			_ = cmd.Process.Signal(syscall.SIGTERM)
		} else {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait()
	}
	checkKilled(t, out, lines)
	checkIndexed(t, filepath.Join(dir, "index"), lines)
}

// waitIndexed waits until a watch has caught up, and the index, too.
func waitIndexed(state string) {
	started := time.Now()
	waitUntil(func() bool {
		data, _ := os.ReadFile(filepath.Join(state, statusName)) // it may be exchanged just now
		var st report.WatchStatus
		if json.Unmarshal(data, &st) != nil || time.Since(started) < 4*time.Second {
			return false
		}
		waiting := st.Behind
		for _, x := range st.Sinks {
			waiting += int64(x.Queue)
		}
		return waiting == 0
	}, 2*time.Minute)
}

// checkIndexed reads the index: every line once.
func checkIndexed(t *testing.T, dir string, lines int) {
	x, err := index.Open(dir, index.Options{Formats: indexing.Lookup(allFormats(t))})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	q, err := query.Parse("*", query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hits, _, err := x.Search(context.Background(), q, index.SearchOptions{Order: index.BySource})
	if err != nil {
		t.Fatal(err)
	}
	count := make([]int, lines+1)
	for _, h := range hits {
		rec, err := x.Record(h)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if _, err := fmt.Sscanf(rec.Text, "line %d of a log", &n); err != nil || n > lines {
			t.Fatalf("record %q was never written", rec.Text)
		}
		count[n]++
	}
	lost, repeated := 0, 0
	for _, n := range count[1:] {
		if n == 0 {
			lost++
		}
		repeated += max(0, n-1)
	}
	t.Logf("index: %d records, %d lines lost, %d twice", len(hits), lost, repeated)
	if lost+repeated > 0 {
		t.Errorf("index: %d lines lost, %d twice", lost, repeated)
	}
}

// checkKilled reads what was written out: every line at least once, repeats with the
// same place.
func checkKilled(t *testing.T, out string, lines int) {
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	places := map[string]int64{}
	repeats, torn := 0, 0
	in := bufio.NewScanner(f)
	for in.Scan() {
		var r struct {
			Schema, Message string
			Offset          int64
		}
		if json.Unmarshal(in.Bytes(), &r) != nil {
			torn++ // the output itself was cut by the kill
			continue
		}
		if !strings.HasSuffix(r.Schema, "record/v1") {
			continue
		}
		if at, ok := places[r.Message]; ok {
			repeats++
			if at != r.Offset {
				t.Errorf("%s at %d and at %d", r.Message, at, r.Offset)
			}
		}
		places[r.Message] = r.Offset
	}
	t.Logf("%d lines written, %d found, %d repeated with the same place, %d lines of the output cut by a kill", lines, len(places), repeats, torn)
	if len(places) != lines {
		t.Errorf("%d lines found; want %d", len(places), lines)
	}
}

// TestIdle measures the program with 200 files that nobody writes to.
func TestIdle(t *testing.T) {
	if *binary == "" {
		t.Skip("run with -oxtail PROGRAM")
	}
	measureFiles(t, 200, 20*time.Second)
}

// TestManyFiles measures the start with 10,000 old files, first without and then with a state.
func TestManyFiles(t *testing.T) {
	if *binary == "" {
		t.Skip("run with -oxtail PROGRAM")
	}
	measureFiles(t, 10_000, 2*time.Second, "--from-end")
	measureFiles(t, 10_000, 2*time.Second)
}

// measureFiles starts the program over n files and waits until it has met all.
func measureFiles(t *testing.T, n int, idle time.Duration, args ...string) {
	dir, state := t.TempDir(), t.TempDir()
	writeOld(t, dir, n)
	for _, start := range []string{"first start", "second start"} {
		_ = os.Remove(filepath.Join(state, statusName))
		cmd := exec.Command(*binary, append([]string{"watch", "--state", state, dir}, args...)...)
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitUntil(func() bool {
			data, _ := os.ReadFile(filepath.Join(state, statusName)) // it may not be there yet
			return strings.Contains(string(data), fmt.Sprintf(`"files":%d,`, n))
		}, time.Minute)
		ready := time.Since(began)
		tail.Timer{}.Wait(context.Background(), 3*time.Second)
		before := cpuOf(t, cmd.Process.Pid)
		tail.Timer{}.Wait(context.Background(), idle)
		used := cpuOf(t, cmd.Process.Pid) - before
		memory := memoryOf(t, cmd.Process.Pid)
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		t.Logf("%d files %v, %s: ready after %v; idle %.2f %% of a core; memory %s", n, args, start, ready.Round(time.Millisecond),
			100*used.Seconds()/idle.Seconds(), memory)
	}
}

// cpuOf returns the processor time of a process so far, as /proc tells it in hundredths
// of a second.
func cpuOf(t *testing.T, pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skipf("no /proc: %v", err)
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	var user, system int
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memoryOf returns the peak and the present memory of a process. The peak that Wait
// gives is no use: it begins with that of the test.
func memoryOf(t *testing.T, pid int) string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("no /proc: %v", err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "VmRSS") {
			out = append(out, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(out, ", ")
}
