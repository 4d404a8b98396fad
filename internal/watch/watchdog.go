package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"oxtail/internal/report"
	"oxtail/internal/tail"
)

const (
	// lagLimit is how old the last moment at which everything was read may be, before the
	// watch counts as falling behind.
	lagLimit = 5 * time.Second

	// lagFor is how long the lag must be over, or under, the limit before that is told.
	lagFor = 30 * time.Second

	// lagLook is how often the watchdog looks.
	lagLook = time.Second
)

// A watchdog tells when the watch falls behind, and when it has caught up: when a disk,
// a receiver of the output or too many lines keep it from reading. It looks from a
// goroutine of its own, since who is stuck cannot tell it.
type watchdog struct {
	mu      sync.Mutex
	current time.Time // when everything was read the last time; zero: not yet
	over    time.Time // since when the lag is on the other side of the limit; zero: it is not
	since   time.Time // of the lag that was told; zero: none
	most    time.Duration
	news    []report.Lag // not yet handed to the outputs
}

// read tells that everything that was written before a moment is read now. What was
// there before the first time is no lag.
func (d *watchdog) read(at, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current.IsZero() {
		at = now
	}
	d.current = at
}

// lag returns for how long something may have waited.
func (d *watchdog) lag(now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current.IsZero() || now.Before(d.current) {
		return 0
	}
	return now.Sub(d.current)
}

// look returns what is to be told to people, "" for nothing.
func (d *watchdog) look(now time.Time) string {
	lag := d.lag(now)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.most = max(d.most, lag)
	if lag > lagLimit == !d.since.IsZero() { // on the side that was told
		d.over = time.Time{}
		return ""
	}
	if d.over.IsZero() || now.Before(d.over) {
		d.over = now
	}
	if now.Sub(d.over) < lagFor {
		return ""
	}
	if d.since.IsZero() {
		d.since, d.over, d.most = d.current, time.Time{}, lag
		d.news = append(d.news, report.NewLag("behind", d.since, now, lag))
		return fmt.Sprintf("the watch falls behind: what was written since %s is not all read; a slow disk, a slow reader of the output, or too many lines", d.since.Format("15:04:05"))
	}
	since, most := d.since, d.most
	d.since, d.over, d.most = time.Time{}, time.Time{}, 0
	d.news = append(d.news, report.NewLag("caught-up", since, now, most))
	return fmt.Sprintf("the watch has caught up; it was up to %s behind", most.Round(time.Second))
}

// take returns what the outputs have to be told.
func (d *watchdog) take() []report.Lag {
	d.mu.Lock()
	defer d.mu.Unlock()
	news := d.news
	d.news = nil
	return news
}

// laggingSince returns since when the watch is behind, the zero time if it is not.
func (d *watchdog) laggingSince() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.since
}

// run looks until ctx ends.
func (d *watchdog) run(ctx context.Context, now func() time.Time, warn func(string)) {
	for ctx.Err() == nil {
		if text := d.look(now()); text != "" {
			warn(text)
		}
		tail.Timer{}.Wait(ctx, lagLook)
	}
}
