package watch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"oxtail/detectors"
	"oxtail/internal/tail"
	"oxtail/parser"
)

const (
	// maxWhole is the size in bytes up to which a source is read again from its start
	// when its format needs that. Beyond it the reader goes on from the last record; the
	// entries' state (number of the log, last scope) begins anew there.
	maxWhole = 16 << 20

	// wholeWait is how long a source that is read from its start may keep its records
	// back while it grows without a pause. Such formats judge by what comes later (the
	// last pass, the day of the last line), and most of them are written at once; when
	// the writer is silent they are read without delay. It also bounds the work of
	// reading up to maxWhole again and again.
	wholeWait = 10 * time.Second

	// headWait is how long a new source may keep its format open before its head is full.
	headWait = time.Second

	// headBytes is how much of a source is looked at to choose its format.
	headBytes = 4 << 20
)

// ProblemUnterminated is the Problem of a record that was handed out because its writer
// was silent: its line has no end yet.
const ProblemUnterminated = "the last line has no line end; it was handed out because its writer was silent"

// A stream makes records of one generation of a file while it grows.
type stream struct {
	Source string       `json:"source"`
	At     parser.Place `json:"at"`              // where the next record begins
	Whole  bool         `json:"whole,omitempty"` // read from the start each time
	Given  int64        `json:"given,omitempty"` // end of the last record that was handed out
	Mark   string       `json:"mark,omitempty"`  // hash of the first line; see key

	met    time.Time // when it was first seen
	chosen int       // lines that the format was chosen by; 0: not yet
	format parser.Format
	single bool // each line is a record
	begun  bool
	encod  string

	waiting time.Time // since when records are kept back; see wholeWait

	chooser *parser.Reader // that chose the format and has read no record yet; nil: none
	chose   int            // length of what it reads
}

// A reading is what streams need to read.
type reading struct {
	formats  []parser.Format
	encoding parser.Encoding
	zone     *time.Location
	now      func() time.Time
}

func (rd *reading) source(p *tail.Piece) parser.Source {
	return parser.Source{Path: p.Source, ModTime: p.ModTime, Zone: rd.zone}
}

// feed takes a piece and emits the records that are complete. It returns how many bytes
// are settled.
func (s *stream) feed(rd *reading, p *tail.Piece, emit func(*parser.Record)) int {
	if !s.begun {
		s.begun, s.met = true, rd.now()
		if p.Skip {
			s.skip(p)
		}
	}
	if s.At.Line == 0 {
		s.At.Line = 1
	}
	if !s.choose(rd, p) {
		return 0
	}
	defer func() { s.chooser = nil }()
	if s.Whole {
		if n, ok := s.feedWhole(rd, p, emit); ok {
			return n
		}
		s.Whole, s.single = false, false // too large, or gone: go on from the last record
	}
	return s.feedOn(rd, p, emit)
}

// markBytes is how much of a first line is hashed.
const markBytes = 1024

// key names the content for ever, for the index: the generation of the file and the first
// line. The identity of a file is given to the next one, and without a saved state nobody
// knows how many generations there were.
func (s *stream) key(p *tail.Piece) string {
	if s.Mark == "" {
		head, err := p.Head(markBytes)
		if err != nil {
			head = nil // gone: what is left of it has a key of its own
		}
		if at := bytes.IndexByte(head, '\n'); at >= 0 {
			head = head[:at]
		}
		sum := sha256.Sum256(head)
		s.Mark = hex.EncodeToString(sum[:6])
	}
	return p.Key + "-" + s.Mark
}

// match returns what the rules say of a record.
func (s *stream) match(m *detectors.Matcher, rec *parser.Record) []detectors.Hit {
	return m.Match(rec, detectors.EventContext{Source: s.Source, Format: s.formatName()})
}

// formatName returns the name of the format, "" for none.
func (s *stream) formatName() string {
	if s.format == nil {
		return ""
	}
	return s.format.Name()
}

