package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// RewriteDocument returns a document all texts of which went through a function, for
// instance a redactor. It goes through the JSON form, so no text is forgotten.
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
		if data, err = RewriteJSON(data, text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &out[i]); err != nil {
			return nil, fmt.Errorf("read the rewritten document: %w", err)
		}
	}
	return out, nil
}

// RewriteJSON returns JSON all string values of which went through a function, in the
// order that they had. Each is handed over as the text that it is, without the escapes of
// JSON; names of members stay.
func RewriteJSON(data []byte, text func(string) string) ([]byte, error) {
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		start := bytes.IndexByte(data, '"')
		if start < 0 {
			return append(out, data...), nil
		}
		out = append(out, data[:start]...)
		data = data[start:]
		end := stringEnd(data)
		if end < 0 {
			return nil, errors.New("read JSON: a string does not end")
		}
		literal := data[:end]
		data = data[end:]
		if rest := bytes.TrimLeft(data, " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
			out = append(out, literal...)
			continue
		}
		var plain string
		if err := json.Unmarshal(literal, &plain); err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		quoted, err := json.Marshal(text(plain))
		if err != nil {
			return nil, fmt.Errorf("write JSON: %w", err)
		}
		out = append(out, quoted...)
	}
	return out, nil
}

// stringEnd returns the end of the JSON string that data begins with, -1 if it has none.
func stringEnd(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
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
