package tail

import "time"

// OpenEnd is the To of a Loss whose end nobody knows.
const OpenEnd = -1

// maxLosses is how many entries the ledger keeps; beyond it they are only counted.
const maxLosses = 10_000

// A Loss is a range of bytes that was, or may have been, lost.
type Loss struct {
	Source   string    `json:"source"`
	ID       string    `json:"id"`   // of the generation of the file
	From     int64     `json:"from"` // offset of the first byte
	To       int64     `json:"to"`   // offset after the last byte, OpenEnd if unknown
	Why      string    `json:"why"`
	Possible bool      `json:"possible,omitempty"` // nobody can tell whether anything was lost
	Time     time.Time `json:"time"`               // when it was noticed
	Resolved time.Time `json:"resolved,omitzero"`  // when it turned out that nothing was lost
}

// Reasons of losses.
const (
	WhyTruncated   = "truncated before read"
	WhyTruncating  = "truncated; what was written after the last look is lost, if anything"
	WhyGone        = "gone before its end was seen"
	WhyNul         = "NUL bytes"
	WhyCannotOpen  = "cannot open"
	WhyLimit       = "limit of followed files"
	WhyPending     = "entry over the limit of memory"
	WhyCheckpoint  = "checkpoint unusable"
	WhyUnreachable = "cannot be read any more"
)

// A Ledger is the list of losses, in the order in which they were noticed.
type Ledger struct {
	Entries []Loss `json:"entries,omitempty"`
	More    int    `json:"more,omitempty"` // losses beyond the limit
	fresh   int    // index of the first entry that was not yet taken
}

// add notes a loss and returns its index, -1 when the ledger is full.
func (l *Ledger) add(x Loss) int {
	if len(l.Entries) >= maxLosses {
		l.More++
		return -1
	}
	l.Entries = append(l.Entries, x)
	return len(l.Entries) - 1
}

// take returns the entries since the last call.
func (l *Ledger) take() []Loss {
	out := l.Entries[l.fresh:]
	l.fresh = len(l.Entries)
	return out
}

// Gaps counts the losses that are certain, those that are possible, and the bytes of
// the ranges that are known.
func (l *Ledger) Gaps() (certain, possible int, bytes int64) {
	for i := range l.Entries {
		x := &l.Entries[i]
		switch {
		case !x.Resolved.IsZero():
			continue
		case x.Possible:
			possible++
		default:
			certain++
			if x.To > x.From {
				bytes += x.To - x.From
			}
		}
	}
	return certain + l.More, possible, bytes
}
