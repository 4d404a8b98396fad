package watch

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"oxtail/internal/report"
)

// TestMetricsLoopback: no address is listened at but those of this computer.
func TestMetricsLoopback(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:0": "", "localhost:0": "", "[::1]:0": "",
		"0.0.0.0:0": "only this computer", ":9464": "only this computer", "192.168.1.7:0": "only this computer", "example.org:80": "only this computer",
		"[::]:0": "only this computer", "9464": "missing port", "127.0.0.1": "missing port",
	} {
		m, err := ListenMetrics(address)
		if err == nil {
			_ = m.listener.Close()
		}
		if want == "" && err != nil && !strings.HasPrefix(address, "[") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) { // there may be no IPv6
			t.Errorf("ListenMetrics(%s) = %v; want %q", address, err, want)
		}
	}
}

// TestMetrics asks a watch for its numbers, as Prometheus and as a page of another site would.
func TestMetrics(t *testing.T) {
	m, err := ListenMetrics("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- m.serve(ctx) }()
	b := newBench(t)
	b.w.opts.Metrics = m
	ask := func(method, path, host string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(method, strings.TrimSuffix(m.Address(), "/metrics")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, _ := ask("GET", "/metrics", ""); code != http.StatusServiceUnavailable {
		t.Errorf("before the first look: %d; want 503", code)
	}
	b.fs.append("log/a.log", []byte("2026-03-05 18:00:01.000: INFO sync engine: ok\n   and more\n"+faultLine), b.clock)
	b.pass(5 * time.Second)
	code, text := ask("GET", "/metrics", "")
	for _, want := range []string{
		"oxtail_watch_files 1\n", "oxtail_watch_lines_total 3\n", "oxtail_watch_records_total 2\n", "oxtail_watch_episodes_open 1\n", "oxtail_watch_lag_seconds ",
		"oxtail_watch_gaps 0\n", "# TYPE oxtail_watch_output_queue gauge\noxtail_watch_output_queue{output=\"standard output\"} 0\n",
	} {
		if code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("answer %d without %q:\n%s", code, want, text)
		}
	}
	for _, c := range []struct {
		method, path, host string
		want               int
	}{{"GET", "/", "", 404}, {"POST", "/metrics", "", 405}, {"GET", "/metrics", "evil.example", 403}, {"GET", "/metrics", "localhost:1", 200}} {
		if code, _ := ask(c.method, c.path, c.host); code != c.want {
			t.Errorf("%s %s of host %q: %d; want %d", c.method, c.path, c.host, code, c.want)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.stop()
}

// TestMetricNames: output names cannot break the format.
func TestMetricNames(t *testing.T) {
	var out strings.Builder
	st := report.WatchStatus{Sinks: []report.SinkStatus{{Name: "file a\"b\\c\nd", Queue: 3}}}
	if err := st.WriteMetrics(&out); err != nil || !strings.Contains(out.String(), `oxtail_watch_output_queue{output="file a\"b\\c\nd"} 3`+"\n") {
		t.Errorf("error %v, text\n%s", err, out.String())
	}
}

// TestWatchdog: a lag is told when it lasts, once, and its end, too; a short one is not.
func TestWatchdog(t *testing.T) {
	now := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	d := &watchdog{}
	var told []string
	// pass lets seconds pass in which everything is read, or nothing.
	pass := func(seconds int, reads bool) {
		for range seconds {
			now = now.Add(time.Second)
			if reads {
				d.read(now, now)
			}
			if text := d.look(now); text != "" {
				told = append(told, text)
			}
		}
	}
	pass(100, false) // the first look at old files takes as long as it takes
	pass(10, true)
	pass(30, false)
	pass(10, true) // over before it was told
	if len(told) != 0 {
		t.Fatalf("told %q; want nothing", told)
	}
	pass(60, false)
	if len(told) != 1 || !strings.Contains(told[0], "since 10:02:30 is not all read") || d.laggingSince().IsZero() {
		t.Fatalf("told %q; want the lag since 10:02:30", told)
	}
	pass(20, true)
	pass(20, false) // not over yet
	pass(60, true)
	if len(told) != 2 || !strings.Contains(told[1], "up to 1m0s behind") || !d.laggingSince().IsZero() {
		t.Fatalf("told %q; want the end, too", told)
	}
	if news := d.take(); len(news) != 2 || news[0].State != "behind" || news[1].State != "caught-up" || news[1].LagMS != 60_000 {
		t.Errorf("news %+v", news)
	}
	now = now.Add(-24 * time.Hour) // the clock is set back
	pass(100, true)
	if len(told) != 2 {
		t.Errorf("told %q after the clock was set back", told)
	}
}
