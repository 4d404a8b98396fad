package service

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// askTime is how long a watch that was asked to end may take.
const askTime = 20 * time.Second

// names of the events by which a task is asked to end and says that it has. They are of
// the session, as the task is.
func stopEvent(name string) string { return `Local\oxtail-stop-` + name }
func doneEvent(name string) string { return `Local\oxtail-done-` + name }

// Listen lets Ask end a watch that runs as a task. The context ends when it was asked;
// stop says that the watch has ended.
func Listen(ctx context.Context, name string) (ended context.Context, stop func(), err error) {
	asked, err := makeEvent(stopEvent(name))
	if err != nil {
		return nil, nil, err
	}
	done, err := makeEvent(doneEvent(name))
	if err != nil {
		_ = windows.CloseHandle(asked)
		return nil, nil, err
	}
	_ = windows.ResetEvent(asked)
	_ = windows.ResetEvent(done)
	ended, cancel := context.WithCancel(ctx)
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		_, _ = windows.WaitForSingleObject(asked, windows.INFINITE)
		cancel()
	}()
	return ended, func() {
		_ = windows.SetEvent(asked) // wakes the goroutine
		<-waited
		_ = windows.SetEvent(done)
		_ = windows.CloseHandle(asked)
		_ = windows.CloseHandle(done)
	}, nil
}

func makeEvent(name string) (windows.Handle, error) {
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	event, err := windows.CreateEvent(nil, 1, 0, text)
	if event == 0 {
		return 0, fmt.Errorf("make the event %s: %w", name, err)
	}
	return event, nil
}

// Ask asks a watch that runs as a task to end, and waits until it has.
func Ask(_ context.Context, name string) (bool, error) {
	asked, err := openEvent(stopEvent(name))
	if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer windows.CloseHandle(asked) // nothing is lost when closing fails
	done, err := openEvent(doneEvent(name))
	if err != nil {
		return false, err
	}
	defer windows.CloseHandle(done) // nothing is lost when closing fails
	if err := windows.SetEvent(asked); err != nil {
		return true, err
	}
	if r, err := windows.WaitForSingleObject(done, uint32(askTime/time.Millisecond)); r != windows.WAIT_OBJECT_0 {
		return true, fmt.Errorf("it did not end within %s (%w)", askTime, errors.Join(err, context.DeadlineExceeded))
	}
	return true, nil
}

func openEvent(name string) (windows.Handle, error) {
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	return windows.OpenEvent(windows.EVENT_MODIFY_STATE|windows.SYNCHRONIZE, false, text)
}

// HideConsole takes the console window of a task away: nobody wants it, and whoever
// closes it ends the watch. Standard output is gone then.
func HideConsole() {
	_, _, _ = windows.NewLazySystemDLL("kernel32.dll").NewProc("FreeConsole").Call()
}

// New returns what keeps watches running here.
func New(kind Kind, _ func(string) string) (Manager, error) {
	switch kind {
	case UserTask:
		folder, err := windows.GetSystemDirectory()
		if err != nil {
			return nil, fmt.Errorf("find the system folder: %w", err)
		}
		path := filepath.Join(folder, "schtasks.exe")
		if _, err := exec.LookPath(path); err != nil {
			return nil, fmt.Errorf("find the task scheduler: %w", err)
		}
		return &Tasks{Schtasks: path, Run: Run, Ask: Ask}, nil
	case WinService:
		return &Services{}, nil
	}
	return nil, errors.New("a " + string(kind) + " exists on Linux only")
}

// CurrentUser names the user of this process by its SID, which renaming does not change.
func CurrentUser() (string, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", fmt.Errorf("find the current user: %w", err)
	}
	return user.User.Sid.String(), nil
}
