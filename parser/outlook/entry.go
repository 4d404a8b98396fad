package outlook

import (
	"bytes"
	"strings"

	"oxtail/parser"
)

// maxEntry is the size in bytes from which an entry is handed on although it may
// go on: a damaged file must not become one record of its own size.
const maxEntry = 1 << 20

// problemLongEntry is the Problem of a record that was cut at maxEntry.
const problemLongEntry = "entry is longer than 1 MiB; it was split"

// An entry collects the lines of one record.
type entry struct {
	raw    []byte
	text   []byte
	offset int64
	line   int // number of the first line
	last   int // number of the last line
	begun  bool
	split  bool // a line of the entry was longer than parser.MaxLine
}

// add appends a line, or a part of one. Parts of one line are joined as they stood.
func (e *entry) add(l parser.Line) {
	switch {
	case !e.begun:
		e.begun, e.offset, e.line, e.raw = true, l.Offset, l.Number, l.Raw[:len(l.Raw):len(l.Raw)]
	default:
		e.raw = append(e.raw, l.Raw...)
		if l.Number != e.last {
			e.text = append(e.text, '\n')
		}
	}
	e.text = append(e.text, l.Text...)
	e.last = l.Number
	e.split = e.split || l.Split
}

// full reports whether the entry has reached its limit.
func (e *entry) full() bool { return len(e.raw) >= maxEntry }

// record returns the entry as a record without fields.
func (e *entry) record() *parser.Record {
	text := string(bytes.TrimRight(e.text, "\n"))
	r := &parser.Record{Offset: e.offset, Raw: e.raw, Line: e.line, Text: text, Message: strings.TrimSpace(text), Level: parser.LevelInfo}
	switch {
	case e.split:
		r.Problem = parser.ProblemLongLine
	case e.full():
		r.Problem = problemLongEntry
	}
	return r
}

// blankRecord returns the record of lines without text that stand before the first entry.
func blankRecord(l parser.Line) *parser.Record {
	e := entry{}
	e.add(l)
	r := e.record()
	r.Level = parser.LevelNone
	return r
}

// isBlank reports whether a text holds nothing to see.
func isBlank(text string) bool { return trim(text) == "" }
