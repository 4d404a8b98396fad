package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// segmentBytes is the text from which a segment is complete and committed: what an
// interrupted run loses at most.
const segmentBytes = 256 << 20

// WriterOptions are the choices of a Writer.
type WriterOptions struct {
	Jobs int    // blocks packed at the same time; 0: one for each core
	Tag  Tagger // may be nil

	segmentBytes int64 // for tests; 0: the constant of that name
	blockBytes   int   // the same
	plainBytes   int64 // the same
	create       func(name string) (newFile, error)
}

// A newFile is one that is being written.
type newFile interface {
	io.WriteCloser
	Sync() error
}

// A Writer adds to an index. There is at most one for an index at a time. It is not
// safe for concurrent use.
type Writer struct {
	dir     string
	opts    WriterOptions
	held    *writerLock
	zip     *zipper
	cat     *catalogue
	seg     *segmentWriter // nil until a block is written
	pending []pending      // blocks that are being packed, in order
	dirty   bool           // the catalogue differs from the one on disk
	broken  error          // the first error in writing: nothing is committed after it
}

// A pending block will be part of a source.
type pending struct {
	source *Source
	done   chan *packed
}

// NewWriter opens an index for writing, and makes one if there is none.
func NewWriter(dir string, opts WriterOptions) (*Writer, error) {
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.GOMAXPROCS(0)
	}
	if opts.create == nil {
		opts.create = func(name string) (newFile, error) { return os.Create(name) }
	}
	if opts.blockBytes == 0 {
		opts.blockBytes = blockBytes
	}
	if opts.segmentBytes == 0 {
		opts.segmentBytes = segmentBytes
	}
	if opts.plainBytes == 0 {
		opts.plainBytes = plainBytes
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	if err := onlyOurs(dir); err != nil {
		return nil, err
	}
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, opts: opts, held: held}
	if err := w.open(); err != nil {
		_ = held.Close() // the error that matters is the one before
		return nil, err
	}
	return w, nil
}

func (w *Writer) open() error {
	var err error
	if w.zip, err = newZipper(w.opts.Jobs); err != nil {
		return err
	}
	var missing *MissingError
	if w.cat, err = readCatalogue(w.dir); errors.As(err, &missing) {
		w.cat, err = &catalogue{Version: Version, Next: 1}, nil
		w.dirty = true
	}
	if err != nil {
		return err
	}
	return w.sweep()
}

// onlyOurs protects folders of other things from becoming an index.
func onlyOurs(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("make index: %w", err)
	}
	for _, f := range list {
		if f.Name() == catalogueName {
			return nil
		}
	}
	for _, f := range list {
		if !isOurs(f.Name()) {
			return fmt.Errorf("make index in %s: the folder holds other things, such as %s; give an empty or a new folder", dir, f.Name())
		}
	}
	return nil
}

// isOurs reports whether a name in the folder is one that an index has.
func isOurs(name string) bool {
	return strings.HasPrefix(name, "segment-") || strings.HasPrefix(name, "scorch-offline-build") ||
		strings.HasPrefix(name, catalogueName) || strings.HasPrefix(name, lockName) || name == SavedName || name == EvidenceName
}

// Files of the caller's in the folder.
const (
	SavedName    = "searches.json" // saved searches
	EvidenceName = "evidence.json" // what stands beside the logs
)

// Attach writes a file of the caller's, whole or not at all. One that is the same already
// is left alone.
func (w *Writer) Attach(name string, data []byte) error {
	if old, err := os.ReadFile(w.path(name)); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := writeSynced(w.opts.create, w.path(name+".new"), data); err != nil {
		return err
	}
	if err := replace(w.path(name+".new"), w.path(name)); err != nil {
		return fmt.Errorf("write %s: %w", w.path(name), err)
	}
	return nil
}

