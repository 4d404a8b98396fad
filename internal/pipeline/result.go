package pipeline

import (
	"time"

	"oxtail/detectors"
	"oxtail/internal/source"
	"oxtail/parser"
)

// A Result is what a scan found, in an order that two runs over the same input share.
type Result struct {
	Sources   []Source             // in the order in which they were read
	Findings  []detectors.Finding  // worst first
	Templates []detectors.Template // error-worded records that no rule knows, most frequent first
	Skipped   []source.Skipped     // what was not read, or not to its end
	Notes     []detectors.Note     // limits that were met while detecting
	Summary   Summary
}

// A Source is what was learned of one byte stream.
type Source struct {
	Path        string
	Kind        source.Kind
	Format      string // name of the format, empty if none is known
	FormatTitle string
	FormatShare float64 // share of the head's lines that the format matched, 0 to 1
	Encoding    string
	Bytes       int64
	Records     int64
	Problems    int64 // records that were not understood
	First, Last time.Time
	TimeBasis   parser.TimeBasis
	Mailbox     string
	Verdict     detectors.Verdict
	Action      detectors.Action
	Codes       []string // as printed: 0x8004010F, SVL-0017
	Folders     []string
	FailedItems int
	Err         error // why it was not fully read, nil if it was
}

// Skip adds what was not read beside the sources: evidence that was handed over with them.
func (r *Result) Skip(more ...source.Skipped) {
	r.Skipped = append(r.Skipped, more...)
	r.summarize()
}

// Found adds findings that come from evidence beside the logs, and judges anew.
func (r *Result) Found(more ...detectors.Finding) {
	if len(more) == 0 {
		return
	}
	r.Findings = append(r.Findings, more...)
	detectors.SortFindings(r.Findings)
	r.conclude()
	r.summarize()
}

// conclude sums up for each source what the findings say of it.
func (r *Result) conclude() {
	about := bySource(r.Findings)
	for i := range r.Sources {
		r.Sources[i].conclude(about[r.Sources[i].Path])
	}
}

// summarize fills the summary from the rest.
func (r *Result) summarize() {
	s := Summary{Findings: make(map[detectors.Severity]int)}
	for _, src := range r.Sources {
		s.Sources++
		s.Bytes += src.Bytes
		s.Records += src.Records
		s.Problems += src.Problems
		if src.Err != nil {
			s.NotRead++
		}
	}
	for _, sk := range r.Skipped {
		if !sk.Note {
			s.NotRead++
		}
	}
	for _, f := range r.Findings {
		s.Findings[f.Severity]++
	}
	s.Incomplete = s.NotRead > 0
	s.Verdict, s.Action = detectors.SourceVerdict(r.Findings)
	if !detectors.Worse(s.Verdict, detectors.Informational) && !r.judged() {
		s.Verdict, s.Action = detectors.Unknown, detectors.Manual
	}
	r.Summary = s
}

// judged reports whether there are sources that can be judged and all of them were read
// to the end, so that nothing bad found means that nothing bad is there.
func (r *Result) judged() bool {
	any := false
	for _, src := range r.Sources {
		switch src.Kind {
		case source.KindLog, source.KindItem, source.KindEvtx, source.KindProfile, source.KindHive:
			if src.Err != nil {
				return false
			}
			any = true
		}
	}
	return any
}

// A Summary is the whole scan in one line.
type Summary struct {
	Sources    int // read, wholly or in part
	NotRead    int // not read at all, or not to their end
	Bytes      int64
	Records    int64
	Problems   int64
	Findings   map[detectors.Severity]int
	Verdict    detectors.Verdict
	Action     detectors.Action
	Incomplete bool // something was not fully read
}
