package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes, the same for all commands. Every help text lists them.
const (
	ExitDone       = 0 // done, nothing at or above --fail-on
	ExitFindings   = 1 // findings at or above --fail-on
	ExitFailed     = 2 // could not do it: usage, or nothing readable
	ExitIncomplete = 3 // done, but some sources were not fully read
)

const exitHelp = `Exit codes:
  0  done, nothing at or above --fail-on (default high)
  1  findings at or above --fail-on
  2  could not do it: wrong usage, or nothing readable
  3  done, but some sources were not fully read
`

// A Process is what the program gets from the operating system.
type Process struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Now    func() time.Time

	StdoutTerminal bool // stdout is shown to a person
	StderrTerminal bool
}

// System returns the Process that the operating system started.
func System() Process {
	ignoreBrokenPipes()
	return Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now,
		StdoutTerminal: isTerminal(os.Stdout), StderrTerminal: isTerminal(os.Stderr),
	}
}

// isTerminal takes a character device for a terminal; /dev/null, the only other one
// that matters, shows no colours to anybody.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && enableColour(f)
}

// Main runs the program and returns its exit code. It stops on Ctrl-C; a command
// keeps what it had found by then.
func Main(p Process) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	t := newTerm(p)
	root := newRoot(t)
	root.SetArgs(negativeCodes(p.Args))
	return t.exitCode(root.ExecuteContext(ctx))
}

// An exitError ends a command with a code. Without an error inside, the command has
// already said all there is to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return "exit"
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitCode turns a command's error into what the user sees and the shell gets.
func (t *term) exitCode(err error) int {
	var exit *exitError
	switch {
	case err == nil:
		return ExitDone
	case isBrokenPipe(err): // "oxtail … | head": the reader has what it wants
		return ExitDone
	case errors.As(err, &exit) && exit.err == nil:
		return exit.code
	}
	t.fail(err)
	if exit != nil {
		return exit.code
	}
	return ExitFailed
}

// newRoot returns the program's command with all others below it. The list is
// literal: a new command is one file and one line.
func newRoot(t *term) *cobra.Command {
	root := &cobra.Command{
		Use:   "oxtail",
		Short: "Find out why a mailbox does not synchronise",
		Long: `oxtail reads the logs of OXtender 2, Outlook and their relatives, finds what is
wrong, and says what it is, what proves it and what is the safe next step.

` + exitHelp,
		SilenceUsage:      true,
		SilenceErrors:     true,
		Version:           version(),
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	root.SetVersionTemplate("oxtail {{.Version}}\n")
	root.SetIn(t.stdin)
	root.SetOut(t.stdout)
	root.SetErr(t.stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newScan(t),
		newWatch(t),
		newChain(t),
		newPlan(t),
		newApply(t),
		newVerify(t),
		newJournal(t),
		newBackup(t),
		newUUID(t),
		newProfiles(t),
		newCaches(t),
		newCompare(t),
		newDoctor(t),
		newDiff(t),
		newIndex(t),
		newSearch(t),
		newShow(t),
		newCollect(t),
		newExport(t),
		newRedact(t),
		newUnredact(t),
		newFormats(t),
		newRules(t),
		newCodes(t),
		newVersion(t),
		newMAPIHelper(t),
		newCompletion(t),
		newDocs(t),
	)
	root.SetHelpCommand(newHelp())
	groupHelp(root)
	return root
}

// groupHelp makes the groups of commands (formats, rules) refuse words that they
// do not know, with a suggestion, instead of printing help and exiting with 0.
func groupHelp(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.HasSubCommands() && c.RunE == nil {
			c.Args = cobra.ArbitraryArgs
			c.RunE = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return unknownCommand(cmd, args[0])
				}
				return withHint(errors.New(cmd.CommandPath()+" needs a command"), "see "+cmd.CommandPath()+" --help")
			}
		}
	}
}
