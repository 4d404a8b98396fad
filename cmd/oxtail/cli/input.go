package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/internal/pipeline"
	"oxtail/internal/report"
	"oxtail/internal/source"
	"oxtail/parser"
)

// inputFlags say what is read and how. Commands that read logs share them.
type inputFlags struct {
	include, exclude []string
	encoding, zone   string
	since, until     string
	formatDirs       []string
	passwordFile     string
	maxBytes         size
	maxRatio         int
	maxMembers       int
	maxDepth         int
	jobs             int
}

func (f *inputFlags) add(cmd *cobra.Command) {
	budget := source.DefaultBudget()
	f.maxBytes = size(budget.MaxBytes)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.include, "include", nil, "read only files that a `glob` names, such as '*.log' or 'logs/**'; may be repeated")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "leave out files that a `glob` names; stronger than --include; may be repeated")
	flags.StringVar(&f.encoding, "encoding", "", "encoding of all logs by its `name`, such as windows-1250; found by content if not given")
	flags.StringVar(&f.zone, "tz", "", "`zone` of times that name none: Europe/Berlin, +01:00, UTC or local (default UTC)")
	flags.StringVar(&f.since, "since", "", "judge records from this `time` on: 2026-03-05, RFC 3339, 2h (ago), yesterday")
	flags.StringVar(&f.until, "until", "", "judge records before this `time`; a date means the end of that day")
	flags.StringArrayVar(&f.formatDirs, "formats", nil, "`folder` with format files of your own (lnav's JSON), besides the built-in ones; may be repeated")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` with passwords for archives, one a line")
	flags.Var(&f.maxBytes, "max-archive-bytes", "bytes that one archive may unpack to; 0 for no limit")
	flags.IntVar(&f.maxRatio, "max-archive-ratio", budget.MaxRatio, "`times` its size that an archive may unpack to; 0 for no limit")
	flags.IntVar(&f.maxMembers, "max-archive-members", budget.MaxMembers, "`number` of members that one archive may have; 0 for no limit")
	flags.IntVar(&f.maxDepth, "max-archive-depth", budget.MaxDepth, "`number` of archives inside archives; 0 for no limit")
	flags.IntVar(&f.jobs, "jobs", 0, "`number` of sources read at the same time (default one for each core)")
}

// options turns the flags into the options of a scan. Rules are not set.
func (f *inputFlags) options(ctx context.Context, t *term) (pipeline.Options, error) {
	var opts pipeline.Options
	var err error
	if f.jobs < 0 || f.maxRatio < 0 || f.maxMembers < 0 || f.maxDepth < 0 {
		return opts, fmt.Errorf("a limit is negative; want 0 or more")
	}
	opts.Jobs = f.jobs
	if opts.Zone, err = parseZone(f.zone); err != nil {
		return opts, err
	}
	if f.since != "" {
		if opts.Since, err = parseWhen(f.since, t.now(), opts.Zone, false); err != nil {
			return opts, fmt.Errorf("--since: %w", err)
		}
	}
	if f.until != "" {
		if opts.Until, err = parseWhen(f.until, t.now(), opts.Zone, true); err != nil {
			return opts, fmt.Errorf("--until: %w", err)
		}
	}
	if f.since != "" && f.until != "" && !opts.Since.Before(opts.Until) {
		return opts, fmt.Errorf("--since %s is not before --until %s", f.since, f.until)
	}
	if f.encoding != "" {
		if opts.Encoding, err = parser.EncodingByName(f.encoding); err != nil {
			return opts, withHint(fmt.Errorf("--encoding: %w", err), "names are those of the web: utf-8, utf-16le, windows-1252, iso-8859-15")
		}
	}
	if opts.Formats, err = t.loadFormats(f.formatDirs); err != nil {
		return opts, err
	}
	opts.Walk, err = f.evidenceWalk(ctx, t)
	return opts, err
}

// evidenceWalk is walk without what oxtail apply keeps below a folder: its backups are
// profiles and cache files of before, and would look like those of today.
func (f *inputFlags) evidenceWalk(ctx context.Context, t *term) (source.Options, error) {
	w, err := f.walk(ctx, t)
	w.Exclude = append(slices.Clone(w.Exclude), "**/oxtail/backups/**", "**/oxtail/journal.*")
	return w, err
}

func (f *inputFlags) walk(ctx context.Context, t *term) (source.Options, error) {
	w := source.Options{Include: f.include, Exclude: f.exclude, Stdin: interruptible(ctx, t.stdin)}
	w.Budget = source.Budget{
		MaxBytes: orNone(int64(f.maxBytes)), MaxRatio: orNone(f.maxRatio),
		MaxMembers: orNone(f.maxMembers), MaxDepth: orNone(f.maxDepth),
	}
	if f.passwordFile == "" {
		return w, nil
	}
	data, err := os.ReadFile(f.passwordFile)
	if err != nil {
		return w, err
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if p := strings.TrimSuffix(line, "\r"); p != "" {
			w.Passwords = append(w.Passwords, p)
		}
	}
	if len(w.Passwords) == 0 {
		return w, fmt.Errorf("read %s: no password in it; want one a line", f.passwordFile)
	}
	return w, nil
}

// orNone turns the 0 of a flag into the budget's word for no limit.
func orNone[T int | int64](n T) T {
	if n == 0 {
		return -1
	}
	return n
}

// size is a flag value in bytes. It implements pflag.Value.
type size int64

// String returns the size with its unit.
func (s *size) String() string { return strings.ReplaceAll(report.Size(int64(*s)), " ", "") }

// Type names the value in help texts.
func (s *size) Type() string { return "size" }

// Set reads a size such as 500MB.
func (s *size) Set(text string) error {
	n, err := report.ParseSize(text)
	*s = size(n)
	return err
}

// refuseOverwrite protects evidence from -o.
func refuseOverwrite(output string, paths []string) error {
	if output == "" {
		return nil
	}
	out, err := os.Stat(output)
	if err != nil {
		return nil // it will be created, or fail with its own error
	}
	if out.IsDir() {
		return fmt.Errorf("write %s: is a folder", output)
	}
	for _, p := range paths {
		if in, err := os.Stat(p); err == nil && os.SameFile(in, out) {
			return withHint(fmt.Errorf("write %s: it is read, too", output), "evidence is never overwritten; choose another name for -o")
		}
	}
	return nil
}
