package tail

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// visitMissing takes care of the files that left their path: what was written before
// the rotation is read where the file stands now.
func (t *Tailer) visitMissing(l *listing, now time.Time) {
	var missing []*follow
	for _, f := range t.order {
		if !f.seen && !(f.ended && !f.live) {
			missing = append(missing, f)
		}
	}
	for _, f := range missing {
		if l.unknown(f.path) {
			continue // its folder cannot be listed: nobody knows that it is gone
		}
		if f.live {
			f.live, f.stateOf, f.departed, f.missing = false, nil, now, 0
			t.counts.Rotated++
			t.absent[f.name] = absence{f.mod, now}
		}
		t.visitRotated(f, now)
	}
}

// An absence is a path of the pattern that held a file, and holds none now. What is
// created there and rotated away between two polls stands beside it.
type absence struct {
	mod   time.Time // last change of the content that was seen last
	since time.Time // by our clock
}

const (
	// absentFor is how long the neighbours of a path that holds no file are looked at.
	absentFor = time.Hour

	// maxAbsent is how many such paths there may be: each costs a look at its folder.
	maxAbsent = 100
)

// noteAbsent marks the paths whose neighbours have to be looked at.
func (t *Tailer) noteAbsent(found []sighting, now time.Time) {
	for name, a := range t.absent {
		if len(t.absent) <= maxAbsent {
			t.rotated = append(t.rotated, rotation{name, a.mod})
		}
		if now.Sub(a.since) > absentFor || len(t.absent) > maxAbsent {
			delete(t.absent, name)
		}
	}
	for _, s := range found {
		delete(t.absent, s.path)
	}
	slices.SortFunc(t.rotated, func(a, b rotation) int { return strings.Compare(a.name, b.name) })
}

