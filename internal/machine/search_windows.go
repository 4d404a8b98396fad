package machine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows"
)

// searchService is Windows Search, whose SearchProtocolHost.exe reads stores through the
// profile.
const searchService = "WSearch"

// Times of waiting for a service.
const (
	serviceTime = time.Minute
	servicePoll = 250 * time.Millisecond
)

// withSearch opens the service. A computer without it is none to stop: there is false.
func withSearch(access uint32, do func(windows.Handle) error) (there bool, err error) {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return false, fmt.Errorf("ask for the services of Windows: %w", err)
	}
	defer windows.CloseServiceHandle(manager) // read only: nothing is lost when closing fails
	name, err := windows.UTF16PtrFromString(searchService)
	if err != nil {
		return false, err
	}
	service, err := windows.OpenService(manager, name, access)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return false, nil
	}
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		err = fmt.Errorf("%w; an administrator has to do it", err)
	}
	if err != nil {
		return false, fmt.Errorf("open the service %s: %w", searchService, err)
	}
	defer windows.CloseServiceHandle(service) // what was asked of it is done
	return true, do(service)
}

// StopSearch stops Windows Search, and waits until it has ended.
func (l *live) StopSearch(ctx context.Context) (ran bool, err error) {
	_, err = withSearch(windows.SERVICE_STOP|windows.SERVICE_QUERY_STATUS, func(service windows.Handle) error {
		var status windows.SERVICE_STATUS
		if err := windows.QueryServiceStatus(service, &status); err != nil {
			return fmt.Errorf("ask for the state of %s: %w", searchService, err)
		}
		if status.CurrentState == windows.SERVICE_STOPPED {
			return nil
		}
		ran = true
		err := windows.ControlService(service, windows.SERVICE_CONTROL_STOP, &status)
		if err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) && status.CurrentState != windows.SERVICE_STOP_PENDING {
			return fmt.Errorf("stop %s: %w", searchService, err)
		}
		return l.awaitState(ctx, service, windows.SERVICE_STOPPED)
	})
	return ran, err
}

// StartSearch starts Windows Search, unless it runs.
func (l *live) StartSearch(ctx context.Context) error {
	there, err := withSearch(windows.SERVICE_START|windows.SERVICE_QUERY_STATUS, func(service windows.Handle) error {
		if err := windows.StartService(service, 0, nil); err != nil && !errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
			return fmt.Errorf("start %s: %w", searchService, err)
		}
		return l.awaitState(ctx, service, windows.SERVICE_RUNNING)
	})
	if err == nil && !there {
		err = fmt.Errorf("start %s: %w", searchService, windows.ERROR_SERVICE_DOES_NOT_EXIST)
	}
	return err
}

// awaitState waits until a service has a state.
func (l *live) awaitState(ctx context.Context, service windows.Handle, state uint32) error {
	ctx, stop := context.WithTimeout(ctx, serviceTime)
	defer stop()
	for {
		var status windows.SERVICE_STATUS
		if err := windows.QueryServiceStatus(service, &status); err != nil {
			return fmt.Errorf("ask for the state of %s: %w", searchService, err)
		}
		if status.CurrentState == state {
			return nil
		}
		if err := l.Wait(ctx, servicePoll); err != nil {
			return fmt.Errorf("%s has state %d; want %d: %w", searchService, status.CurrentState, state, err)
		}
	}
}
