package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/internal/report"
)

// applyFlags are the flags of apply.
type applyFlags struct {
	machine   machineFlags
	format    *oneOf
	mode      *oneOf
	dryRun    bool
	yes       bool
	loss      string
	consent   bool
	terminate []string
	start     bool
	sendAll   bool
	resume    bool
	rollBack  bool
	undo      string
	output    string
	all       bool
}

const applyHelp = `Exit codes:
  0  done and verified, or what a dry run would do
  1  finished, but not verified: something remains, or steps are left to a person
  2  refused or could not do it; everything is as before
  3  partly done: it waits for oxtail apply --resume, or could not be undone
`

func newApply(t *term) *cobra.Command {
	f := &applyFlags{format: newOneOf("text", "text", "json"), mode: newOneOf("auto", "auto", "plan", "assisted", "copy")}
	cmd := &cobra.Command{
		Use:   "apply PLAN.json",
		Short: "Carry out a plan: checked, backed up, journalled, undone when it fails",
		Long: `Carries out a plan that oxtail plan wrote. It shows the plan, asks, checks everything
that the plan assumes again just before each step, makes a backup first, renames cache files
instead of deleting them, and judges the outcome by facts. When a step fails, what was done
is undone in reverse order.

A service is re-created in one of three modes:

  plan      by hand: oxtail checks everything and changes nothing; this is what auto does
            when the provider is not known to take its configuration without a dialog
  assisted  oxtail deletes the service and lets the provider's own dialog ask for the rest
  copy      the settings of the old service are set in the new one, but no password

--twin EVIDENCE carries the plan out on a twin of the computer, made of registry exports,
hives and bundles, on any system: the same checks and words, and nothing real is changed.

` + applyHelp,
		Example: "  oxtail apply plan.json --dry-run\n  oxtail apply plan.json --mode assisted --accept-loss \"exported to a .pst\"\n" +
			"  oxtail apply plan.json --twin bundle.zip --mode copy --yes --keep after\n  oxtail apply --resume\n  oxtail apply --undo 20260305-120000-p0123456789ab",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runApply(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	choice(cmd, "mode", "how a service is re-created", f.mode)
	flags.BoolVar(&f.dryRun, "dry-run", false, "check everything and say what would be done; write nothing")
	flags.BoolVarP(&f.yes, "yes", "y", false, "answer yes to all questions; it covers neither --accept-loss nor --consent")
	flags.StringVar(&f.loss, "accept-loss", "", "`words` on what was done about items that are known not to be on the server")
	flags.BoolVar(&f.consent, "consent", false, "agree that the default or delivery store of the profile is re-created")
	flags.StringArrayVar(&f.terminate, "terminate", nil, "`program` that may be ended by force when it does not close, such as OUTLOOK.EXE; may be repeated")
	flags.BoolVar(&f.start, "start-outlook", false, "start Outlook at the end and wait for the new cache file")
	flags.BoolVar(&f.sendAll, "send-receive", false, "with --start-outlook: let Outlook synchronise everything")
	flags.BoolVar(&f.resume, "resume", false, "go on with the run that a crash or a restart broke off")
	flags.BoolVar(&f.rollBack, "roll-back", false, "with --resume: take it back instead")
	flags.StringVar(&f.undo, "undo", "", "`id` of a backup or run whose changes are taken back")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.all, "all", false, "show all checks and the properties of the service")
	f.machine.add(cmd)
	return cmd
}

// check finds flags that contradict each other.
func (f *applyFlags) check(args []string) error {
	chosen := len(args)
	if f.resume {
		chosen++
	}
	if f.undo != "" {
		chosen++
	}
	switch {
	case chosen == 0:
		return withHint(errors.New("oxtail apply needs a plan"), "oxtail plan -o plan.json writes one; see oxtail apply --help")
	case chosen > 1:
		return errors.New("a plan, --resume and --undo contradict each other")
	case f.rollBack && !f.resume:
		return errors.New("--roll-back goes with --resume")
	case f.dryRun && (f.resume || f.undo != ""):
		return errors.New("--dry-run goes with a plan")
	case f.sendAll && !f.start:
		return errors.New("--send-receive goes with --start-outlook")
	}
	return refuseOverwrite(f.output, append(args, f.machine.twin...))
}

func runApply(ctx context.Context, t *term, args []string, f *applyFlags) error {
	if err := f.check(args); err != nil {
		return err
	}
	var plan *actions.Plan
	if len(args) == 1 {
		p, err := readPlan(args[0])
		if err != nil {
			return err
		}
		plan = &p
	}
	m, err := f.machine.open(ctx, t, plan)
	if err != nil {
		return err
	}
	res, err := f.carryOut(ctx, t, m, plan)
	if err != nil {
		return errors.Join(err, f.machine.save(m))
	}
	if err := f.machine.save(m); err != nil {
		return err
	}
	return f.show(t, res)
}

// readPlan reads a plan of a file.
func readPlan(name string) (actions.Plan, error) {
	const remedy = "oxtail plan -o plan.json writes plans that can be applied"
	data, err := os.ReadFile(name)
	if err != nil {
		return actions.Plan{}, withHint(fmt.Errorf("read the plan: %w", err), remedy)
	}
	p, err := actions.ReadPlan(data)
	if err != nil {
		return p, withHint(fmt.Errorf("%s: %w", name, err), remedy)
	}
	return p, nil
}

// carryOut does what was asked for.
func (f *applyFlags) carryOut(ctx context.Context, t *term, m apply.Machine, plan *actions.Plan) (*apply.Result, error) {
	mode := apply.Mode(f.mode.value)
	if mode == "auto" {
		mode = apply.ModeAuto
	}
	e := apply.New(m, apply.Options{
		Choices: apply.Choices{Mode: mode, AcceptLoss: f.loss, Yes: f.yes, Consent: f.consent, Terminate: f.terminate, Start: f.start, SendAll: f.sendAll},
		DryRun:  f.dryRun, Tool: version(), Console: newAsker(ctx, t, f.yes),
	})
	switch {
	case f.resume:
		return e.Resume(ctx, "", f.rollBack)
	case f.undo != "":
		return e.Undo(ctx, f.undo)
	}
	if !f.yes && !f.dryRun {
		if err := report.WritePlanBrief(t.stderr, plan, report.TextOptions{}); err != nil {
			return nil, err
		}
	}
	return e.Apply(ctx, *plan)
}

// show writes the result and turns it into the exit code.
func (f *applyFlags) show(t *term, res *apply.Result) error {
	clean := report.NewApply(res)
	err := t.output(f.output, func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return report.WriteApplyJSON(w, clean)
		}
		return report.WriteApply(w, clean, report.TextOptions{Colour: colour, All: f.all})
	})
	if err != nil {
		return err
	}
	switch res.State {
	case apply.RunDone, apply.RunDryRun:
		return nil
	case apply.RunByHand:
		if f.mode.value == "plan" || f.dryRun {
			return nil
		}
		return &exitError{code: ExitFindings}
	case apply.RunWarnings:
		return &exitError{code: ExitFindings}
	case apply.RunPartly:
		return &exitError{code: ExitIncomplete}
	}
	if f.undo != "" && res.State == apply.RunUndone || f.rollBack && res.State == apply.RunUndone {
		return nil
	}
	return &exitError{code: ExitFailed}
}

