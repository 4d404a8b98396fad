package lnav

import (
	"time"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// A Head recognises the first line of an entry and reads it.
type Head interface {
	// Read fills Level, Component, Thread, Message and Fields of r from the first line
	// of an entry. It returns false when no entry begins with the line.
	Read(line string, r *parser.Record) (Reading, bool)
}

// A RawHead is a Head that can do its work on raw bytes, without allocating.
type RawHead interface {
	Head

	// Starts reports whether an entry begins with a line, given without line end.
	Starts(line []byte) bool

	// StampOf returns the timestamp of a line that begins an entry.
	StampOf(line []byte) Reading
}

// A Reading is the timestamp of an entry.
type Reading struct {
	Stamp   stamp.Stamp
	Timed   bool   // Stamp was read
	UTC     bool   // a stamp without a zone is UTC, by the format's definition
	Problem string // what was not understood, or empty
}

// Problems of records.
const (
	// ProblemNoHead marks lines before the first entry, or that should be one.
	ProblemNoHead = "no head: the line fits no pattern of the format"

	// ProblemNoTime marks an entry whose timestamp was found but not understood.
	ProblemNoTime = "timestamp not understood"

	// ProblemTimeout marks a line that a backtracking pattern gave up on.
	ProblemTimeout = "pattern took too long; the line was not matched"

	// ProblemLongEntry marks the parts of an entry that was longer than the limits.
	ProblemLongEntry = "entry is longer than 10,000 lines or 1 MiB; it was split"
)

// FieldGuessed names the parts of a record that were guessed: "level thread component".
const FieldGuessed = "guessed"

// when returns the moment of a reading in a source. The basis is TimeNone for a
// bare clock (the reader infers its day) and for a date without a year in a source
// of unknown age.
func (in Reading) when(src parser.Source, order stamp.Order) (time.Time, parser.TimeBasis) {
	s := in.Stamp.In(order)
	if !in.Timed || !s.Has(stamp.Date) {
		return time.Time{}, parser.TimeNone
	}
	zone, basis := src.Zone, parser.TimeZoneAssumed
	if zone == nil {
		zone = time.UTC
	}
	if in.UTC {
		zone = time.UTC
	}
	if in.UTC || s.Has(stamp.Zone) {
		basis = parser.TimeExact
	}
	if !s.Has(stamp.Year) {
		if src.ModTime.IsZero() {
			return time.Time{}, parser.TimeNone
		}
		s, basis = s.WithYearBefore(src.ModTime.In(zone)), parser.DayInferred
	}
	return s.Time(zone), basis
}

// setTime gives a record the time of a reading.
func setTime(r *parser.Record, in Reading, src parser.Source, order stamp.Order) {
	if in.Timed && !in.Stamp.Has(stamp.Date) {
		r.SetClock(in.Stamp.SinceMidnight())
		return
	}
	r.Time, r.Basis = in.when(src, order)
}
