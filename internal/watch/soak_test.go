//go:build !windows

package watch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
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

// The soak of `make soak`; without flags a short form of it runs.
var (
	soakFor  = flag.Duration("soak", 5*time.Second, "time of TestSoak, such as 5m")
	soakRate = flag.Int("soakrate", 2000, "lines a second of TestSoak")
	soakSeed = flag.Int64("soakseed", 0, "seed of TestSoak; 0: of the clock")
)

// soakChild and soakSink name what a run of the test binary is: the watch of a soak in
// a folder, and the program of its --exec that appends its input to a file.
const (
	soakChild = "OXTAIL_SOAK_FOLDER"
	soakHook  = "OXTAIL_SOAK_HOOK"
	soakSink  = "OXTAIL_SOAK_SINK"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(soakSink) != "":
		os.Exit(soakAppend(os.Getenv(soakSink)))
	case os.Getenv(soakChild) != "":
		if err := soakWatch(os.Getenv(soakChild), os.Getenv(soakHook)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func soakAppend(name string) int {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 1
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return 1
	}
	return 0
}

// soakWatch is the watch that is killed: all outputs, the index and a state.
func soakWatch(dir, hook string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	formats, err := onceFormats()
	if err != nil {
		return err
	}
	rules, err := onceRules()
	if err != nil {
		return err
	}
	folder, err := OpenFolder(filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	defer folder.Close()
	file, err := OpenFile(filepath.Join(dir, "out.jsonl"), 10<<30, time.Now)
	if err != nil {
		return err
	}
	post, err := NewWebhook(hook, []byte("secret"), time.Now)
	if err != nil {
		return err
	}
	if err := os.Setenv(soakSink, filepath.Join(dir, "exec.jsonl")); err != nil {
		return err
	}
	self, err := NewCommand(os.Args[0], nil)
	if err != nil {
		return err
	}
	n, err := tail.NewNotifier()
	if err != nil {
		return err
	}
	w, err := New(Options{
		Patterns: []string{filepath.Join(dir, "logs", "*.log")}, FS: tail.OS{}, Now: time.Now, Rules: rules, Formats: formats, Folder: folder, Records: true,
		Outputs: []Output{file, NewQueue(post, tail.Timer{}), NewQueue(self, tail.Timer{})}, Stop: func() bool { return ctx.Err() != nil },
		Index: func() (Store, error) {
			return indexing.OpenLive(filepath.Join(dir, "index"), indexing.LiveOptions{Formats: formats, Rules: rules})
		},
		Warn: func(m string) { fmt.Fprintln(os.Stderr, "warning:", m) },
	})
	if err != nil {
		return err
	}
	return w.Run(ctx, n)
}

// A soak writes logs, rotates them in all ways, and kills and restarts the watch.
type soak struct {
	t      *testing.T
	dir    string
	random *rand.Rand
	hook   string
	child  *exec.Cmd
	errs   bytes.Buffer

	half    map[string]string // log → rest of a line that is half written
	lines   int
	faults  []string // UUIDs
	kills   int
	stops   int
	rotated map[string]int

	mu      sync.Mutex
	notices map[string]int // UUID → posts that arrived
	refused int
}

const soakLogs = 5

func (s *soak) log(i int) string {
	return filepath.Join(s.dir, "logs", fmt.Sprintf("oxtstore_%d.log", i))
}

func (s *soak) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, s.errs.String())
	}
}

func (s *soak) start() {
	s.child = exec.Command(os.Args[0])
	s.child.Env = append(os.Environ(), soakChild+"="+s.dir, soakHook+"="+s.hook)
	s.child.Stderr = &s.errs
	s.must(s.child.Start())
}

// end kills the watch, or asks it to stop.
func (s *soak) end(kill bool) {
	if kill {
		s.kills++
		s.must(s.child.Process.Kill())
		_ = s.child.Wait() // it was killed
		return
	}
	s.stops++
	s.must(s.child.Process.Signal(syscall.SIGTERM))
	s.must(s.child.Wait())
}

func (s *soak) append(name, text string) {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	s.must(err)
	_, err = f.WriteString(text)
	s.must(err)
	s.must(f.Close())
}

