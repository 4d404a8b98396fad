//go:build !windows

package notify

// notHere says what exists on Windows only, and what does the same elsewhere.
type notHere struct{ what string }

// Error implements error.
func (e notHere) Error() string { return e.what + " exist on Windows only" }

// Hint names the remedy.
func (notHere) Hint() string {
	return "on this system use --exec with a program such as notify-send or logger, or --webhook"
}

func newPopup() (Popup, error) { return nil, notHere{"pop-ups"} }

func newWriter() (Writer, string, error) { return nil, "", notHere{"records of the event log"} }

// Register registers the source of the event log, which exists on Windows only.
func Register() error { return notHere{"sources of the event log"} }

// Unregister takes the registration back.
func Unregister() error { return notHere{"sources of the event log"} }
