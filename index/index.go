package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"oxtail/parser"
)

// Options of Open.
type Options struct {
	Formats func(name string) parser.Format // the format with a name, nil if there is none
	Jobs    int                             // blocks read at the same time; 0: one for each core
}

// An Index is open for reading. It shows the state of the moment in which it was
// opened, whatever is written meanwhile. It may be used from several goroutines.
type Index struct {
	dir     string
	opts    Options
	zip     *zipper
	cat     *catalogue
	opened  fs.FileInfo // of the catalogue
	scopes  []*scope
	blocks  [][]ref // of each source, in order
	cache   *cache
	labels  map[ref]map[int][]parser.Field // of records, by block; see SetLabels
	mu      sync.Mutex
	losses  []Loss
	knownTo map[string]bool // losses that are in the list
}

// A Loss is a part of the index that cannot be read.
type Loss struct {
	Place  string // file, and block
	Source string // path of the source whose records are missing, empty if all remain searchable
	Err    error
}

// A scope is a segment with the sources of its blocks.
type scope struct {
	seg    *segment // nil if it is damaged
	name   string
	owners []int // index of the source of each block, -1 if it is used no more
}

// A ref is a block of a source.
type ref struct {
	source int
	nth    int // of the source
	scope  *scope
	block  int // of the segment
}

func (r ref) row() *entry { return &r.scope.seg.table[r.block] }

// Open opens an index for reading.
func Open(dir string, opts Options) (*Index, error) {
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.GOMAXPROCS(0)
	}
	z, err := newZipper(opts.Jobs)
	if err != nil {
		return nil, err
	}
	const tries = 5 // a writer may replace segments between the catalogue and the opening of them
	for try := range tries {
		x := &Index{dir: dir, opts: opts, zip: z, cache: newCache(), knownTo: make(map[string]bool)}
		x.opened, _ = os.Stat(filepath.Join(dir, catalogueName)) // reading tells why there is none
		if x.cat, err = readCatalogue(dir); err != nil {
			return nil, err
		}
		gone := x.openSegments()
		if !gone || try == tries-1 {
			x.arrange()
			return x, nil
		}
		x.Close()
		time.Sleep(10 * time.Millisecond)
	}
	panic("BUG: no try")
}

// openSegments opens all segments and reports whether one is missing.
func (x *Index) openSegments() bool {
	gone := false
	for _, p := range x.cat.Segments {
		seg, err := openSegment(filepath.Join(x.dir, p.Name), x.zip)
		gone = gone || errors.Is(err, fs.ErrNotExist) || isBusy(err)
		sc := &scope{seg: seg, name: p.Name}
		if err != nil {
			sc.seg = nil
			x.lose(Loss{Place: p.Name, Err: err})
		} else {
			sc.owners = make([]int, len(seg.table))
			for i := range sc.owners {
				sc.owners[i] = -1
			}
		}
		x.scopes = append(x.scopes, sc)
	}
	return gone
}

// arrange finds the blocks of each source.
func (x *Index) arrange() {
	byName := make(map[string]*scope)
	for _, sc := range x.scopes {
		byName[sc.name] = sc
	}
	x.blocks = make([][]ref, len(x.cat.Sources))
	for i, s := range x.cat.Sources {
		for _, e := range s.Extents {
			sc := byName[e.Segment]
			if sc == nil || sc.seg == nil || e.From < 0 || e.From+e.Blocks > len(sc.owners) {
				x.lose(Loss{Place: e.Segment, Source: s.Path, Err: errDamaged})
				continue
			}
			for b := e.From; b < e.From+e.Blocks; b++ {
				sc.owners[b] = i
				x.blocks[i] = append(x.blocks[i], ref{i, len(x.blocks[i]), sc, b})
			}
		}
	}
}

func (x *Index) lose(l Loss) {
	x.mu.Lock()
	defer x.mu.Unlock()
	key := l.Place + "\x00" + l.Source
	if !x.knownTo[key] {
		x.knownTo[key] = true
		x.losses = append(x.losses, l)
	}
}

