package parser

import (
	"errors"
	"io"
	"strings"
	"time"

	"oxtail/parser/codes"
)

// HeadLines is how many lines of a source decide about its format.
const HeadLines = 200

// headBytes bounds the same look-ahead for sources with very long lines.
const headBytes = 4 << 20

// Options of a Reader.
type Options struct {
	Formats  []Format // candidates, in order; none means that every line is a record
	Encoding Encoding // zero: recognise by content
}

// A Reader turns a byte stream into records.
type Reader struct {
	src   Source
	lines *LineReader
	opts  Options

	format Format
	claim  Claim
	asm    Assembler
	policy CodePolicy // nil: codes.Find

	head  []Line    // lines read to choose the format, not yet assembled
	queue []*Record // assembled, not yet returned
	held  []*Record // clock-only records that wait for their day
	last  time.Time // for inherited times
	begun bool
	done  bool
	err   error
	stats Stats
}

// Stats is what a Reader has seen so far.
type Stats struct {
	Records  int64
	Problems int64     // records with a Problem
	Bytes    int64     // raw bytes of the records
	Lines    int       // physical lines
	First    time.Time // earliest and latest record time; zero if none has one
	Last     time.Time
	Basis    TimeBasis // weakest basis of the times that were written, TimeNone if there are none
}

// NewReader returns a reader of the records of in.
func NewReader(in io.Reader, src Source, opts Options) *Reader {
	return &Reader{src: src, lines: NewLineReader(in, opts.Encoding), opts: opts}
}

// Next returns the next record. At the end it returns io.EOF, or the error that
// the stream failed with, after all records that could be read before it.
func (r *Reader) Next() (*Record, error) {
	if !r.begun {
		r.begin()
	}
	for len(r.queue) == 0 {
		if r.done {
			return nil, r.err
		}
		r.step()
	}
	rec := r.queue[0]
	r.queue = r.queue[1:]
	return rec, nil
}

// Format returns the chosen format, nil if the source has none that is known, and
// the claim that it was chosen by. It reads the source's head if need be.
func (r *Reader) Format() (Format, Claim) {
	if !r.begun {
		r.begin()
	}
	return r.format, r.claim
}

// Head returns the lines that decided about the format. It is empty after the first Next.
func (r *Reader) Head() []Line { return r.head }

// Encoding names the encoding in use so far.
func (r *Reader) Encoding() string { return r.lines.Encoding() }

// Stats returns counts of what was returned so far.
func (r *Reader) Stats() Stats { return r.stats }

func (r *Reader) begin() {
	r.begun = true
	size := 0
	for len(r.head) < HeadLines && size < headBytes {
		l, err := r.lines.Next()
		if err != nil {
			break // sticky: step meets it again
		}
		size += len(l.Raw)
		r.head = append(r.head, l)
	}
	f, claim := Choose(r.opts.Formats, r.src.Path, r.head)
	r.claim = claim
	r.use(f)
}

// use sets the format that assembles the records; nil makes every line a record.
func (r *Reader) use(f Format) {
	r.format = f
	if f == nil {
		r.asm = plainAssembler{}
		return
	}
	r.asm = f.Assembler(r.src)
	r.policy, _ = r.asm.(CodePolicy)
}

// step feeds one line to the assembler, or closes it.
func (r *Reader) step() {
	l, err := r.nextLine()
	if err == nil {
		r.asm.Add(l, r.take)
		return
	}
	r.asm.Close(r.take)
	r.releaseHeld()
	r.done, r.err = true, err
	if !errors.Is(err, io.EOF) {
		return
	}
	r.err = io.EOF
}

func (r *Reader) nextLine() (Line, error) {
	if len(r.head) > 0 {
		l := r.head[0]
		r.head = r.head[1:]
		return l, nil
	}
	return r.lines.Next()
}

// take receives a record from the assembler.
func (r *Reader) take(rec *Record) {
	r.annotate(rec)
	if rec.clocked || len(r.held) > 0 {
		r.held = append(r.held, rec)
		if len(r.held) >= maxClockRecords {
			r.releaseHeld()
		}
		return
	}
	r.finish(rec)
}

func (r *Reader) annotate(rec *Record) {
	if r.policy != nil {
		rec.Codes = r.policy.Codes(rec)
	} else if rec.Codes == nil {
		rec.Codes = codes.Find(rec.Text)
	}
	if rec.UUIDs == nil {
		rec.UUIDs = UUIDs(rec.Text)
	}
}

func (r *Reader) releaseHeld() {
	inferDays(r.held, r.src)
	for _, rec := range r.held {
		r.finish(rec)
	}
	r.held = nil
}

// finish gives a record without a time that of the one before and queues it.
func (r *Reader) finish(rec *Record) {
	switch {
	case rec.Basis != TimeNone:
		r.last = rec.Time
		r.stats.Cover(rec.Time, rec.Basis)
	case !r.last.IsZero():
		rec.Time, rec.Basis = r.last, TimeInherited
	}
	r.stats.Records++
	r.stats.Bytes += int64(len(rec.Raw))
	r.stats.Lines = rec.Line + strings.Count(rec.Text, "\n")
	if rec.Problem != "" {
		r.stats.Problems++
	}
	r.queue = append(r.queue, rec)
}

// Cover widens the span of times to take in t, which is known by basis.
func (s *Stats) Cover(t time.Time, basis TimeBasis) {
	if t.IsZero() {
		return
	}
	if s.First.IsZero() || t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
	if s.Basis == TimeNone || basis < s.Basis {
		s.Basis = basis
	}
}

// A plainAssembler makes every line a record: the mode without structure.
type plainAssembler struct{}

func (plainAssembler) Add(l Line, emit func(*Record)) {
	rec := &Record{Offset: l.Offset, Raw: l.Raw, Line: l.Number, Text: l.Text, Message: l.Text}
	if l.Split {
		rec.Problem = ProblemLongLine
	}
	emit(rec)
}

func (plainAssembler) Close(func(*Record)) {}

// ProblemLongLine is the Problem of a record whose line was cut at MaxLine.
const ProblemLongLine = "line is longer than 1 MiB; it was split"
