package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// RewriteDocument returns a document all texts of which went through a function, for
// instance a redactor. It goes through the JSON form, so no text is forgotten, and the
// function sees each text with the name of its field.
func RewriteDocument(d *Document, text func(string) string) (*Document, error) {
	out := &Document{}
	var err error
	if out.Sources, err = rewrite(d.Sources, text); err != nil {
		return nil, err
	}
	if out.Findings, err = rewrite(d.Findings, text); err != nil {
		return nil, err
	}
	if out.Cases, err = rewrite(d.Cases, text); err != nil {
		return nil, err
	}
	if out.Templates, err = rewrite(d.Templates, text); err != nil {
		return nil, err
	}
	if out.Notes, err = rewrite(d.Notes, text); err != nil {
		return nil, err
	}
	out.Summary = d.Summary
	return out, nil
}

func rewrite[T any](list []T, text func(string) string) ([]T, error) {
	out := make([]T, len(list))
	for i := range list {
		data, err := json.Marshal(&list[i])
		if err != nil {
			return nil, fmt.Errorf("write the document: %w", err)
		}
		if err := json.Unmarshal([]byte(text(string(data))), &out[i]); err != nil {
			return nil, fmt.Errorf("read the rewritten document: %w", err)
		}
	}
	return out, nil
}

// WriteEvidenceCSV writes the records that prove the findings, each once, in the columns of
// all records.
func (d *Document) WriteEvidenceCSV(w io.Writer, withBOM bool) error {
	type place struct {
		source string
		offset int64
		line   int
	}
	seen := map[place]bool{}
	rows := []RecordRow{}
	for i := range d.Findings {
		f := &d.Findings[i]
		for _, e := range f.Evidence {
			at := place{e.Source, e.Offset, e.Line}
			if seen[at] {
				continue
			}
			seen[at] = true
			r := Record{Schema: SchemaRecord, Source: e.Source, Offset: e.Offset, Length: e.Length, Line: e.Line, Time: e.Time, TimeBasis: e.TimeBasis, Message: e.Text, Codes: f.Codes}
			rows = append(rows, r.Row())
		}
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}
