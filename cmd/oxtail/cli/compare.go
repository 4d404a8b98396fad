package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
	"oxtail/parser/foldercount"
)

// compareFlags are the flags of compare.
type compareFlags struct {
	server, offline string
	format          *oneOf
	output          string
	bom             bool
	all             bool
}

func newCompare(t *term) *cobra.Command {
	f := &compareFlags{format: newOneOf("text", "text", "json", "csv")}
	cmd := &cobra.Command{
		Use:   "compare --server COUNTS.csv --offline COUNTS.csv",
		Short: "Compare item counts of server and offline folders (KB842284)",
		Long: `Compares how many items the folders have on the server and offline, which is
Microsoft's first check of an offline store. The server's list comes from

  Get-MailboxFolderStatistics MAILBOX | Export-Csv counts.csv

and the offline one has the same columns, or at least folder path and item count.

Exit codes:
  0  all compared folders are equal
  1  folders differ
  2  could not do it: wrong usage, a list that cannot be read, nothing to compare
  3  done, but some sources were not fully read
`,
		Example: "  oxtail compare --server exchange.csv --offline outlook.csv",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return runCompare(t, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.server, "server", "", "CSV file with the counts of the server")
	flags.StringVar(&f.offline, "offline", "", "CSV file with the counts of the offline store")
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show equal folders, too")
	return cmd
}

func runCompare(t *term, f *compareFlags) error {
	if f.server == "" || f.offline == "" {
		return withHint(errors.New("compare needs --server and --offline"), "see oxtail compare --help")
	}
	if err := refuseOverwrite(f.output, []string{f.server, f.offline}); err != nil {
		return err
	}
	server, err := readCounts(f.server)
	if err != nil {
		return err
	}
	offline, err := readCounts(f.offline)
	if err != nil {
		return err
	}
	differences := foldercount.Compare(server.Folders, offline.Folders)
	judgement := foldercount.Judge(differences)
	mailbox := server.Mailbox
	if mailbox == "" {
		mailbox = offline.Mailbox
	}
	c := report.NewComparison(f.server, f.offline, mailbox, differences, judgement)
	err = t.output(f.output, func(w io.Writer, colour bool) error {
		switch f.format.value {
		case "json":
			return report.WriteJSON(w, &c)
		case "csv":
			return report.WriteComparisonCSV(w, &c, f.bom)
		}
		return report.WriteComparison(w, &c, report.TextOptions{Colour: colour, All: f.all})
	})
	switch {
	case err != nil:
		return err
	case judgement.Verdict == foldercount.Unknown:
		return &exitError{ExitFailed, withHint(errors.New("no folder stands in both lists"), "are both of the same mailbox, and in the same language?")}
	case judgement.Verdict != foldercount.Healthy:
		return &exitError{code: ExitFindings}
	}
	return nil
}

// readCounts reads one list.
func readCounts(name string) (foldercount.Listing, error) {
	in, err := os.Open(name)
	if err != nil {
		return foldercount.Listing{}, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	list, err := foldercount.Read(in)
	var syntax *foldercount.SyntaxError
	if errors.As(err, &syntax) && syntax.Remedy != "" {
		return list, withHint(fmt.Errorf("read %s: %w", name, err), syntax.Remedy)
	}
	if err != nil {
		return list, fmt.Errorf("read %s: %w", name, err)
	}
	return list, nil
}
