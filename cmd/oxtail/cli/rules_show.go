package cli

import (
	"github.com/spf13/cobra"

	"oxtail/detectors"
	"oxtail/internal/report"
)

func newRulesShow(t *term) *cobra.Command {
	var flags ruleFlags
	format := newOneOf("text", "text", "json", "yaml")
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show what a rule finds and why, and its file",
		Long:              "Shows what a rule finds, why it matters, and the rule as it stands in its file.\n\n" + exitHelp,
		Args:              exactlyOne("the ID of a rule"),
		ValidArgsFunction: completeRules,
		RunE: func(_ *cobra.Command, args []string) error {
			rules, err := flags.load()
			if err != nil {
				return err
			}
			return runRulesShow(t, rules, args[0], format.value)
		},
	}
	flags.add(cmd)
	choice(cmd, "format", "how to print it", format)
	return cmd
}

func runRulesShow(t *term, rules *detectors.Rules, id, format string) error {
	r, ok := rules.Lookup(id)
	if !ok {
		return unknownRule(rules, id)
	}
	row := report.NewRule(r)
	switch format {
	case "json":
		return report.WriteJSON(t.stdout, &row)
	case "yaml":
		_, err := t.stdout.Write([]byte(r.Source))
		return err
	}
	return report.WriteRule(t.stdout, &row, r.Source)
}
