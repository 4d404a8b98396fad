package report

import (
	"fmt"
	"io"
	"time"
)

// An Indexed is a source of an index. Schema oxtail.indexed/v1.
type Indexed struct {
	Schema   string `json:"schema"`
	ID       string `json:"id"`
	Path     string `json:"path"`
	Format   string `json:"format,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Records  int64  `json:"records"`
	Bytes    int64  `json:"bytes"`
	First    string `json:"first,omitempty"`
	Last     string `json:"last,omitempty"`
	Complete bool   `json:"complete"`
	Error    string `json:"error,omitempty"`
}

// SchemaIndexed is the schema of an Indexed.
const SchemaIndexed = "oxtail.indexed/v1"

// NewIndexed returns a source of an index in the form of the schema, redacted.
func NewIndexed(id, path, format, encoding string, records, bytes int64, first, last time.Time, complete bool, problem string) Indexed {
	return Indexed{SchemaIndexed, id, clean(path), format, encoding, records, bytes, stamp(first), stamp(last), complete, clean(problem)}
}

// WriteIndexed writes one line.
func WriteIndexed(w io.Writer, s Indexed) error {
	span := period(s.First, s.Last)
	if span == "" {
		span = "no times"
	}
	format := s.Format
	if format == "" {
		format = "no format"
	}
	note := ""
	if !s.Complete {
		note = "  (not fully read)"
	}
	_, err := fmt.Fprintf(w, "%-12s %s, %s, %s  %s%s\n", s.ID, Counted(s.Records, "record"), span, format, Plain(s.Path), note)
	return err
}

// Counted returns a number with its noun, in the plural if need be.
func Counted(n int64, noun string) string { return plural(n, noun) }
