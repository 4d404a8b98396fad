package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"oxtail/detectors"
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
	cmd.Flags().StringVar(&dir, "dir", ".", "`folder` to write it into")
	return cmd
}

func runRulesNew(t *term, id, dir string) error {
	text, err := detectors.Scaffold(id)
	if err != nil {
		return withHint(err, "for instance uuid-in-use")
	}
	name := filepath.Join(dir, id+".yml")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, os.ErrExist) {
		return withHint(fmt.Errorf("write %s: it exists", name), "choose another ID, or edit that file")
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	t.sayf("wrote %s", name)
	t.hintf("edit it, then run oxtail rules test %s", dir)
	return nil
}
