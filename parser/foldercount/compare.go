package foldercount

import (
	"cmp"
	"slices"
	"strings"
)

// State says how the two sides of a folder stand to each other.
type State string

// The states.
const (
	Equal       State = "equal"        // the same number of items
	Differs     State = "differs"      // another number of items
	ServerOnly  State = "server-only"  // not in the offline list
	OfflineOnly State = "offline-only" // not in the server's list
)

// Match says by what the two sides were taken for the same folder, in the order of trying.
type Match string

// The ways of matching.
const (
	MatchedByPath Match = "path" // the same path, letter case aside
	MatchedByName Match = "name" // both names are known names of the same default folder, in English or German
	MatchedByType Match = "type" // FolderType of Exchange names the default folder, whatever its language
)

// Difference is one folder of the comparison, equal ones included.
type Difference struct {
	Server   *Folder // nil when only the offline list has it
	Offline  *Folder // nil when only the server's list has it
	State    State
	Match    Match  // "" when one side is missing
	Hidden   bool   // equal only when the server's hidden items are left out, which an offline store counts apart
	Unsynced string // why this folder is not expected to be equal; such a folder has no part in the verdict
	inbox    bool
}

// Path is the folder's path on the server, else offline, for people.
func (d Difference) Path() string {
	if d.Server != nil {
		return d.Server.Display()
	}
	return d.Offline.Display()
}

// Missing is how many items the offline side lacks; negative when it has more than the server. Hidden items are left out where
// they are told.
func (d Difference) Missing() int64 {
	if d.State == Equal {
		return 0
	}
	return d.Server.seen() - d.Offline.seen()
}

// seen is the number of items that a person sees, as far as it is told; 0 for a folder that is not there.
func (f *Folder) seen() int64 {
	switch {
	case f == nil:
		return 0
	case f.Visible != nil:
		return *f.Visible
	}
	return f.Items
}

// Compare puts the folders of both lists side by side and returns all of them, sorted by path. It does not change the lists.
func Compare(server, offline []Folder) []Difference {
	c := comparison{server: entries(server), offline: entries(offline)}
	c.match(MatchedByPath, func(e entry) string { return e.plain })
	c.match(MatchedByName, func(e entry) string { return e.named })
	c.match(MatchedByType, func(e entry) string { return e.typed })
	for _, e := range c.server {
		if !e.matched {
			c.result = append(c.result, newDifference(e.folder, nil, "", e))
		}
	}
	for _, e := range c.offline {
		if !e.matched {
			c.result = append(c.result, newDifference(nil, e.folder, "", e))
		}
	}
	slices.SortStableFunc(c.result, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Path()), strings.ToLower(b.Path())), cmp.Compare(a.Path(), b.Path()), cmp.Compare(a.Missing(), b.Missing()))
	})
	return c.result
}

// entry is a folder with the keys under which its counterpart may be found. A key of "" matches nothing.
type entry struct {
	folder              *Folder
	plain, typed, named string
	matched             bool
}

// entries makes the keys of a list, in an order that does not depend on that of the list.
func entries(folders []Folder) []entry {
	byPlain := map[string]place{} // top folder → its place by FolderType
	list := make([]entry, 0, len(folders))
	for i := range folders {
		f := folders[i]
		f.Path = cleanPath(f.Path)
		e := entry{folder: &f, plain: plainKey(f.Path)}
		if p := placeByType(f.Type); p != "" {
			byPlain[e.plain] = p
		}
		list = append(list, e)
	}
	for i := range list {
		list[i].named = placeKey(list[i].plain, func(string, string) place { return "" })
		list[i].typed = placeKey(list[i].plain, func(path, _ string) place { return byPlain[path] })
	}
	slices.SortStableFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.plain, b.plain), cmp.Compare(a.folder.Items, b.folder.Items), cmp.Compare(a.folder.Path, b.folder.Path))
	})
	return list
}

// plainKey is the path without letter case and without the store's own root, which only some lists have.
func plainKey(path string) string {
	key := strings.ToLower(path)
	top, below, deeper := strings.Cut(strings.TrimPrefix(key, "/"), "/")
	if placeByName(top) == placeRoot && deeper {
		return "/" + below
	}
	if placeByName(top) == placeRoot || key == "/" {
		return "/"
	}
	return key
}

// placeKey puts places where default folders stand: at the top, and below Sync Issues. told answers for a path first; what it
// does not know goes by name.
func placeKey(plain string, told func(path, name string) place) string {
	elements := strings.Split(strings.TrimPrefix(plain, "/"), "/")
	path, parent := "", place("")
	for i, name := range elements {
		path += "/" + name
		p := told(path, name)
		if p == "" && i == 0 {
			p = placeByName(name)
		}
		if p == "" && i == 1 && parent == placeSyncIssues {
			p = placeBelowSyncIssues(name)
		}
		if p != "" {
			elements[i] = mark(p)
		}
		if parent = p; i == 1 {
			break
		}
	}
	return "/" + strings.Join(elements, "/")
}

// comparison is the work of one Compare.
type comparison struct {
	server, offline []entry
	result          []Difference
}

// match joins what is not joined yet and has the same key. Folders of the same key on one side, as exports of several scopes
// have, are taken in the order of their counts.
func (c *comparison) match(how Match, key func(entry) string) {
	free := map[string][]int{}
	for i, e := range c.offline {
		if !e.matched {
			free[key(e)] = append(free[key(e)], i)
		}
	}
	for i := range c.server {
		e := &c.server[i]
		candidates := free[key(*e)]
		if e.matched || len(candidates) == 0 {
			continue
		}
		o := &c.offline[candidates[0]]
		free[key(*e)] = candidates[1:]
		e.matched, o.matched = true, true
		c.result = append(c.result, newDifference(e.folder, o.folder, how, *e))
	}
}

// newDifference compares one folder.
func newDifference(server, offline *Folder, how Match, e entry) Difference {
	d := Difference{Server: server, Offline: offline, Match: how, inbox: e.typed == "/"+mark(placeInbox)}
	d.Unsynced = unsynced(e.typed, e.folder.Type)
	switch {
	case offline == nil:
		d.State = ServerOnly
	case server == nil:
		d.State = OfflineOnly
	case server.Items == offline.Items:
		d.State = Equal
	case server.Visible != nil && server.seen() == offline.seen():
		d.State, d.Hidden = Equal, true
	default:
		d.State = Differs
	}
	return d
}
