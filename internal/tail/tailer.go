package tail

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// Start says where a file is begun that was there when the Tailer was made and that no
// checkpoint knows.
type Start int

// The starts.
const (
	FromStart Start = iota
	FromEnd         // behind its last line end
)

const (
	// DefaultIdle is how long a writer must be silent before a line without its end, or
	// an entry that may go on, is handed out.
	DefaultIdle = time.Second

	// calmAfter is how long a writer must be silent before whole lines that may still go
	// on, as an entry of several lines does, are offered as calm. Writers write such an
	// entry at once.
	calmAfter = 120 * time.Millisecond

	// rotatedQuiet is how long a file that left the pattern must be unchanged before it
	// counts as finished. Writers go on in a renamed file until they are told.
	rotatedQuiet = 30 * time.Second

	// departedFor is how long a file that is gone is remembered: it may come back.
	departedFor = 7 * 24 * time.Hour

	// maxDeparted is how many of them are remembered.
	maxDeparted = 10_000

	// maxHeld is how many files stay open between two polls, where that is harmless.
	maxHeld = 512

	// tellTroubleAfter is how long a file may refuse to be opened before the ledger says so.
	tellTroubleAfter = 10 * time.Second

	// maxRetry is the longest pause between two attempts to open a file.
	maxRetry = 30 * time.Second
)

// Options are the choices of a Tailer.
type Options struct {
	FS    FS               // required
	Now   func() time.Time // required
	Start Start
	Since time.Time     // files last changed before it are begun at their end; zero: no limit
	Idle  time.Duration // 0: DefaultIdle

	// Stop, if set, is asked between two files; when it says so, Poll returns early and
	// reads nothing more.
	Stop func() bool

	// Skip, if set, names paths that are not even looked at.
	Skip func(path string) bool

	// Siblings says that the first look, where nothing is known yet, also reads what
	// rotations made of the files in the patterns before: a.log.1 of a.log.
	Siblings bool

	// Ahead, if set, is told which files a poll is about to begin at their start, in that
	// order, so that the work on their content may start before its turn. It is told only
	// of files that nobody has changed for a while and that one read takes in whole.
	Ahead func([]Coming)

	// Accept, if set, decides by the first bytes of a file whether it is followed.
	Accept func(path string, head []byte) bool
}

// A Tailer follows the files that its patterns name. It is not safe for concurrent use.
type Tailer struct {
	patterns []pattern
	opts     Options
	fsys     FS
	consume  Consumer

	byID     map[FileID]*follow
	order    []*follow          // in the order in which they were met
	refused  map[FileID]refusal // content that is not for us
	trouble  map[string]*follow // path → a file that could never be opened
	ledger   Ledger
	began    bool // the first poll is over
	resumed  bool // a checkpoint was restored
	lastPoll time.Time
	held     int
	counts   Counts
	limitHit bool
	more     bool
	scratch  []byte                 // of one read
	looked   []string               // folders of the last poll
	dirs     map[string]*neighbours // folders that were looked at in this poll
	byName   map[string]*follow     // lower-case path → follow; built when a poll needs it
	absent   map[string]absence     // paths that held a file and hold none
	past     []FileState            // contents that were replaced in place, oldest first
	rotated  []rotation             // paths whose content was exchanged in this poll
}

// A Coming is a file that is about to be begun.
type Coming struct {
	Path string
	Info Info
}

// A refusal remembers a file that Accept refused, until it changes.
type refusal struct {
	size int64
	mod  time.Time
}

// Counts are what a Tailer did so far.
type Counts struct {
	Bytes    int64 `json:"bytes"`    // read
	Polls    int64 `json:"polls"`    // done
	Files    int   `json:"files"`    // followed now
	Behind   int64 `json:"behind"`   // bytes that are there and not settled
	Rotated  int64 `json:"rotated"`  // files that left their path
	Replaced int64 `json:"replaced"` // contents that were replaced in place
}

