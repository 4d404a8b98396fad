package index

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// errSharing is ERROR_SHARING_VIOLATION.
const errSharing = syscall.Errno(32)

// lockFile opens a second file beside the lock that nobody else may open for writing
// until it is closed or the process ends. Reading of the lock itself stays possible: the
// number in it is told.
func lockFile(f *os.File) (io.Closer, error) {
	name := f.Name() + ".held"
	wide, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const deleteOnClose = 0x04000000
	h, err := syscall.CreateFile(wide, syscall.GENERIC_WRITE, syscall.FILE_SHARE_READ, nil, syscall.OPEN_ALWAYS, deleteOnClose, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), name), nil
}

func isLocked(err error) bool { return errors.Is(err, errSharing) }

// isBusy reports whether a file cannot be opened or replaced just now: another process
// has it open, replaces it, or has removed it and not yet closed it.
func isBusy(err error) bool {
	return errors.Is(err, errSharing) || errors.Is(err, syscall.ERROR_ACCESS_DENIED)
}

// syncDir does nothing: Windows brings names to the disk with the file.
func syncDir(string) error { return nil }
