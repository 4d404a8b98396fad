package tail

import (
	"io"
	"time"
)

// FileID is the identity of a file on its volume. It outlives a rename, and may be
// given to another file when this one is gone.
type FileID struct {
	Volume uint64 `json:"volume"`
	Index  uint64 `json:"index"`
}

// Info is what is known of a file or folder without reading it.
type Info struct {
	ID      FileID
	Size    int64 // bytes
	ModTime time.Time
	Regular bool // an ordinary file
	Dir     bool
}

// A File is an open file. Its Info is asked of the handle, not of the name.
type File interface {
	io.ReaderAt
	io.Closer
	Info() (Info, error)
}

// An Entry is one name in a folder.
type Entry struct {
	Name string
	Dir  bool // a folder, or a link that may lead to one
}

// FS is the file system that a Tailer sees. Errors are compared with fs.ErrNotExist
// and fs.ErrPermission.
type FS interface {
	// ReadDir lists a folder, sorted by name.
	ReadDir(dir string) ([]Entry, error)

	// Stat follows links.
	Stat(path string) (Info, error)

	// Open opens a file so that its writer can still rename and delete it.
	Open(path string) (File, error)

	// MayHold reports whether a file may stay open between two polls without
	// disturbing its writer. Then its end is seen even after it was deleted.
	MayHold() bool
}