// New returns a Tailer of the files that patterns name: files, folders, globs.
func New(patterns []string, opts Options) (*Tailer, error) {
	if opts.Idle == 0 {
		opts.Idle = DefaultIdle
	}
	t := &Tailer{
		opts: opts, fsys: opts.FS, byID: map[FileID]*follow{},
		refused: map[FileID]refusal{}, trouble: map[string]*follow{}, absent: map[string]absence{},
	}
	for _, text := range patterns {
		p, err := compile(text)
		if err != nil {
			return nil, err
		}
		t.patterns = append(t.patterns, p)
	}
	return t, nil
}

// Counts returns what was done so far.
func (t *Tailer) Counts() Counts {
	c := t.counts
	c.Files, c.Behind = 0, 0
	for _, f := range t.order {
		if f.live {
			c.Files++
		}
		c.Behind += max(0, f.size-f.settled)
	}
	return c
}

// Ledger returns what was or may have been lost so far.
func (t *Tailer) Ledger() *Ledger { return &t.ledger }

// NewLosses returns the losses since the last call.
func (t *Tailer) NewLosses() []Loss { return t.ledger.take() }

// Close closes the files that are held open.
func (t *Tailer) Close() {
	for _, f := range t.order {
		t.release(f)
	}
}

// Poll looks at everything once and hands what is new to consume. It reports whether
// there is more to read at once.
func (t *Tailer) Poll(consume Consumer) (more bool) {
	t.consume, t.more = consume, false
	t.dirs, t.byName, t.rotated = map[string]*neighbours{}, nil, nil
	t.counts.Polls++
	now := t.opts.Now()
	l := t.list()
	found := t.pair(l, now)
	t.visitMissing(l, now)
	t.noteAbsent(found, now)
	t.noteNew(found, now)
	for i := range found {
		if f := found[i].follow; f != nil {
			t.look(f, found[i].info, now)
		}
	}
	t.visitBetween(l, now)
	t.meetRotated(l, now)
	t.meet(found, now)
	t.forget(now)
	if !t.began && !t.resumed {
		t.awaitNamed(l, now)
	}
	t.began, t.lastPoll = true, now
	return t.more
}

func (t *Tailer) list() *listing {
	l := newListing(t.fsys)
	for _, p := range t.patterns {
		l.expand(p)
	}
	t.looked = t.looked[:0]
	for dir := range l.dirs {
		t.looked = append(t.looked, dir)
	}
	slices.Sort(t.looked)
	if l.full && !t.limitHit {
		t.limitHit = true
		t.ledger.add(Loss{Source: t.patterns[0].whole, To: OpenEnd, Why: WhyLimit, Time: t.opts.Now()})
	}
	return l
}

// awaitNamed notes the files that the user named and that do not exist yet.
func (t *Tailer) awaitNamed(l *listing, now time.Time) {
	for _, p := range t.patterns {
		if len(p.parts) != 1 || hasMeta(p.parts[0]) {
			continue
		}
		if path := joinPath(p.root, p.parts[0]); !l.paths[path] && !l.dirs[path] {
			t.absent[path] = absence{now, now}
		}
	}
}

// A sighting is a path of the pattern with what stands there now.
type sighting struct {
	path   string
	info   Info
	follow *follow // that is known by this identity, nil if none is
}

// pair looks at each path and finds the follow with the same identity. A file that has
// several paths is taken under the one by which it is known.
func (t *Tailer) pair(l *listing, now time.Time) []sighting {
	for _, f := range t.order {
		f.seen = false
	}
	var found []sighting
	for _, path := range l.order {
		if t.opts.Skip != nil && t.opts.Skip(path) {
			continue
		}
		info, err := t.fsys.Stat(path)
		switch {
		case err != nil:
			t.cannotStat(path, err, now)
		case info.Regular:
			found = append(found, sighting{path: path, info: info})
		}
	}
	for i := range found {
		if f := t.byID[found[i].info.ID]; f != nil && f.path == found[i].path {
			f.seen, found[i].follow = true, f
		}
	}
	for i := range found {
		if f := t.byID[found[i].info.ID]; f != nil && !f.seen {
			f.seen, found[i].follow = true, f
			f.path = found[i].path
			f.stateOf = nil
		}
	}
	for i := range found {
		if f := found[i].follow; f != nil {
			f.live, f.missing, f.departed, f.name = true, 0, time.Time{}, cmp.Or(f.name, f.path)
		}
	}
	return found
}

