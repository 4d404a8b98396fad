package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/actions/checks"
	"oxtail/internal/doctor"
	"oxtail/internal/report"
)

// doctorFlags are the flags of doctor.
type doctorFlags struct {
	caseFlags
	format  *oneOf
	role    *oneOf
	failOn  *oneOf
	config  string
	own     []string
	set     []string
	only    []string
	ask     bool
	answers string
	save    string
	output  string
	bom     bool
	all     bool
}

const doctorHelp = `Checks the environment of the mail client: what C4B's MAPI questions and answers and
KB842284 demand, and what support engineers ask for first. Each check says pass, warn,
fail, n/a, unknown or needs-person, with its evidence, its source and what to do.
Absence counts only where the evidence covers the place; everything else is unknown,
and says what would settle it.

PATH is what the computer left: registry exports (.reg), hives (SOFTWARE, SYSTEM,
NTUSER.DAT), the text of systeminfo or msinfo32, lists of programs (CSV) and files,
MapiSvc.inf, atlas.xml, logs, or a bundle of oxtail collect, also in archives. Without
PATH, on Windows, this computer is checked.

Some checks need values that only the user knows: --set NAME=VALUE or --config FILE.
Some need a person: --ask asks, --save-answers keeps the answers, --answers replays.

`

func newDoctor(t *term) *cobra.Command {
	var roles []string
	for _, r := range checks.Roles() {
		roles = append(roles, string(r))
	}
	f := &doctorFlags{
		format: newOneOf("text", "text", "json", "csv", "md"), role: newOneOf("", roles...),
		failOn: newOneOf("fail", "fail", "warn", "unknown", "never"),
	}
	cmd := &cobra.Command{
		Use:   "doctor [PATH…]",
		Short: "Check the computer: programs, versions, accounts, settings",
		Long:  doctorHelp + configHelp() + strings.ReplaceAll(exitHelp, "default high", "default fail"),
		Example: "  oxtail doctor bundle.zip\n  oxtail doctor --role xphone-server --set exchange_domain=example.local server.reg\n" +
			"  oxtail doctor --only ENV003,ENV2xx --format csv bundle.zip",
		RunE: func(cmd *cobra.Command, args []string) error { return runDoctor(cmd.Context(), t, args, f) },
	}
	f.evidence.servers = true
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	choice(cmd, "role", "what the computer is for; guessed, and said, if not given", f.role)
	choice(cmd, "fail-on", "exit with 1 on results as bad as this", f.failOn)
	flags.StringVar(&f.config, "config", "", "`file` (YAML or JSON) with values that checks need")
	flags.StringArrayVar(&f.set, "set", nil, "one such value, NAME=VALUE; stronger than --config; may be repeated")
	flags.StringArrayVar(&f.own, "checks", nil, "`folder` with checks of your own (*.yml), besides the built-in ones; may be repeated")
	flags.StringSliceVar(&f.only, "only", nil, "only checks of these `ids`; x stands for any digit: ENV003,ENV2xx")
	flags.BoolVar(&f.ask, "ask", false, "ask what no evidence tells")
	flags.StringVar(&f.answers, "answers", "", "`file` (JSON or YAML) with answers to the questions")
	flags.StringVar(&f.save, "save-answers", "", "write all answers to a `file`, for --answers")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show all evidence, and the checks that do not concern the computer")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

// configHelp lists the values that may be configured.
func configHelp() string {
	out := "Values:\n"
	for _, n := range checks.ConfigNames() {
		out += fmt.Sprintf("  %-24s%s\n", n.Name, n.Means)
	}
	return out + "\n"
}

func runDoctor(ctx context.Context, t *term, paths []string, f *doctorFlags) error {
	for _, name := range []string{f.output, f.save} {
		if err := refuseOverwrite(name, paths); err != nil {
			return err
		}
	}
	set, in, err := f.read()
	if err != nil {
		return err
	}
	facts, faults, err := f.gather(ctx, t, paths)
	if err != nil {
		return err
	}
	facts.Config = in.Config
	why := "as --role says"
	if in.Role = checks.Role(f.role.value); in.Role == "" {
		in.Role, why = facts.Role()
	}
	if names := facts.Computers(); len(names) > 1 {
		t.warnf("the evidence is of several computers (%s), and the results mix them", strings.Join(names, ", "))
		t.hintf("give the evidence of one computer; --include and --exclude choose")
	}
	results := set.Run(facts, in)
	if f.ask {
		if err := t.askAll(set, results, in.Answers); err != nil {
			return err
		}
		results = set.Run(facts, in)
	}
	if f.save != "" {
		if err := saveAnswers(f.save, set, in.Answers); err != nil {
			return err
		}
	}
	rows := report.NewChecks(results)
	sum := report.NewDoctor(rows, in.Role, why, version(), len(faults))
	if err := f.write(t, &sum, rows); err != nil {
		return err
	}
	warnFaults(t, faults)
	return f.exit(&sum)
}

// read reads the checks, the configuration and the answers.
func (f *doctorFlags) read() (*checks.Set, checks.Input, error) {
	in := checks.Input{Config: checks.Config{}, Answers: checks.Answers{}, Only: f.only}
	set, err := checks.Default()
	if err != nil {
		return nil, in, err
	}
	for _, dir := range f.own {
		more, err := checks.Load(os.DirFS(dir))
		if err != nil {
			return nil, in, fmt.Errorf("read checks of %s: %w", dir, err)
		}
		if len(more.List()) == 0 {
			return nil, in, withHint(fmt.Errorf("there are no checks in %s", dir), "want files *.yml; docs/doctor.md shows one")
		}
		set = set.With(more)
	}
	for _, pattern := range f.only {
		if len(set.Matching(pattern)) == 0 {
			return nil, in, withHint(fmt.Errorf("--only %s is the id of no check", pattern), "ids are ENV001 to ENV317; ENV2xx means all from ENV200 to ENV299")
		}
	}
	if f.config != "" {
		data, err := os.ReadFile(f.config)
		if err != nil {
			return nil, in, err
		}
		if in.Config, err = checks.ParseConfig(data); err != nil {
			return nil, in, fmt.Errorf("read %s: %w", f.config, err)
		}
	}
	for _, pair := range f.set {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, in, withHint(fmt.Errorf("--set %s is no NAME=VALUE", pair), "for instance --set exchange_domain=example.local")
		}
		if err := in.Config.Set(name, value); err != nil {
			return nil, in, fmt.Errorf("--set %s: %w", pair, err)
		}
	}
	if f.answers == "" {
		return set, in, nil
	}
	data, err := os.ReadFile(f.answers)
	if err != nil {
		return nil, in, err
	}
	if in.Answers, err = set.ParseAnswers(data); err != nil {
		return nil, in, fmt.Errorf("read %s: %w", f.answers, err)
	}
	return set, in, nil
}

