package cli

import (
	"context"
	"errors"
	"io"

	"oxtail/internal/pipeline"
	"oxtail/internal/source"
	"oxtail/parser"
)

// eachRecord reads all sources one after the other and hands over each record that
// is in the time that was asked for.
func eachRecord(ctx context.Context, paths []string, opts pipeline.Options, visit func(*source.Stream, *parser.Record) error) ([]source.Skipped, error) {
	var faults []source.Skipped
	skipped, err := source.Walk(ctx, paths, opts.Walk, func(st *source.Stream) error {
		if !st.Kind.HasRecords() {
			return nil
		}
		err := streamRecords(ctx, st, opts, visit)
		var fault *source.Error
		if errors.As(err, &fault) {
			faults = append(faults, source.Skipped{Path: st.Path, Err: err, Budget: fault.Budget})
			return nil
		}
		return err
	})
	return append(skipped, faults...), err
}

func streamRecords(ctx context.Context, st *source.Stream, opts pipeline.Options, visit func(*source.Stream, *parser.Record) error) error {
	in, err := st.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	src := parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime, Zone: opts.Zone}
	r := parser.NewReader(in, src, parser.Options{Formats: opts.Formats, Encoding: opts.Encoding})
	for ctx.Err() == nil {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !wanted(rec, opts) {
			continue
		}
		if err := visit(st, rec); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wanted reports whether a record is between --since and --until; one without a
// time is.
func wanted(rec *parser.Record, opts pipeline.Options) bool {
	if rec.Basis == parser.TimeNone {
		return true
	}
	return (opts.Since.IsZero() || !rec.Time.Before(opts.Since)) && (opts.Until.IsZero() || rec.Time.Before(opts.Until))
}
