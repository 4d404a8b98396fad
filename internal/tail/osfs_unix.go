//go:build !windows

package tail

import (
	"errors"
	"os"
	"syscall"
)

var errNoIdentity = errors.New("the file system gives none")

// Stat implements FS.
func (OS) Stat(path string) (Info, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Info{}, err
	}
	id, err := handleID(nil, info)
	return infoOf(info, id), err
}

// MayHold implements FS: an open file can be renamed and deleted.
func (OS) MayHold() bool { return true }

// openShared opens a file. A pipe that nobody writes to must not block the poll.
func openShared(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func handleID(_ *os.File, info os.FileInfo) (FileID, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return FileID{}, errNoIdentity
	}
	return FileID{Volume: uint64(st.Dev), Index: st.Ino}, nil
}
