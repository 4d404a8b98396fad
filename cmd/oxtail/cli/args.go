package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// atLeastOne checks that a command got an argument, and says which it wants.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return withHint(fmt.Errorf("%s needs %s", cmd.CommandPath(), what), "see "+cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// exactlyOne checks that a command got one argument, and says which it wants.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return withHint(fmt.Errorf("%s needs %s, got %d arguments", cmd.CommandPath(), what, len(args)), "see "+cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// noArgs checks that a command got no argument.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return withHint(fmt.Errorf("%s takes no arguments, got %q", cmd.CommandPath(), args[0]), "see "+cmd.CommandPath()+" --help")
	}
	return nil
}