// gather takes the facts of the paths, or of the running computer if there are none.
func (f *doctorFlags) gather(ctx context.Context, t *term, paths []string) (*doctor.Facts, []string, error) {
	if len(paths) == 0 {
		return gatherLiveFacts(ctx, t, &f.input, &f.evidence)
	}
	opts, err := f.input.options(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	if opts.Rules, err = f.rules.load(); err != nil {
		return nil, nil, err
	}
	l, err := scanLinked(ctx, t, paths, opts, &f.evidence)
	if err != nil {
		return nil, nil, err
	}
	faults := l.faults
	for _, s := range l.result.Sources {
		if s.Err != nil {
			faults = append(faults, s.Err.Error())
		}
	}
	if l.streams == 0 {
		return nil, nil, l.nothing(paths)
	}
	return l.facts, faults, nil
}

// write writes the results in the form that was asked for.
func (f *doctorFlags) write(t *term, sum *report.Doctor, rows []report.Check) error {
	return t.output(f.output, func(w io.Writer, colour bool) error {
		switch f.format.value {
		case "json":
			return report.WriteChecksJSON(w, sum, rows)
		case "csv":
			return report.WriteChecksCSV(w, rows, f.bom)
		case "md":
			return report.WriteChecksMarkdown(w, sum, rows)
		}
		return report.WriteChecks(w, sum, rows, report.TextOptions{Colour: colour, All: f.all})
	})
}

// exit returns the exit code as an error.
func (f *doctorFlags) exit(sum *report.Doctor) error {
	bad := sum.Results["fail"]
	switch f.failOn.value {
	case "never":
		bad = 0
	case "warn":
		bad += sum.Results["warn"]
	case "unknown":
		bad += sum.Results["warn"] + sum.Results["unknown"] + sum.Results["needs-person"]
	}
	switch {
	case sum.NotRead > 0:
		return &exitError{code: ExitIncomplete}
	case bad > 0:
		return &exitError{code: ExitFindings}
	}
	return nil
}

// saveAnswers writes the answers in the form that --answers reads.
func saveAnswers(name string, set *checks.Set, answers checks.Answers) error {
	file := checks.AnswerFile{Schema: checks.AnswersSchema, Answers: checks.Answers{}}
	for key, a := range answers {
		if q, ok := set.Question(key); ok {
			a.Text = q.Text
		}
		file.Answers[key] = a
	}
	return writeAtomically(name, func(w *os.File) error { return report.WriteJSON(w, &file) })
}

// errNotLive is the answer of doctor without PATH where there is no Windows.
var errNotLive = errors.New("this computer can be checked on Windows only")
