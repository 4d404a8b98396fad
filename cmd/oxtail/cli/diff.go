package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/index"
	"oxtail/internal/diff"
	"oxtail/internal/report"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	caseFlags
	format *oneOf
	failOn *oneOf
	output string
	bom    bool
	all    bool
}

func newDiff(t *term) *cobra.Command {
	f := &diffFlags{
		format: newOneOf("text", "text", "json", "csv", "md"),
		failOn: newOneOf("high", "critical", "high", "medium", "low", "informational", "never"),
	}
	cmd := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Show what is different between two bundles or indexes: before a change and after it",
		Long: `Scans two bundles, folders or logs and shows which findings are new, gone and
persisting, which profiles and cache files changed, and which unknown trouble appeared
or vanished. Either side may be the folder of an index, which remembers what the logs,
profiles and cache files were when they were added.

Findings are paired by their rule and by what they concern (UUID, folder, code), the
likest path first: the logs of two days are one log. A fault that healed is gone.

Exit codes:
  0  no new findings at or above --fail-on (default high)
  1  new findings at or above --fail-on
  2  could not do it: wrong usage, or nothing readable
  3  done, but some sources were not fully read: what seems new or gone may not be
`,
		Example: "  oxtail diff before.zip after.zip\n  oxtail diff --format md -o ticket.md monday friday\n  oxtail diff index-of-monday friday.zip",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return runDiff(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	choice(cmd, "fail-on", "exit with 1 on new findings of this severity or above", f.failOn)
	flags.StringVarP(&f.output, "output", "o", "", "write to a `file`, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show everything in text, not the first of each kind")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

// check finds what cannot be compared, before any file is opened.
func (f *diffFlags) check(paths []string) error {
	if len(paths) != 2 {
		return withHint(fmt.Errorf("oxtail diff needs two paths, before and after; got %d", len(paths)), "put the files of each side into a folder or an archive")
	}
	for _, p := range paths {
		switch {
		case p == "-":
			return withHint(errors.New("oxtail diff does not read standard input"), "name two files, folders or archives")
		}
	}
	return refuseOverwrite(f.output, paths)
}

func runDiff(ctx context.Context, t *term, paths []string, f *diffFlags) error {
	if err := f.check(paths); err != nil {
		return err
	}
	var sides [2]*diff.Side
	var incomplete []string
	for i, p := range paths {
		read := f.scan
		if index.Is(p) {
			read = f.judge
		}
		side, whole, err := read(ctx, t, p)
		if err != nil {
			return err
		}
		sides[i] = side
		if !whole {
			incomplete = append(incomplete, p)
		}
	}
	f.sameEvidence(t, paths, &sides)
	d := report.NewDifferences(paths[0], paths[1], diff.Compare(sides[0], sides[1]), incomplete)
	if err := f.write(t, d); err != nil {
		return err
	}
	switch {
	case len(incomplete) > 0:
		return &exitError{code: ExitIncomplete}
	case f.failOn.value != "never" && d.Summary.New.AtLeast(f.failOn.value) > 0:
		return &exitError{code: ExitFindings}
	}
	return nil
}

// scan reads one side, and reports whether all of it could be read.
func (f *diffFlags) scan(ctx context.Context, t *term, path string) (side *diff.Side, whole bool, err error) {
	opts, err := f.input.options(ctx, t)
	if err != nil {
		return nil, false, err
	}
	if opts.Rules, err = f.rules.load(); err != nil {
		return nil, false, err
	}
	scanned, err := scanLinked(ctx, t, []string{path}, opts, &f.evidence)
	if errors.Is(err, context.Canceled) {
		t.warnf("interrupted; half a comparison would mislead")
		return nil, false, &exitError{code: ExitIncomplete}
	}
	if err != nil {
		return nil, false, err
	}
	doc := report.NewDocument(scanned.result, version())
	if scanned.streams == 0 && doc.Summary.Sources == 0 {
		return nil, false, scanned.nothing([]string{path})
	}
	t.warnIncomplete(doc)
	side = &diff.Side{Root: path, Findings: scanned.result.Findings, Templates: scanned.result.Templates, Inventory: scanned.inv}
	return side, !doc.Summary.Incomplete, nil
}

// judge takes one side from an index, and reports whether all of it could be read.
func (f *diffFlags) judge(ctx context.Context, t *term, dir string) (side *diff.Side, whole bool, err error) {
	rules, err := f.rules.load()
	if err != nil {
		return nil, false, err
	}
	x, err := t.openIndex(dir, f.input.formatDirs, f.input.jobs)
	if err != nil {
		return nil, false, err
	}
	defer x.Close()
	j, err := judgeIndex(ctx, x, rules)
	if errors.Is(err, context.Canceled) {
		t.warnf("interrupted; half a comparison would mislead")
		return nil, false, &exitError{code: ExitIncomplete}
	}
	if err != nil {
		return nil, false, err
	}
	whole = t.tellLosses(x) == nil
	for _, s := range x.Sources() {
		if !s.Complete || s.Problem != "" {
			t.warnf("%s was not fully read when it was indexed", s.Path)
			whole = false
		}
	}
	findings := append(j.Findings, actions.OwnFindings(j.cases)...)
	detectors.SortFindings(findings)
	return &diff.Side{Root: diff.CommonRoot(j.given), Findings: findings, Templates: j.Templates, Inventory: j.inv}, whole, nil
}

// sameEvidence leaves profiles and cache files out of the comparison when an index keeps
// none: that they are not known does not mean that they are gone.
func (f *diffFlags) sameEvidence(t *term, paths []string, sides *[2]*diff.Side) {
	for i, side := range sides {
		if side.Inventory == nil {
			t.sayf("%s keeps no profiles and cache files, so they are not compared", paths[i])
			t.hintf("oxtail index add keeps those that stand beside the logs")
			sides[0].Inventory, sides[1].Inventory = nil, nil
			return
		}
	}
}

func (f *diffFlags) write(t *term, d *report.Differences) error {
	return t.output(f.output, func(w io.Writer, colour bool) error {
		switch f.format.value {
		case "json":
			return report.WriteDiffJSON(w, d)
		case "csv":
			return report.WriteDiffCSV(w, d, f.bom)
		case "md":
			return report.WriteDiffMarkdown(w, d)
		}
		return report.WriteDiff(w, d, report.TextOptions{Colour: colour, All: f.all})
	})
}
