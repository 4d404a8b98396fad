package service

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

const (
	// serviceTime is how long a service may take to start or to stop.
	serviceTime = 30 * time.Second

	// servicePause is the time between two looks at its state.
	servicePause = 100 * time.Millisecond
)

// Services registers Windows services. All but looking needs an administrator.
type Services struct{}

var _ Manager = (*Services)(nil)

func (*Services) what(name string) string { return string(WinService) + " " + name }

// Describe implements Manager.
func (*Services) Describe(s Spec) (string, error) {
	c, err := ServiceConfig(s)
	if err != nil {
		return "", err
	}
	return c.Text(), nil
}

// errNoAdmin is a service manager that does not let us.
var errNoAdmin = errors.New("that needs an administrator: run oxtail in a window that was opened as administrator")

// connect opens the service manager.
func connect() (*mgr.Mgr, error) {
	m, err := mgr.Connect()
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return nil, errNoAdmin
	}
	if err != nil {
		return nil, fmt.Errorf("open the service manager: %w", err)
	}
	return m, nil
}

// with opens a service; found is false when there is none.
func (v *Services) with(name string, do func(*mgr.Mgr, *mgr.Service) error) (found bool, err error) {
	m, err := connect()
	if err != nil {
		return false, err
	}
	defer m.Disconnect() // nothing is lost when closing fails
	s, err := m.OpenService(name)
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return false, do(m, nil)
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return true, errNoAdmin
	case err != nil:
		return true, fmt.Errorf("open the service %s: %w", name, err)
	}
	defer s.Close() // nothing is lost when closing fails
	return true, do(m, s)
}

// Install implements Manager.
func (v *Services) Install(ctx context.Context, spec Spec, now bool) (Outcome, error) {
	c, err := ServiceConfig(spec)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{What: v.what(c.Name), Change: Created}
	_, err = v.with(c.Name, func(m *mgr.Mgr, s *mgr.Service) error {
		if s != nil {
			o.Change = Updated
			if err := c.update(s); err != nil {
				return fmt.Errorf("change the service %s: %w", c.Name, err)
			}
		} else {
			made, err := m.CreateService(c.Name, c.Program, c.forManager(), c.Args...)
			if err != nil {
				return fmt.Errorf("make the service %s: %w", c.Name, err)
			}
			defer made.Close() // nothing is lost when closing fails
			s = made
		}
		o.Notes = append(o.Notes, c.finish(s)...)
		if !now {
			if o.Change == Updated {
				o.Notes = append(o.Notes, "a watch that runs goes on as it was until it is stopped and started")
			}
			return nil
		}
		if _, err := stop(ctx, s); err != nil {
			return err
		}
		_, err := start(ctx, s)
		return err
	})
	return o, err
}

// forManager is the configuration in the words of the service manager.
func (c *Config) forManager() mgr.Config {
	return mgr.Config{
		ServiceType: windows.SERVICE_WIN32_OWN_PROCESS, StartType: mgr.StartAutomatic, ErrorControl: mgr.ErrorNormal,
		DisplayName: c.Display, ServiceStartName: c.Account,
	}
}

// update brings a service up to date. It does less than mgr.Service.UpdateConfig, which
// stops at the first setting that a system does not know.
func (c *Config) update(s *mgr.Service) error {
	var texts [3]*uint16
	for i, text := range []string{c.Command, c.Account, c.Display} {
		var err error
		if texts[i], err = windows.UTF16PtrFromString(text); err != nil {
			return err
		}
	}
	return windows.ChangeServiceConfig(s.Handle, windows.SERVICE_WIN32_OWN_PROCESS, mgr.StartAutomatic, mgr.ErrorNormal,
		texts[0], nil, nil, nil, texts[1], nil, texts[2])
}

// finish sets what has calls of its own. The service works without it, so what fails is
// only told.
func (c *Config) finish(s *mgr.Service) (notes []string) {
	var actions []mgr.RecoveryAction
	for _, pause := range c.Restarts {
		actions = append(actions, mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: pause})
	}
	if err := s.SetRecoveryActions(actions, uint32(c.ResetAfter/time.Second)); err != nil {
		notes = append(notes, fmt.Sprintf("it will not be started again after a failure: %v", err))
	} else if err := s.SetRecoveryActionsOnNonCrashFailures(true); err != nil {
		notes = append(notes, fmt.Sprintf("it will be started again after a crash only: %v", err))
	}
	if err := c.describe(s); err != nil {
		notes = append(notes, fmt.Sprintf("it has no description: %v", err))
	}
	delayed := windows.SERVICE_DELAYED_AUTO_START_INFO{IsDelayedAutoStartUp: 1}
	if err := windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, (*byte)(unsafe.Pointer(&delayed))); err != nil {
		notes = append(notes, fmt.Sprintf("it starts with the first services, not after them: %v", err))
	}
	if err := c.reduce(s); err != nil {
		notes = append(notes, fmt.Sprintf("it keeps all privileges of %s: %v", c.Account, err))
	}
	return notes
}

