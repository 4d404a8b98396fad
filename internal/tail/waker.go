package tail

import (
	"context"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Waker ends the wait between two polls. It may wake early and for nothing; that it
// wakes in time is all that is asked of it.
type Waker interface {
	// Wait returns after the pause, or earlier when something has changed or ctx ends.
	Wait(ctx context.Context, pause time.Duration)
}

// Timer is a Waker that waits the whole pause.
type Timer struct{}

var _ Waker = Timer{}

// Wait implements Waker.
func (Timer) Wait(ctx context.Context, pause time.Duration) {
	tick := time.NewTimer(pause)
	defer tick.Stop()
	select {
	case <-ctx.Done():
	case <-tick.C:
	}
}

const (
	// settle is how long events are gathered before a poll: a busy log makes thousands
	// of events a second, and one poll serves them all.
	settleTime = 20 * time.Millisecond

	// maxWatched is how many folders are watched; the poll covers the others. The
	// operating systems allow some thousands.
	maxWatched = 1000
)

// Notifier is a Waker that listens to the operating system. On network drives, and when
// too much happens at once, it hears nothing; then it is a Timer.
type Notifier struct {
	watcher *fsnotify.Watcher
	watched map[string]bool
}

var _ Waker = (*Notifier)(nil)

// NewNotifier returns a Notifier that watches no folder yet. An error means that the
// system has no notifications left to give; a Timer does as well, only slower.
func NewNotifier() (*Notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &Notifier{watcher: w, watched: map[string]bool{}}, nil
}

// Watch listens to folders; those that are watched already cost nothing. A folder that
// cannot be watched is left to the poll.
func (n *Notifier) Watch(dirs []string) {
	for _, dir := range dirs {
		if n.watched[dir] || len(n.watched) >= maxWatched {
			continue
		}
		if n.watcher.Add(dir) == nil {
			n.watched[dir] = true
		}
	}
}

// Wait implements Waker.
func (n *Notifier) Wait(ctx context.Context, pause time.Duration) {
	tick := time.NewTimer(pause)
	defer tick.Stop()
	select {
	case <-ctx.Done():
	case <-tick.C:
	case e := <-n.watcher.Events:
		n.heard(e)
		n.gather(ctx)
	case <-n.watcher.Errors: // an overflow: something has happened
	}
}

// gather takes events until settleTime is over.
func (n *Notifier) gather(ctx context.Context) {
	tick := time.NewTimer(settleTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			return
		case e := <-n.watcher.Events:
			n.heard(e)
		case <-n.watcher.Errors:
		}
	}
}

// heard forgets a folder that is gone, so that Watch adds the next one of its name.
func (n *Notifier) heard(e fsnotify.Event) {
	if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		delete(n.watched, e.Name)
		delete(n.watched, filepath.Clean(e.Name))
	}
}

// Close ends the listening.
func (n *Notifier) Close() error { return n.watcher.Close() }

// Dirs returns the folders that the last Poll looked into.
func (t *Tailer) Dirs() []string { return t.looked }
