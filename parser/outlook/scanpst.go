package outlook

import (
	"hash/fnv"
	"strconv"
	"strings"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// scanpstFormat reads the logs of ScanPST, Microsoft's Inbox Repair Tool, and the
// texts of its dialog.
type scanpstFormat struct{}

func (scanpstFormat) Name() string  { return "outlook_scanpst" }
func (scanpstFormat) Title() string { return "ScanPST (Inbox Repair Tool) log" }

func (scanpstFormat) Assembler(parser.Source) parser.Assembler { return &scanpstAssembler{} }

// Limits of the ScanPST assembler.
const (
	// maxPassEntries and maxPassBytes bound the entries of a pass that are kept
	// back until it is known whether it is the last one. From there on the oldest
	// go out without the mark of the last pass.
	maxPassEntries = 100_000
	maxPassBytes   = 32 << 20

	// maxPassObjects bounds the reports that are remembered to recognise repeats.
	maxPassObjects = 200_000
)

// A scanpstAssembler makes one record of each report. Several passes may stand in
// one log; only the last one says how the file is now.
type scanpstAssembler struct {
	open   entry
	head   scanpstLine
	indent int
	extra  []string // texts of the lines below the head
	gap    bool     // the last line was blank

	pass    int
	content bool // something other than a heading was seen in this pass
	held    []*parser.Record
	bytes   int                 // of the held records
	seen    map[uint64]struct{} // reports of this pass
}

// Add implements parser.Assembler.
func (a *scanpstAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	s := parseScanpstLine(l.Text)
	switch {
	case s.text == "" && !a.open.begun:
		a.hold(blankRecord(l), emit)
		return
	case s.text == "":
		a.open.add(l)
		a.gap = true
		return
	case a.open.begun && !a.continues(s):
		a.flush(emit)
	}
	a.gap = false
	if !a.open.begun {
		a.head, a.indent = s, s.indent
	} else {
		a.extra = append(a.extra, s.text)
	}
	a.open.add(l)
}

// continues reports whether a line says more about the open report: it has no prefix
// and stands deeper, or directly below an error (mail programs wrap lines and lose
// blanks).
func (a *scanpstAssembler) continues(s scanpstLine) bool {
	if s.kind != scanpstPlain || s.start || a.open.full() {
		return false
	}
	report := a.head.kind == scanpstError || a.head.kind == scanpstWarning
	return s.indent > a.indent || report && !a.gap
}

// Close implements parser.Assembler.
func (a *scanpstAssembler) Close(emit func(*parser.Record)) {
	a.flush(emit)
	for _, r := range a.held {
		if _, ok := r.Field("event"); ok {
			r.Set("last_pass", "1")
		}
	}
	a.release(len(a.held), emit)
}

// flush completes the open entry.
func (a *scanpstAssembler) flush(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	if a.head.begins(a) {
		a.release(len(a.held), emit)
		a.pass++
		a.content, a.seen = false, nil
	}
	r := a.open.record()
	r.Message = strings.Join(append([]string{a.head.text}, a.extra...), " ")
	a.describe(r)
	a.open, a.extra = entry{}, nil
	a.hold(r, emit)
}

// begins reports whether a line begins a pass: its heading, or one of the lines at
// the start of a scan once the scan before has reported something.
func (s scanpstLine) begins(a *scanpstAssembler) bool {
	return a.pass == 0 || s.start && a.content
}

func (a *scanpstAssembler) describe(r *parser.Record) {
	r.Set("event", a.head.event())
	r.Set("pass", strconv.Itoa(a.pass))
	switch a.head.kind {
	case scanpstError:
		r.Level = parser.LevelError
	case scanpstWarning:
		r.Level = parser.LevelWarning
	case scanpstFatal:
		r.Level = parser.LevelFatal
		r.Set("hresult", a.head.code)
	}
	a.describeReport(r)
	if d, ok := dialogIn(r.Message); ok && a.head.kind == scanpstPlain {
		r.Set("dialog", d.conclusion)
		r.Set("event", d.event)
		r.Level = d.level
	}
	a.content = a.content || !a.head.start
}

// describeReport sets the fields of errors and warnings.
func (a *scanpstAssembler) describeReport(r *parser.Record) {
	if a.head.kind != scanpstError && a.head.kind != scanpstWarning {
		return
	}
	if isHarmless(r.Message) {
		r.Set("harmless", "1")
		r.Level = parser.LevelNotice
	}
	r.Set("object", objectIn(r.Message))
	key := reportKey(r.Message)
	if _, ok := a.seen[key]; ok {
		r.Set("repeat", "1")
		return
	}
	if a.seen == nil {
		a.seen = map[uint64]struct{}{}
	}
	if len(a.seen) < maxPassObjects {
		a.seen[key] = struct{}{}
	}
}

func reportKey(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// hold keeps a record until its pass is known to be the last one or not.
func (a *scanpstAssembler) hold(r *parser.Record, emit func(*parser.Record)) {
	a.held = append(a.held, r)
	a.bytes += len(r.Raw)
	if len(a.held) > maxPassEntries || a.bytes > maxPassBytes {
		a.release((len(a.held)+1)/2, emit)
	}
}

// release emits the first n held records.
func (a *scanpstAssembler) release(n int, emit func(*parser.Record)) {
	for _, r := range a.held[:n] {
		a.bytes -= len(r.Raw)
		emit(r)
	}
	a.held = append([]*parser.Record(nil), a.held[n:]...)
}

// Codes implements parser.CodePolicy: eight digits in a report are property tags;
// only the fatal error is a code.
func (a *scanpstAssembler) Codes(r *parser.Record) []codes.Code {
	if event, _ := r.Field("event"); event != "fatal" {
		return nil
	}
	if code, ok := r.Field("hresult"); ok {
		return []codes.Code{codes.Code(code)}
	}
	return nil
}

// isHarmless recognises reports that an earlier repair leaves behind or that the
// tool mends without loss.
func isHarmless(text string) bool {
	if starts(text, "amap page") {
		if _, ok := within(text, "has csfree of"); ok {
			return true
		}
	}
	for _, phrase := range [...]string{"header nid high-water mark has incorrect value", "sal missing entry", "failed to add row to the flt"} {
		if _, ok := within(text, phrase); ok {
			return true
		}
	}
	return false
}

// objectIn returns the key of the object that a report is about: its first node or
// block id, or the table and row.
func objectIn(text string) string {
	for _, label := range [...]string{"nid=", "bid=", "RowID="} {
		if id := wordAfter(text, label); id != "" {
			return label + strings.ToUpper(id)
		}
	}
	for _, label := range [...]string{"Table for ", "BBT entry (", "NBT entry (", "RBT entry (", "AMap page <"} {
		if id := wordAfter(text, label); id != "" {
			return strings.TrimRight(label, " (<") + " " + strings.ToUpper(id)
		}
	}
	return ""
}