// write appends lines to a log; now and then the last one is half written.
func (s *soak) write(i, n int) {
	var b strings.Builder
	b.WriteString(s.half[s.log(i)])
	delete(s.half, s.log(i))
	for range n {
		s.lines++
		at := time.Now().UTC().Format("2006-01-02 15:04:05.000")
		switch s.random.Intn(200) {
		case 0:
			id := fmt.Sprintf("{%08X-0000-4000-8000-%012X}", s.lines, s.random.Int63n(1<<40))
			s.faults = append(s.faults, strings.ToLower(id[1:37]))
			fmt.Fprintf(&b, "%s: ERROR sync engine: UUID %s already in use, item %d;\n", at, id, s.lines)
		case 1:
			fmt.Fprintf(&b, "%s: INFO sync engine: an entry of several lines\n   at Sync.Engine.Run() item %d;\n   at Main\n", at, s.lines)
		default:
			fmt.Fprintf(&b, "%s: INFO sync engine: folder checked, item %d;\n", at, s.lines)
		}
	}
	text := b.String()
	if n > 0 && s.random.Intn(10) == 0 {
		cut := len(text) - 1 - s.random.Intn(20)
		s.half[s.log(i)] = text[cut:]
		text = text[:cut]
	}
	s.append(s.log(i), text)
}

// rotate moves a log away in one of the ways that there are.
func (s *soak) rotate(i int) {
	s.write(i, 0) // no line is cut by a rotation
	name := s.log(i)
	for n := 5; n > 1; n-- {
		for _, ext := range []string{"", ".gz"} {
			_ = os.Rename(fmt.Sprint(name, ".", n-1, ext), fmt.Sprint(name, ".", n, ext)) // there may be none
		}
	}
	way := []string{"rename", "rename and create", "copy and truncate", "compressed later"}[s.random.Intn(4)]
	s.rotated[way]++
	switch way {
	case "copy and truncate":
		data, err := os.ReadFile(name)
		s.must(err)
		s.must(os.WriteFile(name+".1", data, 0o666))
		s.must(os.Truncate(name, 0))
	case "rename and create":
		s.must(os.Rename(name, name+".1"))
		s.append(name, "")
	default:
		s.must(os.Rename(name, name+".1"))
	}
	if way == "compressed later" {
		s.compress(name + ".3")
	}
}

func (s *soak) compress(name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		return // there is none
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(data)
	s.must(err)
	s.must(z.Close())
	s.must(os.WriteFile(name+".gz", b.Bytes(), 0o666))
	s.must(os.Remove(name))
}

// serve takes posts, and refuses one in ten.
func (s *soak) serve() *httptest.Server {
	uuid := regexp.MustCompile(`[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}`)
	n := 0
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if n++; err != nil || n%10 == 0 {
			s.refused++
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		for _, id := range slices.Compact(uuid.FindAllString(strings.ToLower(string(body)), -1)) {
			s.notices[id]++
		}
	}))
}

// TestSoak: rotating logs, kills, restarts and all outputs; at the end everything that
// was written is in the index once and in the file at least once, and each fault was
// told to the webhook and the command.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("takes real time")
	}
	seed := *soakSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("seed %d: go test ./internal/watch -run TestSoak -soak %v -soakrate %d -soakseed %d", seed, *soakFor, *soakRate, seed)
	s := &soak{t: t, dir: t.TempDir(), random: rand.New(rand.NewSource(seed)), half: map[string]string{}, rotated: map[string]int{}, notices: map[string]int{}}
	s.must(os.Mkdir(filepath.Join(s.dir, "logs"), 0o777))
	server := s.serve()
	defer server.Close()
	s.hook = server.URL
	s.start()
	const beat = 50 * time.Millisecond
	tick := time.NewTicker(beat)
	defer tick.Stop()
	began := time.Now()
	kill, turn := began.Add(time.Second), began.Add(time.Second)
	for time.Since(began) < *soakFor {
		<-tick.C
		for i := range soakLogs {
			s.write(i, max(1, *soakRate*int(beat/time.Millisecond)/1000/soakLogs))
		}
		if time.Now().After(turn) {
			s.rotate(s.random.Intn(soakLogs))
			turn = time.Now().Add(500*time.Millisecond + time.Duration(s.random.Intn(2000))*time.Millisecond)
		}
		if time.Now().After(kill) {
			s.end(s.random.Intn(4) > 0)
			s.start()
			kill = time.Now().Add(500*time.Millisecond + time.Duration(s.random.Intn(1500))*time.Millisecond)
		}
	}
	for i := range soakLogs {
		s.write(i, 0)
	}
	s.finish()
}