func (c *Config) describe(s *mgr.Service) error {
	text, err := windows.UTF16PtrFromString(c.Description)
	if err != nil {
		return err
	}
	info := windows.SERVICE_DESCRIPTION{Description: text}
	return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_DESCRIPTION, (*byte)(unsafe.Pointer(&info)))
}

// reduce takes away all privileges but those that a reader of files needs.
func (c *Config) reduce(s *mgr.Service) error {
	var block []uint16
	for _, p := range c.Privileges {
		units, err := windows.UTF16FromString(p)
		if err != nil {
			return err
		}
		block = append(block, units...)
	}
	block = append(block, 0)
	info := struct{ privileges *uint16 }{&block[0]}
	return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, (*byte)(unsafe.Pointer(&info)))
}

// Uninstall implements Manager.
func (v *Services) Uninstall(ctx context.Context, name string) (Outcome, error) {
	o := Outcome{What: v.what(name), Change: Removed}
	found, err := v.with(name, func(_ *mgr.Mgr, s *mgr.Service) error {
		if s == nil {
			return nil
		}
		if _, err := stop(ctx, s); err != nil {
			o.Notes = append(o.Notes, fmt.Sprintf("it could not be stopped and goes when the computer is started again: %v", err))
		}
		if err := s.Delete(); err != nil && !errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE) {
			return fmt.Errorf("remove the service %s: %w", name, err)
		}
		return nil
	})
	if !found && err == nil {
		o.Change = Absent
	}
	return o, err
}

// Start implements Manager.
func (v *Services) Start(ctx context.Context, name string) (Outcome, error) {
	return v.change(ctx, name, start)
}

// Stop implements Manager.
func (v *Services) Stop(ctx context.Context, name string) (Outcome, error) {
	return v.change(ctx, name, stop)
}

func (v *Services) change(ctx context.Context, name string, do func(context.Context, *mgr.Service) (Change, error)) (Outcome, error) {
	o := Outcome{What: v.what(name)}
	_, err := v.with(name, func(_ *mgr.Mgr, s *mgr.Service) (err error) {
		if s == nil {
			return fmt.Errorf("%s: %w", o.What, ErrNotInstalled)
		}
		o.Change, err = do(ctx, s)
		return err
	})
	return o, err
}

// start starts a service and waits until it runs.
func start(ctx context.Context, s *mgr.Service) (Change, error) {
	err := s.Start()
	if errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
		return Running, nil
	}
	if err != nil {
		return "", fmt.Errorf("start the service %s: %w", s.Name, err)
	}
	return Started, await(ctx, s, svc.Running)
}

// stop stops a service and waits until it has ended.
func stop(ctx context.Context, s *mgr.Service) (Change, error) {
	st, err := s.Query()
	if err != nil {
		return "", fmt.Errorf("ask for the state of the service %s: %w", s.Name, err)
	}
	if st.State == svc.Stopped {
		return Idle, nil
	}
	if _, err := s.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return "", fmt.Errorf("stop the service %s: %w", s.Name, err)
	}
	return Stopped, await(ctx, s, svc.Stopped)
}

// await waits for a state. A service that ends while its start is waited for has failed.
func await(ctx context.Context, s *mgr.Service, want svc.State) error {
	ctx, cancel := context.WithTimeout(ctx, serviceTime)
	defer cancel()
	tick := time.NewTicker(servicePause)
	defer tick.Stop()
	for {
		st, err := s.Query()
		switch {
		case err != nil:
			return fmt.Errorf("ask for the state of the service %s: %w", s.Name, err)
		case st.State == want:
			return nil
		case st.State == svc.Stopped:
			return fmt.Errorf("the service %s ended at once, with code %d; its log in the state folder says why", s.Name, max(st.ServiceSpecificExitCode, st.Win32ExitCode))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the service %s: %w", s.Name, ctx.Err())
		case <-tick.C:
		}
	}
}
