package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/internal/service"
)

// serviceRunFlags are the flags of service-run.
type serviceRunFlags struct {
	as   *oneOf
	name string
	log  string
}

// newWatchServiceRun is what an installed watch of Windows starts. People have no use
// for it, so it is not listed.
func newWatchServiceRun(t *term) *cobra.Command {
	f := &serviceRunFlags{as: newOneOf("task", "task", "service")}
	cmd := &cobra.Command{
		Use:    "service-run -- [FLAG…] [PATH…]",
		Short:  "Run a watch that was installed",
		Hidden: true,
		Long: `Runs oxtail watch with the arguments after "--", as the task scheduler or the service manager
of Windows starts it. What it says goes to a log.

` + exitHelp,
		RunE: func(cmd *cobra.Command, args []string) error { return runWatchServiceRun(cmd.Context(), t, f, args) },
	}
	choice(cmd, "as", "what starts it", f.as)
	cmd.Flags().StringVar(&f.name, "name", service.DefaultName, "`name` of the task or service")
	cmd.Flags().StringVar(&f.log, "log", "", "`file` that takes what would be printed; it is rotated by size")
	return cmd
}

func runWatchServiceRun(ctx context.Context, t *term, f *serviceRunFlags, args []string) error {
	if f.log == "" {
		return errors.New("oxtail watch service-run needs --log")
	}
	if err := os.MkdirAll(filepath.Dir(f.log), 0o700); err != nil { // it quotes logs
		return err
	}
	log, err := service.OpenLog(f.log, t.now)
	if err != nil {
		return err
	}
	defer log.Close() // each line is written at once
	run := func(ctx context.Context) int {
		inner := newTerm(Process{Stdin: strings.NewReader(""), Stdout: log, Stderr: log, Getenv: t.getenv, Now: t.now})
		root := newRoot(inner)
		root.SetArgs(append([]string{"watch"}, args...))
		return inner.exitCode(root.ExecuteContext(ctx))
	}
	if f.as.value == "service" {
		return service.Serve(f.name, run)
	}
	service.HideConsole()
	ended, stop, err := service.Listen(ctx, f.name)
	if err != nil {
		return err
	}
	code := run(ended)
	stop()
	if code != ExitDone {
		return &exitError{code: code}
	}
	return nil
}
