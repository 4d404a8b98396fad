package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/detectors"
	"oxtail/internal/report"
)

// scanFlags are the flags of scan.
type scanFlags struct {
	caseFlags
	format *oneOf
	csv    *oneOf
	failOn *oneOf

	output  string
	bom     bool
	explain string
	all     bool
}

func newScan(t *term) *cobra.Command {
	f := &scanFlags{
		format: newOneOf("text", "text", "json", "csv", "md"),
		csv:    newOneOf("findings", "findings", "cases", "records", "sources"),
		failOn: newOneOf("high", "critical", "high", "medium", "low", "informational", "never"),
	}
	cmd := &cobra.Command{
		Use:   "scan PATH…",
		Short: "Find out what is wrong in logs",
		Long: `Reads logs and says what is wrong, what proves it, and what to do.

A PATH is a file, a folder, a glob, an archive (zip, 7z, tar, gz, zst, xz, also nested),
a mail item (.msg, .eml, .rtf), or "-" for standard input. What a file is, is told by its
content. Evidence is only read.

--csv records writes every record and applies no rule.

` + exitHelp + `Code 3 goes before 1: what was found may not be all.
`,
		Example: "  oxtail scan bundle.zip\n  oxtail scan --since yesterday --format md -o ticket.md C:\\Temp\\oxtstore_*.log\n  type log.txt | oxtail scan -",
		Args:    atLeastOne("a file, a folder or -"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runScan(cmd.Context(), t, cmd, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	choice(cmd, "csv", "write CSV of one kind of rows", f.csv)
	choice(cmd, "fail-on", "exit with 1 on findings of this severity or above", f.failOn)
	flags.StringVarP(&f.output, "output", "o", "", "write to a `file`, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.StringVar(&f.explain, "explain", "", "show one finding, by its `ID`, with all of its evidence and its rule")
	flags.BoolVar(&f.all, "all", false, "show all evidence, sources and unknown records in text and md, not only the first")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

// check finds flags that contradict each other, before any file is opened.
func (f *scanFlags) check(cmd *cobra.Command, paths []string) error {
	flags := cmd.Flags()
	if flags.Changed("csv") {
		if flags.Changed("format") && f.format.value != "csv" {
			return withHint(fmt.Errorf("--csv %s and --format %s contradict each other", f.csv, f.format), "leave out --format")
		}
		f.format.value = "csv"
	}
	switch {
	case f.bom && f.format.value != "csv":
		return withHint(errors.New("--bom is for CSV"), "did you mean --format csv --bom?")
	case f.explain != "" && f.format.value != "text" && f.format.value != "json":
		return withHint(errors.New("--explain writes text or JSON"), "leave out --format")
	}
	return refuseOverwrite(f.output, paths)
}

func runScan(ctx context.Context, t *term, cmd *cobra.Command, paths []string, f *scanFlags) error {
	if err := f.check(cmd, paths); err != nil {
		return err
	}
	opts, err := f.input.options(ctx, t)
	if err != nil {
		return err
	}
	if opts.Rules, err = f.rules.load(); err != nil {
		return err
	}
	if f.format.value == "csv" && f.csv.value == "records" {
		return runScanRecords(ctx, t, paths, opts, f)
	}
	scanned, err := scanLinked(ctx, t, paths, opts, &f.evidence)
	interrupted := ctx.Err() != nil && scanned != nil
	if err != nil && !interrupted {
		return err
	}
	d := report.NewDocument(scanned.result, version())
	d.Cases = report.NewCases(scanned.cases)
	if interrupted {
		t.warnf("interrupted; this is what was found until then")
		d.Summary.Incomplete = true
	}
	if d.Summary.Sources == 0 {
		return t.nothingRead(d, paths, &f.input)
	}
	if err := f.write(t, d, opts.Rules); err != nil {
		return err
	}
	if f.format.value != "text" || f.output != "" {
		t.warnIncomplete(d)
	}
	return f.exit(d)
}

// write writes the document in the form that was asked for.
func (f *scanFlags) write(t *term, d *report.Document, rules *detectors.Rules) error {
	if f.explain != "" {
		return f.writeExplained(t, d, rules)
	}
	return t.output(f.output, func(w io.Writer, colour bool) error {
		opt := report.TextOptions{Colour: colour, All: f.all}
		switch f.format.value {
		case "json":
			return report.WriteDocument(w, d)
		case "md":
			return report.WriteMarkdown(w, d, opt)
		case "csv":
			switch f.csv.value {
			case "sources":
				return d.WriteSourcesCSV(w, f.bom)
			case "cases":
				return report.WriteCasesCSV(w, d.Cases, f.bom)
			}
			return d.WriteFindingsCSV(w, f.bom)
		}
		return report.WriteText(w, d, opt)
	})
}

func (f *scanFlags) writeExplained(t *term, d *report.Document, rules *detectors.Rules) error {
	finding, ok := d.Find(f.explain)
	if !ok {
		return unknownFinding(d, f.explain)
	}
	return t.output(f.output, func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return report.WriteJSON(w, finding)
		}
		var row *report.Rule
		if r, ok := rules.Lookup(finding.Rule); ok {
			x := report.NewRule(r)
			row = &x
		}
		return report.WriteExplained(w, finding, row, report.TextOptions{Colour: colour, All: true})
	})
}

func unknownFinding(d *report.Document, id string) error {
	err := fmt.Errorf("no finding has the ID %q", id)
	var ids []string
	for i := range d.Findings {
		ids = append(ids, d.Findings[i].ID)
	}
	switch n := nearest(id, ids); {
	case n != "":
		return withHint(err, "did you mean "+n+"?")
	case len(ids) == 0:
		return withHint(err, "there are no findings")
	}
	return withHint(err, "the ID stands in brackets after each finding's title, for instance "+ids[0])
}

// exit returns the exit code as an error.
func (f *scanFlags) exit(d *report.Document) error {
	switch {
	case !d.HasLog():
		return &exitError{ExitFailed, errNoLog}
	case d.Summary.Incomplete:
		return &exitError{code: ExitIncomplete}
	case f.failOn.value != "never" && d.Summary.Findings.AtLeast(f.failOn.value) > 0:
		return &exitError{code: ExitFindings}
	}
	return nil
}

// errNoLog is what a scan of pictures and programs gives.
var errNoLog = errors.New("nothing in it is a log")

// nothingRead tells why there is no result.
func (t *term) nothingRead(d *report.Document, paths []string, in *inputFlags) error {
	if len(d.Incomplete()) == 0 {
		err := fmt.Errorf("there is nothing to read in %s", strings.Join(paths, ", "))
		if len(in.include)+len(in.exclude) > 0 {
			return withHint(err, "--include and --exclude leave nothing")
		}
		return err
	}
	for _, text := range d.Incomplete() {
		t.sayf("%s", text)
	}
	return &exitError{code: ExitFailed}
}

// warnIncomplete tells on stderr what the form of the output may not show.
func (t *term) warnIncomplete(d *report.Document) {
	const most = 10 // lines; a folder may hold thousands that may not be read
	for i, text := range d.Incomplete() {
		if i == most {
			t.warnf("and %d more were not fully read", len(d.Incomplete())-most)
			return
		}
		t.warnf("%s", text)
	}
}
