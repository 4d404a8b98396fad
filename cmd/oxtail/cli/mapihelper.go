package cli

import (
	"github.com/spf13/cobra"

	"oxtail/internal/machine"
)

// newMAPIHelper returns the command with which oxtail starts itself, or the program of
// the other bitness, to call MAPI. It is not for people.
func newMAPIHelper(t *term) *cobra.Command {
	return &cobra.Command{
		Use:    machine.HelperCommand,
		Short:  "Answer one request of another oxtail process",
		Long:   "Answers one request of another oxtail process, on standard input, and ends. It is not for people.\n\n" + exitHelp,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return machine.ServeMAPI(cmd.Context(), t.stdin, t.stdout)
		},
	}
}
