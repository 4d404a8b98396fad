package indexing

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"oxtail/index"
	"oxtail/internal/source"
	"oxtail/parser"
)

const (
	// quickBytes is the size in bytes from which reading without annotations pays.
	quickBytes = 1 << 20

	// headBytes is how much of a source is looked at to choose its format.
	headBytes = 256 << 10
)

// A reading is one source on its way into the index.
type reading struct {
	a     *adder
	st    *source.Stream
	sw    *index.SourceWriter
	stats parser.Stats
	n     int64
}

// read takes a whole stream.
func (a *adder) read(st *source.Stream, id identity, change Change) error {
	in, err := st.Open()
	if err != nil {
		a.res.Outcomes = append(a.res.Outcomes, Outcome{Path: st.Path, Change: change, Err: err})
		return nil
	}
	defer in.Close()
	look := &tailReader{in: &progressReader{in: in, report: a.report(st)}}
	buffered := bufio.NewReaderSize(look, headBytes)
	head, _ := buffered.Peek(headBytes) // an error comes back with the first read
	rotated, ok := a.packedAway(st, head)
	if ok {
		look.watch(rotated, head)
	}
	s := index.Source{
		ID: sourceID(head[:min(len(head), markBytes)]), Path: st.Path, Base: st.Base, BaseSize: id.size, BaseTime: id.time,
		ItemTime: st.ItemTime, ModTime: st.ModTime,
	}
	a.forgetMoved(s)
	src := parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime, Zone: a.opts.Zone}
	r := &reading{a: a, st: st}
	if f, ok := a.quick(st, head); ok {
		if f != nil {
			s.Format = f.Name()
		}
		s.Encoding, s.Quick = parser.UTF8.Name(), true
		r.sw = a.w.Begin(s)
		err = r.lines(buffered, f, src, parser.Place{Line: 1})
	} else {
		err = r.records(parser.NewReader(buffered, src, parser.Options{Formats: a.opts.Formats, Encoding: a.opts.Encoding}), s)
	}
	if err == nil && look.found {
		a.w.RemoveID(rotated.ID) // its records are there anew, and its links lead to them
		r.sw.Source().ID, change = rotated.ID, Renamed
	}
	return r.finish(err, change, 0)
}

// forgetMoved takes a source out of the index whose file is gone when another one
// begins with the same bytes: a log that was rotated away keeps its ID, and its
// records are not found twice.
func (a *adder) forgetMoved(s index.Source) {
	for _, old := range a.w.Sources() {
		if old.ID != s.ID || old.Path == s.Path || old.Done > s.BaseSize {
			continue
		}
		if _, err := os.Stat(old.Base); errors.Is(err, fs.ErrNotExist) {
			a.w.Remove(old.Path)
		}
	}
}

// quick reports whether a stream can be read without annotating its records, and its
// format: its records are pieces of the raw bytes, and their times stand in them.
func (a *adder) quick(st *source.Stream, head []byte) (parser.Format, bool) {
	if st.Kind != source.KindLog || len(head) < headBytes || st.Size >= 0 && st.Size < quickBytes || a.opts.Encoding != (parser.Encoding{}) || bytes.IndexByte(head, 0) >= 0 {
		return nil, false
	}
	r := parser.NewReader(bytes.NewReader(head), parser.Source{}, parser.Options{Formats: a.opts.Formats})
	f, _ := r.Format()
	if r.Encoding() == "rtf" || !isRaw(f) {
		return nil, false
	}
	for {
		rec, err := r.Next()
		if err != nil {
			return f, true
		}
		if f != nil && (rec.Basis == parser.DayInferred || rec.Basis == parser.TimeNone && rec.Problem == "") {
			return nil, false
		}
		if _, ok := rec.Field("date_order"); ok {
			return nil, false
		}
	}
}

// isRaw reports whether the records of a format can be assembled again one by one.
func isRaw(f parser.Format) bool {
	if f == nil {
		return true
	}
	raw, ok := f.(parser.RawFormat)
	return ok && raw.Starts() != nil
}

// lines assembles records without their codes and UUIDs, which the index finds again
// in their text. The reader stands at a place of the source.
func (r *reading) lines(in io.Reader, f parser.Format, src parser.Source, at parser.Place) error {
	lr := parser.NewLineReader(in, parser.Encoding{})
	var asm parser.Assembler = plain{}
	if f != nil {
		asm = f.Assembler(src)
	}
	last := at.Last
	var failed error
	take := func(rec *parser.Record) {
		rec.Offset += at.Offset
		rec.Line += at.Line - 1
		switch {
		case rec.Basis != parser.TimeNone:
			last = rec.Time
		case !last.IsZero():
			rec.Time, rec.Basis = last, parser.TimeInherited
		}
		if err := r.add(rec); err != nil {
			failed = err
		}
	}
	for {
		l, err := lr.Next()
		if err != nil {
			asm.Close(take)
			r.sw.Source().Encoding = lr.Encoding()
			if failed == nil && !errors.Is(err, io.EOF) {
				failed = &sourceError{err}
			}
			return failed
		}
		asm.Add(l, take)
		if failed != nil {
			return failed
		}
	}
}

