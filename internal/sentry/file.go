package sentry

import (
	"time"

	"oxtail/actions"
	"oxtail/detectors"
)

// A sample is the size of a file at a time.
type sample struct {
	Time  time.Time `json:"time"`
	Bytes int64     `json:"bytes"`
}

// A file is what is remembered of a cache file.
type file struct {
	Path     string    `json:"path"`
	Kind     string    `json:"kind"`
	Content  string    `json:"content,omitempty"` // the last that could be read; Outlook holds its stores
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified,omitzero"`
	Head     string    `json:"head,omitempty"`
	Seen     time.Time `json:"seen"`            // when it was last there
	Born     time.Time `json:"born,omitzero"`   // when it appeared, if that was seen
	Missed   int       `json:"missed,omitzero"` // looks in a row that did not find it
	Samples  []sample  `json:"samples,omitempty"`
	Referred bool      `json:"referred,omitempty"` // a profile points to it

	Account  *detectors.Account `json:"account,omitempty"` // of the store that it belongs to
	Mailbox  string             `json:"mailbox,omitempty"`
	Profiles []string           `json:"profiles,omitempty"`
}

// take notes what a look found of the file.
func (f *file) take(c *actions.CacheFile, now time.Time) {
	if f.Missed > 0 { // it is there again: another file, as far as sizes go
		f.Missed, f.Born, f.Samples = 0, now, nil
	}
	f.Kind, f.Modified, f.Seen, f.Referred = c.Kind, c.Modified, now, len(c.Links) > 0
	if c.Content != "" && c.Content != "unreadable" {
		f.Content = c.Content
	}
	if c.Head != "" {
		f.Head = c.Head
	}
	if c.Bytes < 0 {
		return // nobody could tell
	}
	f.Bytes = c.Bytes
	f.prune(now)
	f.Samples = append(f.Samples, sample{now, c.Bytes})
}

// belong notes whose file it is. When it is gone, nobody can tell any more.
func (f *file) belong(store *actions.Store) {
	if store != nil {
		f.Account, f.Mailbox, f.Profiles = store.Account, store.Mailbox, store.Profiles()
	}
}

// prune forgets the sizes that are out of the window, and of a clock that was set back.
func (f *file) prune(now time.Time) {
	var kept []sample
	for _, s := range f.Samples {
		if age := now.Sub(s.Time); age >= 0 && age <= jumpWindow {
			kept = append(kept, s)
		}
	}
	f.Samples = kept[max(0, len(kept)-maxSamples+1):]
}

// span returns the smallest and the largest sample of the window.
func (f *file) span() (least, most sample) {
	for i, s := range f.Samples {
		if i == 0 || s.Bytes < least.Bytes {
			least = s
		}
		if i == 0 || s.Bytes > most.Bytes {
			most = s
		}
	}
	return least, most
}
