package caches

import (
	"cmp"
	"slices"
	"time"

	"oxtail/parser/store"
	"oxtail/parser/winpath"
)

// Schema names the JSON form of a Cache. Fields are only added.
const Schema = "oxtail.cache/v1"

// Kind is the role of a cache file.
type Kind string

// The kinds. Content decides between ost and pst; odb and psz go by name, since nothing public tells them apart.
const (
	KindODB   Kind = "odb"
	KindPSZ   Kind = "psz"
	KindOST   Kind = "ost"
	KindPST   Kind = "pst"
	KindOther Kind = "other"
)

// State is what is known of a cache file's use.
type State string

// The states. Orphan and missing need the profiles, held needs the live computer.
const (
	StatePresent State = "present" // there, and nothing said against it
	StateMissing State = "missing" // a profile points to it, but it is not among the files
	StateOrphan  State = "orphan"  // no profile that was read points to it
	StateStale   State = "stale"   // a copy or leftover by its name, and no profile points to it
	StateHeld    State = "held"    // a running program has it open
)

// Account is the key by which the OXtender provider shares caches: server and user.
type Account struct {
	Server string `json:"server,omitempty"`
	User   string `json:"user,omitempty"`
}

// Cache is one cache file, or one that a profile expects. Absent means unknown.
type Cache struct {
	Schema   string          `json:"schema"`
	Path     string          `json:"path"` // as found; of a missing one as the profile has it
	Kind     Kind            `json:"kind"`
	Content  Content         `json:"content,omitempty"`
	Bytes    Size            `json:"bytes,omitzero"`
	Modified time.Time       `json:"modified,omitzero"`
	State    State           `json:"state"`
	Account  *Account        `json:"account,omitempty"`
	Profiles []string        `json:"profiles,omitempty"` // as named by the references, sorted
	Pair     string          `json:"pair,omitempty"`     // path of the .psz of an .odb, and the reverse
	User     string          `json:"user,omitempty"`     // Windows user, by the path
	Entropy  float64         `json:"entropy,omitempty"`  // bits a byte, 0 to 8, of the first bytes; opaque content only
	HeldBy   []string        `json:"held_by,omitempty"`  // programs that have it open
	Links    []Link          `json:"links,omitempty"`    // every reference that leads here
	Problems []store.Problem `json:"problems,omitempty"` // of a store's header
	Notes    []string        `json:"notes,omitempty"`    // why kind and state are what they are
	Header   store.Header    `json:"-"`                  // of a store, when Header.IsStore
}

// Size is a number of bytes. An empty file has size 0, which is told; UnknownSize is left out of JSON.
type Size int64

// UnknownSize is the size of a file that is not there.
const UnknownSize Size = -1

// IsZero reports whether the size is unknown, for encoding/json.
func (s Size) IsZero() bool { return s < 0 }

// Link is one edge from a profile to a cache file.
type Link struct {
	Profile string `json:"profile"`
	How     How    `json:"how"`
	Source  string `json:"source,omitempty"` // where the reference stands, e.g. a registry path
	Path    string `json:"path"`             // as the reference has it
}

// How tells by what a reference and a file were joined, strongest first.
type How string

// The ways.
const (
	HowPath How = "path" // the same path
	HowTail How = "tail" // the same path elements at the end; the beginning is that of another place
	HowPair How = "pair" // the other file of the pair is referred to
)

// note adds a remark once.
func (c *Cache) note(text string) {
	if !slices.Contains(c.Notes, text) {
		c.Notes = append(c.Notes, text)
	}
}

// sortCaches orders by path as Windows compares it, then as written, so that output is the same in every run.
func sortCaches(caches []Cache) {
	keys := make(map[string]string, len(caches))
	for _, c := range caches {
		keys[c.Path] = winpath.Key(c.Path)
	}
	slices.SortStableFunc(caches, func(a, b Cache) int {
		return cmp.Or(cmp.Compare(keys[a.Path], keys[b.Path]), cmp.Compare(a.Path, b.Path), cmp.Compare(a.State, b.State))
	})
}
