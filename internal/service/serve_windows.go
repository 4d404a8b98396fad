package service

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows/svc"
)

// stopWait is what the service manager is told that stopping may take, in milliseconds.
const stopWait = 20_000

// Serve runs as a Windows service until the manager stops it or run returns. It is
// called because an argument says so: asking Windows is wrong under Wine, and in
// sessions that look like services.
func Serve(name string, run func(context.Context) int) error {
	if err := svc.Run(name, &handler{run}); err != nil {
		return fmt.Errorf("run as the service %s: %w; that is for the service manager to do", name, err)
	}
	return nil
}

// A handler is the service as the manager sees it.
type handler struct{ run func(context.Context) int }

// Execute implements svc.Handler.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, changes chan<- svc.Status) (specific bool, code uint32) {
	changes <- svc.Status{State: svc.StartPending}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan int, 1)
	go func() { ended <- h.run(ctx) }()
	status := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	changes <- status
	for {
		select {
		case code := <-ended:
			changes <- svc.Status{State: svc.StopPending}
			return code != 0, uint32(code)
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				changes <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				changes <- svc.Status{State: svc.StopPending, WaitHint: stopWait}
				stop()
			}
		}
	}
}
