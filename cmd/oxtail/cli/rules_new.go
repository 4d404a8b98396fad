package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

func newRulesNew(t *term) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Write the skeleton of a rule into a file",
		Long: `Writes ID.yml, the skeleton of a rule that loads and passes its own samples. Change
it, then run: oxtail rules test DIR

` + exitHelp,
		Args: exactlyOne("the ID of the new rule"),
		RunE: func(_ *cobra.Command, args []string) error { return runRulesNew(t, args[0], dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "folder to write it into")
	return cmd
}

var ruleID = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

func runRulesNew(t *term, id, dir string) error {
	if !ruleID.MatchString(id) {
		return withHint(fmt.Errorf("unexpected rule ID %q; want lower-case words with hyphens", id), "for instance uuid-in-use")
	}
	name := filepath.Join(dir, id+".yml")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, os.ErrExist) {
		return withHint(fmt.Errorf("write %s: it exists", name), "choose another ID, or edit that file")
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.ReplaceAll(ruleSkeleton, "ID", id))
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	t.sayf("wrote %s", name)
	t.hintf("next: edit it, then run oxtail rules test %s", dir)
	return nil
}

// ruleSkeleton is a rule that loads and whose samples pass, as a start.
const ruleSkeleton = `title: 'What is wrong, in a few words'
id: ID
status: experimental
description: >-
  What the rule finds, in one sentence.
references:
  - 'where the wording comes from'
falsepositives:
  - 'what looks the same and is no fault'
level: medium
logsource: {product: any}
detection:
  words:
    text|contains: ['no rule knows this fault']
  calm:
    text|contains: ['0 faults']
  condition: words and not calm
oxtail:
  verdict: unknown
  action: manual
  confidence: unclear
  explain: >-
    Why it matters, in plain words.
  change: 'What a later record must say to change the verdict.'
  samples:
    hit:
      - 'ERROR no rule knows this fault'
      - 'WARN folder Inbox: No rule knows this fault (2)'
    miss:
      - 'INFO no rule knows this fault: 0 faults'
      - 'INFO a rule knows this fault'
`