// plain makes every line a record.
type plain struct{}

// Add implements parser.Assembler.
func (plain) Add(l parser.Line, emit func(*parser.Record)) {
	rec := &parser.Record{Offset: l.Offset, Raw: l.Raw, Line: l.Number, Text: l.Text, Message: l.Text}
	if l.Split {
		rec.Problem = parser.ProblemLongLine
	}
	emit(rec)
}

// Close implements parser.Assembler.
func (plain) Close(func(*parser.Record)) {}

// records takes all records of a reader.
func (r *reading) records(in *parser.Reader, s index.Source) error {
	f, _ := in.Format()
	if r.sw == nil {
		if f != nil {
			s.Format = f.Name()
		}
		enc := in.Encoding()
		s.Decoded = !isRaw(f) || enc == "rtf" || strings.HasPrefix(enc, "utf-16") || r.a.opts.Encoding != (parser.Encoding{})
		s.Encoding = enc
		r.sw = r.a.w.Begin(s)
	}
	for {
		rec, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &sourceError{err}
		}
		if rec.Basis == parser.DayInferred {
			r.sw.Source().Whole = true
		}
		if err := r.add(rec); err != nil {
			return err
		}
	}
}

// A sourceError is one of the source, not of the index.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

func (r *reading) add(rec *parser.Record) error {
	r.n++
	if rec.Basis > parser.TimeInherited {
		r.stats.Cover(rec.Time, rec.Basis)
	}
	for i := range rec.Fields {
		r.a.noteField(rec.Fields[i].Name)
	}
	if r.n%4096 == 0 {
		if err := r.a.ctx.Err(); err != nil {
			return err
		}
	}
	return r.sw.Add(rec)
}

func (a *adder) noteField(name string) {
	if !a.fields[name] {
		a.fields[name] = true
	}
}

func sortedNames(set map[string]bool) []string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(set)) {
		out = append(out, strings.ToLower(n))
	}
	return out
}

// finish ends a source. The error is one of the index, or of ctx.
func (r *reading) finish(err error, change Change, from int64) error {
	var bad *sourceError
	out := Outcome{Path: r.st.Path, Change: change, Records: r.n}
	s := r.sw.Source()
	if errors.As(err, &bad) {
		out.Err, err = bad.err, nil
		s.Problem = bad.err.Error()
	}
	if err != nil {
		if r.a.ctx.Err() == nil {
			return err
		}
		_ = r.sw.Flush() // what was read until Ctrl-C is kept; an error comes back with the commit
		return err
	}
	if err := r.sw.Close(); err != nil {
		return err
	}
	s.First, s.Last = earlier(s.First, r.stats.First), later(s.Last, r.stats.Last)
	s.Basis = r.stats.Basis.String()
	s.Complete = out.Err == nil
	out.Bytes = s.Done - from
	mark(r.st, s)
	r.a.res.Outcomes = append(r.a.res.Outcomes, out)
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// grow reads what was added to a source.
func (a *adder) grow(st *source.Stream, old index.Source, id identity) error {
	sw, at, err := a.w.Resume(st.Path)
	if err != nil {
		return a.read(st, id, Repaired)
	}
	in, closer, err := st.ReaderAt()
	if err != nil {
		return err
	}
	defer closer.Close()
	s := sw.Source()
	s.BaseSize, s.BaseTime, s.ModTime, s.Problem = id.size, id.time, st.ModTime, ""
	r := &reading{a: a, st: st, sw: sw}
	rest := &progressReader{in: io.NewSectionReader(in, at.Offset, st.Size-at.Offset), report: a.report(st)}
	src := parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime, Zone: a.opts.Zone}
	f := Lookup(a.opts.Formats)(old.Format)
	if old.Quick && (f != nil || old.Format == "") {
		err = r.lines(bufio.NewReaderSize(rest, headBytes), f, src, at)
	} else {
		err = r.records(parser.Resume(rest, at, f, src), *s)
	}
	return r.finish(err, Grown, old.Done)
}

func (a *adder) report(st *source.Stream) func(int64) {
	return func(n int64) {
		if a.opts.Progress != nil {
			a.opts.Progress(st.Path, n)
		}
	}
}

// A progressReader tells how many bytes went through it.
type progressReader struct {
	in     io.Reader
	report func(int64)
}

// Read implements io.Reader.
func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.in.Read(b)
	p.report(int64(n))
	return n, err
}
