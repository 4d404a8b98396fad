package machine

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

var (
	rstrtmgr   = windows.NewLazySystemDLL("rstrtmgr.dll")
	rmStart    = rstrtmgr.NewProc("RmStartSession")
	rmRegister = rstrtmgr.NewProc("RmRegisterResources")
	rmGetList  = rstrtmgr.NewProc("RmGetList")
	rmShutdown = rstrtmgr.NewProc("RmShutdown")
	rmEnd      = rstrtmgr.NewProc("RmEndSession")
)

// uniqueProcess is RM_UNIQUE_PROCESS: a process that cannot be mistaken for a later one.
type uniqueProcess struct {
	pid     uint32
	started windows.Filetime
}

// processInfo is RM_PROCESS_INFO.
type processInfo struct {
	process     uniqueProcess
	app         [256]uint16
	service     [64]uint16
	kind        uint32
	status      uint32
	session     uint32
	restartable uint32
}

// The sizes are the same on both architectures.
var (
	_ [12]byte  = [unsafe.Sizeof(uniqueProcess{})]byte{}
	_ [668]byte = [unsafe.Sizeof(processInfo{})]byte{}
)

// rmSession is a session of the Restart Manager.
type rmSession uint32

// withRestartManager does something in a session of its own.
func withRestartManager(do func(rmSession) error) error {
	if err := rstrtmgr.Load(); err != nil {
		return fmt.Errorf("the Restart Manager of Windows is not there: %w", err)
	}
	const keyUnits = 33
	var s uint32
	var key [keyUnits]uint16
	if r, _, _ := rmStart.Call(uintptr(unsafe.Pointer(&s)), 0, uintptr(unsafe.Pointer(&key[0]))); r != 0 {
		return rmError("RmStartSession", r)
	}
	defer rmEnd.Call(uintptr(s))
	return do(rmSession(s))
}

// rmError is a failed call of the Restart Manager.
func rmError(call string, result uintptr) error {
	return fmt.Errorf("%s: %w", call, windows.Errno(result))
}

// listTries is how often the list is asked for while it grows.
const listTries = 5

// maxUsers bounds the processes that use one file.
const maxUsers = 10_000

// usersOf names the processes that have a file open, as far as the Restart Manager can
// see. None proves nothing.
func usersOf(path string) (pids []uint32, err error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	err = withRestartManager(func(s rmSession) error {
		if r, _, _ := rmRegister.Call(uintptr(s), 1, uintptr(unsafe.Pointer(&name)), 0, 0, 0, 0); r != 0 {
			return rmError("RmRegisterResources", r)
		}
		infos, err := s.list()
		for _, info := range infos {
			pids = append(pids, info.process.pid)
		}
		return err
	})
	return pids, err
}

// list gives the processes that use what is registered.
func (s rmSession) list() ([]processInfo, error) {
	var infos []processInfo
	for range listTries {
		var needed, reasons uint32
		count := uint32(len(infos))
		r, _, _ := rmGetList.Call(uintptr(s), uintptr(unsafe.Pointer(&needed)), uintptr(unsafe.Pointer(&count)),
			uintptr(unsafe.Pointer(unsafe.SliceData(infos))), uintptr(unsafe.Pointer(&reasons)))
		switch {
		case r == 0:
			return infos[:min(count, uint32(len(infos)))], nil
		case windows.Errno(r) != windows.ERROR_MORE_DATA:
			return nil, rmError("RmGetList", r)
		case needed > maxUsers:
			return nil, fmt.Errorf("RmGetList: %d processes", needed)
		}
		infos = make([]processInfo, needed)
	}
	return nil, rmError("RmGetList", uintptr(windows.ERROR_MORE_DATA))
}

// errorFailShutdown: a program did not end. It was only asked, so that is no error.
const errorFailShutdown = windows.Errno(351)

// restartManagerClose asks one process to end. The Restart Manager waits for half a
// minute; this returns with ctx, and it goes on asking.
func restartManagerClose(ctx context.Context, p apply.Process) error {
	target := uniqueProcess{p.ID, windows.NsecToFiletime(p.Started.UnixNano())}
	done := make(chan error, 1)
	go func() {
		done <- withRestartManager(func(s rmSession) error {
			if r, _, _ := rmRegister.Call(uintptr(s), 0, 0, 1, uintptr(unsafe.Pointer(&target)), 0, 0); r != 0 {
				return rmError("RmRegisterResources", r)
			}
			if _, err := s.list(); err != nil {
				return err
			}
			r, _, _ := rmShutdown.Call(uintptr(s), 0, 0)
			if r == 0 || windows.Errno(r) == errorFailShutdown {
				return nil
			}
			return rmError("RmShutdown", r)
		})
	}()
	select {
	case <-ctx.Done():
		return errors.Join(errStillClosing, context.Cause(ctx))
	case err := <-done:
		return err
	}
}

// errStillClosing says that the Restart Manager goes on without us.
var errStillClosing = errors.New("the Restart Manager is still asking the program to end")
