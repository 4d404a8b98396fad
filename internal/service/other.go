//go:build !windows

package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
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

// PrepareState makes the state folder, for the user that the watch runs as if one is
// named. The note says what could not be made tight.
func PrepareState(_ Kind, path, runAs string) (note string, err error) {
	var owner *user.User
	if runAs != "" {
		if owner, err = user.Lookup(runAs); err != nil {
			return "", fmt.Errorf("run as %s: %w", runAs, err)
		}
	}
	if err := os.MkdirAll(path, 0o700); err != nil || owner == nil { // it quotes logs
		return "", err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return "", fmt.Errorf("run as %s: %w", runAs, err)
	}
	gid, err := strconv.Atoi(owner.Gid)
	if err != nil {
		return "", fmt.Errorf("run as %s: %w", runAs, err)
	}
	return "", os.Chown(path, uid, gid)
}

// CurrentUser names the user for a task, which exists on Windows only.
func CurrentUser() (string, error) { return "", nil }
