package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/internal/report"
)

// chainFlags are the flags of chain.
type chainFlags struct {
	caseFlags
	format *oneOf
	end    string
	output string
	bom    bool
	all    bool
}

func newChain(t *term) *cobra.Command {
	f := &chainFlags{format: newOneOf("text", "text", "json", "csv", "md")}
	cmd := &cobra.Command{
		Use:   "chain PATH…",
		Short: "Show the cases: log, finding, account, cache file, profiles, verdict",
		Long: `Links what logs say with the profiles and cache files of the same paths, and shows
each case with its chain, every edge with its proof:

  log → finding → account (server and user) → cache file → every profile that uses it

--from follows the chain from any of its ends: the ID of a case or finding, a user, a
server, a profile, a cache file or a log.

` + exitHelp,
		Example: "  oxtail chain bundle.zip\n  oxtail chain --from Outlook bundle.zip\n  oxtail chain --from a1.odb --format md bundle.zip",
		Args:    atLeastOne("a file, a folder or an archive"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runChain(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVar(&f.end, "from", "", "only cases whose chain has this end")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show all reasons, not the first few")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

func runChain(ctx context.Context, t *term, paths []string, f *chainFlags) error {
	if err := refuseOverwrite(f.output, paths); err != nil {
		return err
	}
	cases, g, err := casesOf(ctx, t, paths, &f.caseFlags)
	if err != nil {
		return err
	}
	var shown []actions.Case
	for i := range cases {
		if f.end == "" || cases[i].Holds(f.end) {
			shown = append(shown, cases[i])
		}
	}
	if f.end != "" && len(shown) == 0 {
		return withHint(fmt.Errorf("no case has the end %q", f.end), "oxtail chain without --from shows all")
	}
	rows := report.NewCases(shown)
	err = t.output(f.output, func(w io.Writer, colour bool) error {
		opt := report.TextOptions{Colour: colour, All: f.all}
		switch f.format.value {
		case "json":
			return writeJSONLines(w, rows)
		case "csv":
			return report.WriteCasesCSV(w, rows, f.bom)
		case "md":
			return report.WriteCasesMarkdown(w, rows, opt)
		}
		return report.WriteCases(w, rows, opt)
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		t.sayf("no case: nothing is wrong in what was read")
	}
	return g.exit(t)
}
