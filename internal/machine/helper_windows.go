package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// ServeMAPI answers one request of another process of oxtail: the hidden command
// HelperCommand does this and nothing else.
func ServeMAPI(_ context.Context, in io.Reader, out io.Writer) error { return serve(in, out, carryOut) }

// carryOut does what a request asks for.
func carryOut(r helperRequest, at func(string)) (*helperAnswer, error) {
	switch r.Op {
	case opQuit:
		return &helperAnswer{}, quitOutlook(at)
	case opSync:
		return &helperAnswer{}, sendReceive(at)
	case opProfiles, opSetDefault:
		return withMAPI(at, func(s *session) (*helperAnswer, error) { return s.profileRequest(r) })
	}
	return withMAPI(at, func(s *session) (*helperAnswer, error) {
		return s.withServices(r.Profile, func(v *services) (*helperAnswer, error) { return v.request(r) })
	})
}

// profileRequest answers what concerns all profiles.
func (s *session) profileRequest(r helperRequest) (*helperAnswer, error) {
	if r.Op == opSetDefault {
		return &helperAnswer{}, s.setDefault(r.Profile)
	}
	list, err := s.profiles()
	return &helperAnswer{Profiles: list}, err
}

// request answers what concerns the services of one profile.
func (s *services) request(r helperRequest) (*helperAnswer, error) {
	flags := uintptr(0)
	if r.Dialogs {
		flags = serviceUIAllowed
	}
	switch r.Op {
	case opServices:
		list, err := s.list()
		return &helperAnswer{Services: list}, err
	case opCreate:
		made, err := s.create(r.Service, r.Display, flags)
		return &helperAnswer{UID: made}, err
	}
	u, err := parseUID(r.UID)
	if err != nil {
		return nil, err
	}
	switch r.Op {
	case opDelete:
		return &helperAnswer{}, s.delete(u)
	case opConfigure:
		return &helperAnswer{}, s.configure(u, r.Properties, flags)
	}
	return nil, fmt.Errorf("%q is no request", r.Op)
}

// startChild starts a helper. Its console, if it is given one, is not shown; dialogs of
// providers are.
func startChild(program string) (*child, error) {
	cmd := exec.Command(program, HelperCommand)
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	// What a provider has started may keep the pipes open for ever.
	const afterEnd = 5 * time.Second
	cmd.WaitDelay = afterEnd
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	kill := func() error {
		err := cmd.Process.Kill()
		out.Close() // so that reading ends, whoever else has the pipe
		return err
	}
	job, err := endWithUs(uint32(cmd.Process.Pid))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bind %s to this process: %w", program, err), kill(), cmd.Wait())
	}
	wait := func() error {
		defer windows.CloseHandle(job) // nothing is in it any more
		return cmd.Wait()
	}
	return &child{in: in, out: out, kill: kill, wait: wait}, nil
}

// endWithUs puts a process into a job that Windows ends when this process ends, however
// that happens. A helper that goes on alone would change the profile under the eyes of
// the next oxtail, which tidies up. What a provider starts stays outside of the job.
func endWithUs(pid uint32) (job windows.Handle, err error) {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return 0, err
	}
	defer windows.CloseHandle(process) // the job keeps the process
	if job, err = windows.CreateJobObject(nil, nil); err != nil {
		return 0, err
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
		LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK,
	}}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err == nil {
		err = windows.AssignProcessToJobObject(job, process)
	}
	if err != nil {
		windows.CloseHandle(job) // the error before counts
		return 0, err
	}
	return job, nil
}
