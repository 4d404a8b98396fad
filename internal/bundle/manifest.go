package bundle

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"oxtail/internal/redact"
)

// SchemaManifest names the form of manifest.json.
const SchemaManifest = "oxtail.manifest/v1"

// ManifestName is where the manifest stands in a bundle.
const ManifestName = "manifest.json"

// kindCollect is the kind of a bundle of collect.
const kindCollect = "collect"

// A Manifest lists what a bundle holds, and what it does not.
type Manifest struct {
	Schema    string     `json:"schema"`
	Kind      string     `json:"kind"` // collect, ticket
	Tool      Tool       `json:"tool"`
	Created   time.Time  `json:"created,omitzero"`
	Zone      string     `json:"zone,omitempty"` // of the computer's clock
	Since     time.Time  `json:"since,omitzero"` // logs that were not changed since are left out
	Profile   string     `json:"profile,omitempty"`
	Live      bool       `json:"live"` // of the running computer, not of a tree
	MaxBytes  int64      `json:"max_bytes"`
	Bytes     int64      `json:"bytes"` // of all parts, before compression
	Parts     []Part     `json:"parts"`
	Skipped   []Skipped  `json:"skipped"`
	MoreSkips int        `json:"more_skipped,omitempty"` // beyond those listed
	Losses    []Loss     `json:"losses"`
	Redaction *Redaction `json:"redaction"` // null: not redacted
}

// A Tool is the program that made a bundle.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Rules   string `json:"rules,omitempty"` // fingerprint of the rules of its findings
}

// A Part is one file of a bundle.
type Part struct {
	Path     string    `json:"path"` // in the bundle, with slashes
	Source   string    `json:"source,omitempty"`
	Kind     string    `json:"kind"` // log, registry, listing, services, event-log, result
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Modified time.Time `json:"modified,omitzero"` // of the source
	Note     string    `json:"note,omitempty"`    // how it differs from its source
}

// Skipped is something that is not in the bundle.
type Skipped struct {
	Path  string `json:"path"`
	Why   string `json:"why"`
	Bytes int64  `json:"bytes,omitempty"`
	// Fault says that it should be there: it could not be read, or not be redacted. All
	// else is left out on purpose.
	Fault bool `json:"fault,omitempty"`
}

// A Loss is a range of a source that its part does not hold.
type Loss struct {
	Source string `json:"source"`
	From   int64  `json:"from"` // bytes from the start of the source
	To     int64  `json:"to"`
	Why    string `json:"why"`
}

// Redaction tells what was replaced, not by what.
type Redaction struct {
	Replaced  redact.Counts `json:"replaced"`
	UUIDs     bool          `json:"uuids"`
	Unnamed   int           `json:"unnamed,omitempty"` // names over the limit, removed where they were recognised
	KeyLeaves string        `json:"key"`
}

// keyNote says where the way back is.
const keyNote = "the key stays with its owner and is no part of this bundle"

// Faults counts what should be in the bundle and is not.
func (m *Manifest) Faults() int {
	n := len(m.Losses)
	for _, s := range m.Skipped {
		if s.Fault {
			n++
		}
	}
	return n
}

// skip adds something that is not in the bundle.
func (m *Manifest) skip(s Skipped) {
	if len(m.Skipped) >= maxSkipped && !s.Fault || len(m.Skipped) >= 2*maxSkipped {
		m.MoreSkips++
		return
	}
	m.Skipped = append(m.Skipped, s)
}

func (m *Manifest) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}