// An asker asks on standard error and reads answers from standard input. It implements
// apply.Console.
type asker struct {
	t     *term
	in    *bufio.Reader
	yes   bool
	shown string // progress line on the terminal
}

func newAsker(ctx context.Context, t *term, yes bool) *asker {
	return &asker{t: t, in: bufio.NewReader(interruptible(ctx, t.stdin)), yes: yes}
}

// Confirm asks until it gets a yes or a no. The end of the input means no.
func (a *asker) Confirm(ctx context.Context, q apply.Question) (bool, error) {
	a.clear()
	if a.yes {
		return true, nil
	}
	for {
		if q.Why != "" {
			a.t.sayf("%s", q.Why)
		}
		fmt.Fprintf(a.t.stderr, "%s [y/N] ", report.Plain(q.Text))
		line, err := a.in.ReadString('\n')
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes", "j", "ja":
			return true, nil
		case "", "n", "no", "nein":
			if err == io.EOF && line == "" {
				fmt.Fprintln(a.t.stderr)
				a.t.hintf("--yes answers yes to all questions")
			}
			return false, nil
		}
		if err != nil {
			return false, nil
		}
		a.t.sayf("please answer y or n")
	}
}

// Tick shows a countdown on a terminal.
func (a *asker) Tick(text string, left time.Duration) {
	a.line(fmt.Sprintf("%s: %d s", text, int(left/time.Second)))
}

// Progress shows how much is copied, on a terminal.
func (a *asker) Progress(text string, done, total int64) {
	a.line(fmt.Sprintf("%s: %s of %s", text, report.Size(done), report.Size(total)))
}

// Step shows which step begins, on a terminal.
func (a *asker) Step(s apply.StepResult) {
	if s.State == "" {
		a.line(fmt.Sprintf("step %d: %s", s.Number, s.Title))
		return
	}
	a.clear()
}

// line writes over the progress line.
func (a *asker) line(text string) {
	if !a.t.progress || text == a.shown {
		return
	}
	a.clear()
	a.shown = report.Plain(text)
	fmt.Fprint(a.t.stderr, a.shown)
}

// clear takes the progress line away.
func (a *asker) clear() {
	if a.shown != "" {
		fmt.Fprint(a.t.stderr, "\r"+strings.Repeat(" ", len(a.shown))+"\r")
		a.shown = ""
	}
}
