package sentry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// memoryVersion changes when the form of the memory does.
const memoryVersion = 1

// memory is what outlives a restart.
type memory struct {
	Version int                 `json:"version"`
	Files   []*file             `json:"files"`
	Faults  map[string]*fault   `json:"faults"`
	Uses    map[string][]string `json:"uses"`
}

// remember takes what the memory file holds. One that cannot be used is told, and
// everything begins anew: then nothing is known to compare the first look with.
func (s *Sentry) remember() {
	if s.opts.Memory == "" {
		return
	}
	data, err := readMemory(s.opts.Memory)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var m memory
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err == nil && m.Version != memoryVersion {
		err = fmt.Errorf("read %s: version %d; this program writes %d", s.opts.Memory, m.Version, memoryVersion)
	}
	if err != nil {
		s.warnOnce("memory", fmt.Sprintf("what was known of profiles and cache files cannot be used: %v", err))
		return
	}
	s.recalled = true
	for _, f := range m.Files {
		if f != nil {
			s.files[f.Path] = f
		}
	}
	for key, x := range m.Faults {
		if x != nil {
			s.faults[key] = x
		}
	}
	if m.Uses != nil {
		s.uses = m.Uses
	}
}

func readMemory(name string) ([]byte, error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(in, maxMemoryBytes+1))
	if err == nil && len(data) > maxMemoryBytes {
		err = fmt.Errorf("read %s: larger than %d MiB", name, maxMemoryBytes>>20)
	}
	return data, err
}

// save writes the memory, whole or not at all: at once when a fault or a file came or
// went, seldom when only sizes changed.
func (s *Sentry) save(last bool) {
	if s.opts.Memory == "" || !s.looked {
		return
	}
	if age := s.now.Sub(s.saved); !last && !s.changed && age >= 0 && age < memoryEvery {
		return
	}
	m := memory{Version: memoryVersion, Faults: s.faults, Uses: s.uses}
	for _, path := range slices.Sorted(maps.Keys(s.files)) {
		m.Files = append(m.Files, s.files[path])
	}
	s.saved, s.changed = s.now, false
	if err := writeMemory(s.opts.Memory, m); err != nil {
		s.warnOnce("memory", fmt.Sprintf("what is known of profiles and cache files cannot be kept: %v", err))
	}
}

// writeMemory writes a file beside and renames it over the old one.
func writeMemory(name string, m memory) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".tmp", data, 0o600); err != nil { // it names accounts
		return err
	}
	return os.Rename(name+".tmp", name)
}
