package watch

import (
	"context"
	"errors"
	"sync"

	"oxtail/detectors"
)

// A Feed finds faults by itself, not in the records of logs: one that watches profiles
// and cache files is one. Its findings become episodes, like those of logs.
//
// A finding stands from the moment it is emitted until it is emitted again, with the same
// ID, with IsGone set (and Healed, where the time is known). It never turns silent by
// time. Emitting it again unchanged is free; a greater Count says that it was seen again.
// At its start a feed emits all that stands then: what it does not emit again within
// Options.Quiet after a restart of the watch is told as silent.
//
// Findings with equal rule, account (or Mailbox) and first UUID or folder are one
// episode; without any of them, those of one Source are. So a feed sets Source to the
// path or the profile that a finding is about. Evidence may be empty; Because is shown.
type Feed interface {
	// Run emits findings until ctx ends. It may call emit from any goroutine, but not
	// after it returned; emit does not block. An error is told to the user once, and the
	// watch goes on without the feed. nil, or the error of ctx, is no trouble.
	Run(ctx context.Context, emit func(detectors.Finding)) error
}

// maxFed is how many findings of feeds are kept; more are dropped. Each is about a profile
// or a cache file, of which a computer has few.
const maxFed = 10_000

// fed gathers the findings of all feeds.
type fed struct {
	mu       sync.Mutex
	at       map[string]int // id → place in findings
	findings []detectors.Finding
	stale    map[string]bool // ids that an earlier watch left, and that no feed emitted since
	news     bool
	wake     func()  // ends the pause of the watcher; nil: it is not in one
	failed   []error // of feeds that ended, not yet told
}

func newFed(saved []detectors.Finding) *fed {
	b := &fed{at: map[string]int{}, stale: map[string]bool{}}
	for _, f := range saved {
		b.put(f)
		b.stale[f.ID] = true
	}
	b.news = len(saved) > 0
	return b
}

// run starts the feeds and returns the function that waits for their end.
func (b *fed) run(ctx context.Context, feeds []Feed) (wait func()) {
	var all sync.WaitGroup
	for _, feed := range feeds {
		all.Go(func() {
			err := feed.Run(ctx, b.emit)
			if err != nil && !errors.Is(err, ctx.Err()) {
				b.fail(err)
			}
		})
	}
	return all.Wait
}

func (b *fed) emit(f detectors.Finding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.stale, f.ID)
	b.put(f)
	b.news = true
	b.rouse()
}

func (b *fed) put(f detectors.Finding) {
	if i, ok := b.at[f.ID]; ok {
		b.findings[i] = f
		return
	}
	if len(b.findings) < maxFed {
		b.at[f.ID] = len(b.findings)
		b.findings = append(b.findings, f)
	}
}

func (b *fed) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = append(b.failed, err)
	b.rouse()
}

func (b *fed) rouse() {
	if b.wake != nil {
		b.wake()
	}
}

// pause returns a context that ends when there is news of a feed. done ends its use.
func (b *fed) pause(ctx context.Context) (paused context.Context, done func()) {
	paused, cancel := context.WithCancel(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wake = cancel
	if b.news || len(b.failed) > 0 {
		cancel()
	}
	return paused, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wake = nil
		cancel()
	}
}

// fresh reports whether something was emitted since the last take.
func (b *fed) fresh() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.news
}

// take returns what stands, and what an earlier watch left and may be over.
func (b *fed) take() (standing, stale []detectors.Finding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news = false
	for _, f := range b.findings {
		if b.stale[f.ID] {
			stale = append(stale, f)
		} else {
			standing = append(standing, f)
		}
	}
	return standing, stale
}

// all returns everything that is to be saved: findings that are gone are not.
func (b *fed) all() (out []detectors.Finding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.findings {
		if !f.IsGone {
			out = append(out, f)
		}
	}
	return out
}

// failures returns the errors of feeds since the last call.
func (b *fed) failures() (out []error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out, b.failed = b.failed, nil
	return out
}
