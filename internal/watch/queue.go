package watch

import (
	"context"
	"errors"
	"fmt"
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

// A Sender delivers one body. It may take long and fail; see ErrForGood.
type Sender interface {
	Name() string
	Send(ctx context.Context, body []byte) error
}

// ErrForGood says that another try would fail, too.
var ErrForGood = errors.New("it is not tried again")

// A Queue is an Output that hands notices to a Sender in the background, so that a slow
// or dead receiver never stalls reading. Records do not go through it.
type Queue struct {
	sender Sender
	waker  tail.Waker
	events chan []byte
	cancel context.CancelFunc
	done   chan struct{}
	stop   chan struct{}

	mu     sync.Mutex
	status report.SinkStatus
}

var _ Output = (*Queue)(nil)

// NewQueue starts a queue. The waker times the pauses between tries.
func NewQueue(sender Sender, waker tail.Waker) *Queue {
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{
		sender: sender, waker: waker, events: make(chan []byte, queueEvents), cancel: cancel,
		done: make(chan struct{}), stop: make(chan struct{}),
	}
	go q.run(ctx)
	return q
}

// Put implements Output. A full queue drops the event: the newest news of a fault is
// said again at its end.
func (q *Queue) Put(e *Event) error {
	if e.Kind == KindRecord {
		return nil
	}
	body, err := e.Body()
	if err != nil {
		return err
	}
	select {
	case q.events <- body:
	default:
		q.dropped(errors.New("the queue is full"))
	}
	return nil
}

func (q *Queue) run(ctx context.Context) {
	defer close(q.done)
	for {
		select {
		case body := <-q.events:
			q.deliver(ctx, body)
			continue
		default:
		}
		select {
		case body := <-q.events:
			q.deliver(ctx, body)
		case <-q.stop:
			if len(q.events) == 0 {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// deliver tries until the event is out, or there is no hope.
func (q *Queue) deliver(ctx context.Context, body []byte) {
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
			return
		}
		if errors.Is(err, ErrForGood) || try >= maxTries || ctx.Err() != nil {
			q.dropped(err)
			return
		}
		q.failed(err)
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

// Close implements Output. What is not out after a little while is dropped and told.
func (q *Queue) Close() error {
	close(q.stop)
	timer := time.AfterFunc(closeWait, q.cancel)
	<-q.done
	timer.Stop()
	q.cancel()
	if n := len(q.events); n > 0 {
		q.mu.Lock()
		q.status.Dropped += int64(n)
		q.mu.Unlock()
	}
	if st := q.Status(); st.Dropped > 0 {
		return fmt.Errorf("%s: %d notices were not delivered: %s", st.Name, st.Dropped, st.Error)
	}
	return nil
}

// Status implements Output.
func (q *Queue) Status() report.SinkStatus {
	q.mu.Lock()
	defer q.mu.Unlock()
	st := q.status
	st.Name, st.Queue = q.sender.Name(), len(q.events)
	return st
}
