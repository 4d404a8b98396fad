package notify

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc/eventlog"
)

// sourceKey is where sources of the Application log are registered.
const sourceKey = `SYSTEM\CurrentControlSet\Services\EventLog\Application\` + Source

// A writer is the Application log.
type writer struct{ log *eventlog.Log }

var _ Writer = writer{}

// newWriter opens the log. Windows takes the events of a source that nobody registered,
// too; only their description is missing.
func newWriter() (Writer, string, error) {
	note := ""
	if !registered() {
		if err := Register(); err != nil {
			note = fmt.Sprintf("the source %q of the event log is not registered (%v); events are written, but the viewer shows a sentence about a missing description before their text. An administrator registers it by starting oxtail watch --event-log once", Source, err)
		}
	}
	log, err := eventlog.Open(Source)
	if err != nil {
		return nil, "", fmt.Errorf("open the event log: %w", err)
	}
	return writer{log}, note, nil
}

// registered reports whether the source has a message file.
func registered() bool {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, sourceKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close() // read only: nothing is lost when closing fails
	_, _, err = key.GetStringValue("EventMessageFile")
	return err == nil
}

// Register registers the source with the message file of EventCreate, which is on every
// Windows and shows the text as it is. It needs an administrator.
func Register() error {
	err := eventlog.InstallAsEventCreate(Source, eventlog.Info|eventlog.Warning|eventlog.Error)
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return errors.New("that needs an administrator")
	}
	return err
}

// Unregister takes the registration back. That there is none is no error.
func Unregister() error {
	err := eventlog.Remove(Source)
	if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
		return nil
	}
	return err
}

// Write implements Writer.
func (w writer) Write(level Level, id uint32, text string) error {
	text = strings.ReplaceAll(text, "\n", "\r\n")
	switch level {
	case Error:
		return w.log.Error(id, text)
	case Warning:
		return w.log.Warning(id, text)
	}
	return w.log.Info(id, text)
}

// Close implements Writer.
func (w writer) Close() error { return w.log.Close() }
