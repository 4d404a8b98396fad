package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"oxtail/detectors"
	"oxtail/internal/source"
	"oxtail/internal/tail"
	"oxtail/parser"
)

const (
	// packedEvery is how often compressed siblings of followed files are looked for, beside
	// the start and each rotation.
	packedEvery = time.Minute

	// packedSoon is the same while one waits for its time: for its end, or for that of
	// the file that it was made of.
	packedSoon = 5 * time.Second

	// packedRefused is how long one that cannot be read must be unchanged until it is told.
	packedRefused = time.Minute

	// packedStep is how many of their records are handed on between two looks at the
	// files that grow.
	packedStep = 2000

	// maxPacked is how many are remembered; the oldest are forgotten first.
	maxPacked = 10_000
)

// A packedState is what is remembered of a compressed sibling.
type packedState struct {
	Path string    `json:"path"`
	Size int64     `json:"size"`
	Mod  time.Time `json:"mod"`
	Sum  string    `json:"sum,omitempty"` // of the compressed bytes; it survives a new name
	Done bool      `json:"done,omitempty"`

	// Stream and Offset say how far one that is not done was handed on.
	Stream int   `json:"stream,omitempty"`
	Offset int64 `json:"offset,omitempty"`

	waits   bool // it is looked at again soon
	refused bool // it was told that it cannot be read
}

func (x *packedState) is(c tail.Coming) bool {
	return x.Path == c.Path && x.Size == c.Info.Size && x.Mod.Equal(c.Info.ModTime)
}

// A packedRecord is a record on its way from the reader of a compressed file.
type packedRecord struct {
	stream *stream
	key    string
	at     int // number of the stream in the file
	mod    time.Time
	rec    *parser.Record
	hits   []detectors.Hit
}

// A packedResult is how the reading of a compressed file ended.
type packedResult struct {
	sum       string
	recovered []string // keys of files that were gone before their end was seen
	wait      bool     // it is too early
	err       error
}

// A packedReader reads one compressed file in a goroutine of its own, twice: first to see
// that it is whole and whether its content was read before, then for its records.
type packedReader struct {
	w       *Watcher
	state   *packedState
	sums    map[string]*packedState
	known   map[int]tail.FileState // by number of the stream: what was read of it before
	records chan packedRecord
	result  chan packedResult
	cancel  context.CancelFunc
}

// packed reads the compressed siblings of followed files, each content once.
type packed struct {
	list    []*packedState
	queue   []tail.Coming
	current *packedReader
	looked  time.Time
	rotated int64           // rotations that were seen at the last look
	paths   map[string]bool // sources that are old whenever they are found
}

// readPacked takes some records of compressed siblings. It reports whether the files that
// grow have to wait: at a first start what is older comes first.
func (w *Watcher) readPacked() (wait bool) {
	if w.opts.NoArchives {
		return false
	}
	if w.resumed && w.polls < settlePolls {
		return false // what is known has to be found first, where it stands now
	}
	first := w.polls == 0
	for range packedStep {
		if w.packed.current == nil && !w.nextPacked(first) {
			return false
		}
		if !w.takePacked(first) {
			return false
		}
	}
	return first
}

// settlePolls is how many looks it takes after a restart to know which files are gone.
const settlePolls = 4

// nextPacked begins the next compressed file, if there is one.
func (w *Watcher) nextPacked(first bool) bool {
	p, now := &w.packed, w.opts.Now()
	if len(p.queue) == 0 && !w.lookForPacked(now, first) {
		return false
	}
	c := p.queue[0]
	p.queue = p.queue[1:]
	x := p.remember(c)
	if w.opts.Start == tail.FromEnd && first || !w.opts.Since.IsZero() && c.Info.ModTime.Before(w.opts.Since) {
		x.Done, w.dirty = true, true
		return w.nextPacked(first)
	}
	p.current = w.openPacked(x)
	return true
}

