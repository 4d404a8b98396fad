//go:build !windows

package index

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lockFile locks a file until it is closed or the process ends. There is nothing else to
// be closed.
func lockFile(f *os.File) (io.Closer, error) {
	return io.NopCloser(nil), syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func isLocked(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }

// isBusy reports whether a file cannot be opened or replaced just now. Here it always can.
func isBusy(error) bool { return false }

// syncDir brings the names in a folder to the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}