// cannotStat notes that a path is there and says nothing of itself.
func (t *Tailer) cannotStat(path string, err error, now time.Time) {
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	for _, f := range t.order {
		if f.path == path && f.live {
			f.seen = true // not gone: it refuses
			t.refuses(f, err, now)
			return
		}
	}
	f := t.trouble[path]
	if f == nil {
		f = &follow{name: path, path: path, nulFrom: -1}
		t.trouble[path] = f
	}
	t.refuses(f, err, now)
}

// refuses notes that a file cannot be opened; after a while the ledger says so.
func (t *Tailer) refuses(f *follow, err error, now time.Time) {
	if f.trouble.IsZero() || now.Before(f.trouble) {
		f.trouble = now
	}
	pause := min(maxRetry, max(now.Sub(f.trouble)/2, time.Second/2))
	f.retry = now.Add(pause)
	if f.troubled == 0 && now.Sub(f.trouble) >= tellTroubleAfter {
		at := t.ledger.add(Loss{
			Source: f.name, ID: f.key(), From: f.read, To: OpenEnd, Possible: true, Time: now,
			Why: WhyCannotOpen + ": " + reason(err),
		})
		f.troubled = at + 1
	}
}

// reason is an error without the path that the ledger names anyway.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// opened notes that a file can be read again. What was refused is read now, so nothing
// was lost.
func (t *Tailer) opened(f *follow, now time.Time) {
	if f.troubled > 0 {
		t.ledger.Entries[f.troubled-1].Resolved = now
	}
	f.trouble, f.troubled, f.retry = time.Time{}, 0, time.Time{}
	if x := t.trouble[f.path]; x != nil && x != f {
		delete(t.trouble, f.path)
		t.opened(x, now)
	}
}

