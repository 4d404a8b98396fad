package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"oxtail/detectors"
	"oxtail/internal/report"
)

func newRulesList(t *term) *cobra.Command {
	var flags ruleFlags
	format := newOneOf("text", "text", "json")
	verdict := newOneOf("any", append([]string{"any"}, words(detectors.Verdicts())...)...)
	cmd := &cobra.Command{
		Use:   "list [WORD]",
		Short: "List the rules, all or those whose ID or title holds a word",
		Long:  "Lists the rules, all or those whose ID or title holds a word.\n\n" + exitHelp,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			rules, err := flags.load()
			if err != nil {
				return err
			}
			return runRulesList(t, rules, strings.Join(args, ""), verdict.value, format.value)
		},
	}
	flags.add(cmd)
	choice(cmd, "format", "how to print it", format)
	choice(cmd, "verdict", "only rules of this verdict", verdict)
	return cmd
}

func runRulesList(t *term, rules *detectors.Rules, word, verdict, format string) error {
	var rows []report.Rule
	for _, r := range rules.All() {
		text := strings.ToLower(r.ID + " " + r.Title)
		if strings.Contains(text, strings.ToLower(word)) && (verdict == "any" || verdict == string(r.Verdict)) {
			rows = append(rows, report.NewRule(r))
		}
	}
	if len(rows) == 0 {
		return withHint(errNoRules, "see oxtail rules list without a filter")
	}
	if format == "json" {
		for i := range rows {
			if err := report.WriteJSON(t.stdout, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return report.WriteRules(t.stdout, rows)
}

// words turns a list of a string type into strings.
func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
