package evidence

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/internal/caches"
	"oxtail/internal/source"
	"oxtail/parser/hive"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// Options are the choices of a Gatherer. The zero value is good.
type Options struct {
	Mappings []profile.Mapping // of the user, for properties of providers
	Env      map[string]string // variables of the profiles' owner, by upper-case name
	// Tree, if set, is shown every registry tree that was read: that of a .reg file, or
	// of a hive. A damaged one has gaps.
	Tree func(Tree)
}

// A Tree is a registry tree and the file that it was read from.
type Tree struct {
	Path    string
	Root    profile.Key
	Bytes   int64 // of the file, all of which the tree may keep in memory
	Hive    bool  // one hive, whole; else an export, which covers what it lists
	Damaged bool  // something of it could not be read
}

// A Problem is evidence that could not be read, or not fully.
type Problem struct {
	Path string
	Text string
	Lost bool // something was not read; otherwise it is only told
}

// A Gatherer collects evidence. It is not safe for concurrent use.
type Gatherer struct {
	opts        Options
	inventories []sourced
	live        Live // zero unless a running computer is read
	waiting     []waitingHive
	hiveLogs    map[string][]hiveLog // path of the primary hive, in lower case → its logs
	places      actions.Places
	waitBytes   int64
	candidates  []caches.Candidate
	headsBytes  int64
	logs        []actions.Log
	heads       int // logs whose head was read
	problems    []Problem
	more        int // problems beyond MaxProblems
	found       []caches.Cache
}

// sourced is the inventory of one file.
type sourced struct {
	path string
	inv  *profile.Inventory
}

// waitingHive is a hive that was not written completely: its logs may come later.
type waitingHive struct {
	path string
	data []byte
}

type hiveLog struct {
	path string
	data []byte
}

// New returns an empty Gatherer.
func New(opts Options) *Gatherer {
	return &Gatherer{opts: opts, hiveLogs: map[string][]hiveLog{}, places: actions.Places{}}
}

// Add looks at a stream. Of a log it reads the head only, and never one that opens
// once, so that others can read it afterwards. The error is always nil: the signature is that of the
// visit function of source.Walk.
func (g *Gatherer) Add(st *source.Stream) error {
	switch st.Kind {
	case source.KindProfile:
		g.addReg(st)
	case source.KindHive:
		g.addHive(st)
	case source.KindStore:
		g.addCandidate(st)
	case source.KindLog, source.KindItem:
		g.logs = append(g.logs, actions.Log{Path: st.Path, Clues: g.logClues(st)})
		if caches.Wanted(st.Path) && !st.Once {
			g.addCandidate(st)
		}
	default:
		if caches.Wanted(st.Path) && !insideCache(st.Path) {
			g.addCandidate(st)
		}
	}
	return nil
}

// insideCache reports whether a stream is a member of a file that is named like a cache
// and turned out to be an archive, as databases of office programs are.
func insideCache(path string) bool {
	lower := strings.ToLower(path)
	return strings.Contains(lower, ".odb!/") || strings.Contains(lower, ".psz!/")
}

// problem notes what went wrong.
func (g *Gatherer) problem(path string, lost bool, format string, args ...any) {
	if len(g.problems) >= MaxProblems {
		g.more++
		return
	}
	g.problems = append(g.problems, Problem{path, fmt.Sprintf(format, args...), lost})
}

// readAll reads a registry file into memory.
func (g *Gatherer) readAll(st *source.Stream) ([]byte, bool) {
	in, err := st.Open()
	if err != nil {
		g.problem(st.Path, true, "read %s: %v", st.Path, err)
		return nil, false
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(in, MaxRegistryBytes+1))
	if err != nil {
		g.problem(st.Path, true, "read %s: %v", st.Path, err)
	}
	if len(data) > MaxRegistryBytes {
		g.problem(st.Path, true, "read %s: larger than %d MiB; export the key Software\\Microsoft alone", st.Path, MaxRegistryBytes>>20)
		return nil, false
	}
	return data, len(data) > 0
}

// addReg reads a registry export.
func (g *Gatherer) addReg(st *source.Stream) {
	before := len(g.problems) + g.more
	data, ok := g.readAll(st)
	if !ok {
		return
	}
	file, err := regfile.Parse(data)
	if err != nil {
		g.problem(st.Path, true, "read %s: %v", st.Path, err)
		return
	}
	if n := len(file.Problems) + file.MoreProblems; n > 0 {
		first := file.Problems[0]
		g.problem(st.Path, true, "%s: %d lines of the registry export could not be read, the first is line %d: %s", st.Path, n, first.Line, first.Detail)
	}
	g.show(Tree{st.Path, file.Root(), int64(len(data)), false, len(g.problems)+g.more > before})
	g.addTree(st.Path, file.Root())
}

// show gives a tree to whoever wants it.
func (g *Gatherer) show(t Tree) {
	if g.opts.Tree != nil {
		g.opts.Tree(t)
	}
}

