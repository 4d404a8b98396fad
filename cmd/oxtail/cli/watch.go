package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"oxtail/detectors"
	"oxtail/internal/places"
	"oxtail/internal/report"
	"oxtail/internal/tail"
	"oxtail/internal/watch"
	"oxtail/parser"
)

// watchFlags are the flags of watch.
type watchFlags struct {
	rules      ruleFlags
	sentry     sentryFlags
	formatDirs []string
	encoding   string
	zone       string
	since      string
	fromStart  bool
	fromEnd    bool
	noArchives bool

	format   *oneOf
	records  bool
	severity *oneOf
	quiet    time.Duration
	coolDown time.Duration

	state      string
	index      string
	output     string
	maxOutput  size
	webhook    string
	secretFile string
	exec       string
	execArgs   []string
	toast      bool
	eventLog   bool
	metrics    string
	poll       bool
}

func newWatch(t *term) *cobra.Command {
	f := &watchFlags{
		format:    newOneOf("text", "text", "json"),
		severity:  newOneOf("low", "critical", "high", "medium", "low", "informational"),
		maxOutput: watch.DefaultFileBytes,
	}
	cmd := &cobra.Command{
		Use:   "watch [PATH…]",
		Short: "Follow logs and speak once per fault",
		Long: `Follows logs while they are written, through rotation, truncation and replacement, and
tells each fault once: when it begins, when it goes on after a pause, and when it is over.

A PATH is a file, a folder (all files below it) or a glob such as 'C:\Temp\oxtstore_*.log';
** stands for any folders. Patterns are looked at again for ever, so files and folders may
come later. Without a PATH the known places of this computer are watched; they are listed at
the start. Files are only read, and their writers can rename and delete them.

With --state DIR a watch goes on where the last one stopped; files that are new since then are
read from their start. What was or may have been lost is told and kept in the state.

Ctrl-C and SIGTERM end the watch with its state saved.

Exit codes:
  0  ended by Ctrl-C or SIGTERM; what was or may have been lost is told, and in the status
  2  could not do it: wrong usage, or an output, the state or the index cannot be written
`,
		Example: "  oxtail watch --state watch.d 'C:\\Temp\\oxtstore_*.log'\n  oxtail watch --format json --records logs | your-collector\n  oxtail watch --webhook https://chat.example/hook --webhook-secret-file secret.txt logs",
		RunE:    func(cmd *cobra.Command, args []string) error { return runWatch(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	choice(cmd, "severity", "tell findings of this severity or above", f.severity)
	flags.BoolVar(&f.records, "records", false, "write every record as it completes, too")
	flags.StringVar(&f.state, "state", "", "`folder` that keeps what outlives a restart; without it nothing is kept")
	flags.BoolVar(&f.fromStart, "from-start", false, "begin files that no state knows at their start (default)")
	flags.BoolVar(&f.fromEnd, "from-end", false, "begin files that are there now, and that no state knows, at their end")
	flags.StringVar(&f.since, "since", "", "judge records from this `time` on, and begin files not changed since then at their end")
	flags.BoolVar(&f.noArchives, "no-archives", false, "do not read what rotations made of the followed logs before (a.log.1, a.log.2.gz)")
	flags.DurationVar(&f.quiet, "silent-after", watch.DefaultQuiet, "`time` without news after which a fault counts as silent")
	flags.DurationVar(&f.coolDown, "cool-down", watch.DefaultCoolDown, "least `time` between two notices of one fault")
	flags.StringVar(&f.index, "index", "", "write all records into the index in a `folder`, too; \"default\" is the one of oxtail index")
	flags.StringVarP(&f.output, "output", "o", "", "write JSON lines to a `file`, too; it is rotated by size")
	flags.Var(&f.maxOutput, "max-output", "size after which the file of --output is rotated")
	flags.StringVar(&f.webhook, "webhook", "", "post each notice as JSON to a `URL`")
	flags.StringVar(&f.secretFile, "webhook-secret-file", "", "`file` with the secret that signs posts (HMAC-SHA256)")
	flags.StringVar(&f.exec, "exec", "", "run a `program` for each notice, with the notice as JSON on its standard input; never through a shell")
	flags.StringArrayVar(&f.execArgs, "exec-arg", nil, "fixed `argument` of the program; may be repeated")
	flags.BoolVar(&f.toast, "toast", false, "show each notice at the edge of the screen (Windows)")
	flags.BoolVar(&f.eventLog, "event-log", false, "write each notice to the Application log (Windows)")
	flags.StringVar(&f.metrics, "metrics", "", "give out counters for Prometheus at an `address` of this computer, such as 127.0.0.1:9464")
	flags.BoolVar(&f.poll, "poll", false, "look once a second only, without notifications of the system")
	flags.StringVar(&f.encoding, "encoding", "", "encoding of all logs by its `name`; found by content if not given")
	flags.StringVar(&f.zone, "tz", "local", "`zone` of times that name none: Europe/Berlin, +01:00, UTC or local")
	formatDirs(cmd, &f.formatDirs)
	f.rules.add(cmd)
	f.sentry.add(cmd)
	check := func(ctx context.Context) error {
		if err := f.check(); err != nil {
			return err
		}
		_, err := f.options(ctx, t)
		return err
	}
	cmd.AddCommand(newWatchStatus(t), newWatchInstall(t, cmd, check), newWatchUninstall(t), newWatchStart(t), newWatchStop(t), newWatchServiceRun(t))
	return cmd
}

// check finds flags that contradict each other.
func (f *watchFlags) check() error {
	switch {
	case f.fromStart && f.fromEnd:
		return errors.New("--from-start and --from-end contradict each other")
	case f.since != "" && f.fromEnd:
		return errors.New("--since and --from-end contradict each other")
	case f.secretFile != "" && f.webhook == "":
		return errors.New("--webhook-secret-file needs --webhook")
	case len(f.execArgs) > 0 && f.exec == "":
		return errors.New("--exec-arg needs --exec")
	case f.quiet <= 0 || f.coolDown < 0:
		return errors.New("a time is negative or zero; want one such as 30m")
	}
	return nil
}

func runWatch(ctx context.Context, t *term, paths []string, f *watchFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, stopSignals()...)
	defer stop()
	opts, err := f.options(ctx, t)
	if err != nil {
		return err
	}
	if err := f.intoIndex(t, &opts); err != nil {
		return err
	}
	if opts.Skip, err = f.notOurs(); err != nil {
		return err
	}
	if opts.Patterns, err = t.watchedPaths(paths); err != nil && !(errors.Is(err, errNoPlaces) && f.sentry.any()) {
		return err
	}
	if f.state != "" {
		if opts.Folder, err = watch.OpenFolder(f.state); err != nil {
			if errors.Is(err, watch.ErrLocked) {
				return withHint(err, "see oxtail watch status --state "+f.state)
			}
			return err
		}
		defer opts.Folder.Close()
	}
	done, err := f.connect(t, &opts)
	if err != nil {
		return err
	}
	defer done()
	return f.follow(ctx, t, opts)
}

// connect opens what a watch reads beside logs, and what it tells.
func (f *watchFlags) connect(t *term, opts *watch.Options) (done func(), err error) {
	if f.metrics != "" {
		if opts.Metrics, err = watch.ListenMetrics(f.metrics); err != nil {
			return nil, err
		}
		t.sayf("metrics at %s", opts.Metrics.Address())
	}
	if opts.Feeds, done, err = f.sentry.feeds(t, f.state, opts.Warn); err != nil {
		return nil, err
	}
	if opts.Outputs, err = f.outputs(t); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// follow watches until ctx ends, and says what was done.
func (f *watchFlags) follow(ctx context.Context, t *term, opts watch.Options) error {
	w, err := watch.New(opts)
	if err != nil {
		return err
	}
	if st := w.Status(); st.Gaps+st.PossibleGaps > 0 {
		t.sayf("lost before this start: %s; see oxtail watch status --state %s", st.GapText(), f.state)
	}
	waker, done := f.waker(t)
	defer done()
	err = w.Run(ctx, waker)
	st := w.Status()
	t.sayf("stopped; %s read, %s open, gaps: %s", report.Counted(st.Records, "record"), report.Counted(int64(st.EpisodesOpen), "fault"), st.GapText())
	return err
}

// options turns the flags into the options of a watch, without paths, state and outputs.
func (f *watchFlags) options(ctx context.Context, t *term) (watch.Options, error) {
	var mu sync.Mutex // feeds warn from goroutines of their own
	warn := func(m string) {
		mu.Lock()
		defer mu.Unlock()
		t.warnf("%s", m)
	}
	opts := watch.Options{
		FS: tail.OS{}, Now: t.now, Records: f.records, Colour: t.colour && f.format.value == "text",
		NoArchives: f.noArchives, Quiet: f.quiet, CoolDown: f.coolDown, Version: version(),
		Warn: warn, Stop: func() bool { return ctx.Err() != nil },
	}
	if f.fromEnd {
		opts.Start = tail.FromEnd
	}
	var err error
	if opts.Zone, err = parseZone(f.zone); err != nil {
		return opts, err
	}
	if f.since != "" {
		if opts.Since, err = parseWhen(f.since, t.now(), opts.Zone, false); err != nil {
			return opts, fmt.Errorf("--since: %w", err)
		}
	}
	if f.encoding != "" {
		if opts.Encoding, err = parser.EncodingByName(f.encoding); err != nil {
			return opts, withHint(fmt.Errorf("--encoding: %w", err), "names are those of the web: utf-8, utf-16le, windows-1252, iso-8859-15")
		}
	}
	if opts.Least, err = detectors.ParseSeverity(f.severity.value); err != nil {
		return opts, err
	}
	if opts.Formats, err = t.loadFormats(f.formatDirs); err != nil {
		return opts, err
	}
	opts.Rules, err = f.rules.load()
	return opts, err
}

// notOurs keeps the watch from following what it writes itself.
func (f *watchFlags) notOurs() (func(string) bool, error) {
	var own []string
	for _, name := range []string{f.output, f.state, f.index} {
		if name == "" {
			continue
		}
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		own = append(own, abs)
	}
	return func(path string) bool {
		abs, err := filepath.Abs(path)
		if err != nil {
			return false
		}
		for _, name := range own {
			rest, ok := strings.CutPrefix(abs, name)
			if ok && (rest == "" || rest[0] == '.' || rest[0] == filepath.Separator) {
				return true
			}
		}
		return false
	}, nil
}

var errNoPlaces = errors.New("no known place of logs on this computer")

// watchedPaths returns the patterns to follow: those that the user gave, or the known
// places, which are told.
func (t *term) watchedPaths(paths []string) ([]string, error) {
	if len(paths) > 0 {
		t.sayf("following %s; Ctrl-C ends it", strings.Join(paths, ", "))
		return paths, nil
	}
	var out []string
	for _, p := range places.KnownPlaces(t.getenv) {
		if p.Purpose != places.Logs {
			continue
		}
		dir := p.Path
		if p.Recursive {
			dir = filepath.Join(dir, "**")
		}
		t.sayf("following %s (%s, %s)", filepath.Join(dir, strings.Join(p.Patterns, ", ")), p.Why, p.Basis)
		for _, pattern := range p.Patterns {
			out = append(out, filepath.Join(dir, pattern))
		}
	}
	if len(out) == 0 {
		return nil, withHint(errNoPlaces, "name a file, a folder or a glob: oxtail watch PATH")
	}
	return out, nil
}

// outputs opens what the flags name. The first is standard output.
func (f *watchFlags) outputs(t *term) ([]watch.Output, error) {
	out := []watch.Output{watch.NewPrinter(t.stdout, f.format.value == "json")}
	if f.output != "" {
		file, err := watch.OpenFile(f.output, int64(f.maxOutput), t.now)
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	if f.webhook != "" {
		var secret []byte
		if f.secretFile != "" {
			data, err := os.ReadFile(f.secretFile)
			if err != nil {
				return nil, err
			}
			if secret = []byte(strings.TrimSpace(string(data))); len(secret) == 0 {
				return nil, fmt.Errorf("read %s: no secret in it", f.secretFile)
			}
		}
		hook, err := watch.NewWebhook(f.webhook, secret, t.now)
		if err != nil {
			return nil, err
		}
		out = append(out, watch.NewQueue(hook, tail.Timer{}))
	}
	if f.exec != "" {
		command, err := watch.NewCommand(f.exec, f.execArgs)
		if err != nil {
			return nil, err
		}
		out = append(out, watch.NewQueue(command, tail.Timer{}))
	}
	more, err := f.notifiers(t)
	return append(out, more...), err
}

// waker returns what ends the pause between two looks.
func (f *watchFlags) waker(t *term) (tail.Waker, func()) {
	if f.poll {
		return tail.Timer{}, func() {}
	}
	n, err := tail.NewNotifier()
	if err != nil {
		t.warnf("no notifications from the system (%v); files are looked at once a second", err)
		return tail.Timer{}, func() {}
	}
	return n, func() { _ = n.Close() }
}
