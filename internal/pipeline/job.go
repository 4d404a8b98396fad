package pipeline

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"oxtail/detectors"
	"oxtail/internal/source"
	"oxtail/parser"
)

// A job is one stream on its way through the scan. Its batches are taken in order,
// after those of the jobs before it.
type job struct {
	stream *source.Stream
	out    chan batch
	src    Source // complete when out is closed
}

// batchesAhead is how many batches of a job wait for their turn before it stops reading.
const batchesAhead = 8

// A batch is what a piece of a stream says.
type batch struct {
	hits    [][]detectors.Hit // one element a record
	ticks   []detectors.Tick  // times of records, one for each change of the second
	strange []*parser.Record  // error-worded records that no rule knows
	ticked  *parser.Record    // record of the last tick
}

// batchRecords is how many records are judged before their hits are handed on.
const batchRecords = 4096

// A worker reads streams with the options of a scan.
type worker struct {
	ctx     context.Context // ends the reading of streams that are under way
	opts    Options
	matcher *detectors.Matcher
	filters *prefilters
}

// run reads the job's stream and closes its channel.
func (w *worker) run(j *job) {
	defer close(j.out)
	st := j.stream
	j.src = Source{Path: st.Path, Kind: st.Kind}
	if !st.Kind.HasRecords() {
		j.src.Bytes = max(st.Size, 0)
		return
	}
	if w.mayBeRaw(st) {
		err := w.runRaw(j)
		if !errors.Is(err, errNotRaw) {
			j.src.Err = err
			return
		}
		j.src = Source{Path: st.Path, Kind: st.Kind}
	}
	j.src.Err = w.runRecords(j)
}

// runRecords reads a stream record by record.
func (w *worker) runRecords(j *job) error {
	in, err := j.stream.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	counted := &countingReader{in: in, report: w.report(j)}
	r := parser.NewReader(counted, w.opts.parserSource(j.stream), parser.Options{Formats: w.opts.Formats, Encoding: w.opts.Encoding})
	format, claim := r.Format()
	j.src.setFormat(format, claim)
	err = w.drain(j, r)
	j.src.setStats(r.Stats(), r.Encoding())
	return err
}

// drain judges all records of a reader and hands their hits on.
func (w *worker) drain(j *job, r *parser.Reader) error {
	ctx := detectors.EventContext{Source: j.src.Path, Format: j.src.Format}
	var b batch
	for n := 1; ; n++ {
		rec, err := r.Next()
		if err != nil {
			j.out <- b
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		w.judge(&b, rec, ctx)
		j.src.note(rec)
		if n%batchRecords == 0 {
			j.out <- b
			b = batch{}
			if err := w.ctx.Err(); err != nil {
				return err
			}
		}
	}
}

// judge holds the rules against a record.
func (w *worker) judge(b *batch, rec *parser.Record, ctx detectors.EventContext) {
	b.tick(rec)
	if !w.opts.inside(rec) {
		return
	}
	hits := w.matcher.Match(rec, ctx)
	if len(hits) > 0 {
		b.hits = append(b.hits, hits)
	}
	if detectors.Strange(rec, hits) {
		b.strange = append(b.strange, rec)
	}
}

// tick notes the time of a record whose second is not that of the one before.
func (b *batch) tick(rec *parser.Record) {
	if rec.Basis <= parser.TimeInherited {
		return
	}
	t := detectors.Tick{Time: rec.Time, Offset: rec.Offset, Length: len(rec.Raw), Line: rec.Line, Basis: rec.Basis}
	if b.ticked != nil {
		silence := rec.Time.Sub(b.ticked.Time)
		if rec.Time.Unix() == b.ticked.Time.Unix() {
			return
		}
		if silence >= detectors.LongSilence {
			b.ticks[len(b.ticks)-1].Text, t.Text = firstLine(b.ticked.Text), firstLine(rec.Text)
		}
	}
	b.ticked = rec
	b.ticks = append(b.ticks, t)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func (w *worker) report(j *job) func(int64) {
	if w.opts.Progress == nil {
		return func(int64) {}
	}
	return func(n int64) { w.opts.Progress(Progress{Path: j.stream.Path, Bytes: n}) }
}

// A countingReader tells how many bytes went through it.
type countingReader struct {
	in     io.Reader
	total  atomic.Int64
	report func(int64)
}

// Read implements io.Reader.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.total.Add(int64(n))
	c.report(int64(n))
	return n, err
}

func (s *Source) setFormat(f parser.Format, claim parser.Claim) {
	if f == nil {
		return
	}
	s.Format, s.FormatTitle, s.FormatShare = f.Name(), f.Title(), claim.Share()
}

func (s *Source) setStats(st parser.Stats, encoding string) {
	s.Encoding = encoding
	s.Bytes, s.Records, s.Problems = st.Bytes, st.Records, st.Problems
	s.First, s.Last, s.TimeBasis = st.First, st.Last, st.Basis
}

// note takes the name of the mailbox from the first record that has it.
func (s *Source) note(rec *parser.Record) {
	if s.Mailbox == "" {
		s.Mailbox, _ = rec.Field("mailbox")
	}
}
