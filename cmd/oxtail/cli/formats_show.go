package cli

import (
	"io"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
	"oxtail/parser/lnav"
)

func newFormatsShow(t *term) *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a format: its patterns, and its file",
		Long:              "Shows a format: what it is for, its patterns, and the file that it comes from.\n\n" + exitHelp,
		Args:              exactlyOne("the name of a format"),
		ValidArgsFunction: completeFormats,
		RunE:              func(_ *cobra.Command, args []string) error { return runFormatsShow(t, dirs, args[0]) },
	}
	formatDirs(cmd, &dirs)
	return cmd
}

func runFormatsShow(t *term, dirs []string, name string) error {
	set, err := t.loadFormatSet(dirs)
	if err != nil {
		return err
	}
	f, ok := set.Lookup(name)
	if !ok {
		return unknownFormat(set, name)
	}
	row := report.NewFormat(f, set.Origin(name))
	if l, ok := f.(*lnav.Format); ok {
		row.Patterns, row.Description = l.Patterns(), l.Description()
		if err := report.WriteFormat(t.stdout, &row); err != nil {
			return err
		}
		_, err := io.WriteString(t.stdout, "\n"+report.Lines(l.Source()))
		return err
	}
	return report.WriteFormat(t.stdout, &row)
}
