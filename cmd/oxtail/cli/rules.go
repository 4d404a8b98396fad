package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"oxtail/detectors"
)

func newRules(t *term) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, show, test and write rules",
		Long: `Rules say what is wrong in a log. One YAML file a rule, in Sigma's vocabulary,
with its own samples; docs/rules.md describes them.

` + exitHelp,
	}
	cmd.AddCommand(newRulesList(t), newRulesShow(t), newRulesTest(t), newRulesNew(t), newRulesLiterals(t))
	return cmd
}

// ruleFlags choose the rules of a command.
type ruleFlags struct {
	dirs     []string
	excluded []string
	tuning   string
}

func (f *ruleFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.dirs, "rules", nil, "`folder` with rules of your own, besides the built-in ones; may be repeated")
	flags.StringArrayVar(&f.excluded, "exclude-rule", nil, "`ID` of a rule to leave out; may be repeated")
	flags.StringVar(&f.tuning, "level-tuning", "", "YAML `file` with rule IDs and their levels")
}

// load returns the built-in rules with the user's choices.
func (f *ruleFlags) load() (*detectors.Rules, error) {
	rules, err := detectors.Default()
	if err != nil {
		return nil, fmt.Errorf("load built-in rules: %w", err)
	}
	for _, dir := range f.dirs {
		own, err := loadRuleDir(dir)
		if err != nil {
			return nil, err
		}
		if rules, err = rules.Merge(own); err != nil {
			return nil, fmt.Errorf("load rules of %s: %w", dir, err)
		}
	}
	if f.tuning != "" {
		if rules, err = tune(rules, f.tuning); err != nil {
			return nil, err
		}
	}
	for _, id := range f.excluded {
		if _, ok := rules.Lookup(id); !ok {
			return nil, unknownRule(rules, id)
		}
	}
	return rules.Exclude(f.excluded...)
}

func loadRuleDir(dir string) (*detectors.Rules, error) {
	fsys, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	rules, err := detectors.LoadRules(fsys)
	if err != nil {
		return nil, fmt.Errorf("load rules of %s: %w", dir, err)
	}
	if rules.Len() == 0 {
		return nil, withHint(fmt.Errorf("load rules of %s: no rule in it", dir), "rules are files named *.yml")
	}
	return rules, nil
}

// openDir returns a folder that the user named.
func openDir(dir string) (fs.FS, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("open %s: is not a folder", dir)
	}
	return os.DirFS(dir), nil
}

func tune(rules *detectors.Rules, name string) (*detectors.Rules, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	levels, err := detectors.ParseLevels(name, data)
	if err != nil {
		return nil, err
	}
	tuned, err := rules.Tune(levels)
	if err != nil {
		return nil, fmt.Errorf("apply %s: %w", name, err)
	}
	return tuned, nil
}

func unknownRule(rules *detectors.Rules, id string) error {
	err := fmt.Errorf("no rule has the ID %q", id)
	if n := nearest(id, ruleIDs(rules)); n != "" {
		return withHint(err, "did you mean "+n+"?")
	}
	return withHint(err, "see oxtail rules list")
}

func ruleIDs(rules *detectors.Rules) []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// completeRules offers the ids of the built-in rules to the shell.
func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	rules, err := detectors.Default()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return slices.Clip(ruleIDs(rules)), cobra.ShellCompDirectiveNoFileComp
}

// errNoRules is what a filter that fits nothing gives.
var errNoRules = errors.New("no rule fits")
