package index

import (
	"fmt"
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

// lock makes this process the writer of an index. The operating system frees the
// lock when the process ends, in whatever way.
func lock(dir string) (*os.File, error) {
	name := filepath.Join(dir, lockName)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err == nil {
		if err = lockFile(f); err != nil {
			_ = f.Close() // nothing was written
		}
	}
	if err != nil {
		if isLocked(err) {
			return nil, &LockedError{dir, holder(name)}
		}
		return nil, fmt.Errorf("lock index %s: %w", dir, err)
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = f.Close() // the error that matters is the one before
		return nil, fmt.Errorf("lock index %s: %w", dir, err)
	}
	return f, nil
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
