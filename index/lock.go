package index

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A LockedError says that another process writes to the index.
type LockedError struct {
	Dir string
	PID int // 0 if unknown
}

// Error names the process.
func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("index %s is being written by another process", e.Dir)
	}
	return fmt.Sprintf("index %s is being written by process %d", e.Dir, e.PID)
}

// Hint names the remedy.
func (e *LockedError) Hint() string {
	return "wait until it is done, or use another index with --index; searching works meanwhile"
}

const lockName = "writer.lock"

// A writerLock is held by the one writer of an index.
type writerLock struct {
	file *os.File
	held io.Closer // see lockFile
}

// Close lets others write.
func (l *writerLock) Close() error {
	err := l.held.Close()
	if e := l.file.Close(); err == nil {
		err = e
	}
	return err
}

// lock makes this process the writer of an index. The operating system frees the
// lock when the process ends, in whatever way.
func lock(dir string) (*writerLock, error) {
	name := filepath.Join(dir, lockName)
	var held io.Closer
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err == nil {
		if held, err = lockFile(f); err != nil {
			_ = f.Close() // nothing was written
		}
	}
	if err != nil {
		if isLocked(err) {
			return nil, &LockedError{dir, holder(name)}
		}
		return nil, fmt.Errorf("lock index %s: %w", dir, err)
	}
	l := &writerLock{f, held}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = l.Close() // the error that matters is the one before
		return nil, fmt.Errorf("lock index %s: %w", dir, err)
	}
	return l, nil
}

// holder reads the number of the process that holds the lock; 0 if it cannot be read.
func holder(name string) int {
	b, err := os.ReadFile(name)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b))) // 0 stands for unknown
	return pid
}
