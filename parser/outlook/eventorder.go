package outlook

import (
	"time"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// maxUndecided and maxUndecidedBytes bound the events that are kept back while their
// dates could be read with day or month first. An export of one day never tells; a
// longer one soon does.
const (
	maxUndecided      = 1000
	maxUndecidedBytes = 8 << 20
)

// An eventQueue gives events their times. Dates such as 1/7/2010 wait until the
// rest of the file tells their order.
type eventQueue struct {
	src    parser.Source
	survey stamp.Survey
	order  stamp.Order
	known  bool // the order is settled
	queue  []queuedEvent
	bytes  int // of the queued records
}

type queuedEvent struct {
	record *parser.Record
	when   stamp.Stamp
}

func newEventQueue(src parser.Source) *eventQueue {
	if src.Zone == nil {
		src.Zone = time.UTC
	}
	return &eventQueue{src: src}
}

// add takes an event's record with its time as written.
func (q *eventQueue) add(r *parser.Record, when string, emit func(*parser.Record)) {
	s, _, ok := stamp.Parse(trim(when))
	if !ok || !s.Has(stamp.Date|stamp.Year) {
		q.push(r, stamp.Stamp{}, emit)
		return
	}
	q.survey.Observe(s)
	q.push(r, s, emit)
}

func (q *eventQueue) push(r *parser.Record, s stamp.Stamp, emit func(*parser.Record)) {
	q.queue = append(q.queue, queuedEvent{r, s})
	q.bytes += len(r.Raw)
	switch {
	case q.known:
		q.release(emit)
	case q.survey.Decided(), len(q.queue) >= maxUndecided, q.bytes >= maxUndecidedBytes:
		q.settle(emit)
	case !q.waiting():
		q.release(emit)
	}
}

// waiting reports whether a date in the queue is ambiguous.
func (q *eventQueue) waiting() bool {
	return q.queue[0].when.Has(stamp.Ambiguous) || len(q.queue) > 1
}

// settle decides on the order of day and month by what was seen so far.
func (q *eventQueue) settle(emit func(*parser.Record)) {
	q.order, q.known = q.survey.Near(q.src.ModTime), true
	q.release(emit)
}

// release emits the events in the queue.
func (q *eventQueue) release(emit func(*parser.Record)) {
	for _, e := range q.queue {
		q.setTime(e.record, e.when)
		emit(e.record)
	}
	q.queue, q.bytes = q.queue[:0], 0
}

func (q *eventQueue) setTime(r *parser.Record, s stamp.Stamp) {
	if !s.Has(stamp.Date | stamp.Year) {
		return
	}
	if s.Has(stamp.Ambiguous) && q.order == stamp.OrderUnknown {
		r.Set("time_ambiguous", q.order.String())
	}
	r.Time, r.Basis = s.In(q.order).Time(q.src.Zone), parser.TimeZoneAssumed
	if s.Has(stamp.Zone) {
		r.Basis = parser.TimeExact
	}
}

// close emits what is left.
func (q *eventQueue) close(emit func(*parser.Record)) { q.settle(emit) }
