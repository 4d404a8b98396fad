package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oxtail/actions/apply"
	"oxtail/internal/report"
)

// backupFlags are the flags of the commands about backups.
type backupFlags struct {
	machine machineFlags
	format  *oneOf
	older   string
	keepN   int
	yes     bool
	dryRun  bool
}

const backupHelp = `Exit codes:
  0  done; every backup that was checked is whole
  1  a backup is damaged
  2  could not do it
  3  done, but some files could not be removed
`

func newBackup(t *term) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "List, check and remove the backups that apply has made",
		Long: `Lists, checks and removes the backups that oxtail apply makes before it changes anything.
A backup holds the registry of the profiles, copies of the cache files, and a manifest with
their checksums. oxtail apply --undo ID puts one back.

` + backupHelp,
	}
	cmd.AddCommand(newBackupList(t), newBackupVerify(t), newBackupPrune(t))
	return cmd
}

func newBackupList(t *term) *cobra.Command {
	f := &backupFlags{format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use: "list", Short: "List the backups, oldest first", Long: "Lists the backups that are still there, oldest first.\n\n" + backupHelp,
		Example: "  oxtail backup list", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBackupList(cmd.Context(), t, f) },
	}
	choice(cmd, "format", "form of the output", f.format)
	f.machine.add(cmd)
	return cmd
}

func runBackupList(ctx context.Context, t *term, f *backupFlags) error {
	m, err := f.machine.open(ctx, t, nil)
	if err != nil {
		return err
	}
	list, err := apply.Backups(ctx, m)
	if err != nil {
		return err
	}
	return t.output("", func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return writeJSONLines(w, list)
		}
		return report.WriteBackups(w, list, report.TextOptions{Colour: colour})
	})
}

func newBackupVerify(t *term) *cobra.Command {
	f := &backupFlags{format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use: "verify [ID]", Short: "Compare backups with the checksums of their manifests",
		Long:    "Reads the files of a backup, or of all, and compares them with the manifest.\n\n" + backupHelp,
		Example: "  oxtail backup verify", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runBackupVerify(cmd.Context(), t, args, f) },
	}
	choice(cmd, "format", "form of the output", f.format)
	f.machine.add(cmd)
	return cmd
}

func runBackupVerify(ctx context.Context, t *term, args []string, f *backupFlags) error {
	m, err := f.machine.open(ctx, t, nil)
	if err != nil {
		return err
	}
	list, err := apply.Backups(ctx, m)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		one, err := apply.ReadManifest(ctx, m, args[0])
		if err != nil {
			return err
		}
		list = []apply.Manifest{*one}
	}
	var verdicts []report.BackupVerdict
	damaged := false
	for i := range list {
		faults := list[i].Check(ctx, m)
		damaged = damaged || len(faults) > 0
		verdicts = append(verdicts, report.BackupVerdict{Schema: "oxtail.backup-check/v1", ID: list[i].ID, Whole: len(faults) == 0, Files: len(list[i].Saved), Faults: faults})
	}
	err = t.output("", func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return writeJSONLines(w, verdicts)
		}
		return report.WriteBackupVerdicts(w, verdicts, report.TextOptions{Colour: colour})
	})
	if err == nil && damaged {
		err = &exitError{code: ExitFindings}
	}
	return err
}

func newBackupPrune(t *term) *cobra.Command {
	f := &backupFlags{format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use: "prune", Short: "Remove old backups and the renamed cache files of their runs, for good",
		Long: `Removes backups for good, and the cache files that the same runs have renamed to end in .old.
It shows them and asks first. The backup of a run that is not finished is kept.

` + backupHelp,
		Example: "  oxtail backup prune --older-than 30d\n  oxtail backup prune --dry-run --older-than 0d --newest 0", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBackupPrune(cmd.Context(), t, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVar(&f.older, "older-than", "30d", "`age` from which on a backup may go: 12h, 30d, 8w")
	flags.IntVar(&f.keepN, "newest", 1, "`number` of newest backups that stay in any case")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&f.dryRun, "dry-run", false, "only say what would be removed")
	f.machine.add(cmd)
	return cmd
}

func runBackupPrune(ctx context.Context, t *term, f *backupFlags) error {
	age, ok := parseAgo(f.older)
	if !ok || f.keepN < 0 {
		return fmt.Errorf("unexpected age %q; want such as 12h, 30d or 8w", f.older)
	}
	m, err := f.machine.open(ctx, t, nil)
	if err != nil {
		return err
	}
	p, err := apply.PlanPrune(ctx, m, age, f.keepN)
	if err != nil {
		return err
	}
	if len(p.Backups) == 0 {
		t.sayf("no backup is older than %s and not among the newest %d", f.older, f.keepN)
		return nil
	}
	for i := range p.Backups {
		t.sayf("backup %s, %s", p.Backups[i].ID, report.Size(p.Backups[i].Bytes))
	}
	for _, x := range p.Renamed {
		t.sayf("%s, %s", x.Path, report.Size(x.Bytes))
	}
	if f.dryRun {
		t.sayf("%s would be free again", report.Size(p.Bytes()))
		return nil
	}
	agreed, err := newAsker(ctx, t, f.yes).Confirm(ctx, apply.Question{Text: "Remove these for good?", Why: "they cannot be put back then"})
	if err != nil {
		return err
	}
	if !agreed {
		return errors.New("nothing was removed")
	}
	return f.prune(ctx, t, m, p)
}

// prune removes, and tells what was removed.
func (f *backupFlags) prune(ctx context.Context, t *term, m apply.Machine, p *apply.PrunePlan) error {
	who, err := m.Identity(ctx)
	if err != nil {
		return err
	}
	j, _, err := apply.OpenJournal(ctx, m, who, version())
	if err != nil {
		return err
	}
	removed, err := p.Prune(ctx, m, j)
	err = errors.Join(err, f.machine.save(m), t.output("", func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return writeJSONLines(w, removed)
		}
		return report.WritePruned(w, removed, report.TextOptions{Colour: colour})
	}))
	for _, x := range removed {
		if err == nil && x.Error != "" {
			err = &exitError{code: ExitIncomplete}
		}
	}
	return err
}