// unknown reports whether the folder of a path, or one above it, refused to be listed.
func (l *listing) unknown(path string) bool {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if l.fault[dir] != nil {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// visitRotated reads a file that left its path: by the handle that is held, or under the
// name that it has now in the same folder.
func (t *Tailer) visitRotated(f *follow, now time.Time) {
	if f.handle != nil && f.missing > 0 { // its name was looked for; the handle knows the rest
		t.visitHeld(f, now)
		return
	}
	info, ok := t.findByID(f)
	switch {
	case f.handle != nil:
		f.missing++
		if ok {
			f.path = info.path
		}
		t.visitHeld(f, now)
		return
	case ok:
		f.path, f.missing = info.path, 0
		t.look(f, info.info, now)
	default:
		t.visitGone(f, now)
		return
	}
	t.finishQuiet(f, now)
}

// finishQuiet ends a file that left its path when its writer has left it, too.
func (t *Tailer) finishQuiet(f *follow, now time.Time) {
	if now.Before(f.changed) { // the clock was set back
		f.changed = now
	}
	if now.Sub(f.changed) >= rotatedQuiet && f.next >= f.size {
		t.finish(f)
	}
}

// visitHeld reads a file that left its path by the handle that is held.
func (t *Tailer) visitHeld(f *follow, now time.Time) {
	have, err := f.handle.Info()
	if err != nil {
		t.release(f)
		return
	}
	t.look(f, have, now)
	t.finishQuiet(f, now)
}

// neighbours returns the files of a folder, looked at once in a poll.
func (t *Tailer) neighbours(dir string) *neighbours {
	if n := t.dirs[dir]; n != nil {
		return n
	}
	n := &neighbours{byID: map[FileID]int{}}
	t.dirs[dir] = n
	entries, err := t.fsys.ReadDir(dir)
	if err != nil {
		return n
	}
	for _, e := range entries {
		path := joinPath(dir, e.Name)
		if e.Dir {
			continue
		}
		if info, err := t.fsys.Stat(path); err == nil && info.Regular {
			n.byID[info.ID] = len(n.files)
			n.files = append(n.files, sighting{path: path, info: info})
		}
	}
	return n
}

// neighbours are the files of one folder in one poll.
type neighbours struct {
	files []sighting
	byID  map[FileID]int
}

// findByID looks for the identity of a file under its last path, then in its folder.
func (t *Tailer) findByID(f *follow) (sighting, bool) {
	if info, err := t.fsys.Stat(f.path); err == nil && info.Regular && info.ID == f.id {
		return sighting{path: f.path, info: info}, true
	}
	n := t.neighbours(dirOf(f.path))
	at, ok := n.byID[f.id]
	if !ok {
		return sighting{}, false
	}
	return n.files[at], true
}

// goneAfter is how many polls in a row a file must be missing before it counts as gone:
// a rotation takes several steps.
const goneAfter = 2

// visitGone deals with a file that stands nowhere any more. A copy of it may.
func (t *Tailer) visitGone(f *follow, now time.Time) {
	f.missing++
	if c := t.findCopy(f); c != nil {
		t.drain(f, c, now)
		t.finish(f)
		return
	}
	if f.missing < goneAfter {
		return
	}
	if !f.ended {
		t.lose(f, Loss{From: f.next, To: orOpen(f.next, f.size), Why: WhyGone, Possible: f.size <= f.next})
	}
	t.finish(f)
}

// orOpen returns the end of a loss that begins at from in a file whose size was last
// seen as size.
func orOpen(from, size int64) int64 {
	if size > from {
		return size
	}
	return OpenEnd
}

// finish ends a generation: what is pending is handed out, and nothing follows.
func (t *Tailer) finish(f *follow) {
	if f.ended {
		return
	}
	t.end(f)
	t.release(f)
}

// end tells the consumer that nothing follows.
func (t *Tailer) end(f *follow) {
	if f.nulFrom >= 0 && f.next > f.nulFrom {
		gap := Loss{From: f.nulFrom, To: f.next, Why: WhyNul}
		t.offer(f, Piece{Last: true})
		t.lose(f, gap)
		f.nulFrom = -1
		f.skipTo(gap.To)
	} else {
		t.offer(f, Piece{Last: true})
	}
	f.ended, f.stateOf = true, nil
}

// replaced ends the content of a file that was truncated or rewritten in place, and
// begins the new one.
func (t *Tailer) replaced(f *follow, now time.Time) {
	if f.ended { // nothing of the old content is missing: the id has a new file
		t.remember(f)
		f.restart()
		return
	}
	t.counts.Replaced++
	t.rotated = append(t.rotated, rotation{f.name, f.mod})
	began := f.next > 0 || f.size > 0
	if c := t.findCopy(f); c != nil {
		t.drain(f, c, now)
	} else if began && f.accepted {
		x := Loss{From: f.next, To: OpenEnd, Why: WhyTruncating, Possible: true}
		if f.size > f.next {
			x = Loss{From: f.next, To: f.size, Why: WhyTruncated}
		}
		t.lose(f, x)
	}
	t.end(f)
	t.remember(f)
	f.restart()
}

// findCopy looks in the folder for a copy of what a file held before it was truncated
// or deleted: the trace of copy and truncate.
func (t *Tailer) findCopy(f *follow) *sighting {
	if f.restored && f.tailLen == 0 && f.readTailLen == 0 || !f.restored && f.read == 0 {
		return nil // nothing of it was seen
	}
	for _, s := range t.neighbours(dirOf(f.path)).files {
		if s.info.ID == f.id || compressedName(s.path) || !rotatedName(filepath.Base(f.name), filepath.Base(s.path)) {
			continue
		}
		known := t.byID[s.info.ID]
		if known != nil && (known.live || !known.ended) || s.info.ModTime.Before(f.mod) {
			continue
		}
		if t.isCopy(f, &s) {
			return &s
		}
	}
	return nil
}

func (t *Tailer) isCopy(f *follow, s *sighting) bool {
	file, err := t.fsys.Open(s.path)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Info()
	if err != nil || info.ID != s.info.ID {
		return false
	}
	ok, err := f.fits(file, info.Size)
	return err == nil && ok
}

// drain reads the rest of a file from a copy of it, and makes the copy known as read.
func (t *Tailer) drain(f *follow, s *sighting, now time.Time) {
	file, err := t.fsys.Open(s.path)
	if err != nil {
		t.lose(f, Loss{From: f.next, To: OpenEnd, Why: WhyCannotOpen + ": " + reason(err), Possible: true})
		return
	}
	defer file.Close()
	handle := f.handle
	f.handle = nil
	f.standIn = file
	more := t.more
	for f.size = s.info.Size; ; {
		before := f.next
		if err := t.read(f, file, now); err != nil || f.next == before {
			break
		}
	}
	t.more, f.handle, f.standIn = more, handle, nil
	if known := t.byID[s.info.ID]; known != nil {
		t.drop(known)
	}
	c := &follow{id: s.info.ID, name: s.path, path: s.path, nulFrom: -1, changed: now, departed: now, ended: true, size: s.info.Size, mod: s.info.ModTime}
	if c.beginAt(file, f.read) == nil {
		t.add(c)
	}
}

// copyUpTo returns how much of a new file was read before under another identity: it is
// a copy of a file that is known, with a name that a rotation makes and equal in all that
// was read of it, or the file itself on another volume. 0 means that it is new.
func (t *Tailer) copyUpTo(path string, info Info, file File) int64 {
	for _, f := range t.originals(path) {
		if f.read == 0 || f.restored || f.id == info.ID {
			continue
		}
		if f.id.Volume != info.ID.Volume {
			if ok, err := f.fits(file, info.Size); err == nil && ok && !f.seen && f.path == path {
				return f.read
			}
			continue
		}
		if f.ended || f.path == path {
			continue
		}
		if n := min(f.read, info.Size); n > 0 && t.equalSoFar(f, file, n) {
			return n
		}
	}
	return 0
}

// originals returns the files of which path may be a rotated copy, by name: those at the
// same path, and those whose name is the beginning of this one up to a separator.
func (t *Tailer) originals(path string) []*follow {
	if t.byName == nil {
		t.byName = make(map[string]*follow, len(t.order))
		for _, f := range t.order {
			t.byName[strings.ToLower(f.path)] = f
		}
	}
	base := filepath.Base(path)
	ext := filepath.Ext(base)
	names := []string{base}
	for i := 1; i < len(base); i++ {
		if strings.IndexByte(".-_~ (", base[i]) >= 0 {
			names = append(names, base[:i], base[:i]+ext)
		}
	}
	var out []*follow
	for _, name := range names {
		f := t.byName[strings.ToLower(joinPath(dirOf(path), name))]
		if f != nil && (name == base || rotatedName(name, base)) && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// maxCompare is how much of two files is compared byte by byte; beyond it head and tail decide.
const maxCompare = 16 << 20

// equalSoFar compares the file that is known with a supposed copy, byte by byte.
func (t *Tailer) equalSoFar(f *follow, file File, n int64) bool {
	own, done, err := t.open(f)
	if err != nil {
		return false
	}
	defer done()
	a, b := make([]byte, pieceBytes), make([]byte, pieceBytes)
	for off := int64(0); off < min(n, maxCompare); off += pieceBytes {
		want := int(min(pieceBytes, n-off))
		k, err1 := readFull(own, a[:want], off)
		m, err2 := readFull(file, b[:want], off)
		if err1 != nil || err2 != nil || k < want || m < want || !bytes.Equal(a[:want], b[:want]) {
			return false
		}
	}
	return true
}

// A rotation is a path whose content was exchanged between two polls.
type rotation struct {
	name string    // of the source
	mod  time.Time // last change of the old content that was seen
}

// visitBetween begins the files that were created and rotated away between two polls:
// beside a file that left its path, with a rotated name, changed since the last look.
func (t *Tailer) visitBetween(l *listing, now time.Time) {
	for _, r := range t.rotated {
		var fresh []sighting
		for _, s := range t.neighbours(dirOf(r.name)).files {
			if l.paths[s.path] || compressedName(s.path) || !rotatedName(filepath.Base(r.name), filepath.Base(s.path)) {
				continue
			}
			if t.byID[s.info.ID] == nil && !s.info.ModTime.Before(r.mod) {
				fresh = append(fresh, s)
			}
		}
		slices.SortStableFunc(fresh, func(a, b sighting) int { return a.info.ModTime.Compare(b.info.ModTime) })
		t.beginDeparted(fresh, now)
	}
}

// forget drops what has been gone for long, and the oldest beyond the limit.
func (t *Tailer) forget(now time.Time) {
	gone := 0
	for _, f := range t.order {
		if f.ended && !f.live {
			gone++
		}
	}
	var drop []*follow
	for _, f := range t.order {
		if !f.ended || f.live {
			continue
		}
		if f.departed.After(now) {
			f.departed = now // the clock was set back
		}
		if gone > maxDeparted || now.Sub(f.departed) > departedFor {
			drop = append(drop, f)
			gone--
		}
	}
	for _, f := range drop {
		t.drop(f)
	}
	for path, f := range t.trouble {
		if _, err := t.fsys.Stat(path); errors.Is(err, fs.ErrNotExist) {
			delete(t.trouble, path)
			t.opened(f, now)
		}
	}
}
