package watch

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"oxtail/internal/report"
)

func notice(id string) *Event {
	return &Event{
		Kind: KindEpisode, Episode: &report.Episode{Schema: report.SchemaEpisode, ID: id, State: "open"},
		Finding: &report.Finding{Schema: report.SchemaFinding, ID: "f" + id}, Text: id + "\n",
	}
}

// noPause is a Waker that waits for nothing and remembers the pauses.
type noPause struct {
	mu     sync.Mutex
	pauses []time.Duration
}

func (n *noPause) Wait(_ context.Context, d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pauses = append(n.pauses, d)
}

// TestWebhook posts to a server that fails twice: the third try arrives, signed, and
// all tries have one id.
func TestWebhook(t *testing.T) {
	secret := []byte("a secret")
	var ids []string
	arrived := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		ids = append(ids, r.Header.Get("X-Oxtail-Id"))
		want := "sha256=" + Sign(secret, r.Header.Get("X-Oxtail-Timestamp"), body)
		if got := r.Header.Get("X-Oxtail-Signature"); got != want || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("signature %q; want %q; headers %v", got, want, r.Header)
		}
		if len(ids) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		arrived <- string(body)
	}))
	defer server.Close()
	hook, err := NewWebhook(server.URL+"/hook?token=geheim", secret, func() time.Time { return time.Unix(1e9, 0) })
	if err != nil {
		t.Fatal(err)
	}
	pauses := &noPause{}
	q := NewQueue(hook, pauses)
	if err := q.Put(notice("e1")); err != nil {
		t.Fatal(err)
	}
	var n Notice
	if err := json.Unmarshal([]byte(<-arrived), &n); err != nil || n.Schema != SchemaNotice || n.Episode.ID != "e1" || n.Finding.ID != "fe1" {
		t.Errorf("body %+v, error %v", n, err)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
	if len(ids) != 3 || ids[0] != ids[2] || len(pauses.pauses) != 2 || pauses.pauses[1] != 2*firstPause {
		t.Errorf("ids %v, pauses %v; want three tries with one id and growing pauses", ids, pauses.pauses)
	}
	if st := q.Status(); st.Sent != 1 || st.Dropped != 0 || strings.Contains(st.Name, "geheim") {
		t.Errorf("status %+v", st)
	}
}

// TestWebhookRefused: an answer that no retry mends is not retried, and errors show no token.
func TestWebhookRefused(t *testing.T) {
	for _, answer := range []int{http.StatusForbidden, http.StatusFound} {
		tries := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			tries++
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(answer)
		}))
		hook, err := NewWebhook(server.URL+"/?token=geheim", nil, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		q := NewQueue(hook, &noPause{})
		if err := q.Put(notice("e1")); err != nil {
			t.Fatal(err)
		}
		err = q.Close()
		server.Close()
		if tries != 1 || err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("answer %d: %d tries, error %v; want one try and an error without the token", answer, tries, err)
		}
	}
}

// A stuckSender never ends a try until it is told.
type stuckSender struct{ release chan struct{} }

