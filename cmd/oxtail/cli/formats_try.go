package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
	"oxtail/internal/source"
	"oxtail/parser"
	"oxtail/parser/formats"
)

func newFormatsTest(t *term) *cobra.Command {
	var f formatsTestFlags
	form := newOneOf("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "test FILE",
		Short: "Say which format a log has, and line by line what did not match",
		Long: `Says which formats claim a log, with the share of lines that each matches, and goes
through the log line by line: what matched, and where the closest pattern stopped.

` + exitHelp,
		Example: "  oxtail formats test oxtstore_1.log\n  oxtail formats test --formats . --as my_format log.txt",
		Args:    exactlyOne("one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.json = form.value == "json"
			return runFormatsTest(cmd.Context(), t, args[0], &f)
		},
	}
	formatDirs(cmd, &f.dirs)
	flags := cmd.Flags()
	flags.StringVar(&f.as, "as", "", "take the format of this `name`, whatever the log looks like")
	flags.StringVar(&f.encoding, "encoding", "", "`name` of the log's encoding; found by content if not given")
	flags.IntVar(&f.lines, "lines", 200, "`number` of lines that are explained")
	flags.BoolVar(&f.all, "all", false, "show lines that matched, too")
	choice(cmd, "format", "how to print it", form)
	return cmd
}

// formatsTestFlags are the flags of formats test.
type formatsTestFlags struct {
	dirs     []string
	as       string
	encoding string
	lines    int
	all      bool
	json     bool
}

// headLines is how many lines formats are judged by.
const headLines = 200

// maxExplained bounds --lines: a log of a gigabyte is not explained line by line.
const maxExplained = 1_000_000

// errFirstOnly ends a walk after the first stream.
var errFirstOnly = errors.New("only the first stream is wanted")

func runFormatsTest(ctx context.Context, t *term, name string, f *formatsTestFlags) error {
	if f.lines < 1 || f.lines > maxExplained {
		return fmt.Errorf("unexpected --lines %d; want 1 to %d", f.lines, maxExplained)
	}
	set, err := t.loadFormatSet(f.dirs)
	if err != nil {
		return err
	}
	var enc parser.Encoding
	if f.encoding != "" {
		if enc, err = parser.EncodingByName(f.encoding); err != nil {
			return fmt.Errorf("--encoding: %w", err)
		}
	}
	var trial report.FormatTrial
	skipped, err := source.Walk(ctx, []string{name}, source.Options{Stdin: t.stdin}, func(st *source.Stream) error {
		lines, err := headOf(st, enc, max(f.lines, headLines))
		if err != nil {
			return err
		}
		trial, err = try(set, st, lines, f)
		if err != nil {
			return err
		}
		return errFirstOnly
	})
	switch {
	case err != nil && !errors.Is(err, errFirstOnly):
		return err
	case err == nil && len(skipped) > 0:
		return skipped[0].Err
	case err == nil:
		return fmt.Errorf("read %s: nothing in it", name)
	}
	if f.json {
		return report.WriteJSON(t.stdout, &trial)
	}
	return report.WriteFormatTrial(t.stdout, &trial, report.TextOptions{Colour: t.colour, All: f.all})
}

// headOf reads the first lines of a stream.
func headOf(st *source.Stream, enc parser.Encoding, most int) ([]parser.Line, error) {
	in, err := st.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	lr := parser.NewLineReader(in, enc)
	var lines []parser.Line
	for len(lines) < most {
		l, err := lr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// try ranks the formats and explains the lines by the best, or by --as.
func try(set *formats.Set, st *source.Stream, lines []parser.Line, f *formatsTestFlags) (report.FormatTrial, error) {
	trial := report.FormatTrial{Schema: report.SchemaFormatTrial, Path: st.Path}
	var chosen parser.Format
	for i, r := range set.Rank(st.Path, lines[:min(len(lines), headLines)]) {
		if i == 0 && r.Claim.Share() >= parser.MinShare {
			chosen = r.Format
		}
		trial.AddClaim(r.Format, r.Claim)
	}
	if f.as != "" {
		var ok bool
		if chosen, ok = set.Lookup(f.as); !ok {
			return trial, unknownFormat(set, f.as)
		}
	}
	if chosen != nil {
		trial.Format = chosen.Name()
		src := parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime}
		trial.AddLines(formats.Explain(chosen, lines[:min(len(lines), f.lines)], src))
	}
	return trial, nil
}
