package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/internal/bundle"
	"oxtail/internal/redact"
	"oxtail/internal/report"
	"oxtail/internal/source"
)

// exportFlags are the flags of export.
type exportFlags struct {
	caseFlags
	safe    safeFlags
	ticket  bool
	output  string
	context int
}

const exportHelp = `Writes what a ticket needs, into a folder or an archive:

  summary.md     what is wrong, what proves it, what to do
  findings.csv   the findings        records.csv  the records that prove them
  chain.svg      the chain from log to verdict as a picture; chain.mmd for Mermaid
  extracts/      the lines of evidence, with some lines around
  manifest.json  what is there, with SHA-256, and what was replaced

Names and secrets are redacted unless --no-redact; the key file stays with you.

Exit codes:
  0  done
  2  could not do it: wrong usage, or nothing readable
  3  done, but some sources were not fully read
`

func newExport(t *term) *cobra.Command {
	f := &exportFlags{}
	cmd := &cobra.Command{
		Use:     "export --ticket -o FOLDER|FILE.zip PATH…",
		Short:   "Write findings and evidence for a ticket",
		Long:    exportHelp,
		Example: "  oxtail export --ticket -o ticket.zip bundle.zip\n  oxtail export --ticket -o ticket --redact-report logs",
		Args:    atLeastOne("a file, a folder or an archive"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runExport(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.ticket, "ticket", false, "everything that a ticket needs")
	flags.StringVarP(&f.output, "output", "o", "", "`folder` that is empty or not there, or archive, a file.zip")
	flags.IntVar(&f.context, "context", 3, "`lines` around each line of evidence")
	f.safe.add(cmd)
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

func (f *exportFlags) check(paths []string) error {
	switch {
	case !f.ticket:
		return withHint(errors.New("export needs to know what for"), "add --ticket")
	case f.output == "":
		return withHint(errors.New("export needs a place to write to"), "add -o ticket.zip")
	case f.context < 0 || f.context > 1000:
		return fmt.Errorf("--context %d; want 0 to 1000", f.context)
	}
	if strings.HasSuffix(strings.ToLower(f.output), ".zip") {
		if err := refuseOverwrite(f.output, paths); err != nil {
			return err
		}
	}
	return f.safe.check()
}

func runExport(ctx context.Context, t *term, paths []string, f *exportFlags) error {
	if err := f.check(paths); err != nil {
		return err
	}
	in, err := f.input.options(ctx, t)
	if err != nil {
		return err
	}
	if in.Rules, err = f.rules.load(); err != nil {
		return err
	}
	linked, err := scanLinked(ctx, t, paths, in, &f.evidence)
	if err != nil {
		return err
	}
	d := report.NewDocument(linked.result, version())
	d.Cases = report.NewCases(linked.cases)
	if d.Summary.Sources == 0 {
		return t.nothingRead(d, paths, &f.input)
	}
	extracts, err := bundle.Extracts(ctx, paths, in.Walk, evidenceLines(d), f.context)
	if err != nil {
		return err
	}
	opts := bundle.Options{Output: f.output, Kind: "ticket", Tool: bundle.Tool{Name: "oxtail", Version: version()}, Now: t.now(), Jobs: 2}
	opts.Folder = !strings.HasSuffix(strings.ToLower(f.output), ".zip")
	opts.Learn = func(c *redact.Case) {
		learnInventory(c, linked.inv)
		learnPaths(ctx, c, paths, in.Walk)
	}
	if opts.Extra, err = ticketParts(d, extracts); err != nil {
		return err
	}
	if err := f.safe.apply(t, &opts); err != nil {
		return err
	}
	return f.write(ctx, t, d, opts)
}

// write writes the ticket and says what is in it.
func (f *exportFlags) write(ctx context.Context, t *term, d *report.Document, opts bundle.Options) error {
	man, err := bundle.Collect(ctx, opts)
	if err != nil {
		return err
	}
	t.leftOut(man)
	if man.Redaction == nil {
		t.warnf("%s is not redacted: it holds names", f.output)
	} else if f.safe.report {
		t.redactReport(man.Redaction.Replaced, man.Redaction.Unnamed)
	}
	fmt.Fprintf(t.stdout, "%s: %d files, %s\n", report.Plain(f.output), len(man.Parts), report.Size(man.Bytes))
	t.warnIncomplete(d)
	if d.Summary.Incomplete || man.Faults() > 0 {
		return &exitError{code: ExitIncomplete}
	}
	return nil
}

// learnPaths learns the names of all texts that the ticket quotes from: a registry export
// may name the computer that a log shows without a word.
func learnPaths(ctx context.Context, c *redact.Case, paths []string, opts source.Options) {
	_, _ = source.Walk(ctx, paths, opts, func(st *source.Stream) error { // the scan told what cannot be read
		c.LearnText(st.Path)
		if !st.Kind.HasRecords() && st.Kind != source.KindProfile {
			return nil
		}
		in, err := st.Open()
		if err != nil {
			return nil
		}
		_ = c.Learn(ctx, in) // what is no text gives no names
		return in.Close()
	})
}

// evidenceLines lists the lines of evidence by source.
func evidenceLines(d *report.Document) map[string][]int {
	out := map[string][]int{}
	for i := range d.Findings {
		for _, e := range d.Findings[i].Evidence {
			if e.Line > 0 {
				out[e.Source] = append(out[e.Source], e.Line)
			}
		}
	}
	return out
}

// leaves returns the texts of JSON objects, one below the other: what names are learned from.
func leaves(write func(io.Writer) error) ([]byte, error) {
	var whole, out bytes.Buffer
	if err := write(&whole); err != nil {
		return nil, err
	}
	_, err := report.RewriteJSON(whole.Bytes(), func(s string) string {
		out.WriteString(s + "\n")
		return s
	})
	return out.Bytes(), err
}

// jsonPart is a part of JSON objects. Its texts are learned from, and redacted, without the
// escapes of JSON.
func jsonPart(name string, write func(io.Writer) error) (bundle.Extra, error) {
	var whole bytes.Buffer
	if err := write(&whole); err != nil {
		return bundle.Extra{}, err
	}
	texts, err := leaves(write)
	e := bundle.Bytes(name, texts)
	e.Render = func(text func(string) string) ([]byte, error) { return report.RewriteJSON(whole.Bytes(), text) }
	return e, err
}

// ticketParts are the files of a ticket. All are made from the redacted document, so that
// what they shorten was redacted before.
func ticketParts(d *report.Document, extracts []bundle.Extract) ([]bundle.Extra, error) {
	texts, err := leaves(func(w io.Writer) error { return report.WriteDocument(w, d) })
	if err != nil {
		return nil, err
	}
	part := func(name string, write func(w io.Writer, d *report.Document) error) bundle.Extra {
		e := bundle.Bytes(name, texts)
		e.Render = func(text func(string) string) ([]byte, error) {
			safe, err := report.RewriteDocument(d, text)
			if err != nil {
				return nil, err
			}
			var out bytes.Buffer
			err = write(&out, safe)
			return out.Bytes(), err
		}
		return e
	}
	parts := []bundle.Extra{
		part("summary.md", func(w io.Writer, d *report.Document) error {
			return report.WriteMarkdown(w, d, report.TextOptions{})
		}),
		part("findings.csv", func(w io.Writer, d *report.Document) error { return d.WriteFindingsCSV(w, true) }),
		part("records.csv", func(w io.Writer, d *report.Document) error { return d.WriteEvidenceCSV(w, true) }),
		part("chain.svg", func(w io.Writer, d *report.Document) error { return report.NewGraph(d).WriteSVG(w) }),
		part("chain.mmd", func(w io.Writer, d *report.Document) error { return report.NewGraph(d).WriteMermaid(w) }),
	}
	for i, x := range extracts {
		text, err := json.Marshal(x.Source)
		if err != nil {
			return nil, err
		}
		head := fmt.Sprintf("source: %s\n\n", text)
		parts = append(parts, bundle.Bytes(fmt.Sprintf("extracts/%03d.txt", i+1), append([]byte(head), x.Text...)))
	}
	return parts, nil
}
