package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/detectors"
	"oxtail/internal/report"
	"oxtail/parser"
)

func newRulesTest(t *term) *cobra.Command {
	format := newOneOf("text", "text", "json")
	var formatFolders []string
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Try every rule on its samples, and on those of all other rules",
		Long: `Tries rules on their samples: each must match its hits and none of its near misses.
Then tries them on the hits of all other rules and lists where two claim the same line.
Without DIR it tries the built-in rules; with it those of the folder, among the built-in ones.

` + exitHelp + "Here 1 means that a sample fails.\n",
		Example: "  oxtail rules test ./my-rules",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return runRulesTest(t, strings.Join(args, ""), formatFolders, format.value)
		},
	}
	formatDirs(cmd, &formatFolders)
	choice(cmd, "format", "how to print it", format)
	return cmd
}

func runRulesTest(t *term, dir string, formatFolders []string, format string) error {
	formats, err := t.loadFormats(formatFolders)
	if err != nil {
		return err
	}
	set, err := detectors.Default()
	if err != nil {
		return err
	}
	tried := set
	if dir != "" {
		if tried, err = loadRuleDir(dir); err != nil {
			return err
		}
		if set, err = set.Merge(tried); err != nil {
			return err
		}
	}
	trial := report.NewRuleTrial(set, tried, cutter(formats))
	if format == "json" {
		err = report.WriteJSON(t.stdout, &trial)
	} else {
		err = report.WriteRuleTrial(t.stdout, &trial)
	}
	if err == nil && len(trial.Failures) > 0 {
		return &exitError{code: ExitFindings}
	}
	return err
}

// cutter cuts a sample into records: by the format of a name, or by the one that
// claims it.
func cutter(all []parser.Format) detectors.Records {
	return func(text, format string) []*parser.Record {
		candidates := all
		for _, f := range all {
			if f.Name() == format {
				candidates = []parser.Format{f}
			}
		}
		r := parser.NewReader(strings.NewReader(text), parser.Source{Path: "sample"}, parser.Options{Formats: candidates})
		var out []*parser.Record
		for {
			rec, err := r.Next()
			if err == io.EOF {
				return out
			}
			if err != nil {
				panic("BUG: read a string: " + err.Error())
			}
			out = append(out, rec)
		}
	}
}