// sweep removes what an interrupted run left and what compacting replaced. What
// cannot be removed, since a reader has it open on Windows, stays for the next time.
func (w *Writer) sweep() error {
	list, err := os.ReadDir(w.dir)
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	var missing *MissingError
	cat, err := readCatalogue(w.dir) // the one at hand may never have come to the disk
	if errors.As(err, &missing) {
		cat, err = &catalogue{}, nil
	}
	if err != nil {
		return err
	}
	for _, f := range list {
		name := f.Name()
		stale := strings.HasPrefix(name, "segment-") && !slices.ContainsFunc(cat.Segments, func(p part) bool {
			return name == p.Name || name == wordsName(p.Name)
		})
		if stale || strings.HasPrefix(name, "scorch-offline-build") || name == catalogueName+".new" || name == EvidenceName+".new" {
			_ = os.RemoveAll(filepath.Join(w.dir, name)) // see above
		}
	}
	return nil
}

func (w *Writer) path(name string) string { return filepath.Join(w.dir, name) }

func wordsName(segment string) string { return strings.TrimSuffix(segment, ".dat") + ".words" }

// Sources returns the sources of the index.
func (w *Writer) Sources() []Source {
	var out []Source
	for _, s := range w.cat.Sources {
		out = append(out, *s)
	}
	return out
}

// Lookup returns the source with a path.
func (w *Writer) Lookup(path string) (Source, bool) {
	s := w.cat.source(path)
	if s == nil {
		return Source{}, false
	}
	return *s, true
}

// Update replaces what is known of a source beside its records.
func (w *Writer) Update(s Source) {
	if old := w.cat.source(s.Path); old != nil {
		s.Extents = old.Extents
		*old = s
		w.dirty = true
	}
}

// Remove takes a source and its records out of the index.
func (w *Writer) Remove(path string) {
	w.cat.Sources = slices.DeleteFunc(w.cat.Sources, func(s *Source) bool { return s.Path == path && !s.Past })
	w.dirty = true
}

// RemoveID takes the source with an ID out of the index.
func (w *Writer) RemoveID(id string) {
	w.cat.Sources = slices.DeleteFunc(w.cat.Sources, func(s *Source) bool { return s.ID == id })
	w.dirty = true
}

// NoteFields makes names of fields known to queries.
func (w *Writer) NoteFields(names []string) {
	all := slices.Concat(w.cat.Fields, names)
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) != len(w.cat.Fields) {
		w.cat.Fields, w.dirty = all, true
	}
}

// submit has a block packed and queues it.
func (w *Writer) submit(s *Source, pack func() *packed) error {
	p := pending{s, make(chan *packed, 1)}
	w.pending = append(w.pending, p)
	go func() { p.done <- pack() }()
	for len(w.pending) > 2*w.opts.Jobs {
		if err := w.writeNext(); err != nil {
			return err
		}
	}
	return nil
}

// writeNext writes the oldest pending block.
func (w *Writer) writeNext() error {
	p := w.pending[0]
	w.pending = w.pending[1:]
	block := <-p.done
	if w.broken != nil {
		return w.broken
	}
	if err := w.write(p.source, block); err != nil {
		w.broken = err
		return err
	}
	return nil
}

func (w *Writer) write(s *Source, block *packed) error {
	if block.err != nil {
		return block.err
	}
	if err := w.segment(); err != nil {
		return err
	}
	n, err := w.seg.add(block)
	if err != nil {
		return err
	}
	s.extend(filepath.Base(w.seg.name), n)
	w.dirty = true
	return nil
}

func (s *Source) extend(segment string, block int) {
	if n := len(s.Extents); n > 0 && s.Extents[n-1].Segment == segment && s.Extents[n-1].From+s.Extents[n-1].Blocks == block {
		s.Extents[n-1].Blocks++
		return
	}
	s.Extents = append(s.Extents, Extent{segment, block, 1})
}