// open returns an open file that is the one with the follow's identity: the held one, or
// the one that its path leads to. done ends the use of it.
func (t *Tailer) open(f *follow) (file File, done func(), err error) {
	if f.handle != nil {
		return f.handle, func() {}, nil
	}
	file, err = t.fsys.Open(f.path)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Info()
	if err == nil && info.ID != f.id {
		err = errChangedHands
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	if t.fsys.MayHold() && t.held < maxHeld {
		t.held++
		f.handle = file
		return file, func() {}, nil
	}
	return file, func() { file.Close() }, nil
}

// errChangedHands says that between listing and opening the name was given to another
// file. The next poll sees it.
var errChangedHands = errors.New("the name was given to another file")

func (t *Tailer) release(f *follow) {
	if f.handle == nil {
		return
	}
	f.handle.Close()
	f.handle = nil
	t.held--
}

// look reads what is new in a file that is known.
func (t *Tailer) look(f *follow, info Info, now time.Time) {
	if f.quiet(info, now) {
		t.offerIdle(f, now)
		return
	}
	if now.Before(f.retry) && f.retry.Sub(now) <= maxRetry {
		return
	}
	file, done, err := t.open(f)
	if err != nil {
		if !errors.Is(err, errChangedHands) && !errors.Is(err, fs.ErrNotExist) {
			t.refuses(f, err, now)
		}
		return
	}
	defer done()
	t.opened(f, now)
	if t.stopped() {
		return
	}
	if err := t.follow(f, file, now); err != nil {
		t.refuses(f, err, now)
		t.release(f)
	}
	t.offerIdle(f, now)
}

func (t *Tailer) stopped() bool { return t.opts.Stop != nil && t.opts.Stop() }

// follow compares an open file with what is known of it and reads to its end.
func (t *Tailer) follow(f *follow, file File, now time.Time) error {
	info, err := file.Info()
	if err != nil {
		return err
	}
	fits, err := f.fits(file, info.Size)
	if err != nil {
		return err
	}
	if !fits {
		t.replaced(f, now)
	}
	if info.Size != f.size || !info.ModTime.Equal(f.mod) || !fits {
		f.changed, f.stateOf = now, nil
		f.ended = false
	}
	if f.next == 0 && info.Size > 0 && f.live && !f.mod.IsZero() { // an empty file cannot be told from the next one
		t.rotated = append(t.rotated, rotation{f.name, f.mod})
	}
	f.size, f.mod = info.Size, info.ModTime
	if err := t.read(f, file, now); err != nil {
		return err
	}
	if f.next == info.Size {
		f.quickSize, f.quickMod = info.Size, info.ModTime
	}
	return f.extendHead(file)
}

// read reads to the end of an open file, in pieces, and hands them out.
func (t *Tailer) read(f *follow, file File, now time.Time) error {
	if !f.accepted && !t.accept(f, file) {
		return nil
	}
	if t.scratch == nil {
		t.scratch = make([]byte, pieceBytes)
	}
	buf := t.scratch
	for total := 0; ; {
		n, err := readFull(file, buf, f.next)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if same, err := f.stillFits(file); err != nil || !same {
			return err // what was read is of another content: the next poll begins it
		}
		total += n
		t.counts.Bytes += int64(n)
		f.changed, f.idled, f.calmed, f.stateOf = now, false, false, nil
		f.size = max(f.size, f.next+int64(n))
		t.takeAll(f, buf[:n], now)
		if n < len(buf) {
			return nil
		}
		if total >= pollBytes {
			t.more = true
			return nil
		}
	}
}

// stillFits compares once more after a read: the file may have been truncated and
// written in between.
func (f *follow) stillFits(file File) (bool, error) { return holds(file, f.lastBytes(), f.read) }

// takeAll adds what was read and hands it out.
func (t *Tailer) takeAll(f *follow, data []byte, now time.Time) {
	for len(data) > 0 {
		rest, gap := f.take(data)
		data = rest
		if gap == nil {
			continue
		}
		if len(f.pending()) > 0 {
			t.offer(f, Piece{Last: true})
		}
		t.lose(f, *gap)
		f.skipTo(gap.To)
	}
	if len(f.pending()) > 0 {
		t.offer(f, Piece{})
	}
}

// lose adds a range of a file to the ledger.
func (t *Tailer) lose(f *follow, x Loss) {
	x.Source, x.ID, x.Time = f.name, f.key(), t.opts.Now()
	t.ledger.add(x)
}

// offerIdle hands out what is pending when the writer has been silent.
func (t *Tailer) offerIdle(f *follow, now time.Time) {
	if now.Before(f.changed) { // the clock was set back
		f.changed = now
	}
	if f.idled || len(f.pending()) == 0 || now.Sub(f.changed) < calmAfter {
		return
	}
	if now.Sub(f.changed) >= t.opts.Idle {
		f.idled = true
		t.offer(f, Piece{Idle: true})
		return
	}
	if !f.calmed {
		f.calmed = true
		t.offer(f, Piece{Calm: true})
	}
}

// sniffBytes is how much of a file Accept sees.
const sniffBytes = 4096

// accept asks whether the content of a file is for us. A file without content waits.
func (t *Tailer) accept(f *follow, file File) bool {
	if t.opts.Accept == nil {
		f.accepted = true
		return true
	}
	head := make([]byte, sniffBytes)
	n, err := readFull(file, head, 0)
	if err != nil || n == 0 {
		return false
	}
	f.accepted = t.opts.Accept(f.path, head[:n])
	if !f.accepted {
		t.refused[f.id] = refusal{f.size, f.mod}
		t.drop(f)
	}
	return f.accepted
}

// drop forgets a follow.
func (t *Tailer) drop(f *follow) {
	t.release(f)
	if t.byID[f.id] == f {
		delete(t.byID, f.id)
	}
	t.order = slices.DeleteFunc(t.order, func(o *follow) bool { return o == f })
}

// add makes a follow known.
func (t *Tailer) add(f *follow) {
	t.byID[f.id] = f
	t.order = append(t.order, f)
}

// noteNew marks the paths that hold a file for the first time: it may be the successor of
// one that came and went since the last poll.
func (t *Tailer) noteNew(found []sighting, now time.Time) {
	if t.lastPoll.IsZero() || now.Before(t.lastPoll) {
		return
	}
	for _, s := range found {
		if s.follow == nil {
			t.rotated = append(t.rotated, rotation{s.path, t.lastPoll})
		}
	}
}

// meet begins the files that are new, oldest first.
func (t *Tailer) meet(found []sighting, now time.Time) {
	var fresh []sighting
	for _, s := range found {
		if s.follow != nil || t.byID[s.info.ID] != nil || compressedName(s.path) {
			continue
		}
		if r, ok := t.refused[s.info.ID]; ok {
			if r.size == s.info.Size && r.mod.Equal(s.info.ModTime) {
				continue
			}
			delete(t.refused, s.info.ID)
		}
		fresh = append(fresh, s)
	}
	slices.SortStableFunc(fresh, func(a, b sighting) int {
		return cmp.Or(a.info.ModTime.Compare(b.info.ModTime), cmp.Compare(a.path, b.path))
	})
	t.announce(fresh, now)
	for _, s := range fresh {
		if t.byID[s.info.ID] == nil && !t.stopped() { // not a second path to the same file
			t.begin(s, now)
		}
	}
}

// announce tells the options' Ahead of the files that will most likely be begun at their
// start and offered as old.
func (t *Tailer) announce(fresh []sighting, now time.Time) {
	if t.opts.Ahead == nil {
		return
	}
	var list []Coming
	for _, s := range fresh {
		mod := s.info.ModTime
		atEnd := !t.began && !t.resumed && (t.opts.Start == FromEnd || !t.opts.Since.IsZero() && mod.Before(t.opts.Since))
		if !atEnd && now.Sub(mod) >= oldAfter && s.info.Size > 0 && s.info.Size < pieceBytes {
			list = append(list, Coming{s.path, s.info})
		}
	}
	t.opts.Ahead(list)
}

// begin starts to follow a file.
func (t *Tailer) begin(s sighting, now time.Time) {
	f := &follow{id: s.info.ID, name: s.path, path: s.path, live: true, seen: true, nulFrom: -1, changed: now}
	if x := t.trouble[s.path]; x != nil && now.Before(x.retry) && x.retry.Sub(now) <= maxRetry {
		return
	}
	file, done, err := t.open(f)
	if err != nil {
		if !errors.Is(err, errChangedHands) {
			t.cannotStat(s.path, err, now)
		}
		return
	}
	defer done()
	t.opened(f, now)
	t.add(f)
	if err := t.place(f, s, file); err != nil {
		t.drop(f)
		t.cannotStat(s.path, err, now)
		return
	}
	if err := t.follow(f, file, now); err != nil {
		t.refuses(f, err, now)
		t.release(f)
		return
	}
	if now.Sub(f.mod) >= oldAfter && f.next == f.size && len(f.pending()) > 0 {
		t.offer(f, Piece{Calm: true, Old: true})
	}
}

// oldAfter is how long ago a file that is met must have been changed last to count as
// one whose writer is silent. It leaves room for clocks that differ.
const oldAfter = 10 * time.Second

// place decides where a new file is begun.
func (t *Tailer) place(f *follow, s sighting, file File) error {
	if t.began || t.resumed {
		if n := t.copyUpTo(s.path, s.info, file); n > 0 {
			return f.beginAt(file, n)
		}
	}
	atEnd := t.opts.Start == FromEnd || !t.opts.Since.IsZero() && s.info.ModTime.Before(t.opts.Since)
	if t.began || t.resumed || !atEnd {
		return nil
	}
	end, err := lastLineEnd(file, s.info.Size)
	if err != nil || end == 0 {
		return err
	}
	return f.beginAt(file, end)
}

// lastLineBytes is how far before the end of a file its last line end is looked for.
const lastLineBytes = 64 << 10

// lastLineEnd returns the offset behind the last line end of a file, or size if its last
// bytes hold none.
func lastLineEnd(file File, size int64) (int64, error) {
	buf := make([]byte, min(size, lastLineBytes))
	n, err := readFull(file, buf, size-int64(len(buf)))
	if err != nil {
		return 0, fmt.Errorf("read the last line: %w", err)
	}
	for i := n - 1; i >= 0; i-- {
		if buf[i] != '\n' {
			continue
		}
		end := size - int64(len(buf)) + int64(i) + 1
		if i+1 < n && buf[i+1] == 0 && (i == 0 || buf[i-1] != 0) { // little-endian UTF-16
			end++
		}
		return end, nil
	}
	if size <= lastLineBytes {
		return 0, nil
	}
	return size, nil
}

// dirOf returns the folder of a path.
func dirOf(path string) string { return filepath.Dir(path) }
