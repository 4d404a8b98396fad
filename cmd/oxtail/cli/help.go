package cli

import (
	"github.com/spf13/cobra"
)

// newHelp replaces cobra's help command, which answers a word that is no command with
// the help of the whole program.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		Long:  "Shows the help of a command, as --help after it does.\n\n" + exitHelp,
		Args:  cobra.ArbitraryArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return runHelp(cmd.Root(), args) },
	}
}

func runHelp(root *cobra.Command, args []string) error {
	found, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		word := args[len(args)-1]
		if len(rest) > 0 {
			word = rest[0]
		}
		if found == nil {
			found = root
		}
		return unknownCommand(found, word)
	}
	found.InitDefaultHelpFlag()
	return found.Help()
}