// addTree takes the inventory of a registry tree.
func (g *Gatherer) addTree(path string, root profile.Key) {
	inv, err := profile.Read(root, profile.Options{Source: path, Mappings: g.opts.Mappings, Env: g.opts.Env})
	if err != nil {
		g.problem(path, true, "%s: %v", path, err)
		return
	}
	g.inventories = append(g.inventories, sourced{path, inv})
	g.locate(path, root, inv)
}

// addHive reads a hive, or keeps it when it waits for its logs.
func (g *Gatherer) addHive(st *source.Stream) {
	data, ok := g.readAll(st)
	if !ok {
		return
	}
	if hive.IsLog(data) {
		g.addHiveLog(st.Path, data)
		return
	}
	h, err := hive.Open(data)
	if err == nil && !h.Dirty {
		g.takeHive(st.Path, int64(len(data)), h)
		return
	}
	if !g.mayWait(st.Path, data) {
		g.finishHive(waitingHive{st.Path, data}, nil)
		return
	}
	g.waiting = append(g.waiting, waitingHive{st.Path, data})
}

// mayWait reports whether there is room to keep the bytes until the end.
func (g *Gatherer) mayWait(path string, data []byte) bool {
	if g.waitBytes+int64(len(data)) > maxWaitingBytes {
		g.problem(path, true, "%s: too many unfinished hives to wait for their logs; give it alone with its .LOG1 and .LOG2", path)
		return false
	}
	g.waitBytes += int64(len(data))
	return true
}

// addHiveLog keeps a transaction log under the name of its hive.
func (g *Gatherer) addHiveLog(path string, data []byte) {
	base := strings.ToLower(path)
	for _, end := range []string{".log1", ".log2", ".log"} {
		if primary, is := strings.CutSuffix(base, end); is && g.mayWait(path, data) {
			g.hiveLogs[primary] = append(g.hiveLogs[primary], hiveLog{path, data})
			return
		}
	}
}

// finishHive reads a hive that was not written completely, with the logs there are.
func (g *Gatherer) finishHive(w waitingHive, logs []hiveLog) {
	slices.SortFunc(logs, func(a, b hiveLog) int { return cmp.Compare(a.path, b.path) })
	var data [][]byte
	for _, l := range logs {
		data = append(data, l.data)
	}
	h, err := hive.Open(w.data, data...)
	if err != nil {
		g.problem(w.path, true, "read %s: %v", w.path, err)
		return
	}
	if h.Replayed.Entries > 0 {
		g.problem(w.path, false, "%s: %d entries of its transaction logs were applied in memory", w.path, h.Replayed.Entries)
	}
	g.takeHive(w.path, int64(len(w.data)), h)
}

// takeHive takes the inventory of an opened hive.
func (g *Gatherer) takeHive(path string, size int64, h *hive.Hive) {
	switch n := len(h.Problems) + h.MoreProblems; n {
	case 0:
	case 1: // also that it was copied while in use, and its logs do not help
		g.problem(path, true, "%s: %s", path, h.Problems[0].Detail)
	default:
		g.problem(path, true, "%s: the hive is damaged in %d places, the first at offset %d: %s", path, n, h.Problems[0].Offset, h.Problems[0].Detail)
	}
	g.show(Tree{path, h.Root(), size, true, len(h.Problems)+h.MoreProblems > 0})
	g.addTree(path, h.Root())
}

// Finish returns the inventory of all that was added. Nothing may be added afterwards.
func (g *Gatherer) Finish() (*actions.Inventory, []Problem) {
	slices.SortFunc(g.waiting, func(a, b waitingHive) int { return cmp.Compare(a.path, b.path) })
	for _, w := range g.waiting {
		g.finishHive(w, g.hiveLogs[strings.ToLower(w.path)])
	}
	g.waiting, g.hiveLogs = nil, nil
	slices.SortStableFunc(g.inventories, func(a, b sourced) int { return cmp.Compare(a.path, b.path) })
	var all []*profile.Inventory
	for _, s := range g.inventories {
		all = append(all, s.inv)
	}
	merged := profile.Merge(all...)
	slices.SortStableFunc(g.logs, func(a, b actions.Log) int { return cmp.Compare(a.Path, b.Path) })
	out := &actions.Inventory{
		Profiles: merged.Profiles, Deleted: merged.Deleted, Corrupt: merged.Corrupt, Settings: merged.Settings, Problems: merged.Problems,
		Places: g.places,
		Logs:   slices.CompactFunc(g.logs, func(a, b actions.Log) bool { return a.Path == b.Path }),
	}
	g.matchCaches(out)
	if g.more > 0 {
		g.problems = append(g.problems, Problem{"", fmt.Sprintf("and %d more problems of profiles and cache files", g.more), true})
	}
	return out, g.problems
}

// Caches returns the cache files in the form of the oxtail.cache/v1 listing, after
// Finish.
func (g *Gatherer) Caches() []caches.Cache { return g.found }
