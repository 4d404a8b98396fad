package cli

import (
	"github.com/spf13/cobra"
)

func newCompletion(t *term) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `Prints a script that makes a shell complete the commands and flags of oxtail.

  bash        source <(oxtail completion bash)
  zsh         oxtail completion zsh > "${fpath[1]}/_oxtail"
  fish        oxtail completion fish > ~/.config/fish/completions/oxtail.fish
  powershell  oxtail completion powershell | Out-String | Invoke-Expression

` + exitHelp,
		Args:      exactlyOne("the name of a shell"),
		ValidArgs: shells,
		RunE:      func(cmd *cobra.Command, args []string) error { return runCompletion(t, cmd.Root(), args[0]) },
	}
}

var shells = []string{"bash", "zsh", "fish", "powershell"}

func runCompletion(t *term, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(t.stdout, true)
	case "zsh":
		return root.GenZshCompletion(t.stdout)
	case "fish":
		return root.GenFishCompletion(t.stdout, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(t.stdout)
	}
	return unknownValue("shell", shell, shells)
}
