package indexing

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/internal/source"
	"oxtail/parser"
)

// LiveOptions are the choices of OpenLive.
type LiveOptions struct {
	Formats []parser.Format
	Rules   *detectors.Rules // may be nil: records are not tagged
	Jobs    int              // blocks packed at the same time; 0: one for each core
}

// A Generation is one content of a followed file: what stands between two truncations.
type Generation struct {
	Key      string    // names the content for ever, such as tail.Piece.Key; never empty
	Path     string    // under which the file was met
	Format   string    // name of its format, "" for none
	Encoding string    // as parser.Reader.Encoding says
	ModTime  time.Time // last change of the file, zero if unknown
}

// A Live takes records into an index while their files are followed. It is the one
// writer of the index from OpenLive to Close; readers are never in its way, nor it in
// theirs.
//
// The use is: Add every record, in the order in which they come; Commit before the
// checkpoint of the one who follows is saved; Close. After Commit the records are on
// disk and found by searches. A crash loses what was added since the last Commit, and
// no more.
//
// A record is known by the Key of its generation and its offset. So it may be added
// again, after a crash for instance: repeats vanish, and a record that has become longer
// (its line was not complete before) takes the place of the shorter one. What
// "oxtail index add" has of a file is continued, and the other way round: neither makes
// a record appear twice.
//
// It is not safe for concurrent use.
type Live struct {
	w      *index.Writer
	opts   LiveOptions
	files  map[string]*liveFile // by Key
	fields map[string]bool
	held   int   // bytes of records since the last Commit
	added  int64 // records
	again  int64 // repeats that vanished
}

// heldBytes is how much text may wait in memory for a Commit; beyond it Add commits.
const heldBytes = 64 << 20

// A liveFile is a generation that has records.
type liveFile struct {
	sw      *index.SourceWriter
	covered []index.Range // sorted, not touching
	head    []byte        // first bytes, as far as they came without a gap
	tail    []byte        // last bytes, the same
	fresh   bool          // there are records since the last Commit
}

// OpenLive makes this process the writer of the index in a folder, and makes one if
// there is none. The error is an *index.LockedError when another process writes to it,
// an *index.VersionError when it is of another version.
func OpenLive(dir string, opts LiveOptions) (*Live, error) {
	t := newTagger(opts.Rules)
	w, err := index.NewWriter(dir, index.WriterOptions{Jobs: opts.Jobs, Tag: t.tag})
	if err != nil {
		return nil, err
	}
	return &Live{w: w, opts: opts, files: make(map[string]*liveFile), fields: make(map[string]bool)}, nil
}

// Add takes the next record of a generation. The record is the Live's from now on.
func (l *Live) Add(g Generation, r *parser.Record) error {
	f := l.files[g.Key]
	if f == nil {
		var err error
		if f, err = l.open(g); err != nil {
			return err
		}
		l.files[g.Key] = f
	}
	if f.has(r) {
		l.again++
		return nil
	}
	if f.touches(r) {
		if err := l.displace(f, r); err != nil {
			return err
		}
	}
	for i := range r.Fields {
		l.fields[r.Fields[i].Name] = true
	}
	f.take(r)
	l.added++
	if l.held += len(r.Raw); l.held > heldBytes {
		if err := f.sw.Add(r); err != nil {
			return err
		}
		return l.Commit()
	}
	return f.sw.Add(r)
}

// displace takes what the index has in place of a record out of it.
func (l *Live) displace(f *liveFile, r *parser.Record) error {
	if err := l.Commit(); err != nil {
		return err
	}
	f.uncover(r.Offset, r.End())
	return f.sw.Displace(index.Range{From: r.Offset, To: r.End()}, Lookup(l.opts.Formats))
}

// open finds the source of a generation, or begins one.
func (l *Live) open(g Generation) (*liveFile, error) {
	if g.Key == "" {
		panic("BUG: a generation without a key")
	}
	sw, covered, err := l.w.Continue(func(s index.Source) bool { return s.Key == g.Key })
	if sw == nil && err == nil {
		if old, ok := l.isThere(g.Path); ok {
			sw, covered, err = l.w.Continue(func(s index.Source) bool { return s.ID == old.ID })
		}
	}
	if err != nil {
		return nil, fmt.Errorf("continue %s in the index: %w", g.Path, err)
	}
	if sw == nil {
		return &liveFile{sw: l.w.BeginGeneration(index.Source{
			Path: g.Path, Base: g.Path, Key: g.Key, Format: g.Format, Encoding: g.Encoding, ModTime: g.ModTime,
			Decoded: l.decoded(g),
		})}, nil
	}
	s := sw.Source()
	if s.Key = g.Key; s.Format != g.Format {
		s.Decoded = true // a part of it was read with another format
	}
	return &liveFile{sw: sw, covered: joined(covered)}, nil
}

// decoded reports whether records cannot be made of their bytes again.
func (l *Live) decoded(g Generation) bool {
	f := Lookup(l.opts.Formats)(g.Format)
	return !isRaw(f) || f == nil && g.Format != "" || g.Encoding == "rtf" || strings.HasPrefix(g.Encoding, "utf-16")
}

