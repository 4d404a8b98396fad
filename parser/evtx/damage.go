package evtx

import (
	"fmt"
	"strings"
)

// A Loss is a part of a log that could not be read, or not be trusted.
type Loss struct {
	Offset int64 // bytes from the start of the file
	Length int64 // bytes
	Events int   // how many events are missing, 0 if that is not known
	Why    string
}

// String says what was lost where, for people.
func (l Loss) String() string {
	s := fmt.Sprintf("%s (byte %d, length %d", l.Why, l.Offset, l.Length)
	if l.Events > 0 {
		s += fmt.Sprintf(", %d events", l.Events)
	}
	return s + ")"
}

// A Damage is the error of a log that was not wholly read.
type Damage struct {
	Losses   []Loss // the first of them
	More     int    // losses that are not in Losses
	Problems int    // events that could not be read to their end

	events int    // that were read
	first  string // problem of the first such event
}

func (d *Damage) none() bool { return len(d.Losses) == 0 && d.Problems == 0 }

func (d *Damage) add(l Loss) {
	if len(d.Losses) == maxNamedLosses {
		d.More++
		return
	}
	d.Losses = append(d.Losses, l)
}

func (d *Damage) addProblem(e *Event) {
	if d.Problems == 0 {
		d.first = fmt.Sprintf("record %d at byte %d: %s", e.ID, e.Offset, e.Problem)
	}
	d.Problems++
}

// Error implements error.
func (d *Damage) Error() string {
	const most = 3 // losses that are told; the rest is in the records
	var parts []string
	for _, l := range d.Losses[:min(most, len(d.Losses))] {
		parts = append(parts, l.String())
	}
	if n := len(d.Losses) + d.More - len(parts); n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more places", n))
	}
	if d.Problems > 0 {
		parts = append(parts, fmt.Sprintf("%d events could not be read to their end, the first is %s", d.Problems, d.first))
	}
	return fmt.Sprintf("the event log is damaged, %d events were read: %s", d.events, strings.Join(parts, "; "))
}
