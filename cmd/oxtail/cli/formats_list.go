package cli

import (
	"github.com/spf13/cobra"

	"oxtail/internal/report"
)

func newFormatsList(t *term) *cobra.Command {
	var dirs []string
	format := newOneOf("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the formats in the order in which they are tried",
		Long:  "Lists the formats in the order in which they are tried.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runFormatsList(t, dirs, format.value) },
	}
	formatDirs(cmd, &dirs)
	choice(cmd, "format", "how to print it", format)
	return cmd
}

func runFormatsList(t *term, dirs []string, format string) error {
	set, err := t.loadFormatSet(dirs)
	if err != nil {
		return err
	}
	var rows []report.Format
	for _, f := range set.Formats() {
		rows = append(rows, report.NewFormat(f, set.Origin(f.Name())))
	}
	if format != "json" {
		return report.WriteFormats(t.stdout, rows)
	}
	for i := range rows {
		if err := report.WriteJSON(t.stdout, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}
