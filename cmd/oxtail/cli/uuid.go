package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oxtail/internal/dossier"
	"oxtail/internal/report"
	"oxtail/internal/source"
	"oxtail/parser"
)

// uuidFlags are the flags of uuid.
type uuidFlags struct {
	input    inputFlags
	rules    ruleFlags
	evidence evidenceFlags
	format   *oneOf
	output   string
	bom      bool
	all      bool
}

func newUUID(t *term) *cobra.Command {
	f := &uuidFlags{format: newOneOf("text", "text", "json", "csv")}
	cmd := &cobra.Command{
		Use:   "uuid UUID PATH…",
		Short: "Show everything that logs say about one UUID",
		Long: `Shows every record about one UUID, over all logs and in any spelling (with hyphens,
in braces, 32 bare digits), in order of time: folder, operation, account, the first error
and the last success, and what the UUID is mapped to. Contradictions stand out: one UUID
mapped to two objects, one object claimed by two UUIDs, a UUID that nothing is known of.

` + exitHelp + `Code 1 means that the last that is known of the UUID is an error.
`,
		Example: "  oxtail uuid 5d1c2a40-0000-4000-8000-00000000a001 bundle.zip",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return withHint(fmt.Errorf("%s needs a UUID and a file, a folder or -", cmd.CommandPath()), "see "+cmd.CommandPath()+" --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runUUID(cmd.Context(), t, args[0], args[1:], f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show all records, not the first few")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

func runUUID(ctx context.Context, t *term, word string, paths []string, f *uuidFlags) error {
	id, ok := parser.ParseUUID(word)
	if !ok {
		return withHint(fmt.Errorf("%q is no UUID", word), "write it as 5d1c2a40-0000-4000-8000-00000000a001, in braces, or as 32 hexadecimal digits")
	}
	if err := refuseOverwrite(f.output, paths); err != nil {
		return err
	}
	opts, err := f.options(ctx, t)
	if err != nil {
		return err
	}
	res, err := dossier.Gather(ctx, id, paths, opts)
	if err != nil {
		return err
	}
	faults := dossierFaults(t, res)
	if res.Sources == 0 {
		warnFaults(t, faults)
		return &exitError{ExitFailed, errNoLog}
	}
	d := report.NewDossier(res.Dossier)
	err = t.output(f.output, func(w io.Writer, colour bool) error {
		switch f.format.value {
		case "json":
			return report.WriteJSON(w, &d)
		case "csv":
			return report.WriteDossierCSV(w, &d, f.bom)
		}
		return report.WriteDossier(w, &d, report.TextOptions{Colour: colour, All: f.all})
	})
	switch {
	case err != nil:
		return err
	case len(faults) > 0:
		warnFaults(t, faults)
		return &exitError{code: ExitIncomplete}
	case d.State == dossier.StateFailing:
		return &exitError{code: ExitFindings}
	}
	return nil
}

// options turns the flags into those of a dossier.
func (f *uuidFlags) options(ctx context.Context, t *term) (dossier.Options, error) {
	var opts dossier.Options
	in, err := f.input.options(ctx, t)
	if err != nil {
		return opts, err
	}
	opts.Walk = in.Walk
	opts.Reader = parser.Options{Formats: in.Formats, Encoding: in.Encoding}
	opts.Source = func(st *source.Stream) parser.Source {
		return parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime, Zone: in.Zone}
	}
	opts.Wanted = func(rec *parser.Record) bool { return wanted(rec, in) }
	if opts.Rules, err = f.rules.load(); err != nil {
		return opts, err
	}
	opts.Evidence, err = f.evidence.options()
	return opts, err
}

// dossierFaults lists what was not read.
func dossierFaults(t *term, res *dossier.Result) []string {
	var out []string
	for _, s := range res.Skipped {
		if !s.Note {
			out = append(out, s.Err.Error())
		}
	}
	for _, p := range res.Problems {
		if p.Lost {
			out = append(out, p.Text)
		} else {
			t.sayf("%s", p.Text)
		}
	}
	return out
}
