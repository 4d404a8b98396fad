package parser

import (
	"time"

	"oxtail/parser/codes"
)

// A Format knows how a family of logs writes its entries.
//
// Formats are chosen by what they claim of a source's head (see Choose). A Format
// is immutable and may be used from several goroutines at once.
type Format interface {
	// Name is the format's identifier, such as "outlook_sync". It is stable.
	Name() string

	// Title is a short human name, such as "Outlook synchronization log".
	Title() string

	// Claim judges the first lines of a source.
	Claim(head []Line) Claim

	// Assembler returns a fresh assembler for one source.
	Assembler(src Source) Assembler
}

// A Claim says how well a format fits a source's head.
type Claim struct {
	Matched     int // lines (or, for grammars, characteristic marks) that fit
	Considered  int // lines that were judged; blank ones do not count
	Specificity int // tie-break: the more a format demands, the higher. Grammars with unmistakable marks use ≥ 100
}

// Share returns the fraction of considered lines that fit, from 0 to 1.
func (c Claim) Share() float64 {
	if c.Considered == 0 {
		return 0
	}
	return float64(c.Matched) / float64(c.Considered)
}

// An Assembler turns the lines of one source, in order, into records.
//
// Every line that is added must become part of exactly one record, in order; a
// line may be split between records (Line.Cut). Assemblers fill Offset, Raw, Line,
// Text, Message and whatever else the entry says; codes and UUIDs are added by the
// reader unless the assembler implements CodePolicy.
type Assembler interface {
	// Add takes the next line and emits the records that it completes.
	Add(l Line, emit func(*Record))

	// Close emits what is still open at the end of the source.
	Close(emit func(*Record))
}

// CodePolicy is implemented by assemblers whose text holds values that look like
// codes but are none (property tags, merged conflicts).
type CodePolicy interface {
	// Codes returns the codes of one assembled record.
	Codes(r *Record) []codes.Code
}

// Choose returns the format with the best claim on the head of the source at path,
// and the claim.
// It returns nil when none claims at least MinShare of the lines. Ties go to the
// more specific format, then to the earlier one in the list.
func Choose(formats []Format, path string, head []Line) (Format, Claim) {
	var best Format
	var bestClaim Claim
	for _, f := range formats {
		c := claimOf(f, path, head)
		if c.Matched == 0 || c.Share() < MinShare {
			continue
		}
		if best == nil || better(c, bestClaim) {
			best, bestClaim = f, c
		}
	}
	return best, bestClaim
}

func claimOf(f Format, path string, head []Line) Claim {
	if named, ok := f.(FileFormat); ok {
		return named.ClaimFile(path, head)
	}
	return f.Claim(head)
}

// MinShare is the share of lines that a format must match to be chosen. Logs with
// long stack traces have few head lines; a third still tells them from chance.
const MinShare = 0.3

func better(a, b Claim) bool {
	if (a.Specificity >= decisive) != (b.Specificity >= decisive) {
		return a.Specificity >= decisive
	}
	if a.Share() != b.Share() {
		return a.Share() > b.Share()
	}
	return a.Specificity > b.Specificity
}

// decisive is the specificity from which a claim goes before any share: a grammar
// has seen marks that no other log carries.
const decisive = 100

// A RawFormat is a Format whose records can be told apart in raw bytes, without
// decoding. Scanning uses it to build only the records that something is to be said
// about; a property test keeps it equal to the Assembler.
type RawFormat interface {
	Format

	// Starts returns the function that reports whether a raw line begins a record,
	// or nil when the format needs its Assembler for that. It does not allocate.
	Starts() func(line []byte) bool

	// StampOf returns the function that reads the time at the head of a raw line
	// that begins a record. ok is false when the line names none.
	StampOf(src Source) func(line []byte) (t time.Time, basis TimeBasis, ok bool)
}

// A SettledFormat is a RawFormat that must see a source's head before pieces of the
// source can be read: whether 05/03 is the fifth of March is decided once for all.
type SettledFormat interface {
	RawFormat

	// Settle returns the format to read pieces with. Its Starts is nil when the head
	// does not decide.
	Settle(head []Line, src Source) RawFormat
}

// A FileFormat is a Format that also looks at the name of the file.
type FileFormat interface {
	Format

	// ClaimFile judges the first lines of the source at path.
	ClaimFile(path string, head []Line) Claim
}
