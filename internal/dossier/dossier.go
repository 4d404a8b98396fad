package dossier

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/parser"
)

// Schema names the JSON form of a Dossier.
const Schema = "oxtail.dossier/v1"

// Limits of one dossier.
const (
	// MaxEntries bounds the records that are kept; the rest is counted. Nobody reads
	// more, and the first error and last success are kept apart.
	MaxEntries = 10_000
	// MaxMappings bounds the mapping lines of other UUIDs that are remembered, to see
	// whether two UUIDs claim one object.
	MaxMappings = 200_000
	// maxText is how much of a record is kept, in bytes.
	maxText = 2 << 10
	// maxListed bounds the folders, operations and accounts that are listed.
	maxListed = 32
)

// A Dossier is what the logs tell about one UUID.
type Dossier struct {
	Schema      string             `json:"schema"`
	UUID        parser.UUID        `json:"uuid"`
	Records     int                `json:"records"` // all, also those beyond MaxEntries
	Sources     []string           `json:"sources,omitempty"`
	First       time.Time          `json:"first,omitzero"`
	Last        time.Time          `json:"last,omitzero"`
	Folders     []string           `json:"folders,omitempty"`
	Operations  []string           `json:"operations,omitempty"`
	Objects     []string           `json:"objects,omitempty"` // ids of objects named with it
	Users       []string           `json:"users,omitempty"`   // as written in the logs
	Account     *detectors.Account `json:"account,omitempty"` // by the profiles found beside the logs
	Profiles    []string           `json:"profiles,omitempty"`
	CacheFiles  []string           `json:"cache_files,omitempty"`
	Spellings   []string           `json:"spellings,omitempty"` // as written in the logs
	FirstError  *Entry             `json:"first_error,omitempty"`
	LastError   *Entry             `json:"last_error,omitempty"`
	LastSuccess *Entry             `json:"last_success,omitempty"`
	State       State              `json:"state"`
	Mappings    []Mapping          `json:"mappings,omitempty"` // of it, and of what claims the same objects
	Conflicts   []Conflict         `json:"conflicts,omitempty"`
	Entries     []Entry            `json:"entries,omitempty"`
}

// State says how the story ends.
type State string

// The states.
const (
	StateUnknown State = "unknown" // no record says error or success
	StateFailing State = "failing" // the last that is known is an error
	StateHealed  State = "healed"  // a success follows the last error
	StateFine    State = "fine"    // successes only
	StateAbsent  State = "absent"  // no record at all
)

// An Entry is one record about the UUID.
type Entry struct {
	Source    string        `json:"source"`
	Offset    int64         `json:"offset"`
	Length    int           `json:"length"`
	Line      int           `json:"line"`
	Time      time.Time     `json:"time,omitzero"`
	TimeBasis string        `json:"time_basis"`
	Level     string        `json:"level,omitempty"`
	Outcome   Outcome       `json:"outcome,omitempty"`
	Operation string        `json:"operation,omitempty"`
	Folder    string        `json:"folder,omitempty"`
	Object    string        `json:"object,omitempty"`
	User      string        `json:"user,omitempty"`
	Spelling  string        `json:"spelling,omitempty"`
	Others    []parser.UUID `json:"others,omitempty"` // further UUIDs in the record
	Text      string        `json:"text"`
}

// Outcome says whether a record tells of an error or a success.
type Outcome string

// The outcomes; "" is neither.
const (
	OutcomeError   Outcome = "error"
	OutcomeSuccess Outcome = "success"
)

// sortEntries orders all entries. Time is compared with time only, so that entries
// without one do not make the order depend on the sorting algorithm.
func sortEntries(entries []Entry) {
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(a.Offset, b.Offset))
	})
	inherited := map[string]time.Time{} // source → time of the entry before
	at := make(map[place]time.Time, len(entries))
	for i := range entries {
		e := &entries[i]
		if !e.Time.IsZero() {
			inherited[e.Source] = e.Time
		}
		at[place{e.Source, e.Offset}] = inherited[e.Source]
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		x, y := at[place{a.Source, a.Offset}], at[place{b.Source, b.Offset}]
		return cmp.Or(x.Compare(y), strings.Compare(a.Source, b.Source), cmp.Compare(a.Offset, b.Offset))
	})
}

type place struct {
	source string
	offset int64
}

// conclude fills in what follows from the entries.
func (d *Dossier) conclude() {
	sortEntries(d.Entries)
	for i := range d.Entries {
		e := &d.Entries[i]
		d.Sources, d.Folders = listed(d.Sources, e.Source), listed(d.Folders, e.Folder)
		d.Operations, d.Objects = listed(d.Operations, e.Operation), listed(d.Objects, e.Object)
		d.Users, d.Spellings = listed(d.Users, e.User), listed(d.Spellings, e.Spelling)
		d.span(e.Time)
		switch e.Outcome {
		case OutcomeError:
			if d.FirstError == nil {
				d.FirstError = e
			}
			d.LastError = e
		case OutcomeSuccess:
			d.LastSuccess = e
		}
	}
	d.State = d.state()
}

func (d *Dossier) span(t time.Time) {
	if t.IsZero() {
		return
	}
	if d.First.IsZero() || t.Before(d.First) {
		d.First = t
	}
	if t.After(d.Last) {
		d.Last = t
	}
}

// state compares the last error with the last success by their place in the order.
func (d *Dossier) state() State {
	switch {
	case d.Records == 0:
		return StateAbsent
	case d.LastError == nil && d.LastSuccess == nil:
		return StateUnknown
	case d.LastError == nil:
		return StateFine
	case d.LastSuccess == nil:
		return StateFailing
	}
	for i := range d.Entries {
		switch &d.Entries[i] {
		case d.LastError:
			return StateHealed // the error stands first, so the success follows
		case d.LastSuccess:
			return StateFailing
		}
	}
	panic("BUG: the last error is no entry")
}

func listed(list []string, text string) []string {
	if text == "" || len(list) >= maxListed || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
