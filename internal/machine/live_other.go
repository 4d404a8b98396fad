//go:build !windows

package machine

import (
	"errors"

	"oxtail/parser/profile"
)

// errNotWindows is the answer of every other system.
var errNotWindows = errors.New("the live registry exists on Windows only; give .reg exports or NTUSER.DAT files")

// OpenRegistry reads the registry of the computer, which exists on Windows only.
func OpenRegistry(Options) (*Registry, error) { return nil, errNotWindows }

// LocalMachine gives a view of HKEY_LOCAL_MACHINE, which exists on Windows only.
func LocalMachine(View) (profile.Key, error) { return nil, errNotWindows }

// IsHeld reports whether an error says that another program has the file open. Other
// systems let several programs open one file.
func IsHeld(error) bool { return false }