// skip counts the lines before the place where the source was begun.
func (s *stream) skip(p *tail.Piece) {
	s.At.Offset, s.Given, s.At.Line = p.Offset, p.Offset, 1
	if head, err := p.Head(p.Offset); err == nil {
		s.At.Line += bytes.Count(head, []byte{'\n'})
	}
}

// choose settles the format when enough of the head is there, and again while it grows.
// It reports whether there is a choice.
func (s *stream) choose(rd *reading, p *tail.Piece) bool {
	if s.chosen >= parser.HeadLines || s.chosen > 0 && s.At.Line < min(2*s.chosen, parser.HeadLines) {
		return true
	}
	head, err := p.Head(headBytes)
	if err != nil {
		head = p.Data
	}
	lines := bytes.Count(head, []byte{'\n'})
	full := lines > parser.HeadLines || len(head) >= headBytes
	if !full && s.chosen == 0 && !p.Old && !p.Idle && !p.Last && !p.Full && rd.now().Sub(s.met) < headWait {
		return false
	}
	if !p.Idle && !p.Last && !p.Full {
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	if len(head) == 0 {
		return p.Idle || p.Last || p.Full
	}
	r := parser.NewReader(bytes.NewReader(head), rd.source(p), parser.Options{Formats: rd.formats, Encoding: rd.encoding})
	format, _ := r.Format()
	s.adopt(format, r, rd.source(p))
	s.chosen = max(1, lines)
	if p.Offset == 0 {
		s.chooser, s.chose = r, len(head)
	}
	return true
}

// adopt takes a format and decides how the source is read with it.
func (s *stream) adopt(format parser.Format, r *parser.Reader, src parser.Source) {
	s.format, s.single, s.encod = format, format == nil, r.Encoding()
	if r.Encoding() == "rtf" {
		s.Whole = true
		return
	}
	if format == nil {
		return
	}
	raw, ok := format.(parser.RawFormat)
	if x, must := format.(parser.SettledFormat); must {
		raw = x.Settle(r.Head(), src)
	}
	if !ok || raw.Starts() == nil {
		s.Whole = true
		return
	}
	s.format = raw
	s.single = raw.Starts()([]byte("\x01")) // no line begins so: the format takes every line
}

// feedOn reads on from the last record.
func (s *stream) feedOn(rd *reading, p *tail.Piece, emit func(*parser.Record)) int {
	final := p.Idle || p.Last
	data := p.Data
	if !final && !p.Full {
		data = data[:completeLen(data, s.encod)]
	}
	if len(data) == 0 {
		return 0
	}
	records, dayless := s.records(rd, p, data)
	if dayless && !s.Whole && p.Offset+int64(len(p.Data)) <= maxWhole && s.Given == s.At.Offset {
		s.Whole = true // days are inferred backwards from the end of the source
		if n, ok := s.feedWhole(rd, p, emit); ok {
			return n
		}
		s.Whole = false
	}
	hold := len(records)
	if !final && !p.Calm && !s.single && hold > 0 || p.Full && hold > 1 {
		hold--
	}
	return s.give(records, hold, p, data, emit)
}

// give hands out the first n records and sets the place where the rest begins. It returns
// how many bytes of the piece are settled.
func (s *stream) give(records []*parser.Record, n int, p *tail.Piece, data []byte, emit func(*parser.Record)) int {
	for _, rec := range records[:n] {
		s.note(rec)
		if p.Idle && rec == records[len(records)-1] {
			markUnterminated(rec, s.encod)
		}
		emit(rec)
	}
	switch {
	case n < len(records):
		s.At.Offset, s.At.Line = records[n].Offset, records[n].Line
	case n > 0:
		last := records[n-1]
		s.At.Offset, s.At.Line = p.Offset+int64(len(data)), last.Line+lineCount(last.Raw, s.encod)
	}
	s.Given = s.At.Offset
	return int(s.At.Offset - p.Offset)
}

// note keeps the time that later records without one inherit.
func (s *stream) note(rec *parser.Record) {
	if rec.Basis > parser.TimeInherited {
		s.At.Last = rec.Time
	}
}

// markUnterminated marks a record whose last line has no end.
func markUnterminated(rec *parser.Record, encoding string) {
	if rec.Problem == "" && completeLen(rec.Raw, encoding) < len(rec.Raw) {
		rec.Problem = ProblemUnterminated
	}
}

// whole returns a reader of a source from its start. The one that chose the format has
// read its head already.
func (s *stream) whole(rd *reading, p *tail.Piece, data []byte) *parser.Reader {
	if r := s.chooser; r != nil && s.chose == len(data) {
		s.chooser = nil
		return r
	}
	return parser.NewReader(bytes.NewReader(data), rd.source(p), parser.Options{Formats: rd.formats, Encoding: rd.encoding})
}

// records returns the records of the unsettled bytes.
func (s *stream) records(rd *reading, p *tail.Piece, data []byte) (records []*parser.Record, dayless bool) {
	s.At.Offset = p.Offset
	if p.Offset > 0 && rd.encoding.Name() == parser.UTF8.Name() && !s.blankUTF16(data) {
		r := parser.Resume(bytes.NewReader(data), s.At, s.format, rd.source(p))
		records, dayless = drain(r)
		s.encod = r.Encoding()
		return records, dayless
	}
	r := s.forced(rd, p, data)
	if p.Offset == 0 && s.chooser != nil && s.chose == len(data) {
		r, s.chooser = s.chooser, nil
	}
	records, dayless = drain(r)
	s.encod = r.Encoding()
	for _, rec := range records {
		rec.Offset += p.Offset
		rec.Line += s.At.Line - 1
		if rec.Basis == parser.TimeNone && !s.At.Last.IsZero() {
			rec.Time, rec.Basis = s.At.Last, parser.TimeInherited
		}
	}
	return records, dayless
}

// drain reads all records, and reports whether days of clock-only lines were inferred or
// had to stay unknown.
func drain(r *parser.Reader) (records []*parser.Record, dayless bool) {
	for {
		rec, err := r.Next()
		if err != nil {
			if err != io.EOF {
				panic(fmt.Sprintf("BUG: read bytes in memory: %v", err))
			}
			return records, dayless
		}
		dayless = dayless || rec.Basis == parser.DayInferred
		records = append(records, rec)
	}
}

// feedWhole reads the source from its start and hands out what was not before. ok is
// false when it cannot.
func (s *stream) feedWhole(rd *reading, p *tail.Piece, emit func(*parser.Record)) (int, bool) {
	now := rd.now()
	end := p.Offset + int64(len(p.Data))
	if end > maxWhole {
		return 0, false
	}
	final := p.Idle || p.Last
	if s.waiting.IsZero() || now.Before(s.waiting) {
		s.waiting = now
	}
	if !final && !p.Old && now.Sub(s.waiting) < wholeWait {
		return 0, true
	}
	data, err := p.Whole(maxWhole)
	if err != nil {
		return 0, false
	}
	if !final {
		data = data[:completeLen(data, s.encod)]
	}
	s.waiting = time.Time{}
	r := s.whole(rd, p, data)
	s.format, _ = r.Format()
	records, _ := drain(r)
	s.encod = r.Encoding()
	n := len(records)
	if !final && !p.Old && n > 0 {
		n--
	}
	return s.giveRest(records, n, p, int64(len(data)), emit), true
}

// giveRest hands out the records that end behind what was handed out before.
func (s *stream) giveRest(records []*parser.Record, n int, p *tail.Piece, end int64, emit func(*parser.Record)) int {
	s.At.Last = time.Time{}
	for _, rec := range records[:n] {
		s.note(rec)
		if rec.End() <= s.Given {
			continue
		}
		if p.Idle && rec.End() == end {
			markUnterminated(rec, s.encod)
		}
		emit(rec)
	}
	if n > 0 {
		last := records[n-1]
		s.At.Line = last.Line + lineCount(last.Raw, s.encod)
		s.Given = max(s.Given, last.End())
	}
	if n == len(records) {
		s.Given = max(s.Given, end)
	}
	s.At.Offset = max(s.Given, p.Offset)
	return int(s.At.Offset - p.Offset)
}
