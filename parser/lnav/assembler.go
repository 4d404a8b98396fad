package lnav

import (
	"strings"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// Limits of an entry. A stack trace has hundreds of lines, a dumped message some
// hundred kilobytes; what is longer is no entry any more, or hostile.
const (
	MaxEntryLines = 10_000
	MaxEntryBytes = 1 << 20
)

// An assembler turns lines into records: a line with a head begins one, others
// continue it.
type assembler struct {
	head      Head
	src       parser.Source
	multiline bool
	continues bool // a head without a time continues a timed entry

	timed    bool           // the open entry has a time
	headless bool           // the open entry is no entry: its first line has no head
	open     *parser.Record // entry that is not finished, nil if there is none
	raw      [][]byte       // its lines
	text     []string
	size     int
	split    bool // the last line was a piece of a longer one
	slow     int  // lines that a backtracking pattern gave up on

	days dayOrder
}

func newAssembler(h Head, src parser.Source, multiline, continues bool) *assembler {
	return &assembler{head: h, src: src, multiline: multiline, continues: continues}
}

// Add implements parser.Assembler.
func (a *assembler) Add(l parser.Line, emit func(*parser.Record)) {
	continues := a.split
	a.split = l.Split
	if continues && a.open != nil {
		a.extend(l, emit)
		return
	}
	r := &parser.Record{}
	in, ok := a.read(l.Text, r)
	if ok && a.continues && a.timed && !in.Timed {
		ok = false
	}
	if ok {
		a.begin(l, r, emit)
		a.timed, a.headless = in.Timed, false
		a.time(r, in)
		if a.days.decided() {
			a.days.release(a.src, emit)
		}
		return
	}
	if a.open != nil && a.multiline {
		a.extend(l, emit)
		return
	}
	a.begin(l, &parser.Record{Problem: r.Problem, Message: l.Text}, emit)
	a.timed, a.headless = false, true
	a.noteHeadless(l)
}

// noteHeadless marks the open entry if it has text but no head.
func (a *assembler) noteHeadless(l parser.Line) {
	if a.headless && l.Text != "" && a.open.Problem == "" {
		a.open.Problem = ProblemNoHead
	}
}

// maxSlowLines is how many lines of a source a backtracking pattern may give up on
// before the format is not tried any more: each costs matchTimeout.
const maxSlowLines = 20

// read tries the head, unless it proved to be too slow for this source.
func (a *assembler) read(line string, r *parser.Record) (Reading, bool) {
	if a.slow >= maxSlowLines {
		r.Problem = ProblemTimeout
		return Reading{}, false
	}
	in, ok := a.head.Read(line, r)
	if r.Problem == ProblemTimeout {
		a.slow++
	}
	return in, ok
}

// begin ends the open entry and makes l the first line of the next one.
func (a *assembler) begin(l parser.Line, r *parser.Record, emit func(*parser.Record)) {
	a.finish(emit)
	r.Offset, r.Line = l.Offset, l.Number
	if l.Split && r.Problem == "" {
		r.Problem = parser.ProblemLongLine
	}
	a.open = r
	a.raw, a.text, a.size = append(a.raw[:0], l.Raw), append(a.text[:0], l.Text), len(l.Raw)
}

func (a *assembler) time(r *parser.Record, in Reading) {
	if in.Problem != "" && r.Problem == "" {
		r.Problem = in.Problem
	}
	a.days.settle(r, in, a.src)
}

// extend adds a line to the open entry, or begins the next part of one that is full.
func (a *assembler) extend(l parser.Line, emit func(*parser.Record)) {
	if len(a.raw) >= MaxEntryLines || a.size+len(l.Raw) > MaxEntryBytes {
		if a.open.Problem == "" {
			a.open.Problem = ProblemLongEntry
		}
		a.begin(l, &parser.Record{Problem: ProblemLongEntry, Message: l.Text}, emit)
		return
	}
	a.raw, a.text = append(a.raw, l.Raw), append(a.text, l.Text)
	a.size += len(l.Raw)
	a.noteHeadless(l)
}

// finish completes the open entry.
func (a *assembler) finish(emit func(*parser.Record)) {
	r := a.open
	if r == nil {
		return
	}
	a.open = nil
	r.Raw, r.Text = a.raw[0], a.text[0]
	if len(a.raw) > 1 {
		r.Raw = joinRaw(a.raw, a.size)
		a.joinText(r)
	}
	a.days.emit(r, a.src, emit)
}

// joinText sets the text of an entry of several lines; the message gets all of
// them but what the head took.
func (a *assembler) joinText(r *parser.Record) {
	r.Text = strings.TrimRight(strings.Join(a.text, "\n"), "\n")
	more := strings.TrimRight(strings.Join(a.text[1:], "\n"), "\n")
	switch {
	case r.Message == r.Text || more == "":
	case r.Message == "":
		r.Message = more
	default:
		r.Message += "\n" + more
	}
}

func joinRaw(parts [][]byte, size int) []byte {
	out := make([]byte, 0, size)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// Close implements parser.Assembler.
func (a *assembler) Close(emit func(*parser.Record)) {
	a.finish(emit)
	a.days.release(a.src, emit)
}

// Limits on what is kept back while nothing tells day from month.
const (
	maxUndatedRecords = 1000
	maxUndatedBytes   = 1 << 20
)

// FieldDateOrder is set on records whose date could be read the other way round
// when nothing in the source told which; its value says what was assumed.
const FieldDateOrder = "date_order"

// A dayOrder keeps records with an ambiguous date back until the source tells day
// from month: by a day above 12, by a change of date, by the file's last change.
// Within its limits it decides over the whole source; beyond them it says so.
type dayOrder struct {
	survey  stamp.Survey
	order   stamp.Order
	assumed bool    // limits were reached: the assumption stands for the rest
	pending Reading // of the open record, if it is ambiguous
	queue   []undated
	size    int
}

// An undated record waits for its date, or for one before it.
type undated struct {
	record  *parser.Record
	reading Reading // not Timed: the record has its time
}

// settle sets the time of a record that begins, or notes it for later.
func (d *dayOrder) settle(r *parser.Record, in Reading, src parser.Source) {
	d.pending = Reading{}
	d.observe(in, src)
	setTime(r, in, src, d.order)
	if !in.Timed || !in.Stamp.Has(stamp.Ambiguous) || d.order != stamp.OrderUnknown {
		return
	}
	r.Set(FieldDateOrder, "assumed "+stamp.DayFirst.String())
	if !d.assumed {
		d.pending = in
	}
}

// observe learns the order from a stamp.
func (d *dayOrder) observe(in Reading, src parser.Source) {
	if in.Timed && d.order == stamp.OrderUnknown && !d.assumed {
		d.survey.Observe(in.Stamp)
		d.order = d.survey.Against(src.ModTime)
	}
}

// decided reports whether queued records need wait no longer.
func (d *dayOrder) decided() bool { return len(d.queue) > 0 && d.order != stamp.OrderUnknown }

// emit hands a finished record on, or queues it.
func (d *dayOrder) emit(r *parser.Record, src parser.Source, emit func(*parser.Record)) {
	in := d.pending
	d.pending = Reading{}
	if !in.Timed && len(d.queue) == 0 {
		emit(r)
		return
	}
	d.queue = append(d.queue, undated{r, in})
	d.size += len(r.Raw)
	if len(d.queue) >= maxUndatedRecords || d.size >= maxUndatedBytes {
		d.release(src, emit)
		d.assumed = d.order == stamp.OrderUnknown
	}
}

// release hands the queue on with what is known by now.
func (d *dayOrder) release(src parser.Source, emit func(*parser.Record)) {
	if d.order == stamp.OrderUnknown && len(d.queue) > 0 {
		d.order = d.survey.Near(src.ModTime)
	}
	for _, u := range d.queue {
		if u.reading.Timed && d.order != stamp.OrderUnknown {
			setTime(u.record, u.reading, src, d.order)
			u.record.Fields = without(u.record.Fields, FieldDateOrder)
		}
		emit(u.record)
	}
	d.queue, d.size = nil, 0
}

func without(fields []parser.Field, name string) []parser.Field {
	kept := fields[:0]
	for _, f := range fields {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	return kept
}