// finish lets the watch catch up, and compares.
func (s *soak) finish() {
	waitUntil(func() bool { return s.caughtUp() }, 2*time.Minute)
	st := s.status()
	s.end(false)
	s.checkIndex()
	s.checkFile()
	s.checkNotices()
	s.t.Logf("%d lines, %d faults, rotations %v, %d kills, %d stops, %d posts refused; gaps: %s", s.lines, len(s.faults), s.rotated, s.kills, s.stops, s.refused, st.GapText())
	if st.Gaps > 0 {
		s.t.Errorf("losses %+v", st.Losses)
	}
	if errs := s.errs.String(); errs != "" {
		s.t.Logf("the watch said:\n%.3000s", errs)
	}
}

func (s *soak) status() (st report.WatchStatus) {
	data, err := os.ReadFile(filepath.Join(s.dir, "state", statusName))
	if err == nil {
		err = json.Unmarshal(data, &st)
	}
	s.must(err)
	return st
}

// caughtUp reports whether nothing waits any more.
func (s *soak) caughtUp() bool {
	st := s.status()
	waiting := st.Behind
	for _, x := range st.Sinks {
		waiting += int64(x.Queue)
	}
	updated, err := time.Parse(time.RFC3339, st.Updated)
	s.must(err)
	started, err := time.Parse(time.RFC3339, st.Started)
	s.must(err)
	return waiting == 0 && updated.Sub(started) > 8*time.Second // compressed siblings are looked for after some looks
}

var soakItem = regexp.MustCompile(`item (\d+);`)

// checkIndex: each line is in the index once.
func (s *soak) checkIndex() {
	formats := allFormats(s.t)
	x, err := index.Open(filepath.Join(s.dir, "index"), index.Options{Formats: indexing.Lookup(formats)})
	s.must(err)
	defer x.Close()
	q, err := query.Parse("*", query.Options{})
	s.must(err)
	hits, _, err := x.Search(context.Background(), q, index.SearchOptions{Order: index.BySource})
	s.must(err)
	count := make([]int, s.lines+1)
	for _, h := range hits {
		rec, err := x.Record(h)
		s.must(err)
		s.count(count, rec.Text)
	}
	s.report("index", count, true)
}

func (s *soak) count(count []int, text string) {
	for _, m := range soakItem.FindAllStringSubmatch(text, -1) {
		n := 0
		fmt.Sscan(m[1], &n)
		if n < 1 || n > s.lines {
			s.t.Errorf("item %d was never written: %q", n, text)
			continue
		}
		count[n]++
	}
}

func (s *soak) report(what string, count []int, once bool) {
	lost, repeated := 0, 0
	for _, n := range count[1:] {
		if n == 0 {
			lost++
		}
		repeated += max(0, n-1)
	}
	s.t.Logf("%s: %d lines, %d lost, %d repeated", what, s.lines, lost, repeated)
	if lost > 0 || once && repeated > 0 {
		s.t.Errorf("%s: %d lines lost, %d repeated", what, lost, repeated)
	}
}

// checkFile: each line is in the file at least once.
func (s *soak) checkFile() {
	f, err := os.Open(filepath.Join(s.dir, "out.jsonl"))
	s.must(err)
	defer f.Close()
	count := make([]int, s.lines+1)
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var r report.Record
		if json.Unmarshal(in.Bytes(), &r) == nil && r.Schema == report.SchemaRecord { // a kill may cut a line of the file
			s.count(count, r.Message)
		}
	}
	s.must(in.Err())
	s.report("file", count, false)
}

// checkNotices: each fault was told to the webhook and the command.
func (s *soak) checkNotices() {
	data, err := os.ReadFile(filepath.Join(s.dir, "exec.jsonl"))
	s.must(err)
	told := strings.ToLower(string(data))
	s.mu.Lock()
	defer s.mu.Unlock()
	posts := 0
	for _, id := range s.faults {
		posts += s.notices[id]
		if s.notices[id] == 0 || !strings.Contains(told, id) {
			s.t.Errorf("fault %s: %d posts, to the command %v", id, s.notices[id], strings.Contains(told, id))
		}
	}
	s.t.Logf("webhook: %d faults, %d posts with them", len(s.faults), posts)
}
