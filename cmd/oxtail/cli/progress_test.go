package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"oxtail/internal/pipeline"
)

func TestProgress(t *testing.T) {
	start := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		terminal bool
		step     time.Duration // by which the clock moves when it is read
		shown    bool
	}{
		{"long work on a terminal", true, 2 * time.Second, true},
		{"short work", true, 0, false},
		{"no terminal", false, 2 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			now := start
			tm := &term{stderr: &stderr, progress: c.terminal, now: func() time.Time { now = now.Add(c.step); return now }}
			var opts pipeline.Options
			stop := tm.showProgress(&opts)
			if opts.Progress != nil {
				opts.Progress(pipeline.Progress{Path: "a\x1b.log", Bytes: 4 << 20})
			}
			time.Sleep(2 * progressEvery) // the ticker is real; what it shows depends on the clock above
			stop()
			got := stderr.String()
			if shown := strings.Contains(got, "4.0 MiB read"); shown != c.shown {
				t.Errorf("stderr %q; want progress shown: %v", got, c.shown)
			}
			if c.shown && (!strings.HasSuffix(got, "\r\x1b[K") || !strings.Contains(got, "a␛.log")) {
				t.Errorf("stderr %q; want the line cleared at the end and the path made harmless", got)
			}
		})
	}
}
