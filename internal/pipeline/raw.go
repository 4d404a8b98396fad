package pipeline

import (
	"bytes"
	"time"
	"unicode/utf8"

	"oxtail/detectors"
	"oxtail/parser"
	"oxtail/parser/literal"
)

// A rawScanner finds, in raw bytes, the records of a source that something may be
// said about. It is immutable and used by several goroutines.
type rawScanner struct {
	format parser.Format // nil: every line is a record
	src    parser.Source
	starts func(line []byte) bool
	stamp  func(line []byte) (time.Time, parser.TimeBasis, bool)
	wanted *literal.Set
	judge  func(*batch, *parser.Record)
}

// Limits of a record on the fast path. Formats split longer ones, each in its own
// way, so those are left to the slow path.
const (
	maxRawRecordBytes = 512 << 10
	maxRawRecordLines = 5_000
)

// A span is a record that holds a literal.
type span struct {
	raw []byte
	at  parser.Place
}

// rawResult is what was learned of one chunk.
type rawResult struct {
	records  int64
	problems int64
	first    time.Time // earliest and latest time
	last     time.Time
	basis    parser.TimeBasis
	latest   time.Time // time of the last record that has one
	legacy   bool      // holds bytes that are not UTF-8
	failed   bool      // a record or line is beyond the limits: errNotRaw
	batch    batch     // what the records said

	// orphans are records that stand before any time in the chunk: theirs comes from
	// the chunk before, so they are judged when that is known.
	orphans     []span
	orphanBatch batch
}

// scan goes over one chunk.
func (s *rawScanner) scan(c chunk) rawResult {
	res := rawResult{legacy: !utf8.Valid(c.raw)}
	w := rawWalk{rawScanner: s, res: &res, chunk: c, line: c.at.Line, memo: stampMemo{read: s.stamp}}
	w.next = s.wanted.Index(c.raw, 0)
	for pos := 0; pos < len(c.raw); {
		end := lineEnd(c.raw, pos)
		if end-pos > parser.MaxLine {
			res.failed = true
			return res
		}
		w.add(pos, end)
		pos = end
	}
	w.close(len(c.raw))
	return res
}

func lineEnd(raw []byte, from int) int {
	if at := bytes.IndexByte(raw[from:], '\n'); at >= 0 {
		return from + at + 1
	}
	return len(raw)
}

// rawWalk is the state of one scan.
type rawWalk struct {
	*rawScanner
	res   *rawResult
	chunk chunk
	line  int // number of the line at hand
	begin int // of the open record
	first int // line number of the open record
	open  bool
	hit   bool // the open record holds a literal
	next  int  // index of the next literal, -1 for none
	memo  stampMemo
}

// add takes the line raw[pos:end].
func (w *rawWalk) add(pos, end int) {
	line := w.chunk.raw[pos:end]
	if pos == 0 && w.chunk.at.Offset == 0 {
		line = bytes.TrimPrefix(line, utf8BOM)
	}
	if !w.open || w.starts(line) {
		w.close(pos)
		w.open, w.begin, w.first = true, pos, w.line
		w.hit = !w.noteTime(line) // without a time it may be a record with a Problem, which counts
	}
	if w.next >= 0 && w.next < end {
		w.hit = true
		w.next = w.wanted.Index(w.chunk.raw, end)
	}
	w.line++
}

var utf8BOM = []byte("\ufeff")

// close ends the open record before index end.
func (w *rawWalk) close(end int) {
	if !w.open {
		return
	}
	w.res.records++
	if n := len(w.res.batch.ticks); n > 0 && w.res.batch.ticks[n-1].Offset == w.chunk.at.Offset+int64(w.begin) {
		w.res.batch.ticks[n-1].Length = end - w.begin
	}
	if end-w.begin > maxRawRecordBytes || w.line-w.first > maxRawRecordLines {
		w.res.failed = true
	}
	if w.hit {
		sp := span{w.chunk.raw[w.begin:end], parser.Place{Offset: w.chunk.at.Offset + int64(w.begin), Line: w.first, Last: w.res.latest}}
		w.found(sp)
	}
	w.open, w.hit = false, false
}

// found judges a record that holds a literal.
func (w *rawWalk) found(sp span) {
	if w.stamp != nil && w.res.latest.IsZero() {
		w.res.orphans = append(w.res.orphans, sp)
		return
	}
	w.res.problems += w.build(&w.res.batch, sp)
}

// build makes the record of a span, judges it, and returns the number of its problems.
func (s *rawScanner) build(b *batch, sp span) int64 {
	problems := int64(0)
	for _, rec := range parser.Assemble(sp.raw, sp.at, s.format, s.src) {
		s.judge(b, rec)
		if rec.Problem != "" {
			problems++
		}
	}
	return problems
}

// tick notes that a record begins another second than the one before.
func (w *rawWalk) tick(t time.Time, basis parser.TimeBasis) {
	b := &w.res.batch
	tick := detectors.Tick{Time: t, Offset: w.chunk.at.Offset + int64(w.begin), Line: w.first, Basis: basis}
	if n := len(b.ticks); n > 0 && t.Sub(b.ticks[n-1].Time) >= detectors.LongSilence {
		b.ticks[n-1].Text, tick.Text = w.lineAt(b.ticks[n-1].Offset), w.lineAt(tick.Offset)
	}
	b.ticks = append(b.ticks, tick)
}

// lineAt returns the text of the line at an offset of the source, in this chunk.
func (w *rawWalk) lineAt(offset int64) string {
	from := int(offset - w.chunk.at.Offset)
	return parser.Decode(w.chunk.raw[from:lineEnd(w.chunk.raw, from)])
}

// noteTime reads the time at the head of a record. It returns false when the format
// has times but the line has none that is understood.
func (w *rawWalk) noteTime(line []byte) bool {
	if w.stamp == nil {
		return true
	}
	t, basis, ok := w.memo.at(line)
	if !ok {
		return false
	}
	r := w.res
	if r.first.IsZero() || t.Before(r.first) {
		r.first = t
	}
	if t.After(r.last) {
		r.last = t
	}
	if r.basis == parser.TimeNone || basis < r.basis {
		r.basis = basis
	}
	if r.latest.IsZero() || t.Unix() != r.latest.Unix() {
		w.tick(t, basis)
	}
	r.latest = t
	return true
}
