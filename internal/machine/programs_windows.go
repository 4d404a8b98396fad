package machine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// outlookName is the file name of Outlook.
const outlookName = "OUTLOOK.EXE"

// quitTime is how long Outlook may take to answer Quit; it may be asking to save
// something.
const quitTime = 30 * time.Second

var (
	// errOwn says that oxtail was to end itself.
	errOwn = errors.New("this is oxtail itself")
	// errOtherSession says that a program belongs to somebody else's desktop.
	errOtherSession = errors.New("it runs in another Windows session, whose user has to end it")
	// errNoWindow says that there is nothing to close politely.
	errNoWindow = errors.New("it has no window that could be closed")
)

// Close asks a process to end, or ends it, and does not wait for that.
func (l *live) Close(ctx context.Context, p apply.Process, how apply.How) error {
	if err := l.close(ctx, p, how); err != nil {
		return fmt.Errorf("close %s (process %d, %s): %w", p.Name, p.ID, how, err)
	}
	return nil
}

func (l *live) close(ctx context.Context, p apply.Process, how apply.How) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	access := uint32(windows.PROCESS_QUERY_LIMITED_INFORMATION)
	if how == apply.CloseTerminate {
		access |= windows.PROCESS_TERMINATE
	}
	h, err := openSame(p, access)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(h) // read only: nothing is lost when closing fails
	switch how {
	case apply.CloseQuit:
		return l.quit(ctx, p)
	case apply.CloseRestart:
		return restartManagerClose(ctx, p)
	case apply.CloseTerminate:
		return windows.TerminateProcess(h, exitTerminated)
	}
	panic("BUG: " + how.String())
}

// exitTerminated is the exit code of a process that was terminated.
const exitTerminated = 1

// stillActive is the exit code of a process that has not ended.
const stillActive = 259

// openSame opens a process of this session if it is still the one that was seen.
func openSame(p apply.Process, access uint32) (windows.Handle, error) {
	if p.ID == windows.GetCurrentProcessId() {
		return 0, errOwn
	}
	h, err := windows.OpenProcess(access, false, p.ID)
	if errors.Is(err, windows.ERROR_INVALID_PARAMETER) {
		return 0, apply.ErrOtherProcess // nobody has the number now
	}
	if err != nil {
		return 0, err
	}
	var own, its, exit uint32
	started, err := startOf(h)
	switch {
	case err != nil:
	case !started.Equal(p.Started):
		err = apply.ErrOtherProcess
	case windows.GetExitCodeProcess(h, &exit) == nil && exit != stillActive:
		err = apply.ErrOtherProcess // it has ended, and somebody still waits for it
	default:
		err = errors.Join(windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &own), windows.ProcessIdToSessionId(p.ID, &its))
		if err == nil && own != its {
			err = errOtherSession
		}
	}
	if err != nil {
		windows.CloseHandle(h) // read only: nothing is lost when closing fails
		return 0, err
	}
	return h, nil
}

// quit asks Outlook by its own Quit, and any other program, or an Outlook that does not
// listen, by closing its windows.
func (l *live) quit(ctx context.Context, p apply.Process) error {
	var quitErr error
	if sameName(p.Name, outlookName) {
		asking, stop := context.WithTimeout(ctx, quitTime)
		_, quitErr = l.ask(asking, helperRequest{Op: opQuit})
		stop()
		if quitErr == nil {
			return nil
		}
	}
	all := l.windows.visible()[p.ID]
	if len(all) == 0 {
		return errors.Join(errNoWindow, quitErr)
	}
	var errs []error
	for _, w := range all {
		if err := closeWindow(w); err != nil {
			errs = append(errs, fmt.Errorf("WM_CLOSE: %w", err))
		}
	}
	if len(errs) == len(all) {
		return errors.Join(append(errs, quitErr)...)
	}
	return nil
}

// StartOutlook starts Outlook with a profile and does not wait for it.
func (l *live) StartOutlook(ctx context.Context, profileName string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path := l.opts.Outlook
	if path == "" {
		path = outlookPath(views())
	}
	if path == "" {
		return fmt.Errorf("start Outlook: %w", errNoOutlook)
	}
	if err := checkName(path); err != nil {
		return fmt.Errorf("start Outlook: %w", err)
	}
	cmd := exec.Command(path, "/profile", profileName)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start Outlook: %w", err)
	}
	return cmd.Process.Release()
}
