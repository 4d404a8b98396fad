package tail

import (
	"fmt"
	"os"
)

// OS is the operating system's FS.
type OS struct{}

var _ FS = OS{}

// ReadDir implements FS.
func (OS) ReadDir(dir string) ([]Entry, error) {
	list, err := os.ReadDir(dir)
	out := make([]Entry, 0, len(list))
	for _, e := range list {
		isLink := e.Type()&os.ModeSymlink != 0
		if isLink {
			info, err := os.Stat(joinPath(dir, e.Name()))
			out = append(out, Entry{Name: e.Name(), Dir: err == nil && info.IsDir()})
			continue
		}
		out = append(out, Entry{Name: e.Name(), Dir: e.IsDir()})
	}
	return out, err
}

// Open implements FS.
func (OS) Open(path string) (File, error) {
	f, err := openShared(path)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// osFile is an open file of the operating system.
type osFile struct{ *os.File }

// Info implements File.
func (f osFile) Info() (Info, error) {
	info, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	id, err := handleID(f.File, info)
	if err != nil {
		return Info{}, fmt.Errorf("read identity of %s: %w", f.Name(), err)
	}
	return infoOf(info, id), nil
}

func infoOf(info os.FileInfo, id FileID) Info {
	return Info{ID: id, Size: info.Size(), ModTime: info.ModTime(), Regular: info.Mode().IsRegular(), Dir: info.IsDir()}
}
