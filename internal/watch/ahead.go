package watch

import (
	"bytes"
	"io"
	"runtime"
	"sync"
	"time"

	"oxtail/detectors"
	"oxtail/internal/tail"
	"oxtail/parser"
)

// sniffBytes is how much of a file tells whether it is a text.
const sniffBytes = 4096

// aheadFiles is how many files are read before their turn at most. One that is read ahead
// is no larger than one read of the Tailer, a quarter of a megabyte.
const aheadFiles = 64

// An ahead reads files that a poll is about to begin on all cores, while the poll hands
// out those before them in order. What it made of a file counts only if the poll then
// meets the same bytes; if not, they are read as if nobody had looked.
type ahead struct {
	fsys    tail.FS
	reading *reading
	matcher *detectors.Matcher

	jobs map[string]*aheadJob
	all  sync.WaitGroup

	mu    sync.Mutex // of what follows
	turn  sync.Cond
	order []*aheadJob
	begun int  // jobs of order that workers took
	asked int  // place in order of the job that was asked for last
	ended bool // nobody asks any more
}

// An aheadJob is one file.
type aheadJob struct {
	path string
	at   int           // place in order
	done chan struct{} // closed when the rest is set

	data    []byte
	mod     time.Time
	stream  *stream
	records []*parser.Record
	hits    [][]detectors.Hit // of each record
	settled int
}

func newAhead(fsys tail.FS, rd *reading, m *detectors.Matcher) *ahead {
	a := &ahead{fsys: fsys, reading: rd, matcher: m}
	a.turn.L = &a.mu
	return a
}

// coming is told which files come next; nil ends the work on those before.
func (a *ahead) coming(list []tail.Coming) {
	a.end()
	workers := min(runtime.GOMAXPROCS(0), len(list)/2)
	if workers < 2 {
		return // alone it would only be read twice
	}
	a.jobs, a.order = make(map[string]*aheadJob, len(list)), make([]*aheadJob, 0, len(list))
	for i, c := range list {
		j := &aheadJob{path: c.Path, at: i, done: make(chan struct{})}
		a.jobs[c.Path], a.order = j, append(a.order, j)
	}
	for range workers {
		a.all.Go(a.work)
	}
}

// end waits for the workers and forgets what they did.
func (a *ahead) end() {
	a.mu.Lock()
	a.ended = true
	a.mu.Unlock()
	a.turn.Broadcast()
	a.all.Wait()
	a.jobs, a.order, a.begun, a.asked, a.ended = nil, nil, 0, 0, false
}

func (a *ahead) work() {
	for j := a.next(); j != nil; j = a.next() {
		a.read(j)
		close(j.done)
	}
}

// next returns the next job when its turn is near, nil when there is none.
func (a *ahead) next() *aheadJob {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.ended && a.begun < len(a.order) && a.begun >= a.asked+aheadFiles {
		a.turn.Wait()
	}
	if a.ended || a.begun == len(a.order) {
		return nil
	}
	a.begun++
	return a.order[a.begun-1]
}

// read makes records of a file as a Watcher does of a Piece that is old. The stream of a
// file that cannot be read stays nil.
func (a *ahead) read(j *aheadJob) {
	file, err := a.fsys.Open(j.path)
	if err != nil {
		return
	}
	defer file.Close()
	info, err := file.Info()
	if err != nil || !info.Regular {
		return
	}
	j.data = make([]byte, info.Size)
	if n, err := file.ReadAt(j.data, 0); n < len(j.data) || err != nil && err != io.EOF {
		return
	}
	if !looksLikeText(j.data[:min(len(j.data), sniffBytes)]) {
		return
	}
	j.mod = info.ModTime
	s := &stream{Source: j.path}
	j.settled = s.feed(a.reading, &tail.Piece{Source: j.path, Data: j.data, ModTime: j.mod, Calm: true, Old: true}, func(rec *parser.Record) {
		j.records, j.hits = append(j.records, rec), append(j.hits, s.match(a.matcher, rec))
	})
	j.stream = s
}

// of returns what was made of a piece, nil if it was not read ahead or is another one.
func (a *ahead) of(p *tail.Piece) *aheadJob {
	j := a.jobs[p.Source]
	if j == nil || p.Offset > 0 {
		return nil
	}
	a.ask(j)
	<-j.done
	if p.Old {
		delete(a.jobs, j.path)
		a.order[j.at] = nil // its content is not needed any more
	}
	if j.stream == nil || !j.mod.Equal(p.ModTime) || !bytes.Equal(j.data, p.Data) {
		return nil
	}
	return j
}

// ask lets the workers come up to a job. Those before it that nobody asked for are
// files that were gone or not for us when their turn came.
func (a *ahead) ask(j *aheadJob) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = max(a.asked, j.at)
	a.turn.Broadcast()
}
