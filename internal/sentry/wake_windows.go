package sentry

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// profileRoots are the keys whose changes ring. Profiles of other users, and roots that
// do not exist yet, are left to the poll.
func profileRoots() []string {
	return []string{
		`Software\Microsoft\Office\16.0\Outlook\Profiles`,
		`Software\Microsoft\Office\15.0\Outlook\Profiles`,
		`Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles`,
	}
}

// ListenRegistry lets the current user's profiles ring when they change. The error is
// for a system that does not tell; polling goes on without.
func (b *Bell) ListenRegistry() error { return b.listen(registry.CURRENT_USER, profileRoots()) }

// listen lets changes below keys ring.
func (b *Bell) listen(hive registry.Key, roots []string) error {
	stop, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return fmt.Errorf("listen to the registry: %w", err)
	}
	l := &listener{bell: b, events: []windows.Handle{stop}}
	for _, path := range roots {
		key, err := registry.OpenKey(hive, path, registry.NOTIFY)
		if err != nil {
			continue // not there, or no right: the poll sees it
		}
		event, err := windows.CreateEvent(nil, 0, 0, nil)
		if err != nil {
			key.Close()
			l.release()
			return fmt.Errorf("listen to the registry: %w", err)
		}
		l.keys, l.events = append(l.keys, key), append(l.events, event)
	}
	armed, done := make(chan struct{}), make(chan struct{})
	go l.run(armed, done)
	<-armed
	b.close = append(b.close, func() {
		_ = windows.SetEvent(stop)
		<-done
	})
	return nil
}

// A listener waits for changes below keys on a thread of its own: a notification ends
// with the thread that asked for it.
type listener struct {
	bell   *Bell
	keys   []registry.Key
	events []windows.Handle // stop, then one for each key
}

// run asks for notifications, closes armed, and rings until it is stopped. A key that
// does not notify, as one that was removed meanwhile, is left to the poll.
func (l *listener) run(armed, done chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(done)
	defer l.release()
	for i := range l.keys {
		l.arm(i)
	}
	close(armed)
	for {
		n, err := windows.WaitForMultipleObjects(l.events, false, windows.INFINITE)
		i := int(n - windows.WAIT_OBJECT_0)
		if err != nil || i <= 0 || i >= len(l.events) {
			return // stopped, or the system is at its end
		}
		l.arm(i - 1) // before it rings: whoever looks then sees all that did not
		l.bell.Ring()
	}
}

// arm asks for one notification of a key and all below it.
func (l *listener) arm(i int) {
	const what = windows.REG_NOTIFY_CHANGE_NAME | windows.REG_NOTIFY_CHANGE_LAST_SET
	_ = windows.RegNotifyChangeKeyValue(windows.Handle(l.keys[i]), true, what, l.events[i+1], true)
}

func (l *listener) release() {
	for _, key := range l.keys {
		key.Close() // read only: nothing is lost when closing fails
	}
	for _, event := range l.events {
		_ = windows.CloseHandle(event)
	}
}
