//go:build !windows

package machine

import (
	"context"
	"os"
)

// Programs lists the running programs, which is done on Windows only.
func Programs(context.Context) ([]Program, error) { return nil, errNotWindows }

// Volumes lists the drives, which exist on Windows only.
func Volumes() ([]Volume, error) { return nil, errNotWindows }

// Joined tells to what the computer is joined; it is asked on Windows only.
func Joined() (Membership, error) { return Membership{}, errNotWindows }

// WindowsRelease tells the version of Windows.
func WindowsRelease() (Release, error) { return Release{}, errNotWindows }

// ServiceStates lists the services of Windows.
func ServiceStates() ([]ServiceState, error) { return nil, errNotWindows }

// GroupsOf gives the SIDs of the groups that a running program has.
func GroupsOf(int) ([]string, error) { return nil, errNotWindows }

// Self tells who runs this program.
func Self() (Standing, error) { return Standing{}, errNotWindows }

// OpenProgram opens a program or DLL to be read, while others use it.
func OpenProgram(string) (*os.File, error) { return nil, errNotWindows }
