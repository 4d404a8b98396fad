package machine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"oxtail/parser/profile"
)

// OpenRegistry gives the registry of the computer. The error is for the registry of the
// current user that cannot be read at all; everything else becomes a Note.
func OpenRegistry(opts Options) (*Registry, error) { return thisComputer().registry(opts) }

// thisComputer is the computer that the program runs on.
func thisComputer() *computer {
	return &computer{
		sid:     currentSID(),
		current: &liveKey{hive: registry.CURRENT_USER, name: "HKEY_CURRENT_USER"},
		users:   &liveKey{hive: registry.USERS, name: "HKEY_USERS"},
		machine: &liveKey{hive: registry.LOCAL_MACHINE, name: "HKEY_LOCAL_MACHINE", view: View64},
		getenv:  os.Getenv, readFile: readFile, isFolder: isFolder, list: list, exists: exists,
	}
}

// LocalMachine gives a view of HKEY_LOCAL_MACHINE.
func LocalMachine(view View) (profile.Key, error) {
	return &liveKey{hive: registry.LOCAL_MACHINE, name: "HKEY_LOCAL_MACHINE", view: view}, nil
}

// currentSID tells the user of this process, "" when Windows does not.
func currentSID() string {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return ""
	}
	return user.User.Sid.String()
}

// readFile reads a file at one go and closes it: while a hive is open here, its user
// would get a temporary profile at logon.
func readFile(path string, most int64) ([]byte, error) {
	in, err := openShared(path)
	if err != nil {
		return nil, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, fmt.Errorf("read %s: larger than %d MiB", path, most>>20)
	}
	return io.ReadAll(io.LimitReader(in, most))
}

// openShared opens a file and lets others write, rename and delete it meanwhile.
func openShared(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, share, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// isFolder reports whether a folder exists. One that may not be looked at does: that it
// is refused is told when it is listed.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return info.IsDir()
}

// exists reports whether a file is there.
func exists(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && !info.IsDir(), err
}

// list names the files of a folder.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// IsHeld reports whether an error says that another program has the file open.
func IsHeld(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
