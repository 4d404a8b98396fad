package doctor

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/internal/caches"
	"oxtail/internal/evidence"
	"oxtail/internal/pipeline"
	"oxtail/internal/source"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// A Fault is evidence that was not, or not fully, read.
type Fault struct {
	Path string
	Text string // names the file and the remedy
}

// Options are the choices of a Gatherer.
type Options struct {
	// Servers says to search the logs for versions of Exchange servers, which costs a
	// second reading of their beginnings.
	Servers bool
}

// A Gatherer collects facts. It is not safe for concurrent use.
type Gatherer struct {
	opts      Options
	facts     Facts
	treeBytes int64
	logsBytes int64
	programs  int
	reports   map[string]bool // paths of texts that are no logs
	heads     int             // texts that were looked at without a name that speaks for them
	faults    []Fault
	more      int
}

// New returns an empty Gatherer.
func New(opts Options) *Gatherer {
	return &Gatherer{opts: opts, facts: Facts{files: newFileIndex()}, reports: map[string]bool{}}
}

// fault notes what could not be read.
func (g *Gatherer) fault(path, format string, args ...any) {
	if len(g.faults) >= maxFaults {
		g.more++
		return
	}
	g.faults = append(g.faults, Fault{path, fmt.Sprintf(format, args...)})
}

// Tree takes a registry tree that package evidence has read.
func (g *Gatherer) Tree(t evidence.Tree) {
	if g.treeBytes += t.Bytes; g.treeBytes > maxTreeBytes || len(g.facts.registry.mounts) >= maxTrees {
		g.treeBytes -= t.Bytes
		g.fault(t.Path, "%s: more registry files than the checks keep in memory (%d MiB); give those of one computer", t.Path, maxTreeBytes>>20)
		return
	}
	if err := g.facts.registry.addTree(t.Path, t.Root, t.Hive, t.Damaged); err != nil {
		g.fault(t.Path, "read %s: %v", t.Path, err)
	}
}

// LiveRegistry takes the registry of the running computer: a tree whose subkeys are the
// predefined keys.
func (g *Gatherer) LiveRegistry(name string, root profile.Key) error {
	hives, err := root.Subkeys()
	for _, hive := range hives {
		g.facts.registry.addHive(name, hive, true)
	}
	g.facts.live = true
	return err
}

// Add looks at a stream of a walk and takes what tells about the computer. A stream that
// opens once can be read by others afterwards.
func (g *Gatherer) Add(st *source.Stream) error {
	switch {
	case st.Kind == source.KindOther && st.What == "Windows program":
		g.addProgram(st)
	case st.Kind == source.KindOther && winpath.Ext(st.Path) == ".json":
		g.addText(st)
	case st.Kind == source.KindLog && g.wants(st):
		g.addText(st)
	}
	return nil
}

// wants reports whether a text is to be opened here, before it is read as a log. A
// stream that opens once is kept in memory then, so its name must speak for it; and so
// it must when only the logs are of interest, or when there are very many of them.
func (g *Gatherer) wants(st *source.Stream) bool {
	if wantedName(st.Path) {
		return true
	}
	if g.heads++; st.Once || g.heads > maxHeads {
		return false
	}
	return g.opts.Servers || winpath.Ext(st.Path) != ".log"
}

// wantedName tells by the name whether a text may be a report or a list.
func wantedName(path string) bool {
	base := winpath.Base(path)
	switch winpath.Ext(path) {
	case ".json", ".csv", ".inf", ".xml", ".config", ".nfo":
		return true
	}
	for _, word := range []string{"systeminfo", "msinfo", "installed", "products", "programs", "filelist", "dir"} {
		if strings.Contains(strings.ToLower(base), word) {
			return true
		}
	}
	return false
}

// addText looks at the head of a text, and reads it if it is a report or list.
func (g *Gatherer) addText(st *source.Stream) {
	if st.Once {
		g.keep(st)
	}
	in, err := st.Open()
	if err != nil {
		return // whoever reads it as a log tells
	}
	defer in.Close() // read only: nothing is lost when closing fails
	head := make([]byte, headBytes)
	n, _ := io.ReadFull(in, head) // an early end, or what comes before a fault
	head = head[:n]
	take := g.readerOf(st.Path, head)
	if take == nil && st.Kind != source.KindLog {
		return
	}
	if take == nil {
		if g.opts.Servers {
			g.lookForServers(st, head, in)
		}
		return
	}
	g.reports[st.Path] = true
	data, err := io.ReadAll(io.LimitReader(io.MultiReader(bytes.NewReader(head), in), maxTextBytes+1))
	switch {
	case len(data) > maxTextBytes:
		g.fault(st.Path, "%s: larger than %d MiB; split the list", st.Path, maxTextBytes>>20)
		return
	case err != nil:
		g.fault(st.Path, "read %s: %v", st.Path, err)
	}
	if err := take(st.Path, data); err != nil {
		g.fault(st.Path, "%s: %v", st.Path, err)
	}
}

// keep holds the bytes of a stream that opens once, so that it opens again.
func (g *Gatherer) keep(st *source.Stream) {
	in, err := st.Open()
	if err != nil {
		st.Open = func() (io.ReadCloser, error) { return nil, err }
		return
	}
	data, err := io.ReadAll(io.LimitReader(in, maxTextBytes))
	rest := io.Reader(in)
	if err != nil {
		rest = failing{err}
	}
	opened := false
	st.Open = func() (io.ReadCloser, error) {
		if opened && len(data) == maxTextBytes {
			return io.NopCloser(bytes.NewReader(data)), nil
		}
		opened = len(data) == maxTextBytes
		return io.NopCloser(io.MultiReader(bytes.NewReader(data), rest)), nil
	}
}

// failing is a reader that ends with an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Scanned takes what package evidence and the scan of the logs found.
type Scanned struct {
	Inventory *actions.Inventory
	Caches    []caches.Cache
	Result    *pipeline.Result // nil when no logs were read
}

// Finish returns the facts, and what was not read. Nothing may be added afterwards.
func (g *Gatherer) Finish(s Scanned) (*Facts, []Fault) {
	f := &g.facts
	f.registry.settle()
	f.inventory, f.caches = s.Inventory, s.Caches
	if f.inventory == nil {
		f.inventory = &actions.Inventory{}
	}
	f.addCacheFiles()
	if s.Result != nil {
		f.findings = s.Result.Findings
		for i := range s.Result.Sources {
			g.countLog(&s.Result.Sources[i])
		}
	}
	if g.more > 0 {
		g.faults = append(g.faults, Fault{"", fmt.Sprintf("and %d more that could not be read", g.more)})
	}
	return f, g.faults
}

// countLog counts a source that is a log, and not just any text: it has a known format,
// times, or the name of one.
func (g *Gatherer) countLog(s *pipeline.Source) {
	f := &g.facts
	if s.Records == 0 || g.reports[s.Path] || s.Format == "" && s.First.IsZero() && winpath.Ext(s.Path) != ".log" {
		return
	}
	f.logs++
	format := s.Format
	if s.Kind == source.KindEvtx {
		format = "windows_event_log"
	}
	if !slices.Contains(f.formats, format) {
		f.formats = append(f.formats, format)
	}
}
