package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"oxtail/internal/report"
	"oxtail/internal/tail"
)

// Limits of a Queue.
const (
	queueEvents = 1000             // that wait; more are dropped and counted
	maxTries    = 8                // of one event
	firstPause  = time.Second      // after a failure; doubled each time
	maxPause    = 2 * time.Minute  // longest pause between two tries
	closeWait   = 5 * time.Second  // for what is queued when the watch ends
	sendTimeout = 30 * time.Second // of one try
)

// A Sender delivers notices one by one, at its own pace: a webhook, a command, a message
// on the screen. A Queue drives it from a goroutine of its own, so it may take long; an
// error is tried again with growing pauses, unless it wraps ErrForGood. One that is an
// io.Closer is closed at the end.
type Sender interface {
	// Name says where notices go, without secrets: for the status and for warnings. It
	// is the same in the next watch, which delivers what this one did not.
	Name() string

	// Send delivers one notice: a JSON object of oxtail.notice/v1 with its line end (see
	// Notice). It ends when ctx does. After a crash a notice may be sent twice.
	Send(ctx context.Context, body []byte) error
}

// ErrForGood, wrapped in an error of Send, says that another try would fail, too.
var ErrForGood = errors.New("it is not tried again")

// A Queue is an Output that hands notices to a Sender in the background, so that a slow
// or dead receiver never stalls reading. Records do not go through it. What is not
// delivered yet goes into the saved state, so that a crash does not lose it.
type Queue struct {
	sender Sender
	waker  tail.Waker
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	turn    sync.Cond
	waiting []json.RawMessage // the first is being delivered
	ended   bool
	status  report.SinkStatus
}

var _ Output = (*Queue)(nil)

// NewQueue starts a queue. The waker times the pauses between tries.
func NewQueue(sender Sender, waker tail.Waker) *Queue {
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{sender: sender, waker: waker, cancel: cancel, done: make(chan struct{})}
	q.turn.L = &q.mu
	go q.run(ctx)
	return q
}

// Put implements Output. A full queue drops the event: the newest news of a fault is
// said again at its end.
func (q *Queue) Put(e *Event) error {
	if e.Kind == KindRecord || e.Kind == KindLag {
		return nil
	}
	body, err := e.Body()
	if err != nil {
		return err
	}
	q.Restore([]json.RawMessage{body})
	return nil
}

// Restore queues notices that an earlier watch did not deliver.
func (q *Queue) Restore(bodies []json.RawMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, body := range bodies {
		if len(q.waiting) >= queueEvents {
			q.status.Dropped++
			q.status.Error = "the queue is full"
			continue
		}
		q.waiting = append(q.waiting, body)
	}
	q.turn.Broadcast()
}

// Waiting returns the notices that are not delivered.
func (q *Queue) Waiting() []json.RawMessage {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.waiting)
}

func (q *Queue) run(ctx context.Context) {
	defer close(q.done)
	for {
		q.mu.Lock()
		for len(q.waiting) == 0 && !q.ended {
			q.turn.Wait()
		}
		if len(q.waiting) == 0 || ctx.Err() != nil {
			q.mu.Unlock()
			return
		}
		body := q.waiting[0]
		q.mu.Unlock()
		if !q.deliver(ctx, body) {
			return
		}
		q.mu.Lock()
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.mu.Unlock()
	}
}

// deliver tries until the event is out, or there is no hope. It reports whether the
// event is done with; it is not when the queue is ended.
func (q *Queue) deliver(ctx context.Context, body []byte) bool {
	pause := firstPause
	for try := 1; ; try++ {
		sending, cancel := context.WithTimeout(ctx, sendTimeout)
		err := q.sender.Send(sending, body)
		cancel()
		if err == nil {
			q.mu.Lock()
			q.status.Sent++
			q.status.Error = ""
			q.mu.Unlock()
			return true
		}
		q.failed(err)
		switch {
		case errors.Is(err, ErrForGood) || try >= maxTries:
			q.dropped(err)
			return true
		case ctx.Err() != nil:
			return false
		}
		q.waker.Wait(ctx, pause)
		pause = min(2*pause, maxPause)
	}
}

func (q *Queue) failed(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.status.Error = err.Error()
}

func (q *Queue) dropped(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.status.Dropped++
	q.status.Error = err.Error()
}

// Flush implements Output: deliveries have their own time.
func (q *Queue) Flush() error { return nil }

// Close implements Output. The receiver has a little while for what waits; the rest
// stays in Waiting.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.ended = true
	q.turn.Broadcast()
	q.mu.Unlock()
	timer := time.AfterFunc(closeWait, q.cancel)
	<-q.done
	timer.Stop()
	q.cancel()
	if c, ok := q.sender.(io.Closer); ok {
		_ = c.Close() // nothing is sent any more
	}
	switch st := q.Status(); {
	case st.Queue > 0:
		return fmt.Errorf("%s: %d notices are not delivered yet: %s", st.Name, st.Queue, st.Error)
	case st.Dropped > 0:
		return fmt.Errorf("%s: %d notices were given up: %s", st.Name, st.Dropped, st.Error)
	}
	return nil
}

// Status implements Output.
func (q *Queue) Status() report.SinkStatus {
	q.mu.Lock()
	defer q.mu.Unlock()
	st := q.status
	st.Name, st.Queue = q.sender.Name(), len(q.waiting)
	return st
}
