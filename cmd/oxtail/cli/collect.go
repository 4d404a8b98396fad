package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/actions/checks"
	"oxtail/internal/bundle"
	"oxtail/internal/redact"
	"oxtail/internal/report"
)

// collectFlags are the flags of collect.
type collectFlags struct {
	caseFlags
	safe     safeFlags
	output   string
	since    string
	profile  string
	maxSize  size
	syncLogs bool
	resume   bool
	noScan   bool
	verify   string
	format   *oneOf
}

// safeFlags say how what is handed out is redacted.
type safeFlags struct {
	plain  bool
	uuids  bool
	key    string
	report bool
}

func (f *safeFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.plain, "no-redact", false, "leave names in; secured values of the registry are removed nevertheless")
	flags.BoolVar(&f.uuids, "redact-uuids", false, "change UUIDs, too; links between them stay")
	flags.StringVar(&f.key, "key", "", "key `file`, read if it is there and written (default the output's name and .key.json)")
	flags.BoolVar(&f.report, "redact-report", false, "say what was replaced, by kind and count")
}

// check finds flags that contradict each other.
func (f *safeFlags) check() error {
	if f.plain && (f.uuids || f.key != "" || f.report) {
		return withHint(errors.New("--no-redact contradicts --redact-uuids, --key and --redact-report"), "leave out --no-redact")
	}
	return nil
}

// apply turns the flags into options of a bundle.
func (f *safeFlags) apply(t *term, opts *bundle.Options) error {
	if f.plain {
		return nil
	}
	name := f.key
	if name == "" {
		name = keyBeside(opts.Output)
	}
	key, err := openKey(name)
	if err != nil {
		return err
	}
	opts.Key, opts.UUIDs = key, f.uuids
	opts.SaveKey = func(k *redact.Key) error { return saveKey(t, name, k) }
	return nil
}

const collectHelp = `Collects what a support engineer needs into one archive: logs (rotated ones unpacked),
registry exports of mail profiles and programs, lines of MapiSvc.inf, a list of caches, stores
and programs (never their contents), mail events of event logs, the results of doctor, the
findings of scan, and a manifest with sizes, SHA-256 and what was left out and why.

PATH is a tree that stands for the computer: a mounted disk (with Users, Windows), a folder
with folders C, D …, or any folder with logs and exports. Of a disk only the known places are
taken. Without PATH, on Windows, this computer is collected.

Names and secrets are redacted unless --no-redact: see oxtail redact. The key file is
written beside the archive and is no part of it. Nothing is sent anywhere.

An interrupted collection goes on with --resume. --verify checks an archive, or its
unpacked folder, against its manifest. scan, index, doctor and diff read archives as they are.

Exit codes:
  0  done
  2  could not do it: wrong usage, or nothing to collect
  3  done, but something could not be read, redacted or does not match, and it was said
`

