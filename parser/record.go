package parser

import (
	"time"

	"oxtail/parser/codes"
)

// A Record is one log entry of a source; it may span many lines.
//
// A Record and all it points to belong to whoever received it: the reader does
// not reuse them.
type Record struct {
	Offset int64  // bytes from the start of the source
	Raw    []byte // the entry's bytes as they stand in the source, line ends included
	Line   int    // 1-based number of the entry's first line

	Text string // decoded entry: lines joined by "\n", no trailing line end

	Time      time.Time // zero when Basis is TimeNone
	Basis     TimeBasis
	Level     Level
	Component string
	Thread    string
	Message   string  // the entry without what the format took for its head
	Fields    []Field // named captures of the format, in order of the pattern

	Codes []codes.Code // error codes, in order of appearance, without repeats
	UUIDs []UUID       // in order of appearance, without repeats

	Problem string // why the entry was not understood, or empty

	clock   time.Duration // time of day of a clock-only entry; see clock.go
	clocked bool          // clock is set
}

// A Field is a named part of a record. Names are those of the format's pattern;
// the grammars' names are listed in ARCHITECTURE.md.
type Field struct {
	Name  string
	Value string
}

// Field returns the value of the named field and whether the record has it.
func (r *Record) Field(name string) (string, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// Set adds a field, or replaces its value. Empty values are not kept: absent means unknown.
func (r *Record) Set(name, value string) {
	if value == "" {
		return
	}
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			r.Fields[i].Value = value
			return
		}
	}
	r.Fields = append(r.Fields, Field{name, value})
}

// SetClock notes the time of day of an entry whose lines name no date. The reader
// infers the day when the source has been read.
func (r *Record) SetClock(sinceMidnight time.Duration) {
	r.clock, r.clocked = sinceMidnight, true
}

// End returns the offset of the first byte after the record.
func (r *Record) End() int64 { return r.Offset + int64(len(r.Raw)) }

// A TimeBasis says where a record's time comes from.
type TimeBasis uint8

// The time bases, from nothing to the most reliable.
const (
	TimeNone        TimeBasis = iota // no time is known
	TimeInherited                    // taken from the record before
	DayInferred                      // the lines hold a clock only; the day was inferred
	TimeZoneAssumed                  // full date and time, zone assumed (--tz or the default)
	TimeExact                        // date, time and zone as written
)

var timeBasisNames = [...]string{"none", "inherited", "day-inferred", "zone-assumed", "exact"}

// String returns the name used in JSON and text output.
func (b TimeBasis) String() string { return timeBasisNames[b] }

// A Level is the severity that the writer of a log gave an entry, in lnav's words.
type Level uint8

// Levels in rising order. LevelNone means that the record names none.
const (
	LevelNone Level = iota
	LevelTrace
	LevelDebug
	LevelInfo
	LevelNotice
	LevelWarning
	LevelError
	LevelCritical
	LevelFatal
)

var levelNames = [...]string{"", "trace", "debug", "info", "notice", "warning", "error", "critical", "fatal"}

// String returns the level's name, or "" for LevelNone.
func (l Level) String() string { return levelNames[l] }
