package cli

import (
	"context"
	"errors"
	"io"

	"oxtail/internal/pipeline"
	"oxtail/internal/report"
	"oxtail/internal/source"
	"oxtail/parser"
)

// rowsAhead is how many records are turned into CSV at a time.
const rowsAhead = 512

// runScanRecords writes all records as CSV while reading them: memory does not grow
// with the logs.
func runScanRecords(ctx context.Context, t *term, paths []string, opts pipeline.Options, f *scanFlags) error {
	d := &report.Document{}
	err := t.output(f.output, func(w io.Writer, _ bool) error {
		out := report.NewCSV(w, f.bom)
		var rows []report.RecordRow
		skipped, err := eachRecord(ctx, paths, opts, func(st *source.Stream, rec *parser.Record) error {
			if rows == nil {
				rows = make([]report.RecordRow, 0, rowsAhead)
			}
			r := report.FromRecord(st.Path, rec)
			rows = append(rows, r.Row())
			d.Summary.Sources = 1 // something was read; how many does not matter here
			if len(rows) < rowsAhead {
				return nil
			}
			err := report.WriteCSV(out, rows)
			rows = rows[:0]
			return err
		})
		if e := report.WriteCSV(out, rows); err == nil {
			err = e
		}
		d.AddSkipped(skipped)
		return err
	})
	t.warnIncomplete(d)
	switch {
	case errors.Is(err, context.Canceled):
		t.warnf("interrupted; the last record may be missing")
		return &exitError{code: ExitIncomplete}
	case err != nil:
		return err
	case len(d.Incomplete()) > 0 && d.Summary.Sources == 0:
		return &exitError{code: ExitFailed}
	case len(d.Incomplete()) > 0:
		return &exitError{code: ExitIncomplete}
	}
	return nil
}
