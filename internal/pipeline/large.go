package pipeline

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"oxtail/detectors"
	"oxtail/internal/source"
	"oxtail/parser"
)

const (
	// minRawBytes is the size in bytes from which the fast path pays for its goroutines.
	minRawBytes = 1 << 20

	// rawHeadBytes is how much of a source is looked at to choose its format. A head
	// that holds fewer whole lines than the reader looks at is not for the fast path.
	rawHeadBytes = 256 << 10
)

// mayBeRaw reports whether a stream is worth a look by the fast path.
func (w *worker) mayBeRaw(st *source.Stream) bool {
	return !w.opts.NoRaw && !st.Once && st.Kind == source.KindLog && st.Size >= minRawBytes && w.opts.Encoding == (parser.Encoding{})
}

// runRaw reads a large stream chunk by chunk on all cores. From the first place that
// needs the slow path it reads on record by record. It returns errNotRaw when the
// whole stream needs that; nothing has been handed on then.
func (w *worker) runRaw(j *job) error {
	in, err := j.stream.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	head := bufio.NewReaderSize(&countingReader{in: in, report: w.report(j)}, rawHeadBytes)
	s, err := w.rawScanner(j, head)
	if err != nil {
		return err
	}
	m := &rawMerge{worker: w, job: j, scanner: s, at: parser.Place{Line: 1}, encoding: parser.UTF8.Name()}
	err = w.runChunks(m, head)
	if errors.Is(err, errNotRaw) {
		err = w.runRest(m)
	}
	m.finish()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// rawScanner chooses the format by the same lines as the reader does.
func (w *worker) rawScanner(j *job, in *bufio.Reader) (*rawScanner, error) {
	head, _ := in.Peek(rawHeadBytes) // an error comes back with the first read
	s := &rawScanner{src: w.opts.parserSource(j.stream), starts: everyLine}
	format, claim, ok := rawFormat(head, s.src, w.opts.Formats)
	if !ok {
		return nil, errNotRaw
	}
	if format != nil {
		s.format, s.starts, s.stamp = format, format.Starts(), format.StampOf(s.src)
	}
	j.src.setFormat(s.format, claim)
	if s.wanted = w.filters.of(j.src.Format); s.wanted == nil {
		return nil, errNotRaw
	}
	ctx := detectors.EventContext{Source: j.src.Path, Format: j.src.Format}
	s.judge = func(b *batch, rec *parser.Record) { w.judge(b, rec, ctx) }
	return s, nil
}

func everyLine([]byte) bool { return true }

// rawFormat returns the format of a source by its head, nil if it has none that is
// known, and whether its records can be told apart in raw bytes.
func rawFormat(head []byte, src parser.Source, formats []parser.Format) (parser.RawFormat, parser.Claim, bool) {
	if bytes.IndexByte(head, 0) >= 0 || bytes.Count(head, []byte{'\n'}) <= parser.HeadLines {
		return nil, parser.Claim{}, false
	}
	r := parser.NewReader(bytes.NewReader(head), src, parser.Options{Formats: formats})
	format, claim := r.Format()
	if format == nil {
		return nil, claim, r.Encoding() != "rtf"
	}
	raw, ok := format.(parser.RawFormat)
	if settled, must := format.(parser.SettledFormat); must {
		raw = settled.Settle(r.Head(), src)
	}
	return raw, claim, ok && raw.Starts() != nil
}

// runChunks scans chunks in parallel and takes their results in order. It returns
// errNotRaw at the first chunk that is not for the fast path, else the error that
// the stream ended with.
func (w *worker) runChunks(m *rawMerge, in io.Reader) error {
	jobs := w.opts.jobs()
	c := &chunker{in: in, starts: m.scanner.starts, at: parser.Place{Line: 1}, free: make(chan []byte, jobs+1)}
	ordered := make(chan scanning, jobs-1)
	stop := make(chan struct{})
	defer close(stop)
	go c.run(m.scanner, ordered, stop)
	for sc := range ordered {
		if sc.err != nil {
			return sc.err
		}
		res := <-sc.result
		if res.failed {
			return errNotRaw
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
		m.take(res, sc.chunk)
		select {
		case c.free <- sc.chunk.raw:
		default:
		}
	}
	return io.EOF
}

// A scanning is a chunk whose result is on its way, or the error that ended the stream.
type scanning struct {
	chunk  chunk
	result chan rawResult
	err    error
}

// run reads chunks and starts their scans until the stream ends or stop is closed.
func (c *chunker) run(s *rawScanner, out chan<- scanning, stop <-chan struct{}) {
	defer close(out)
	for {
		ch, err := c.next()
		sc := scanning{chunk: ch, result: make(chan rawResult, 1), err: err}
		select {
		case out <- sc:
		case <-stop:
			return
		}
		if err != nil {
			return
		}
		go func() { sc.result <- s.scan(sc.chunk) }()
	}
}

// runRest reads a stream record by record from where the fast path stopped.
func (w *worker) runRest(m *rawMerge) error {
	in, err := m.job.stream.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := io.CopyN(io.Discard, in, m.at.Offset); err != nil {
		return fmt.Errorf("read %s again from byte %d: %w", m.job.stream.Path, m.at.Offset, err)
	}
	r := parser.Resume(&countingReader{in: in, report: w.report(m.job)}, m.at, m.scanner.format, m.scanner.src)
	err = w.drain(m.job, r)
	m.addRest(r)
	return err
}

// rawMerge takes the results of chunks in order.
type rawMerge struct {
	*worker
	job      *job
	scanner  *rawScanner
	at       parser.Place // of the next chunk; Last is the time of the records so far
	encoding string
	stats    parser.Stats
}

// take hands on what a chunk's scan found.
func (m *rawMerge) take(res rawResult, c chunk) {
	if res.legacy {
		m.encoding = legacyEncoding
	}
	for _, sp := range res.orphans {
		sp.at.Last = m.at.Last
		m.stats.Problems += m.scanner.build(&res.orphanBatch, sp)
	}
	m.stats.Problems += res.problems
	m.stats.Records += res.records
	m.stats.Bytes += int64(len(c.raw))
	m.stats.Cover(res.first, res.basis)
	m.stats.Cover(res.last, res.basis)
	m.at.Offset, m.at.Line = c.at.Offset+int64(len(c.raw)), c.at.Line+bytes.Count(c.raw, []byte{'\n'})
	if !res.latest.IsZero() {
		m.at.Last = res.latest
	}
	m.job.out <- res.orphanBatch
	m.job.out <- res.batch
}

// legacyEncoding is what the reader calls text with bytes that are not UTF-8.
const legacyEncoding = "windows-1252"

// addRest adds what a reader saw that went on behind the chunks.
func (m *rawMerge) addRest(r *parser.Reader) {
	st := r.Stats()
	m.stats.Records += st.Records
	m.stats.Problems += st.Problems
	m.stats.Bytes += st.Bytes
	m.stats.Cover(st.First, st.Basis)
	m.stats.Cover(st.Last, st.Basis)
	if enc := r.Encoding(); enc != parser.UTF8.Name() {
		m.encoding = enc
	}
}

func (m *rawMerge) finish() {
	m.job.src.setStats(m.stats, m.encoding)
}
