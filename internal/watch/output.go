package watch

import (
	"bytes"
	"io"

	"oxtail/internal/report"
)

// A Kind says what an Event is about.
type Kind int

// The kinds of events.
const (
	KindRecord  Kind = iota // a record, when all records are wanted
	KindEpisode             // a fault began, goes on, or ended
	KindLoss                // bytes were, or may have been, lost
	KindLag                 // the watch falls behind, or has caught up
)

// An Event is one thing that outputs are told.
type Event struct {
	Kind    Kind
	Record  *report.Record
	Episode *report.Episode
	Finding *report.Finding // of the episode
	Loss    *report.Loss
	Lag     *report.Lag
	Text    string // for people
}

// Lines returns the event as JSON, one object a line: the finding before its episode.
func (e *Event) Lines() ([]byte, error) {
	var out bytes.Buffer
	for _, v := range e.objects() {
		if err := report.WriteJSON(&out, v); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func (e *Event) objects() []any {
	switch e.Kind {
	case KindRecord:
		return []any{e.Record}
	case KindLoss:
		return []any{e.Loss}
	case KindLag:
		return []any{e.Lag}
	}
	return []any{e.Finding, e.Episode}
}

// A Notice is the body that webhooks and commands get. Schema oxtail.notice/v1.
type Notice struct {
	Schema  string          `json:"schema"`
	Episode *report.Episode `json:"episode,omitempty"`
	Finding *report.Finding `json:"finding,omitempty"`
	Loss    *report.Loss    `json:"loss,omitempty"`
}

// SchemaNotice is the name of the schema of Notice.
const SchemaNotice = "oxtail.notice/v1"

// Body returns the event as one JSON object with its line end.
func (e *Event) Body() ([]byte, error) {
	var out bytes.Buffer
	err := report.WriteJSON(&out, Notice{SchemaNotice, e.Episode, e.Finding, e.Loss})
	return out.Bytes(), err
}

// An Output takes events. Put of an output that is slow or far away must not block:
// such outputs have a Queue.
type Output interface {
	// Put takes an event. An error ends the watch: the output is gone for good.
	Put(*Event) error

	// Flush makes sure that what was put is out before the checkpoint is written.
	Flush() error

	// Close ends the output; it may wait a little for what is queued.
	Close() error

	// Status says how the output is doing.
	Status() report.SinkStatus
}

// A Printer writes events to a stream such as standard output, as text or JSON. It
// writes at once: when the reader of the stream is slow, the files are the buffer.
type Printer struct {
	w    io.Writer
	json bool
	buf  bytes.Buffer
	sent int64
}

var _ Output = (*Printer)(nil)

// NewPrinter returns a Printer to w.
func NewPrinter(w io.Writer, json bool) *Printer { return &Printer{w: w, json: json} }

// maxPrint is how many bytes are gathered before they are written without a Flush.
const maxPrint = 64 << 10

// Put implements Output.
func (p *Printer) Put(e *Event) error {
	p.sent++
	if p.json {
		lines, err := e.Lines()
		if err != nil {
			return err
		}
		p.buf.Write(lines)
	} else {
		p.buf.WriteString(e.Text)
	}
	if p.buf.Len() >= maxPrint {
		return p.Flush()
	}
	return nil
}

// Flush implements Output.
func (p *Printer) Flush() error {
	if p.buf.Len() == 0 {
		return nil
	}
	_, err := p.w.Write(p.buf.Bytes())
	p.buf.Reset()
	return err
}

// Close implements Output.
func (p *Printer) Close() error { return p.Flush() }

// Status implements Output.
func (p *Printer) Status() report.SinkStatus {
	return report.SinkStatus{Name: "standard output", Sent: p.sent}
}
