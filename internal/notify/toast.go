package notify

import (
	"context"
	"time"
)

// Limits of a balloon: NOTIFYICONDATAW has room for 64 and 256 units with the final NUL.
const (
	maxTitle = 63  // UTF-16 units
	maxText  = 255 // UTF-16 units
)

// A Popup shows a title and a text at the edge of the screen for a while.
type Popup interface {
	Show(level Level, title, text string) error
	Close() error
}

// A Toast is a sender that shows notices to the person at the computer.
type Toast struct {
	popup Popup
	now   func() time.Time
	gate  gate
}

// NewToast returns a Toast with this computer's pop-ups. It fails where there are none.
func NewToast(now func() time.Time) (*Toast, error) {
	popup, err := newPopup()
	if err != nil {
		return nil, err
	}
	return &Toast{popup: popup, now: now}, nil
}

// Name names the sender in a status.
func (t *Toast) Name() string { return "pop-up" }

// Send shows a notice, or counts it when there were too many: that is no failure.
func (t *Toast) Send(_ context.Context, body []byte) error {
	n, err := Read(body)
	if err != nil {
		return err
	}
	n, show := t.gate.pass(n, t.now())
	if !show {
		return nil
	}
	return t.popup.Show(n.Level, cut(n.Title, maxTitle), cut(n.Text, maxText))
}

// Close takes the pop-ups away.
func (t *Toast) Close() error { return t.popup.Close() }
