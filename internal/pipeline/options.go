package pipeline

import (
	"runtime"
	"time"

	"oxtail/detectors"
	"oxtail/internal/source"
	"oxtail/parser"
)

// Options are the choices of a scan.
type Options struct {
	Walk     source.Options
	Formats  []parser.Format  // candidates, in order
	Rules    *detectors.Rules // required by Scan
	Encoding parser.Encoding  // zero: recognised by content
	Zone     *time.Location   // of times that name none; nil is UTC
	Since    time.Time        // records before it are not judged; zero: no limit
	Until    time.Time        // records at or after it are not judged; zero: no limit
	Jobs     int              // sources or chunks at a time; 0: one for each core
	NoRaw    bool             // read every source record by record; for tests and for doubts

	// Visit, if set, sees every stream before it is read, one after the other.
	Visit func(*source.Stream) error

	// Progress, if set, is told what was read; it may be called from any goroutine.
	Progress func(Progress)
}

// Progress is how far a scan has come.
type Progress struct {
	Path  string // source at hand
	Bytes int64  // read since the last call
}

func (o Options) jobs() int {
	if o.Jobs > 0 {
		return o.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

// inside reports whether a record is in the time that was asked for. Records
// without a time are: nobody knows that they are not.
func (o Options) inside(rec *parser.Record) bool {
	if rec.Basis == parser.TimeNone {
		return true
	}
	return (o.Since.IsZero() || !rec.Time.Before(o.Since)) && (o.Until.IsZero() || rec.Time.Before(o.Until))
}

func (o Options) parserSource(st *source.Stream) parser.Source {
	return parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime, Zone: o.Zone}
}
