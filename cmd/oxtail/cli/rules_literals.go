package cli

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"
)

func newRulesLiterals(t *term) *cobra.Command {
	var flags ruleFlags
	var format string
	cmd := &cobra.Command{
		Use:    "literals",
		Short:  "Print the words that the fast path looks for",
		Long:   "Prints the words that the fast path looks for, one a line, for grep -f and rg -f in benchmarks.\n\n" + exitHelp,
		Hidden: true,
		Args:   noArgs,
		RunE: func(*cobra.Command, []string) error {
			rules, err := flags.load()
			if err != nil {
				return err
			}
			lits, _ := rules.Literals(format)
			w := bufio.NewWriter(t.stdout)
			for _, l := range lits {
				fmt.Fprintln(w, l)
			}
			return w.Flush()
		},
	}
	cmd.Flags().StringVar(&format, "log-format", "", "`name` of the log's format")
	flags.add(cmd)
	return cmd
}
