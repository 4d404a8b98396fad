package service

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// maxLog is the size in bytes at which the log of a service is put aside. One older log
// is kept.
const maxLog = 4 << 20

// A Log takes what a watch says where there is no terminal. It puts the time in front of
// each write.
type Log struct {
	path string
	now  func() time.Time

	mu   sync.Mutex
	file *os.File
	size int64
}

// OpenLog opens, or begins, a log.
func OpenLog(path string, now func() time.Time) (*Log, error) {
	l := &Log{path: path, now: now}
	return l, l.open()
}

func (l *Log) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) // it quotes logs
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // the other error says more
		return err
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size >= maxLog {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := fmt.Fprintf(l.file, "%s %s", l.now().Format("2006-01-02 15:04:05"), p)
	l.size += int64(n)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// rotate puts the log aside. One that cannot be renamed, since somebody reads it, grows on.
func (l *Log) rotate() error {
	if err := l.file.Close(); err != nil {
		return err
	}
	_ = os.Rename(l.path, l.path+".old")
	return l.open()
}

// Close implements io.Closer.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