// segment makes sure that a segment is open for writing.
func (w *Writer) segment() error {
	if w.seg != nil {
		return nil
	}
	name := filepath.Join(w.dir, fmt.Sprintf("segment-%06d.dat", w.cat.Next))
	f, err := w.opts.create(name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	w.cat.Next++
	w.seg = &segmentWriter{name: name, file: f, sync: f.Sync, most: w.opts.plainBytes, builder: func() (*wordBuilder, error) {
		return newWordBuilder(filepath.Join(w.dir, wordsName(filepath.Base(name))))
	}}
	return w.seg.write([]byte(segmentMagic))
}

// drain writes all pending blocks.
func (w *Writer) drain() error {
	for len(w.pending) > 0 {
		if err := w.writeNext(); err != nil && len(w.pending) == 0 {
			return err
		}
	}
	return w.broken
}

// Commit brings everything that was added to the disk and makes it part of the index.
func (w *Writer) Commit() error {
	if err := w.drain(); err != nil {
		return err
	}
	if err := w.closeSegment(); err != nil {
		w.broken = err
		return err
	}
	if !w.dirty {
		return nil
	}
	w.dropUnused()
	if err := w.cat.save(w.dir, w.opts.create); err != nil {
		w.broken = err
		return err
	}
	w.dirty = false
	return nil
}

func (w *Writer) closeSegment() error {
	if w.seg == nil {
		return nil
	}
	s := w.seg
	if err := s.close(w.zip); err != nil {
		return err
	}
	w.seg = nil
	p := part{Name: filepath.Base(s.name), Size: s.at, Blocks: len(s.table), Raw: s.raw}
	if p.Plain = s.words == nil; !p.Plain {
		var err error
		if p.Words, err = sumTree(w.path(wordsName(p.Name))); err != nil {
			return fmt.Errorf("write %s: %w", wordsName(p.Name), err)
		}
	}
	for i := range s.table {
		p.Records += int64(s.table[i].records)
	}
	w.cat.Segments = append(w.cat.Segments, p)
	return nil
}

// dropUnused forgets segments of which no source has a block any more.
func (w *Writer) dropUnused() {
	used := make(map[string]bool)
	for _, s := range w.cat.Sources {
		for _, x := range s.Extents {
			used[x.Segment] = true
		}
	}
	w.cat.Segments = slices.DeleteFunc(w.cat.Segments, func(p part) bool { return !used[p.Name] })
}

// Full reports whether enough was added for a commit.
func (w *Writer) Full() bool { return w.seg != nil && w.seg.raw >= w.opts.segmentBytes }

// Close ends writing. What was not committed is forgotten.
func (w *Writer) Close() error {
	for len(w.pending) > 0 {
		<-w.pending[0].done
		w.pending = w.pending[1:]
	}
	if w.seg != nil {
		_ = w.seg.file.Close() // it is forgotten
		if w.seg.words != nil {
			_ = w.seg.words.builder.Close() // the same
		}
		w.seg = nil
	}
	err := w.sweep()
	if e := w.held.Close(); err == nil {
		err = e
	}
	return err
}

// Drop removes an index, but nothing else that may be in its folder.
func Drop(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &MissingError{dir}
	}
	if err != nil {
		return fmt.Errorf("drop index: %w", err)
	}
	if onlyOurs(dir) != nil || len(list) == 0 {
		return &MissingError{dir}
	}
	held, err := lock(dir)
	if err != nil {
		return err
	}
	// The catalogue goes first: without it the rest is nothing.
	err = os.Remove(filepath.Join(dir, catalogueName))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, f := range list {
		if err == nil && isOurs(f.Name()) && f.Name() != lockName {
			err = os.RemoveAll(filepath.Join(dir, f.Name()))
		}
	}
	_ = held.Close() // frees the lock
	if err != nil {
		return fmt.Errorf("drop index: %w", err)
	}
	_ = os.Remove(filepath.Join(dir, lockName))
	_ = os.Remove(dir) // stays if it holds other things
	return nil
}

// Intact reports whether all blocks of a source can be read back.
func (w *Writer) Intact(path string) bool {
	s := w.cat.source(path)
	if s == nil {
		return false
	}
	for _, x := range s.Extents {
		if !w.extentIntact(x) {
			return false
		}
	}
	return true
}

func (w *Writer) extentIntact(x Extent) bool {
	if w.seg != nil && x.Segment == filepath.Base(w.seg.name) {
		return true
	}
	seg, err := openSegment(w.path(x.Segment), w.zip)
	if err != nil {
		return false
	}
	defer seg.close()
	if x.From < 0 || x.From+x.Blocks > len(seg.table) {
		return false
	}
	for _, row := range seg.table[x.From : x.From+x.Blocks] {
		if _, err := seg.readPacked(row.at, row.textLen, row.textSum); err != nil {
			return false
		}
		if _, err := seg.readPacked(row.at+int64(row.textLen), row.colsLen, row.colsSum); err != nil {
			return false
		}
	}
	return true
}
