//go:build !windows

package service

import (
	"context"
	"errors"
	"os"
)

// Serve runs as a Windows service, which no other system has.
func Serve(string, func(context.Context) int) error {
	return errors.New("services of this kind exist on Windows only")
}

// Listen lets a watch that runs as a task be asked to end. Elsewhere signals do that.
func Listen(ctx context.Context, _ string) (ended context.Context, stop func(), err error) {
	return ctx, func() {}, nil
}

// HideConsole takes the console window of a task away, which exists on Windows only.
func HideConsole() {}

// New returns what keeps watches running here.
func New(kind Kind, getenv func(string) string) (Manager, error) {
	switch kind {
	case UserUnit, SystemUnit:
		folder, err := UnitFolder(kind == SystemUnit, getenv)
		if err != nil {
			return nil, err
		}
		return &Systemd{System: kind == SystemUnit, Folder: folder, Systemctl: Find("systemctl"), Run: Run}, nil
	}
	return nil, errors.New("a " + string(kind) + " exists on Windows only")
}

// PrepareState makes the state folder.
func PrepareState(_ Kind, path string) (note string, err error) {
	return "", os.MkdirAll(path, 0o700) // it quotes logs
}

// CurrentUser names the user for a task, which exists on Windows only.
func CurrentUser() (string, error) { return "", nil }
