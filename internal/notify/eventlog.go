package notify

import (
	"context"
	"fmt"
)

const (
	// Source names oxtail in the Application log.
	Source = "oxtail"

	// maxEvent is the longest text of an event in UTF-16 units: ReportEvent takes 31,839
	// with what it adds itself.
	maxEvent = 30_000
)

// Ids of events. They never change: people filter by them. The message file that the
// source is registered with knows 1 to 1000.
const (
	EventOpen    = 100
	EventOngoing = 101
	EventHealed  = 102
	EventSilent  = 103
	EventLoss    = 110
)

// A Writer writes events.
type Writer interface {
	Write(level Level, id uint32, text string) error
	Close() error
}

// An EventLog is a sender that writes notices to the Application log of Windows.
type EventLog struct{ writer Writer }

// NewEventLog opens the Application log. note says what the user should know: without
// registration of the source, which an administrator makes once, the viewer shows a
// sentence about a missing description before the text.
func NewEventLog() (log *EventLog, note string, err error) {
	writer, note, err := newWriter()
	if err != nil {
		return nil, "", err
	}
	return &EventLog{writer}, note, nil
}

// Name names the sender in a status.
func (e *EventLog) Name() string { return "event log" }

// Send writes a notice.
func (e *EventLog) Send(_ context.Context, body []byte) error {
	n, err := Read(body)
	if err != nil {
		return err
	}
	if err := e.writer.Write(n.Level, eventID(n.State), cut(n.Title+"\n"+n.Text, maxEvent)); err != nil {
		return fmt.Errorf("write to the event log: %w", err)
	}
	return nil
}

// Close closes the log.
func (e *EventLog) Close() error { return e.writer.Close() }

func eventID(state string) uint32 {
	switch state {
	case "ongoing":
		return EventOngoing
	case "healed":
		return EventHealed
	case "silent":
		return EventSilent
	case "loss":
		return EventLoss
	}
	return EventOpen
}