func newCollect(t *term) *cobra.Command {
	f := &collectFlags{maxSize: bundle.DefaultMaxBytes, format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use:     "collect -o BUNDLE.zip [PATH…]",
		Short:   "Collect logs, profiles and facts into a safe bundle",
		Long:    collectHelp,
		Example: "  oxtail collect -o bundle.zip --since 14d\n  oxtail collect -o case7.zip D:\\mounted\\disk\n  oxtail collect --verify case7.zip",
		RunE:    func(cmd *cobra.Command, args []string) error { return runCollect(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the summary on standard output", f.format)
	flags.StringVarP(&f.output, "output", "o", "", "archive to write, a `file`.zip")
	flags.StringVar(&f.since, "since", "", "leave out logs that were not changed since this `time`: 14d, 2026-03-05 (this computer: 14d)")
	flags.StringVar(&f.profile, "profile", "", "the mail profile, by its `name`, that matters; it is told in the manifest")
	flags.Var(&f.maxSize, "max-size", "most that is collected, before compression; what matters least is left out")
	flags.BoolVar(&f.syncLogs, "with-sync-logs", false, "take synchronization logs that were saved as mail items, too")
	flags.BoolVar(&f.resume, "resume", false, "go on where an interrupted collection ended")
	flags.BoolVar(&f.noScan, "no-scan", false, "leave out findings and results of checks")
	flags.StringVar(&f.verify, "verify", "", "check a `bundle` against its manifest, and collect nothing")
	f.safe.add(cmd)
	f.evidence.servers = true
	return cmd
}

// check finds flags that contradict each other, before any file is opened.
func (f *collectFlags) check(paths []string) error {
	switch {
	case f.verify != "" && (f.output != "" || len(paths) > 0):
		return withHint(errors.New("--verify collects nothing"), "leave out -o and PATH")
	case f.verify != "":
		return nil
	case f.output == "":
		return withHint(errors.New("collect needs a file to write to"), "add -o bundle.zip")
	case !strings.HasSuffix(strings.ToLower(f.output), ".zip"):
		return withHint(fmt.Errorf("-o %s is no .zip", f.output), "did you mean -o "+f.output+".zip?")
	}
	if err := refuseOverwrite(f.output, paths); err != nil {
		return err
	}
	return f.safe.check()
}

func runCollect(ctx context.Context, t *term, paths []string, f *collectFlags) error {
	if err := f.check(paths); err != nil {
		return err
	}
	if f.verify != "" {
		return runVerify(ctx, t, f)
	}
	opts := bundle.Options{
		Paths: paths, Output: f.output, Profile: f.profile, MaxBytes: int64(f.maxSize), WithSyncLogs: f.syncLogs, Resume: f.resume, Jobs: 2,
		Tool: bundle.Tool{Name: "oxtail", Version: version()}, Now: t.now(),
	}
	opts.Zone, _ = t.now().Zone()
	opts.Live = len(paths) == 0
	if err := f.window(t, &opts); err != nil {
		return err
	}
	if opts.Live {
		remove, err := t.collectLive(ctx, &opts)
		defer remove()
		if err != nil {
			return err
		}
	}
	if err := f.safe.apply(t, &opts); err != nil {
		return err
	}
	if err := f.results(ctx, t, &opts); err != nil {
		return err
	}
	stop := t.showBytes(&opts)
	man, err := bundle.Collect(ctx, opts)
	stop()
	switch {
	case errors.Is(err, bundle.ErrNothing):
		t.leftOut(man)
		return err
	case ctx.Err() != nil:
		return withHint(errors.New("interrupted; nothing was written to "+f.output), "the same command with --resume goes on")
	case err != nil:
		return err
	}
	return f.told(t, man)
}

// window sets the time from which on logs are taken.
func (f *collectFlags) window(t *term, opts *bundle.Options) error {
	since := f.since
	if since == "" && opts.Live {
		since = "14d"
	}
	if since == "" {
		return nil
	}
	var err error
	if opts.Since, err = parseWhen(since, t.now(), time.Local, false); err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	return nil
}

// results adds the findings of a scan, and the results of the checks.
func (f *collectFlags) results(ctx context.Context, t *term, opts *bundle.Options) error {
	if f.noScan {
		return nil
	}
	files, err := bundle.Files(ctx, *opts)
	if err != nil || len(files) == 0 {
		return err
	}
	f.input.addPlain(&cobra.Command{})
	scan, err := f.input.options(ctx, t)
	if err != nil {
		return err
	}
	if scan.Rules, err = f.rules.load(); err != nil {
		return err
	}
	linked, err := scanLinked(ctx, t, files, scan, &f.evidence)
	if err != nil {
		return err
	}
	known := opts.Learn
	opts.Learn = func(c *redact.Case) {
		if known != nil {
			known(c)
		}
		learnInventory(c, linked.inv)
	}
	d := report.NewDocument(linked.result, version())
	d.Cases = report.NewCases(linked.cases)
	findings, err := jsonPart("findings.jsonl", func(w io.Writer) error { return report.WriteDocument(w, d) })
	if err != nil {
		return err
	}
	set, err := checks.Default()
	if err != nil {
		return err
	}
	role, why := linked.facts.Role()
	rows := report.NewChecks(set.Run(linked.facts, checks.Input{Config: checks.Config{}, Answers: checks.Answers{}, Role: role}))
	sum := report.NewDoctor(rows, role, why, version(), 0)
	results, err := jsonPart("checks.json", func(w io.Writer) error { return report.WriteChecksJSON(w, &sum, rows) })
	opts.Extra = append(opts.Extra, findings, results)
	return err
}

// learnInventory tells a case what profiles name: users, servers, mailboxes.
func learnInventory(c *redact.Case, inv *actions.Inventory) {
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		for k := range p.Services {
			s := &p.Services[k]
			if s.Account == nil {
				continue
			}
			c.LearnText("server=" + s.Account.Server + " " + s.Account.User)
			if !strings.Contains(s.Account.User, "@") {
				c.LearnName(redact.User, s.Account.User)
			}
			if s.Display != "" && !strings.Contains(s.Display, "@") {
				c.LearnName(redact.Mailbox, s.Display)
			}
		}
	}
}

// told says what was collected, and returns the exit code as an error.
func (f *collectFlags) told(t *term, man *bundle.Manifest) error {
	t.leftOut(man)
	if f.safe.report && man.Redaction != nil {
		t.redactReport(man.Redaction.Replaced, man.Redaction.Unnamed)
	}
	if f.format.value == "json" {
		if err := report.WriteJSON(t.stdout, man); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(t.stdout, "%s: %d files, %s before compression\n", report.Plain(f.output), len(man.Parts), report.Size(man.Bytes))
	}
	if man.Redaction == nil {
		t.warnf("%s is not redacted: it holds names, and secrets that logs show", f.output)
	}
	if man.Faults() > 0 || man.Redaction != nil && man.Redaction.Unnamed > 0 {
		return &exitError{code: ExitIncomplete}
	}
	return nil
}

// leftOut says what is not in a bundle although it should be, and how much was left out on
// purpose.
func (t *term) leftOut(man *bundle.Manifest) {
	const most = 10 // lines; the manifest has all
	told, other := 0, man.MoreSkips
	for _, s := range man.Skipped {
		switch {
		case !s.Fault:
			other++
		case told < most:
			told++
			t.warnf("left out %s: %s", s.Path, s.Why)
		default:
			other++
		}
	}
	for _, l := range man.Losses {
		t.warnf("of %s the first %s are left out: %s", l.Source, report.Size(l.To), l.Why)
	}
	if other > 0 {
		t.sayf("%d more were left out; the manifest says why", other)
	}
}

// runVerify checks a bundle against its manifest.
func runVerify(ctx context.Context, t *term, f *collectFlags) error {
	man, problems, err := bundle.Verify(ctx, f.verify)
	if err != nil {
		return fmt.Errorf("%s: %w", f.verify, err)
	}
	for _, p := range problems {
		t.warnf("%s: %s", p.Path, p.Text)
	}
	if len(problems) > 0 {
		fmt.Fprintf(t.stdout, "%s: %d differences from the manifest\n", report.Plain(f.verify), len(problems))
		return &exitError{code: ExitIncomplete}
	}
	fmt.Fprintf(t.stdout, "%s: %d files are as the manifest says\n", report.Plain(f.verify), len(man.Parts))
	return nil
}