// lookForPacked fills the queue when it is time to.
func (w *Watcher) lookForPacked(now time.Time, first bool) bool {
	p := &w.packed
	pause := packedEvery
	for _, x := range p.list {
		if x.waits {
			pause = packedSoon
		}
	}
	rotated := w.tail.Counts().Rotated + w.tail.Counts().Replaced
	if since := now.Sub(p.looked); !first && since < pause && since >= 0 && rotated == p.rotated && !p.looked.IsZero() {
		return false
	}
	if first && !p.looked.IsZero() {
		return false
	}
	p.looked, p.rotated = now, rotated
	for _, c := range w.tail.Packed() {
		if x := p.find(c); x == nil || !x.Done && (!x.refused || x.waits) {
			p.queue = append(p.queue, c)
		}
	}
	return len(p.queue) > 0
}

func (p *packed) find(c tail.Coming) *packedState {
	for _, x := range p.list {
		if x.is(c) {
			return x
		}
	}
	return nil
}

func (p *packed) remember(c tail.Coming) *packedState {
	if x := p.find(c); x != nil {
		return x
	}
	x := &packedState{Path: c.Path, Size: c.Info.Size, Mod: c.Info.ModTime}
	p.list = append(p.list, x)
	p.list = p.list[max(0, len(p.list)-maxPacked):]
	return x
}

// takePacked takes one record, or the end of a file. It reports whether there was one;
// wait says that it shall wait for it.
func (w *Watcher) takePacked(wait bool) bool {
	r := w.packed.current
	var x packedRecord
	ok := true
	if wait {
		select {
		case x, ok = <-r.records:
		case <-w.quit:
			return false
		}
	} else {
		select {
		case x, ok = <-r.records:
		default:
			return false
		}
	}
	if !ok {
		w.endPacked(r, <-r.result)
		return true
	}
	w.dirty = true
	w.packed.old(x.stream.Source)
	w.record(x.stream, x.key, x.mod, x.rec, x.hits)
	r.state.Stream, r.state.Offset = x.at, x.rec.End()
	return true
}

// old marks a source as one that is not live: what it tells is of its own times.
func (p *packed) old(source string) {
	if p.paths == nil {
		p.paths = map[string]bool{}
	}
	p.paths[source] = true
}

// endPacked settles a compressed file that was read.
func (w *Watcher) endPacked(r *packedReader, res packedResult) {
	r.cancel()
	w.packed.current, w.dirty = nil, true
	x, now := r.state, w.opts.Now()
	if res.sum != "" {
		x.Sum = res.sum
	}
	x.waits = res.wait
	switch {
	case errors.Is(res.err, context.Canceled) || res.wait:
		return
	case res.err == nil:
		x.Done, x.Stream, x.Offset = true, 0, 0
		for _, key := range res.recovered {
			w.tail.Recovered(key)
		}
	case now.Sub(x.Mod) < packedRefused && now.After(x.Mod):
		x.waits = true // it may still be written
	case !x.refused:
		x.refused = true
		w.tail.Lose(tail.Loss{Source: x.Path, To: tail.OpenEnd, Time: now, Why: tail.WhyCannotOpen + ": " + res.err.Error()})
	}
}

// close ends the reading; what was handed on is in the state.
func (p *packed) close() {
	if p.current == nil {
		return
	}
	p.current.cancel()
	for range p.current.records { // until its goroutine has seen it
	}
	p.current = nil
}

// openPacked begins to read a compressed file.
func (w *Watcher) openPacked(x *packedState) *packedReader {
	ctx, cancel := context.WithCancel(context.Background())
	r := &packedReader{
		w: w, state: x, sums: map[string]*packedState{}, known: map[int]tail.FileState{},
		records: make(chan packedRecord, packedStep), result: make(chan packedResult, 1), cancel: cancel,
	}
	for _, other := range w.packed.list {
		if other.Done && other.Sum != "" {
			r.sums[other.Sum] = other
		}
	}
	from := *x
	known := w.tail.Recogniser() // of now: the Tailer goes on meanwhile
	go func() {
		defer close(r.records)
		r.result <- r.run(ctx, from, known)
	}()
	return r
}

