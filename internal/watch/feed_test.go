package watch

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"oxtail/detectors"
)

// A scriptedFeed hands its emit out to the test.
type scriptedFeed struct {
	emit chan func(detectors.Finding)
	err  error
}

func (f *scriptedFeed) Run(ctx context.Context, emit func(detectors.Finding)) error {
	if f.err != nil {
		return f.err
	}
	f.emit <- emit
	<-ctx.Done()
	return ctx.Err()
}

func sharedCache(count int, gone bool) detectors.Finding {
	return detectors.Finding{
		ID: "f1", Rule: "sentry-second-profile", Title: "A second profile uses the cache", Severity: detectors.SeverityHigh, Verdict: detectors.SharedCache,
		Account: &detectors.Account{Server: "ox.example", User: "anna"}, Count: count, IsGone: gone, Because: []string{"profiles A and B name the same file"},
	}
}

// TestFeedLife: a finding of a feed is told once, stands however long nothing is heard,
// outlives a restart, and is told as healed; then as a new episode.
func TestFeedLife(t *testing.T) {
	b := newBench(t)
	b.w.fed.emit(sharedCache(1, false))
	b.pass(3 * time.Second)
	b.pass(3 * time.Hour)
	if b.told("open") != 1 || b.told("silent") != 0 {
		t.Fatalf("told open %d times, silent %d times; want once and never\n%s", b.told("open"), b.told("silent"), b.out.String())
	}
	b.stop()
	b.start()
	b.w.fed.emit(sharedCache(1, false))
	b.pass(2 * time.Hour)
	if b.told("open") != 1 || b.told("ongoing") != 0 || b.told("silent") != 0 {
		t.Fatalf("after a restart it was told again:\n%s", b.out.String())
	}
	b.w.fed.emit(sharedCache(1, true))
	b.pass(3 * time.Second)
	b.w.fed.emit(sharedCache(1, false))
	b.pass(3 * time.Second)
	if b.told("healed") != 1 || b.told("open") != 2 {
		t.Errorf("told healed %d times, open %d times; want once and twice\n%s", b.told("healed"), b.told("open"), b.out.String())
	}
	b.stop()
	b.start()
	b.pass(2 * time.Hour) // the feed does not say it again
	if b.told("silent") != 1 {
		t.Errorf("told silent %d times; want once\n%s", b.told("silent"), b.out.String())
	}
	b.stop()
}

// A startWaker tells when the watcher waits, and counts how often it was roused.
type startWaker struct{ waits chan struct{} }

func (w startWaker) Wait(ctx context.Context, _ time.Duration) {
	select {
	case w.waits <- struct{}{}:
	default:
	}
	<-ctx.Done()
}

// TestFeedRuns: news of a feed ends the pause, an error is told and does no harm.
func TestFeedRuns(t *testing.T) {
	b := newBench(t)
	good, bad := &scriptedFeed{emit: make(chan func(detectors.Finding), 1)}, &scriptedFeed{err: errors.New("watch profiles: no rights")}
	b.w.opts.Feeds = []Feed{good, bad}
	told := make(chan string, 10)
	b.w.opts.Outputs = []Output{NewPrinter(writerFunc(func(p []byte) { told <- string(p) }), true)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	waker := startWaker{make(chan struct{}, 1)}
	go func() { done <- b.w.Run(ctx, waker) }()
	emit := <-good.emit
	<-waker.waits
	b.advance(time.Second)
	emit(sharedCache(1, false))
	if line := <-told; !strings.Contains(line, "sentry-second-profile") {
		t.Errorf("told %q; want the finding of the feed", line)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(b.warn) != 1 || !strings.Contains(b.warn[0], "no rights") {
		t.Errorf("warnings %q; want the error of the feed once", b.warn)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }
