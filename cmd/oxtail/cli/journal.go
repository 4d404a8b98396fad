package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"oxtail/actions/apply"
	"oxtail/internal/report"
)

// journalFlags are the flags of journal and of journal verify.
type journalFlags struct {
	machine machineFlags
	format  *oneOf
	run     string
	all     bool
}

const journalHelp = `Exit codes:
  0  done; the journal is sound
  1  the journal is not what oxtail wrote: entries were changed, removed or cut off
  2  could not read it
  3  its last line is torn, as after a crash; everything before it is sound
`

func newJournal(t *term) *cobra.Command {
	f := &journalFlags{format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "Show what was done on this computer, by whom, when, and with which effect",
		Long: `Shows the journal of oxtail apply: each run, each step, each change, before and after. The
journal is only ever appended to, and every entry names the checksum of the one before.

` + journalHelp,
		Example: "  oxtail journal\n  oxtail journal verify\n  oxtail journal --run r20260305-120000-p0123456789ab --all",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runJournal(cmd.Context(), t, f, false) },
	}
	cmd.Flags().StringVar(&f.run, "run", "", "only the run of this `id`")
	cmd.Flags().BoolVar(&f.all, "all", false, "show what was so before and after")
	choice(cmd, "format", "form of the output", f.format)
	f.machine.add(cmd)
	cmd.AddCommand(newJournalVerify(t))
	return cmd
}

func newJournalVerify(t *term) *cobra.Command {
	f := &journalFlags{format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use:     "verify",
		Short:   "Check that the journal is what was written: nothing changed, removed or cut off",
		Long:    "Checks the checksums of all entries, their order, and the end of the journal.\n\n" + journalHelp,
		Example: "  oxtail journal verify",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runJournal(cmd.Context(), t, f, true) },
	}
	choice(cmd, "format", "form of the output", f.format)
	f.machine.add(cmd)
	return cmd
}

func runJournal(ctx context.Context, t *term, f *journalFlags, verifyOnly bool) error {
	m, err := f.machine.open(ctx, t, nil)
	if err != nil {
		return err
	}
	check, err := apply.CheckJournal(ctx, m)
	if err != nil {
		return err
	}
	verdict := report.NewJournalVerdict(check)
	if verifyOnly {
		err = f.writeVerdict(t, &verdict)
	} else {
		err = f.writeEntries(t, check.Entries)
	}
	if err != nil {
		return err
	}
	switch verdict.State {
	case "tampered":
		for _, fault := range check.Faults {
			t.warnf("%s", fault)
		}
		return &exitError{code: ExitFindings}
	case "torn":
		t.warnf("the last line of the journal is torn, as after a crash")
		return &exitError{code: ExitIncomplete}
	}
	return nil
}

func (f *journalFlags) writeVerdict(t *term, v *report.JournalVerdict) error {
	return t.output("", func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return report.WriteJSON(w, v)
		}
		return report.WriteJournalVerdict(w, v, report.TextOptions{Colour: colour})
	})
}

func (f *journalFlags) writeEntries(t *term, entries []apply.Entry) error {
	var shown []apply.Entry
	for _, e := range entries {
		if f.run == "" || e.Run == f.run {
			shown = append(shown, e)
		}
	}
	return t.output("", func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return writeJSONLines(w, shown)
		}
		return report.WriteJournal(w, shown, report.TextOptions{Colour: colour, All: f.all})
	})
}