func (s *stuckSender) Name() string { return "stuck" }
func (s *stuckSender) Send(ctx context.Context, _ []byte) error {
	select {
	case <-s.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestQueueNeverBlocks: a dead receiver costs events, not time.
func TestQueueNeverBlocks(t *testing.T) {
	s := &stuckSender{make(chan struct{})}
	q := NewQueue(s, &noPause{})
	for range queueEvents + 100 {
		if err := q.Put(notice("e")); err != nil {
			t.Fatal(err)
		}
	}
	if st := q.Status(); st.Dropped < 99 || st.Queue < queueEvents-1 {
		t.Errorf("status %+v; want a full queue and at least 99 dropped", st)
	}
	close(s.release)
	if err := q.Close(); err == nil || !strings.Contains(err.Error(), "given up") {
		t.Errorf("Close = %v; want a word about what was dropped", err)
	}
}

// TestOutbox: what was not delivered before a crash, or at the end, is delivered by the
// next watch.
func TestOutbox(t *testing.T) {
	b := newBench(t)
	b.w.opts.Outputs = []Output{NewQueue(&stuckSender{make(chan struct{})}, &noPause{})}
	b.fs.append("log/a.log", []byte(faultLine), b.clock)
	b.pass(3 * time.Second)
	if err := b.f.Close(); err != nil { // killed
		t.Fatal(err)
	}
	s := &collectSender{got: make(chan string, 1)}
	b.outputs = []Output{NewQueue(s, &noPause{})}
	b.start()
	if got := <-s.got; !strings.Contains(got, "8f3e0c1a") && !strings.Contains(got, "8F3E0C1A") {
		t.Errorf("delivered %q; want the fault of the first watch", got)
	}
	b.stop()
}

// A collectSender hands notices to a test, under the name of a stuckSender.
type collectSender struct{ got chan string }

func (s *collectSender) Name() string { return "stuck" }
func (s *collectSender) Send(_ context.Context, body []byte) error {
	s.got <- string(body)
	return nil
}

// TestQueueSkipsRecords: records are not for webhooks.
func TestQueueSkipsRecords(t *testing.T) {
	q := NewQueue(&stuckSender{make(chan struct{})}, &noPause{})
	if err := q.Put(&Event{Kind: KindRecord, Record: &report.Record{}}); err != nil {
		t.Fatal(err)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}

// TestFileRotates: the file is rotated by size and every object stays whole.
func TestFileRotates(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	const limit = 2000
	o, err := OpenFile(name, limit, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if err := errors.Join(o.Put(notice("e1")), o.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(name + "*")
	if len(files) < 3 || len(files) > keepFiles+1 {
		t.Errorf("files %v; want some, at most %d", files, keepFiles+1)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil || len(data) > limit {
			t.Errorf("%s: %d bytes, error %v; want at most %d", f, len(data), err, limit)
		}
		for line := range strings.Lines(string(data)) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: %q is not JSON", f, line)
			}
		}
	}
}

// TestFileFull: a file that cannot be written is tried again; nothing is lost, neither
// while the watch runs nor by its end.
func TestFileFull(t *testing.T) {
	b := newBench(t)
	b.stop()
	name := filepath.Join(t.TempDir(), "out.jsonl")
	open := func() {
		t.Helper()
		o, err := OpenFile(name, 0, b.now)
		if err != nil {
			t.Fatal(err)
		}
		b.outputs, b.records = []Output{o}, true
		b.start()
	}
	breakIt := func() { _ = b.outputs[0].(*File).f.Close() } // every write fails from here on
	count := func(text string) int {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(data), text)
	}
	open()
	b.fs.append("log/a.log", []byte(strings.Join(numbered(0, 100), "")), b.clock)
	b.pass(3 * time.Second)
	breakIt()
	b.fs.append("log/a.log", []byte(strings.Join(numbered(100, 100), "")), b.clock)
	b.pass(3 * time.Second)
	if st := b.w.Status().Sinks[0]; st.Queue < 99 || st.Error == "" || len(b.warn) != 1 {
		t.Errorf("status %+v, warnings %q; want what waits, and one warning", st, b.warn)
	}
	b.outputs[0].(*File).f = nil // it can be opened again
	b.pass(10 * time.Second)
	if n := count("item "); n != 200 {
		t.Errorf("%d records in the file; want 200", n)
	}
	breakIt()
	b.fs.append("log/a.log", []byte(strings.Join(numbered(200, 100), "")), b.clock)
	b.pass(3 * time.Second)
	_ = b.w.finish() // the file cannot be closed either
	if err := b.f.Close(); err != nil {
		t.Fatal(err)
	}
	open()
	b.pass(3 * time.Second)
	b.stop()
	if n := count("item "); n != 300 {
		t.Errorf("%d records in the file; want 300", n)
	}
}

// TestCommandRefusesScripts: what Windows runs by its shell is refused by name.
func TestCommandRefusesScripts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.bat")
	if err := os.WriteFile(name, []byte("x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := NewCommand(name, nil); err == nil || !strings.Contains(err.Error(), "shell") {
		t.Errorf("NewCommand(%s) = %v; want a refusal", name, err)
	}
}
