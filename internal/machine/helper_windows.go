package machine

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"

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
	return &child{in: in, out: out, kill: kill, wait: cmd.Wait}, nil
}
