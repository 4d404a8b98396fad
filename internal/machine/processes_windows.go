package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// listed is one row of Windows' list of processes.
type listed struct {
	pid, parent uint32
	name        string
}

// Processes that are no programs: idle and the kernel.
const (
	pidIdle   = 0
	pidSystem = 4
)

// maxListed bounds the list of processes; a terminal server has thousands.
const maxListed = 100_000

// processes lists all processes but this one.
func processes(ctx context.Context) ([]listed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	defer windows.CloseHandle(snapshot) // read only: nothing is lost when closing fails
	var out []listed
	e := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &e); err == nil && len(out) < maxListed; err = windows.Process32Next(snapshot, &e) {
		if p := (listed{e.ProcessID, e.ParentProcessID, windows.UTF16ToString(e.ExeFile[:])}); p.pid != pidIdle && p.pid != pidSystem && p.pid != windows.GetCurrentProcessId() {
			out = append(out, p)
		}
	}
	if !errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		return nil, fmt.Errorf("list the processes: %w", errors.Join(err, ctx.Err()))
	}
	return out, nil
}

// startOf tells when a process started.
func startOf(h windows.Handle) (time.Time, error) {
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
		return time.Time{}, err
	}
	return time.Unix(0, created.Nanoseconds()).UTC(), nil
}

// describe gives what can be found out about a process. What the user has no right to
// see stays empty.
func describe(p listed, desktop map[uint32][]windows.HWND) apply.Process {
	out := apply.Process{ID: p.pid, Name: p.name, Parent: p.parent, Windows: len(desktop[p.pid])}
	if windows.ProcessIdToSessionId(p.pid, &out.Session) != nil {
		out.Session = 0 // of services, which only administrators see
	}
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, p.pid)
	if err != nil {
		return out
	}
	defer windows.CloseHandle(h) // read only: nothing is lost when closing fails
	if started, err := startOf(h); err == nil {
		out.Started = started
	}
	buf := make([]uint16, maxFinalPath)
	size := uint32(len(buf))
	if windows.QueryFullProcessImageName(h, 0, &buf[0], &size) == nil {
		out.Path = windows.UTF16ToString(buf[:size])
	}
	var token windows.Token
	if windows.OpenProcessToken(h, windows.TOKEN_QUERY, &token) == nil {
		defer token.Close() // read only: nothing is lost when closing fails
		if user, err := token.GetTokenUser(); err == nil {
			out.User = accountName(user.User.Sid)
		}
	}
	return out
}

// Running lists the processes with one of these file names.
func (l *live) Running(ctx context.Context, names ...string) ([]apply.Process, error) {
	all, err := processes(ctx)
	if err != nil {
		return nil, err
	}
	desktop := l.windows.visible()
	var out []apply.Process
	for _, p := range all {
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, p.name) }) {
			out = append(out, describe(p, desktop))
		}
	}
	return out, nil
}

// maxModules bounds the modules of one process; large programs have hundreds.
const maxModules = 10_000

// snapshotTries is how often a process is asked that is just loading a module.
const snapshotTries = 5

// modulesOf names the DLLs of a process, of both widths where this process can see them.
func modulesOf(pid uint32) ([]string, error) {
	var snapshot windows.Handle
	var err error
	for range snapshotTries {
		snapshot, err = windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPMODULE|windows.TH32CS_SNAPMODULE32, pid)
		if !errors.Is(err, windows.ERROR_BAD_LENGTH) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	defer windows.CloseHandle(snapshot) // read only: nothing is lost when closing fails
	var out []string
	m := windows.ModuleEntry32{Size: uint32(unsafe.Sizeof(windows.ModuleEntry32{}))}
	for err = windows.Module32First(snapshot, &m); err == nil && len(out) < maxModules; err = windows.Module32Next(snapshot, &m) {
		out = append(out, windows.UTF16ToString(m.Module[:]))
	}
	if errors.Is(err, windows.ERROR_NO_MORE_FILES) || err == nil {
		return out, nil
	}
	return out, err
}
