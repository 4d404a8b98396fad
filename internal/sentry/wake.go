package sentry

import (
	"context"
	"sync"
	"time"
)

// A Bell is a Waker that something outside can ring, and that a Thrifty asks whether it
// rang. Rings of the same moment are one: what rings writes value after value.
type Bell struct {
	mu    sync.Mutex
	rang  bool
	rings chan struct{}
	close []func()
}

var _ Waker = (*Bell)(nil)

// NewBell returns a Bell that nobody rings.
func NewBell() *Bell { return &Bell{rings: make(chan struct{}, 1)} }

// settleTime is how long changes are gathered after the first one.
const settleTime = 500 * time.Millisecond

// Ring ends the pause of a Wait, the one that is going on or the next.
func (b *Bell) Ring() {
	b.mu.Lock()
	b.rang = true
	b.mu.Unlock()
	select {
	case b.rings <- struct{}{}:
	default:
	}
}

// Changed reports whether the bell rang since the last call.
func (b *Bell) Changed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	rang := b.rang
	b.rang = false
	return rang
}

// Wait implements Waker.
func (b *Bell) Wait(ctx context.Context, pause time.Duration) {
	tick := time.NewTimer(pause)
	defer tick.Stop()
	select {
	case <-ctx.Done():
		return
	case <-tick.C:
		return
	case <-b.rings:
	}
	tick.Reset(min(pause, settleTime))
	select {
	case <-ctx.Done():
	case <-tick.C:
	}
}

// Close ends the listening of those that ring.
func (b *Bell) Close() {
	for _, end := range b.close {
		end()
	}
	b.close = nil
}
