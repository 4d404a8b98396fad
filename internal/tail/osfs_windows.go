package tail

import (
	"os"
	"path/filepath"
	"syscall"
)

// Stat implements FS. The size in a folder's listing lags behind while a file is open
// for writing, so the handle is asked.
func (OS) Stat(path string) (Info, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Info{}, err
	}
	if !info.Mode().IsRegular() {
		return infoOf(info, FileID{}), nil
	}
	f, err := OS{}.Open(path)
	if err != nil {
		return infoOf(info, FileID{}), err
	}
	defer f.Close()
	return f.Info()
}

// MayHold implements FS: a name that is deleted stays taken until the last handle is
// closed, and a file that is open cannot be replaced.
func (OS) MayHold() bool { return false }

// openShared opens a file with read, write and delete sharing. os.Open does not share
// deletion: a reader that uses it keeps the writer from rotating its log.
func openShared(path string) (*os.File, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(filepath.Base(path))
}

func handleID(f *os.File, _ os.FileInfo) (FileID, error) {
	var d syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(syscall.Handle(f.Fd()), &d); err != nil {
		return FileID{}, err
	}
	return FileID{Volume: uint64(d.VolumeSerialNumber), Index: uint64(d.FileIndexHigh)<<32 | uint64(d.FileIndexLow)}, nil
}
