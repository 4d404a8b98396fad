package actions

import (
	"maps"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// An Inventory is the evidence beside the logs: what profiles say, which cache
// files were found, and where the logs lie.
type Inventory struct {
	Profiles []profile.Profile      // merged: one that two sources show stands here once
	Deleted  []profile.Profile      // leftovers below "Deleted Profiles"
	Corrupt  []profile.CorruptStore // damage that Outlook recorded
	Settings []profile.Setting      // policies and options that override profiles
	Problems []profile.Problem      // of the registry trees as a whole
	Caches   []CacheFile
	Logs     []Log
	Places   Places
}

// Places are where registry paths stand in the files that they were read from: the
// file, then the path. A live registry has none.
type Places map[string]map[string]profile.Place

// cite gives a registry path as evidence. What no file holds has length 0.
func (p Places) cite(source, path string) detectors.Evidence {
	at := p[source][path]
	return detectors.Evidence{Source: source, Offset: at.Offset, Length: at.Length, Line: at.Line, Text: path}
}

// A CacheFile is a cache or store file that was found, or that a profile expects.
type CacheFile struct {
	Path     string      `json:"path"`
	Kind     string      `json:"kind"`              // odb, psz, ost, pst, other
	Content  string      `json:"content,omitempty"` // by its first bytes
	State    string      `json:"state"`             // present, missing, orphan, stale, held
	Bytes    int64       `json:"bytes"`             // -1 when not known
	Modified time.Time   `json:"modified,omitzero"`
	Owner    string      `json:"user,omitempty"` // Windows user, by the path
	Pair     string      `json:"pair,omitempty"` // path of the other file of a pair
	Head     string      `json:"head,omitempty"` // SHA-256 of the first HeadBytes, in hex
	HeldBy   []string    `json:"held_by,omitempty"`
	Links    []CacheLink `json:"links,omitempty"`
	Damage   []string    `json:"damage,omitempty"` // what is wrong with the header of a store
}

// HeadBytes is how much of a cache file its Head covers: enough to notice another
// file under the same name, little enough to read it again before acting.
const HeadBytes = 64 << 10

// A CacheLink says that a profile refers to a cache file.
type CacheLink struct {
	Path   string `json:"path"`             // as the profile has it
	How    string `json:"how"`              // path, tail, pair
	Origin string `json:"origin,omitempty"` // registry path of the reference
}

// OnComputer is the path of the file on the computer that it comes from. The evidence
// may hold it elsewhere: the profile that refers to it, or to the other file of its
// pair, knows where it belongs.
func (f *CacheFile) OnComputer() string {
	switch {
	case len(f.Links) == 0:
		return f.Path
	case f.Links[0].How == linkByPair:
		return winpath.Stem(f.Links[0].Path) + winpath.Ext(f.Path)
	}
	return f.Links[0].Path
}

// linkByPair is the CacheLink.How of a file whose pair a profile refers to.
const linkByPair = "pair"

// States of a cache file, as in oxtail.cache/v1.
const (
	CachePresent = "present"
	CacheMissing = "missing"
	CacheOrphan  = "orphan"
	CacheStale   = "stale"
	CacheHeld    = "held"
)

// A Log is a log that was given, whether anything was found in it or not.
type Log struct {
	Path   string
	Format string    // name of its format, "" when it has none or is not known
	Clues  []LogLine // lines of its head that may name an account or a cache file
}

// A LogLine is one line of a log.
type LogLine struct {
	Line int // 1-based
	Text string
}

// MayNameStore reports whether a line is worth to be kept as a clue of its log.
func MayNameStore(line string) bool {
	lower := strings.ToLower(line)
	return holdsAny(lower, "://", ".odb", ".psz", ".ost", ".pst") || holdsAny(lower, "user", "account", "login", "benutzer", "konto", "mailbox", "postfach")
}

// SetFormats notes the formats of the logs, by path. Logs that are not listed yet are added.
func (inv *Inventory) SetFormats(formats map[string]string) {
	listed := make(map[string]bool, len(inv.Logs))
	for i := range inv.Logs {
		l := &inv.Logs[i]
		listed[l.Path] = true
		if f, ok := formats[l.Path]; ok {
			l.Format = f
		}
	}
	for _, path := range slices.Sorted(maps.Keys(formats)) {
		if !listed[path] {
			inv.Logs = append(inv.Logs, Log{Path: path, Format: formats[path]})
		}
	}
}