// Losses returns what could not be read so far.
func (x *Index) Losses() []Loss {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]Loss(nil), x.losses...)
}

// Close closes the files.
func (x *Index) Close() {
	for _, sc := range x.scopes {
		if sc.seg != nil {
			_ = sc.seg.close() // opened for reading only
		}
	}
}

// Dir returns the folder of the index.
func (x *Index) Dir() string { return x.dir }

// Sources returns the sources of the index, in the order in which they were added.
func (x *Index) Sources() []Source {
	var out []Source
	for _, s := range x.cat.Sources {
		out = append(out, *s)
	}
	return out
}

// Fields returns the names of fields that the formats of the sources gave.
func (x *Index) Fields() []string { return x.cat.Fields }

// Current reports whether nothing was committed to the index since it was opened.
func (x *Index) Current() bool {
	now, err := os.Stat(filepath.Join(x.dir, catalogueName))
	return err == nil && x.opened != nil && os.SameFile(now, x.opened) && now.ModTime().Equal(x.opened.ModTime()) && now.Size() == x.opened.Size()
}

// Is reports whether a folder holds an index, of any version.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, catalogueName))
	return err == nil
}

// Info sums an index up.
type Info struct {
	Dir      string
	Version  int
	Sources  int
	Records  int64
	Text     int64 // bytes of the records, not compressed
	Disk     int64 // bytes of all files
	Segments int
	Blocks   int
	Dead     int // blocks that no source uses any more; compacting removes them
}

// Info returns the sums.
func (x *Index) Info() Info {
	out := Info{Dir: x.dir, Version: x.cat.Version, Sources: len(x.cat.Sources), Segments: len(x.cat.Segments)}
	for _, s := range x.cat.Sources {
		out.Records += s.Records
	}
	for _, sc := range x.scopes {
		for b, owner := range sc.owners {
			out.Blocks++
			if owner < 0 {
				out.Dead++
				continue
			}
			out.Text += int64(sc.seg.table[b].textSize)
		}
	}
	out.Disk = diskUse(x.dir)
	return out
}

// diskUse adds up the files below a folder; what vanishes meanwhile does not count.
func diskUse(dir string) int64 {
	total := int64(0)
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}

// A Link is a permanent name of a record: oxtail:SOURCE-ID@OFFSET.
type Link struct {
	ID     string
	Offset int64 // bytes from the start of the source
}

// LinkScheme begins a link.
const LinkScheme = "oxtail:"

// String returns the link as it is written.
func (l Link) String() string { return fmt.Sprintf("%s%s@%d", LinkScheme, l.ID, l.Offset) }

// ParseLink reads a link.
func ParseLink(s string) (Link, error) {
	rest, ok := strings.CutPrefix(s, LinkScheme)
	id, offset, cut := strings.Cut(rest, "@")
	var l Link
	if n, err := fmt.Sscanf(offset, "%d", &l.Offset); !ok || !cut || id == "" || n != 1 || err != nil || l.Offset < 0 || fmt.Sprint(l.Offset) != offset {
		return Link{}, fmt.Errorf("unexpected link %q; want %sSOURCE-ID@OFFSET", s, LinkScheme)
	}
	l.ID = id
	return l, nil
}

// Resolve returns the record that a link names: the one that holds its offset.
func (x *Index) Resolve(l Link) (Hit, error) {
	for i, s := range x.cat.Sources {
		if s.ID != l.ID {
			continue
		}
		for _, r := range x.blocks[i] {
			row := r.row()
			if l.Offset < row.offset || l.Offset >= row.offset+max(row.size, 1) {
				continue
			}
			b, err := x.load(r)
			if err != nil {
				return Hit{}, err
			}
			return x.hit(r, b.indexOf(l.Offset), b), nil
		}
		return Hit{}, fmt.Errorf("%s has no record at byte %d: %d bytes of it are indexed", s.Path, l.Offset, s.Done)
	}
	return Hit{}, fmt.Errorf("the index has no source %q", l.ID)
}
