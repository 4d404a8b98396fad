package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"oxtail/detectors"
	"oxtail/internal/tail"
)

// stateVersion changes when the form of the saved state changes.
const stateVersion = 1

// saved is all that outlives a restart.
type saved struct {
	Version   int                `json:"version"`
	Tail      tail.State         `json:"tail"`
	Streams   map[string]*stream `json:"streams"` // by key of the generation
	Collector json.RawMessage    `json:"collector,omitempty"`
	Episodes  []Episode          `json:"episodes,omitempty"`

	Packed []*packedState               `json:"packed,omitempty"` // compressed siblings
	Fed    []detectors.Finding          `json:"fed,omitempty"`    // what feeds said and did not take back
	Outbox map[string][]json.RawMessage `json:"outbox,omitempty"` // notices that are not delivered, by the sender's name
}

// encode returns the state as JSON, with that of the collector put in as it is: for many
// sources it is by far the largest part, and encoding it twice takes longer than reading.
func (s *saved) encode(collector []byte) ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("save the state: %w", err)
	}
	data = append(data[:len(data)-1], `,"collector":`...)
	return append(append(data, collector...), '}'), nil
}

// Names in the state folder.
const (
	stateName  = "watch.json"
	statusName = "status.json"
	lockName   = "lock"
)

// A Folder keeps the state of one watch. Only one watch uses it at a time.
type Folder struct {
	dir  string
	lock *os.File
}

// ErrLocked says that another watch uses the state folder.
var ErrLocked = errors.New("another watch uses it")

// OpenFolder makes the folder if need be and locks it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { // it quotes logs
		return nil, fmt.Errorf("make state folder %s: %w", dir, err)
	}
	lock, err := tail.Lock(filepath.Join(dir, lockName))
	if errors.Is(err, tail.ErrLocked) {
		return nil, fmt.Errorf("state folder %s: %w", dir, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("lock state folder %s: %w", dir, err)
	}
	return &Folder{dir, lock}, nil
}

// Close gives the folder free.
func (f *Folder) Close() error { return f.lock.Close() }

// Load returns the saved state, nil if there is none.
func (f *Folder) Load() ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.dir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// SetAside keeps a state that cannot be used, for whoever wants to know why.
func (f *Folder) SetAside() error {
	name := filepath.Join(f.dir, stateName)
	return os.Rename(name, name+".bad")
}

// Save writes the state, whole or not at all.
func (f *Folder) Save(data []byte) error {
	return replaceFile(filepath.Join(f.dir, stateName), data, true)
}

// SaveStatus writes the status, whole or not at all. Nothing is lost with it.
func (f *Folder) SaveStatus(data []byte) error {
	return replaceFile(filepath.Join(f.dir, statusName), data, false)
}

// ReadStatus returns what the watch that uses, or used, a state folder wrote last, and
// whether it runs.
func ReadStatus(dir string) (data []byte, running bool, err error) {
	data, err = os.ReadFile(filepath.Join(dir, statusName))
	if err != nil {
		return nil, false, err
	}
	lock, err := tail.Lock(filepath.Join(dir, lockName))
	switch {
	case errors.Is(err, tail.ErrLocked):
		return data, true, nil
	case err != nil:
		return data, false, nil // no right to lock: whoever wrote it may run or not
	}
	return data, false, lock.Close()
}

// replaceFile writes a file beside name and renames it over it; safe says that it must
// be on the disk before.
func replaceFile(name string, data []byte, safe bool) error {
	tmp := name + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(data)
	if err == nil && safe {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
