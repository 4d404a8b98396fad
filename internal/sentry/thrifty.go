package sentry

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oxtail/actions"
	"oxtail/internal/caches"
)

const (
	// fullEvery is how long the last full look counts while nothing but sizes seems to
	// change. It bounds how late something is seen that no mark shows.
	fullEvery = time.Minute

	// maxMarks bounds the files whose names and times are compared between two looks.
	maxMarks = 50_000
)

// Thrifty is a Looker that asks another one only when it must: when the files of the
// given folders came, went or changed, when Changed says so, or when the last full look
// is old. Otherwise it asks the file system for the sizes of the known cache files.
type Thrifty struct {
	Full    Looker
	Paths   []string    // files and folders whose marks are compared
	Changed func() bool // reports, once, that the registry changed; nil: never
	Every   time.Duration

	last    *Snapshot
	at      time.Time
	marks   uint64
	folders []string // of the cache files that the last full look found
}

var _ Looker = (*Thrifty)(nil)

// Look implements Looker.
func (t *Thrifty) Look(ctx context.Context, now time.Time) (*Snapshot, error) {
	every := t.Every
	if every <= 0 {
		every = fullEvery
	}
	changed := t.Changed != nil && t.Changed()
	marks, ok := t.mark()
	if age := now.Sub(t.at); t.last != nil && !changed && ok && marks == t.marks && age >= 0 && age < every {
		if s := t.sizes(); s != nil {
			return s, nil
		}
	}
	s, err := t.Full.Look(ctx, now)
	if err != nil {
		t.last = nil
		return nil, err
	}
	// The marks are those of before the look: what changed while it went on is seen by
	// the next one. Marks of other folders are not known yet, so the next look is full.
	t.last, t.at, t.marks = s, now, marks
	if folders := foldersOf(s.Inventory); !slices.Equal(folders, t.folders) {
		t.folders, t.marks = folders, marks+1
	}
	return s, nil
}

// Doubt makes the next look a full one.
func (t *Thrifty) Doubt() { t.last = nil }

// foldersOf lists the folders on disk that hold the cache files.
func foldersOf(inv *actions.Inventory) []string {
	var out []string
	for i := range inv.Caches {
		if c := &inv.Caches[i]; c.State != actions.CacheMissing && !inArchive(c.Path) {
			out = append(out, filepath.Dir(c.Path))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// inArchive reports whether a path is a member of an archive.
func inArchive(path string) bool { return strings.Contains(path, "!/") }

// mark sums up the names of all files, and the sizes and times of those in Paths that
// are neither caches nor logs, which change all the time and say nothing new. It is not
// ok when something could not be listed, or is too much.
func (t *Thrifty) mark() (sum uint64, ok bool) {
	h, n := fnv.New64a(), 0
	note := func(path string, e fs.DirEntry) error {
		if n++; n > maxMarks {
			return fs.SkipAll
		}
		fmt.Fprintf(h, "%s\x00", path)
		if e.IsDir() || caches.Wanted(path) || isLog(path) {
			return nil
		}
		info, err := e.Info()
		if err == nil {
			fmt.Fprintf(h, "%d %d\x00", info.Size(), info.ModTime().UnixNano())
		}
		return nil
	}
	for _, root := range t.Paths {
		_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e == nil {
				fmt.Fprintf(h, "%s cannot be listed\x00", path)
				return nil
			}
			return note(path, e)
		})
	}
	for _, dir := range t.folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return 0, false
		}
		for _, e := range entries {
			fmt.Fprintf(h, "%s/%s\x00", dir, e.Name())
		}
	}
	return h.Sum64(), n <= maxMarks
}

// isLog tells logs by their names.
func isLog(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	return strings.HasSuffix(name, ".log") || strings.HasSuffix(name, ".txt") || strings.HasPrefix(name, "oxtstore_")
}

// sizes gives the last snapshot with the sizes and times of now, nil when a file is
// gone or cannot be asked for.
func (t *Thrifty) sizes() *Snapshot {
	s, inv := *t.last, *t.last.Inventory
	inv.Caches = slices.Clone(inv.Caches)
	if !measure(inv.Caches) {
		return nil
	}
	s.Inventory = &inv
	return &s
}

// measure asks for the size and time of each cache file on disk. It reports whether all
// are there. What a listing of a folder says is not enough: NTFS brings it up to date
// when a file is closed, and Outlook keeps its stores open for days.
func measure(found []actions.CacheFile) bool {
	all := true
	for i := range found {
		c := &found[i]
		if c.State == actions.CacheMissing || inArchive(c.Path) {
			continue
		}
		info, err := os.Stat(c.Path)
		if err != nil || info.IsDir() {
			all = false
			continue
		}
		c.Bytes, c.Modified = info.Size(), info.ModTime()
	}
	return all
}
