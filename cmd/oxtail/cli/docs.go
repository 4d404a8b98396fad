package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newDocs(t *term) *cobra.Command {
	var man, completions string
	cmd := &cobra.Command{
		Use:    "docs",
		Short:  "Write man pages and completion scripts into folders",
		Long:   "Writes the man pages and completion scripts of a release into folders.\n\n" + exitHelp,
		Hidden: true,
		Args:   noArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return runDocs(t, cmd.Root(), man, completions) },
	}
	cmd.Flags().StringVar(&man, "man", "", "`folder` for man pages")
	cmd.Flags().StringVar(&completions, "completions", "", "`folder` for completion scripts")
	return cmd
}

func runDocs(t *term, root *cobra.Command, man, completions string) error {
	if man != "" {
		if err := writeMan(root, man); err != nil {
			return err
		}
	}
	if completions == "" {
		return nil
	}
	if err := os.MkdirAll(completions, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", completions, err)
	}
	for _, shell := range shells {
		name := filepath.Join(completions, "oxtail."+shell)
		err := writeAtomically(name, func(w *os.File) error {
			to := *t
			to.stdout = w
			return runCompletion(&to, root, shell)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeMan writes one page a command. The date is fixed, so that two releases from
// the same commit are equal.
func writeMan(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", dir, err)
	}
	root.DisableAutoGenTag = true
	date := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	header := &doc.GenManHeader{Title: "OXTAIL", Section: "1", Source: "oxtail", Manual: "oxtail", Date: &date}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("write man pages into %s: %w", dir, err)
	}
	return nil
}