func (r *packedReader) run(ctx context.Context, from packedState, known *tail.Recogniser) packedResult {
	sum, err := r.sumOf(ctx, from.Path)
	if err != nil || r.sums[sum] != nil {
		return packedResult{sum: sum, err: err}
	}
	res := packedResult{sum: sum}
	if from.Sum != "" && from.Sum != sum {
		from.Stream, from.Offset = 0, 0
	}
	err = r.walk(ctx, from.Path, func(n int, st *source.Stream) error {
		x, ok, err := recognised(ctx, st, known.Again())
		if ok {
			r.known[n] = x
			res.wait = res.wait || !x.Ended && !x.Live
		}
		return err
	})
	if err != nil || res.wait {
		res.err = err
		return res
	}
	res.err = r.walk(ctx, from.Path, func(n int, st *source.Stream) error {
		if n < from.Stream {
			return nil
		}
		skip := int64(0)
		if n == from.Stream {
			skip = from.Offset
		}
		x, ok := r.known[n]
		switch {
		case ok && x.Live && !x.Ended, !ok && r.w.opts.Start == tail.FromEnd:
			return nil // it is read where it grows; or not wanted
		case ok:
			skip = max(skip, x.Offset)
			res.recovered = append(res.recovered, x.Key())
		}
		return r.read(ctx, n, st, sum, skip)
	})
	return res
}

// walk calls visit for each log of a compressed file. What cannot be read is an error.
func (r *packedReader) walk(ctx context.Context, path string, visit func(int, *source.Stream) error) error {
	n := 0
	skipped, err := source.Walk(ctx, []string{path}, source.Options{}, func(st *source.Stream) error {
		if st.Kind != source.KindLog {
			return nil
		}
		n++
		return visit(n-1, st)
	})
	for _, s := range skipped {
		if err == nil && !s.Note {
			err = s.Err
		}
	}
	return err
}

// sumOf hashes the bytes of a file.
func (r *packedReader) sumOf(ctx context.Context, path string) (string, error) {
	file, err := r.w.opts.FS.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Info()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, &interrupted{ctx, io.NewSectionReader(file, 0, info.Size)}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// recognised reports which followed file begins with the content of a stream, or is it.
func recognised(ctx context.Context, st *source.Stream, known *tail.Recogniser) (tail.FileState, bool, error) {
	in, err := st.Open()
	if err != nil {
		return tail.FileState{}, false, err
	}
	defer in.Close()
	if _, err := io.Copy(known, &interrupted{ctx, in}); err != nil {
		return tail.FileState{}, false, err
	}
	x, ok := known.Known()
	return x, ok, nil
}

// interrupted is a reader that fails when its context ends.
type interrupted struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (r *interrupted) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// read hands out the records of a stream that end behind an offset.
func (r *packedReader) read(ctx context.Context, n int, st *source.Stream, sum string, skip int64) error {
	in, err := st.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	rd := r.w.reading
	src := parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime, Zone: rd.zone}
	reader := parser.NewReader(&interrupted{ctx, in}, src, parser.Options{Formats: rd.formats, Encoding: rd.encoding})
	format, _ := reader.Format()
	s := &stream{Source: st.Path, format: format, encod: reader.Encoding()}
	for {
		rec, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rec.End() <= skip {
			continue
		}
		if encod := reader.Encoding(); encod != s.encod {
			s = &stream{Source: st.Path, format: format, encod: encod} // the Watcher has the other one
		}
		x := packedRecord{s, fmt.Sprintf("%.16s-%d", sum, n), n, st.ModTime, rec, s.match(r.w.matcher, rec)}
		select {
		case r.records <- x:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