// isThere returns the source that another way of reading made of the file at a path, if
// the file still begins with what the index has of it.
func (l *Live) isThere(path string) (index.Source, bool) {
	old, ok := l.w.Lookup(path)
	if !ok {
		old, ok = spelled(l.w, path)
	}
	if !ok || old.Key != "" || old.HeadLen == 0 {
		return index.Source{}, false
	}
	same := false
	// A file that cannot be read is another one: its records may then be there twice,
	// but none is lost.
	_, _ = source.Walk(context.Background(), []string{path}, source.Options{}, func(st *source.Stream) error {
		same = same || st.Path == path && begins(st, old)
		return nil
	})
	return old, same
}

// Commit brings all records so far to the disk and makes them part of the index.
func (l *Live) Commit() error {
	for _, f := range l.files {
		if f.fresh {
			if err := f.sw.Flush(); err != nil {
				return err
			}
			f.note(l.w)
			f.fresh = false
		}
	}
	l.held = 0
	l.w.NoteFields(sortedNames(l.fields))
	if err := l.w.Commit(); err != nil {
		return err
	}
	return l.w.Tidy(context.Background(), Lookup(l.opts.Formats))
}

// Forget tells that nothing follows in a generation, to free memory. Its records stay.
func (l *Live) Forget(key string) error {
	f := l.files[key]
	if f == nil {
		return nil
	}
	if f.fresh {
		if err := l.Commit(); err != nil {
			return err
		}
	}
	delete(l.files, key)
	return nil
}

// Counts returns how many records were added since OpenLive, and how many were left out
// since the index had them.
func (l *Live) Counts() (added, repeated int64) { return l.added, l.again }

// Close commits and lets other processes write.
func (l *Live) Close() error {
	err := l.Commit()
	if e := l.w.Close(); err == nil {
		err = e
	}
	return err
}

// has reports whether all of a record is in the index.
func (f *liveFile) has(r *parser.Record) bool {
	return slices.ContainsFunc(f.covered, func(c index.Range) bool { return c.From <= r.Offset && r.End() <= c.To })
}

// touches reports whether a part of a record is in the index.
func (f *liveFile) touches(r *parser.Record) bool {
	return slices.ContainsFunc(f.covered, func(c index.Range) bool { return c.From < r.End() && r.Offset < c.To })
}

// uncover forgets what is known of a part of the file.
func (f *liveFile) uncover(from, to int64) {
	var out []index.Range
	for _, c := range f.covered {
		if c.To <= from || c.From >= to {
			out = append(out, c)
			continue
		}
		f.tail = f.tail[:max(0, int64(len(f.tail))-(c.To-from))]
		if c.From < from {
			out = append(out, index.Range{From: c.From, To: from})
		}
		if c.To > to {
			out = append(out, index.Range{From: to, To: c.To})
		}
	}
	f.covered = out
	f.head = f.head[:min(int64(len(f.head)), from)]
}

// take notes a record that is new.
func (f *liveFile) take(r *parser.Record) {
	f.fresh = true
	s := f.sw.Source()
	end := int64(0)
	if n := len(f.covered); n > 0 {
		end = f.covered[n-1].To
	}
	if r.Offset != end {
		s.Whole = true // there is a gap: oxtail index add reads the file anew
	}
	if r.Offset == 0 || r.Offset == end && len(f.head) > 0 && len(f.head) < markBytes {
		f.head = append(f.head, r.Raw[:min(len(r.Raw), markBytes-len(f.head))]...)
	}
	if r.Offset != end {
		f.tail = nil
	}
	f.tail = append(f.tail, r.Raw...)
	f.tail = f.tail[max(0, len(f.tail)-markBytes):]
	f.covered = joined(append(f.covered, index.Range{From: r.Offset, To: r.End()}))
	if r.Basis == parser.DayInferred {
		s.Whole = true
	}
	if r.Basis > parser.TimeInherited {
		s.First, s.Last = earlier(s.First, r.Time), later(s.Last, r.Time)
	}
}

// note makes the source known as it stands on the disk after the commit.
func (f *liveFile) note(w *index.Writer) {
	s := f.sw.Source()
	if s.HeadLen < markBytes && len(f.head) > 0 {
		s.HeadLen, s.HeadSum = len(f.head), crc32.ChecksumIEEE(f.head)
	}
	s.TailLen, s.TailSum = len(f.tail), crc32.ChecksumIEEE(f.tail)
	if s.ID == "" {
		w.Name(s, sourceID(f.head))
	}
	s.Complete = true // as far as it was followed
	s.BaseSize, s.BaseTime = s.Done, time.Time{}
}

// joined sorts ranges and joins those that touch.
func joined(list []index.Range) []index.Range {
	if n := len(list); n > 1 && list[n-2].To == list[n-1].From { // nearly always
		list[n-2].To = list[n-1].To
		return list[:n-1]
	}
	slices.SortFunc(list, func(a, b index.Range) int { return int(min(1, max(-1, a.From-b.From))) })
	out := list[:0]
	for _, r := range list {
		if n := len(out); n > 0 && r.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return out
}
