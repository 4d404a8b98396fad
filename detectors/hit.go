package detectors

import (
	"strings"
	"time"
	"unicode/utf8"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// A HitKind says what a rule's match means for the collector.
type HitKind uint8

// The kinds of hits.
const (
	HitFault HitKind = iota // the rule's detection matched
	HitHeal                 // the rule's heals matched: an object of an earlier fault is well
	HitCycle                // a border of a sync cycle
)

// A Hit is one rule that matched one record. It holds copies of all that it needs
// of the record.
type Hit struct {
	Rule     *Rule
	Kind     HitKind
	Format   string
	Fields   []parser.Field // captures and the fields that the collector needs, names in lower case
	Captured int            // the first Captured of Fields come from the rule's extract
	Codes    []codes.Code
	UUIDs    []parser.UUID
	Level    parser.Level
	Evidence Evidence
}

// Field returns the first value of a field of the record or the rule's extract.
func (h *Hit) Field(name string) (string, bool) {
	for _, f := range h.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// captured returns a value that the rule's extract took out of the record.
func (h *Hit) captured(name string) (string, bool) {
	for _, f := range h.Fields[:h.Captured] {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// Evidence is a place in a source that proves something, with its text.
type Evidence struct {
	Source string           // path of the source
	Offset int64            // bytes from the start of the source
	Length int              // bytes
	Line   int              // 1-based
	Time   time.Time        // zero when unknown
	Basis  parser.TimeBasis // where Time comes from
	Text   string           // the record's text, cut to MaxEvidenceText
}

// MaxEvidenceText is the longest text of an evidence in bytes. A record can be a
// megabyte of stack trace; its head names the fault.
const MaxEvidenceText = 2 << 10

// cutMark ends a text that was cut.
const cutMark = "…"

// cutText returns text cut to at most limit bytes at a character, with a mark.
func cutText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := limit - len(cutMark)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.Clone(text[:cut]) + cutMark
}

// evidenceOf returns the evidence that a record is.
func evidenceOf(rec *parser.Record, source string) Evidence {
	ev := Evidence{
		Source: source, Offset: rec.Offset, Length: len(rec.Raw), Line: rec.Line,
		Basis: rec.Basis, Text: cutText(rec.Text, MaxEvidenceText),
	}
	if rec.Text == "" {
		ev.Text = cutText(rec.Message, MaxEvidenceText)
	}
	if rec.Basis != parser.TimeNone {
		ev.Time = rec.Time
	}
	return ev
}
