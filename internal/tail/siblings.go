package tail

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxSiblings is how many compressed siblings are given out at once: a year of daily
// rotations of some logs.
const maxSiblings = 1000

// Packed returns the compressed files that, by their names, rotations made of the files
// that the patterns name: a.log.2.gz of a.log. The oldest come first.
func (t *Tailer) Packed() []Coming {
	l := t.list()
	bases := t.bases(l)
	var out []Coming
	for _, dir := range bases.dirs() {
		entries, err := t.fsys.ReadDir(dir)
		if err != nil {
			continue // the poll tells it
		}
		for _, e := range entries {
			path := joinPath(dir, e.Name)
			if e.Dir || !compressedName(e.Name) || !bases.rotated(dir, strings.TrimSuffix(e.Name, filepath.Ext(e.Name))) || t.skips(path) {
				continue
			}
			if info, err := t.fsys.Stat(path); err == nil && info.Regular && len(out) < maxSiblings {
				out = append(out, Coming{path, info})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Coming) int {
		return cmp.Or(a.Info.ModTime.Compare(b.Info.ModTime), cmp.Compare(a.Path, b.Path))
	})
	return out
}

func (t *Tailer) skips(path string) bool { return t.opts.Skip != nil && t.opts.Skip(path) }

// bases are the names that logs have before a rotation: folder → names in lower case,
// with and without their extension → names.
type bases map[string]map[string][]string

// bases returns the names of all files that are followed or were.
func (t *Tailer) bases(l *listing) bases {
	b := bases{}
	for _, path := range l.order {
		b.add(path)
	}
	for _, f := range t.order {
		b.add(f.name)
	}
	return b
}

func (b bases) add(path string) {
	dir, name := dirOf(path), filepath.Base(path)
	if compressedName(name) {
		return
	}
	if b[dir] == nil {
		b[dir] = map[string][]string{}
	}
	lower := strings.ToLower(name)
	for _, key := range []string{lower, strings.TrimSuffix(lower, filepath.Ext(lower))} {
		if !slices.Contains(b[dir][key], name) && len(b[dir][key]) < maxSameStem {
			b[dir][key] = append(b[dir][key], name)
		}
	}
}

// maxSameStem is how many names that differ in their extension only are compared.
const maxSameStem = 20

func (b bases) dirs() []string {
	var out []string
	for dir := range b {
		out = append(out, dir)
	}
	slices.Sort(out)
	return out
}

// rotated reports whether name is one of the names, or what a rotation makes of one.
func (b bases) rotated(dir, name string) bool {
	lower := strings.ToLower(name)
	for i := len(lower); i > 0; i-- {
		if i < len(lower) && strings.IndexByte(".-_~ (", lower[i]) < 0 {
			continue
		}
		for _, base := range b[dir][lower[:i]] {
			if strings.EqualFold(base, name) || rotatedName(base, name) {
				return true
			}
		}
	}
	return false
}

// meetRotated begins, at the very first look, the files outside of the patterns that
// rotations made of those inside, oldest first.
func (t *Tailer) meetRotated(l *listing, now time.Time) {
	if !t.opts.Siblings || t.began || t.resumed || t.opts.Start == FromEnd {
		return
	}
	bases := t.bases(l)
	var found []sighting
	for _, dir := range bases.dirs() {
		entries, err := t.fsys.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			path := joinPath(dir, e.Name)
			if e.Dir || l.paths[path] || compressedName(e.Name) || t.skips(path) || !bases.rotated(dir, e.Name) {
				continue
			}
			if info, err := t.fsys.Stat(path); err == nil && info.Regular && len(found) < maxSiblings {
				found = append(found, sighting{path: path, info: info})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b sighting) int {
		return cmp.Or(a.info.ModTime.Compare(b.info.ModTime), cmp.Compare(a.path, b.path))
	})
	t.beginDeparted(found, now)
}

// beginDeparted begins files that stand outside of the patterns.
func (t *Tailer) beginDeparted(found []sighting, now time.Time) {
	for _, s := range found {
		if t.byID[s.info.ID] != nil {
			continue
		}
		t.begin(s, now)
		if f := t.byID[s.info.ID]; f != nil {
			f.live, f.departed = false, now
		}
	}
}

// maxPast is how many contents that were replaced in place are remembered.
const maxPast = 1000

// remember keeps what tells the content of a file again, before it is replaced.
func (t *Tailer) remember(f *follow) {
	if f.read == 0 && f.wasRead == 0 {
		return
	}
	x := f.state()
	x.Live, x.Ended = false, true
	t.past = append(t.past, x)
	t.past = t.past[max(0, len(t.past)-maxPast):]
}

// A Recogniser tells whether content that is written to it was read before: that of a
// file that is followed, or was.
type Recogniser struct {
	files []FileState // candidates, by Read
	tails [][]byte    // of each candidate: what stands before Read, as far as it came
	first int         // candidate that is not complete yet
	head  []byte
	size  int64
	begun bool // the head is complete
}

// Recogniser returns one that knows what the Tailer knows now.
func (t *Tailer) Recogniser() *Recogniser {
	return &Recogniser{files: slices.Concat(t.past, t.State().Files)}
}

// Again returns a fresh one that knows the same.
func (r *Recogniser) Again() *Recogniser { return &Recogniser{files: slices.Clone(r.files)} }

// Write takes the next part of the content. It never fails.
func (r *Recogniser) Write(p []byte) (int, error) {
	n := len(p)
	if !r.begun {
		take := min(headBytes-len(r.head), len(p))
		r.head = append(r.head, p[:take]...)
		if p = p[take:]; len(r.head) < headBytes {
			return n, nil
		}
		r.begin()
	}
	r.see(p)
	return n, nil
}

// begin drops the files that begin otherwise.
func (r *Recogniser) begin() {
	r.begun = true
	sums := map[int]string{}
	r.files = slices.DeleteFunc(r.files, func(x FileState) bool {
		if x.HeadLen == 0 || x.HeadLen > len(r.head) || x.ReadTailLen == 0 || int64(x.ReadTailLen) > x.Read {
			return true
		}
		if sums[x.HeadLen] == "" {
			sums[x.HeadLen] = hashOf(r.head[:x.HeadLen])
		}
		return sums[x.HeadLen] != x.Head
	})
	slices.SortStableFunc(r.files, func(a, b FileState) int { return cmp.Compare(a.Read, b.Read) })
	r.tails = make([][]byte, len(r.files))
	r.see(r.head)
}

// see keeps the parts of p that stand before the place up to which a candidate was read.
func (r *Recogniser) see(p []byte) {
	from, to := r.size, r.size+int64(len(p))
	r.size = to
	for i := r.first; i < len(r.files); i++ {
		x := &r.files[i]
		start := x.Read - int64(x.ReadTailLen)
		if x.Read-tailBytes >= to {
			return
		}
		if lo, hi := max(start, from), min(x.Read, to); lo < hi {
			r.tails[i] = append(r.tails[i], p[lo-from:hi-from]...)
		}
		if x.Read <= to && i == r.first {
			r.first++
		}
	}
}

// Known returns the file whose content begins the one that was written, the longest if
// there are several. What is behind its Read is new.
func (r *Recogniser) Known() (FileState, bool) {
	if !r.begun {
		r.begin()
	}
	for i := len(r.files) - 1; i >= 0; i-- {
		x := r.files[i]
		if x.Read <= r.size && len(r.tails[i]) == x.ReadTailLen && hashOf(r.tails[i]) == x.ReadTail {
			return x, true
		}
	}
	return FileState{}, false
}

// Size returns how many bytes were written.
func (r *Recogniser) Size() int64 { return r.size }

// Recovered tells that the rest of a file that was gone, by key, was read elsewhere.
func (t *Tailer) Recovered(key string) {
	for i := range t.ledger.Entries {
		if x := &t.ledger.Entries[i]; x.ID == key && x.Resolved.IsZero() && (x.Why == WhyGone || x.Why == WhyTruncating || x.Why == WhyTruncated) {
			x.Resolved = t.opts.Now()
		}
	}
}
