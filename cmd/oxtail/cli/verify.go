package cli

import (
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
	"oxtail/detectors"
	"oxtail/internal/pipeline"
	"oxtail/internal/places"
	"oxtail/internal/report"
	"oxtail/internal/source"
	"oxtail/parser"
	"oxtail/parser/winpath"
)

// verifyFlags are the flags of verify.
type verifyFlags struct {
	caseFlags
	live    liveFlags
	format  *oneOf
	before  []string
	plan    string
	journal string
	twin    []string
	cycles  int
	output  string
}

// wantedCycles is how many sync cycles without the fault count as fixed. The rules call a
// fault persistent when it comes back in the next cycle; two more are for good measure.
const wantedCycles = 3

const verifyHelp = `Exit codes:
  0  fixed
  1  not fixed
  2  could not say: wrong usage, or nothing to compare with
  3  too early to say, or some sources were not fully read
`

func newVerify(t *term) *cobra.Command {
	f := &verifyFlags{live: liveFlags{caches: true}, format: newOneOf("text", "text", "json")}
	cmd := &cobra.Command{
		Use:   "verify [CASE] [PATH…]",
		Short: "Say whether a repair has helped: fixed, not fixed, or too early",
		Long: `Compares what was wrong with what is there now: who refers to the account, whether the old
cache is gone, and whether the fault stays away for some sync cycles.

What was wrong is told by one of

  --before OLD   earlier evidence, in which the case CASE is found; without the flag the first
                 of several paths
  --plan FILE    the plan that was carried out
  --journal RUN  a run of oxtail apply on this computer, or on --twin

PATH is what is there now: logs, registry exports, cache files, a bundle. Without PATH, on
Windows, this computer is looked at. With CASE and one PATH
its journal is looked at; without one, how long the fault has stayed away in PATH itself.
--since says when the repair was made, if it is not in the journal; otherwise it is the end
of the earlier evidence.

` + verifyHelp,
		Example: "  oxtail verify c0123456789ab --before old.zip new.zip\n  oxtail verify --plan plan.json --since 2026-03-05T12:00:00Z new.zip\n  oxtail verify --journal r20260305-120000-p0123456789ab",
		RunE:    func(cmd *cobra.Command, args []string) error { return runVerifyRepair(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringArrayVar(&f.before, "before", nil, "`path` of the evidence from before the repair; may be repeated")
	flags.StringVar(&f.plan, "plan", "", "`file` with the plan that was carried out")
	flags.StringVar(&f.journal, "journal", "", "`id` of a run of oxtail apply")
	flags.StringArrayVar(&f.twin, "twin", nil, "with --journal: folder of a twin that was kept; may be repeated")
	flags.IntVar(&f.cycles, "cycles", wantedCycles, "`number` of sync cycles without the fault that count as fixed")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	f.live.add(cmd)
	return cmd
}

// split takes the words of the command line apart: the case, the earlier and the later
// evidence.
func (f *verifyFlags) split(args []string) (id string, before, after []string, err error) {
	if len(args) > 0 && caseID.MatchString(args[0]) {
		id, args = args[0], args[1:]
	}
	chosen := 0
	for _, given := range []bool{len(f.before) > 0, f.plan != "", f.journal != ""} {
		if given {
			chosen++
		}
	}
	before = f.before
	switch {
	case chosen > 1:
		return "", nil, nil, errors.New("--before, --plan and --journal contradict each other")
	case f.cycles < 0:
		return "", nil, nil, errors.New("--cycles is negative; want 0 or more")
	case len(f.twin) > 0 && f.journal == "":
		return "", nil, nil, errors.New("--twin goes with --journal")
	case chosen == 0 && len(args) > 1:
		before, args = args[:1], args[1:]
	case chosen == 0 && id != "" && (isLive() || len(args) == 1):
		f.journal, f.twin = journalOf(id), args // a run of oxtail apply, on this computer or in the evidence
	case chosen == 0:
		return "", nil, nil, withHint(errors.New("there is nothing to compare with"), "give --before OLD with the evidence from before the repair, --plan FILE or --journal RUN")
	}
	return id, before, args, refuseOverwrite(f.output, append(before, args...))
}

// journalOf stands for the run of a case where the id of a run is expected.
func journalOf(id string) string { return "case " + id }

func runVerifyRepair(ctx context.Context, t *term, args []string, f *verifyFlags) error {
	id, before, after, err := f.split(args)
	if err != nil {
		return err
	}
	ref, err := f.reference(ctx, t, id, before)
	if err != nil {
		return err
	}
	later, g, err := f.look(ctx, t, ref, after)
	if err != nil {
		return err
	}
	v := report.NewVerification(actions.Verify(ref, later, f.cycles))
	err = t.output(f.output, func(w io.Writer, colour bool) error {
		if f.format.value == "json" {
			return report.WriteJSON(w, &v)
		}
		return report.WriteVerification(w, &v, report.TextOptions{Colour: colour})
	})
	if err != nil {
		return err
	}
	if err := g.exit(t); err != nil {
		return err
	}
	switch v.Verdict {
	case actions.VerifyNotFixed:
		return &exitError{code: ExitFindings}
	case actions.VerifyTooEarly:
		return &exitError{code: ExitIncomplete}
	}
	return nil
}

// reference finds out what was repaired.
func (f *verifyFlags) reference(ctx context.Context, t *term, id string, before []string) (actions.Reference, error) {
	switch {
	case f.plan != "":
		return f.planReference(t)
	case f.journal != "":
		ref, err := f.journalReference(ctx, t)
		if err == nil || id == "" || f.journal != journalOf(id) || len(f.twin) == 0 {
			return ref, err
		}
		return f.earlierReference(ctx, t, id, f.twin, true)
	}
	return f.earlierReference(ctx, t, id, before, false)
}

// earlierReference takes what was wrong from evidence: from before the repair, or, when
// nobody tells of a repair, from the same as is looked at now.
func (f *verifyFlags) earlierReference(ctx context.Context, t *term, id string, before []string, same bool) (actions.Reference, error) {
	earlier := f.caseFlags
	earlier.input.since, earlier.input.until = "", ""
	opts, err := earlier.input.options(ctx, t)
	if err != nil {
		return actions.Reference{}, err
	}
	if opts.Rules, err = f.rules.load(); err != nil {
		return actions.Reference{}, err
	}
	l, err := scanLinked(ctx, t, before, opts, &f.evidence)
	if err != nil {
		return actions.Reference{}, err
	}
	if l.streams == 0 {
		return actions.Reference{}, l.nothing(before)
	}
	c := chooseCase(l.cases, id)
	if c == nil {
		return actions.Reference{}, unknownCase(l.cases, id)
	}
	if same {
		return c.SeenLast(), nil
	}
	since := c.Last
	for _, s := range l.result.Sources {
		if s.Last.After(since) {
			since = s.Last
		}
	}
	ref := c.Reference(since)
	ref.Since, err = f.since(t, since)
	return ref, err
}

// chooseCase finds a case; without an id it is the worst.
func chooseCase(cases []actions.Case, id string) *actions.Case {
	for i := range cases {
		if cases[i].ID == id || id == "" {
			return &cases[i]
		}
	}
	return nil
}

// since is the time of the repair: that of the flag, else the other.
func (f *verifyFlags) since(t *term, otherwise time.Time) (time.Time, error) {
	if f.input.since == "" {
		return otherwise, nil
	}
	zone, err := parseZone(f.input.zone)
	if err != nil {
		return otherwise, err
	}
	when, err := parseWhen(f.input.since, t.now(), zone, false)
	if err != nil {
		return otherwise, fmt.Errorf("--since: %w", err)
	}
	return when, nil
}

// planReference takes the repair from its plan: it was made after the plan was written.
func (f *verifyFlags) planReference(t *term) (actions.Reference, error) {
	p, err := readPlan(f.plan)
	if err != nil {
		return actions.Reference{}, err
	}
	info, err := os.Stat(f.plan)
	if err != nil {
		return actions.Reference{}, err
	}
	since, err := f.since(t, info.ModTime())
	return actions.NewReference(&p, since, "the plan "+f.plan), err
}

// journalReference takes the repair from a run in the journal.
func (f *verifyFlags) journalReference(ctx context.Context, t *term) (actions.Reference, error) {
	where := machineFlags{twin: f.twin, ev: f.evidence}
	m, err := where.open(ctx, t, nil)
	if err != nil {
		return actions.Reference{}, err
	}
	check, err := apply.CheckJournal(ctx, m)
	if err != nil {
		return actions.Reference{}, err
	}
	if !check.Sound() {
		t.warnf("the journal is not what oxtail wrote: %s", check.Faults[0])
	}
	var plan *actions.Plan
	var end time.Time
	run := f.journal
	for i := range check.Entries {
		e := &check.Entries[i]
		if e.Plan != nil && (e.Run == f.journal || journalOf(e.Plan.Case) == f.journal) {
			run, plan = e.Run, e.Plan // the last one of a case
		}
		if e.Run == run {
			end = e.Time
		}
	}
	if plan == nil {
		return actions.Reference{}, withHint(fmt.Errorf("the journal has no run of %s", f.journal), "oxtail journal lists them; --before OLD or --plan FILE tell what was repaired, too")
	}
	since, err := f.since(t, end)
	return actions.NewReference(plan, since, "run "+run), err
}

// look finds out what is there now.
func (f *verifyFlags) look(ctx context.Context, t *term, ref actions.Reference, paths []string) (actions.Later, *gathered, error) {
	var later actions.Later
	logs := paths
	var g *gathered
	if len(paths) == 0 {
		var err error
		if g, err = f.live.gather(ctx, t, nil, &f.input, &f.evidence); err != nil {
			return later, nil, err
		}
		later.Looked, logs = true, liveLogs(t)
	}
	if len(logs) > 0 {
		scanned, err := f.scanLater(ctx, t, ref, logs, &later)
		if err != nil {
			return later, nil, err
		}
		if g == nil {
			g = scanned
		}
	}
	later.Inventory = g.inv
	return later, g, nil
}

// liveLogs lists the folders of logs that exist on this computer.
func liveLogs(t *term) []string {
	var out []string
	for _, p := range places.KnownPlaces(t.getenv) {
		if info, err := os.Stat(p.Path); err == nil && info.IsDir() && p.Purpose == places.Logs {
			out = append(out, p.Path)
		}
	}
	return out
}

// scanLater scans the logs since the repair, and counts the sync cycles in them.
func (f *verifyFlags) scanLater(ctx context.Context, t *term, ref actions.Reference, paths []string, later *actions.Later) (*gathered, error) {
	f.input.since = ""
	opts, err := f.input.options(ctx, t)
	if err != nil {
		return nil, err
	}
	if opts.Rules, err = f.rules.load(); err != nil {
		return nil, err
	}
	if !ref.Since.IsZero() {
		opts.Since = ref.Since.Add(time.Nanosecond) // the last record before it is of before
	}
	l, err := scanLinked(ctx, t, paths, opts, &f.evidence)
	if err != nil {
		return nil, err
	}
	if l.streams == 0 {
		return nil, l.nothing(paths)
	}
	later.Findings = l.result.Findings
	for _, s := range l.result.Sources {
		if s.Records > 0 && s.Last.After(ref.Since) {
			later.Logs++
		}
		if s.Last.After(later.Last) {
			later.Last = s.Last
		}
		if strings.HasPrefix(s.Format, "outlook_sync") && s.First.After(ref.Since) {
			later.Cycles++ // each of these logs is of one synchronisation
		}
	}
	if err := countCycles(ctx, paths, opts, later); err != nil {
		return nil, err
	}
	return l.gathered, nil
}

// countCycles counts the records that begin a sync cycle, in the provider's logs.
func countCycles(ctx context.Context, paths []string, opts pipeline.Options, later *actions.Later) error {
	m := detectors.NewMatcher(opts.Rules)
	_, err := eachRecord(ctx, paths, opts, func(st *source.Stream, rec *parser.Record) error {
		base := strings.ToLower(winpath.Base(st.Path))
		if !strings.HasPrefix(base, "oxtstore") && !strings.HasPrefix(base, "oxstor") || rec.Time.Before(opts.Since) || rec.Basis == parser.TimeNone {
			return nil
		}
		for _, h := range m.Match(rec, detectors.EventContext{Source: st.Path}) {
			if h.Kind == detectors.HitCycle {
				later.Cycles++
				break
			}
		}
		return nil
	})
	return err
}
