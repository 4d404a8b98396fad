package evtx

import (
	"io"
	"strconv"
	"strings"
)

// Marks of the rendered text; the package comment says what they tell.
const (
	eventMark = "<?evtx "
	lossMark  = "<?evtx-loss "
)

// A Text is the rendered text of a log. It is an io.Reader; its last error is io.EOF,
// a *Damage, or that of the file.
type Text struct {
	log  *Log
	keep func(*Event) bool
	buf  []byte // rendered, not yet read
	at   int
	any  bool // an event was rendered
	err  error
}

// NewText returns the rendered text of the events of a log that keep wants; nil keeps
// all.
func NewText(log *Log, keep func(*Event) bool) *Text {
	return &Text{log: log, keep: keep}
}

// Read implements io.Reader.
func (t *Text) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for t.at == len(t.buf) {
		if t.err != nil {
			return 0, t.err
		}
		t.buf, t.at = t.buf[:0], 0
		t.fill()
	}
	n := copy(p, t.buf[t.at:])
	t.at += n
	return n, nil
}

// WriteTo implements io.WriterTo.
func (t *Text) WriteTo(w io.Writer) (total int64, err error) {
	for {
		n, err := w.Write(t.buf[t.at:])
		t.at += n
		total += int64(n)
		if err != nil {
			return total, err
		}
		if t.err == io.EOF {
			return total, nil
		}
		if t.err != nil {
			return total, t.err
		}
		t.buf, t.at = t.buf[:0], 0
		t.fill()
	}
}

// fill renders the next event, or what is lost behind the last one.
func (t *Text) fill() {
	e, err := t.log.Next()
	if err == nil {
		if t.keep == nil || t.keep(e) {
			t.event(e)
		}
		return
	}
	t.err = err
	if !t.any {
		return // the error tells what is lost: a line of its own would count as an event
	}
	for _, loss := range t.log.Behind() {
		t.buf = appendLoss(t.buf, loss)
	}
	t.buf = append(t.buf, '\n')
}

// event renders an event with the marks before it. Its line is ended by the next one,
// so that what is lost behind the last event stands on the line of that.
func (t *Text) event(e *Event) {
	if t.any {
		t.buf = append(t.buf, '\n')
	}
	t.any = true
	for _, loss := range e.Before {
		t.buf = appendLoss(t.buf, loss)
	}
	if e.Problem != "" {
		t.buf = appendLoss(t.buf, Loss{Offset: e.Offset, Length: int64(e.Length), Why: "the event could not be read to its end: " + e.Problem})
	}
	t.buf = append(t.buf, eventMark...)
	t.buf = appendPlace(t.buf, e.Offset, int64(e.Length))
	t.buf = appendNumber(t.buf, " record", int64(e.ID))
	t.buf = append(t.buf, "?>"...)
	t.buf = append(t.buf, e.XML...)
}

func appendPlace(out []byte, offset, length int64) []byte {
	return appendNumber(appendNumber(out, "offset", offset), " length", length)
}

func appendNumber(out []byte, name string, n int64) []byte {
	out = append(append(out, name...), `="`...)
	return append(strconv.AppendUint(out, uint64(n), 10), '"')
}

func appendLoss(out []byte, l Loss) []byte {
	out = appendPlace(append(out, lossMark...), l.Offset, l.Length)
	if l.Events > 0 {
		out = appendNumber(out, " events", int64(l.Events))
	}
	out = append(out, ` why="`...)
	out = append(out, strings.NewReplacer(`"`, "'", "?>", "? >", "\n", " ").Replace(l.Why)...)
	return append(out, `"?>`...)
}
