package index

import (
	"errors"
	"os"
	"syscall"
)

// errSharing is ERROR_SHARING_VIOLATION.
const errSharing = syscall.Errno(32)

// lockFile opens the lock a second time so that nobody else may open it for writing
// as long as this process lives. Reading stays possible: the number in it is told.
func lockFile(f *os.File) error {
	name, err := syscall.UTF16PtrFromString(f.Name() + ".held")
	if err != nil {
		return err
	}
	const deleteOnClose = 0x04000000
	_, err = syscall.CreateFile(name, syscall.GENERIC_WRITE, syscall.FILE_SHARE_READ, nil, syscall.OPEN_ALWAYS, deleteOnClose, 0)
	return err // the handle is kept until the process ends
}

func isLocked(err error) bool { return errors.Is(err, errSharing) }

// syncDir does nothing: Windows brings names to the disk with the file.
func syncDir(string) error { return nil }
