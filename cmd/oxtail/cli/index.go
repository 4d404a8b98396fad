package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"oxtail/index"
	"oxtail/internal/indexing"
	"oxtail/internal/pipeline"
	"oxtail/internal/report"
)

func newIndex(t *term) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "index",
		Short: "Keep logs in a searchable index",
		Long: `An index holds the records of logs, compressed, so that oxtail search finds any of
them at once. It can be removed at any time: it is made again from the logs.

Without --index it lies in the user's cache folder, or where OXTAIL_INDEX says.

` + exitHelp,
	}
	cmd.AddCommand(newIndexAdd(t), newIndexList(t), newIndexInfo(t), newIndexVerify(t), newIndexCompact(t), newIndexDrop(t))
	return cmd
}

// indexDir returns the folder of the index.
func (t *term) indexDir(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	if dir := t.getenv("OXTAIL_INDEX"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", withHint(fmt.Errorf("find the cache folder: %w", err), "name a folder with --index, or set OXTAIL_INDEX")
	}
	return filepath.Join(dir, "oxtail", "index"), nil
}

func indexFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "index", "", "`folder` of the index (default the user's cache folder, or OXTAIL_INDEX)")
}

func newIndexAdd(t *term) *cobra.Command {
	var dir string
	var prune bool
	in, rules, ev := &inputFlags{}, &ruleFlags{}, &evidenceFlags{}
	cmd := &cobra.Command{
		Use:   "add PATH…",
		Short: "Bring an index up to date with logs",
		Long: `Reads logs into the index. What did not change is skipped, of what has grown only
the new part is read, and what was replaced is read anew. What is no longer there
stays, unless --prune is given.

Everything that scan reads can be indexed. Records keep the rules that they fit, and the
index keeps the profiles and cache files that stand beside the logs: search for rule:,
verdict:, profile:, account: and episode:, and compare indexes with oxtail diff.

` + exitHelp,
		Example: "  oxtail index add C:\\Temp\\logs bundle.zip\n  oxtail index add --index case42 --prune logs",
		Args:    atLeastOne("a file, a folder or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runIndexAdd(cmd.Context(), t, dir, args, in, rules, ev, prune)
		},
	}
	indexFlag(cmd, &dir)
	cmd.Flags().BoolVar(&prune, "prune", false, "forget sources that are no longer there")
	in.add(cmd)
	rules.add(cmd)
	ev.add(cmd)
	return cmd
}

func runIndexAdd(ctx context.Context, t *term, flag string, paths []string, in *inputFlags, rules *ruleFlags, ev *evidenceFlags, prune bool) error {
	dir, err := t.indexDir(flag)
	if err != nil {
		return err
	}
	opts, err := t.indexingOptions(ctx, in, rules)
	if err != nil {
		return err
	}
	beside, err := ev.options()
	if err != nil {
		return err
	}
	opts.Prune, opts.Evidence, opts.Beside = prune, &beside, ev.profiles
	res, err := t.addToIndex(ctx, dir, paths, opts)
	if res != nil {
		t.tellAdded(dir, res)
	}
	switch {
	case errors.Is(err, context.Canceled):
		t.warnf("interrupted; what was read until then is in the index")
		return &exitError{code: ExitIncomplete}
	case err != nil:
		return err
	case len(res.Outcomes)+res.Profiles+res.Caches == 0:
		return &exitError{code: ExitFailed, err: withHint(errors.New("nothing to index was found"), "logs, mail items and archives with them can be indexed")}
	case res.Incomplete():
		return &exitError{code: ExitIncomplete}
	}
	return nil
}

// indexingOptions turns flags into the options of indexing.
func (t *term) indexingOptions(ctx context.Context, in *inputFlags, rules *ruleFlags) (indexing.Options, error) {
	opts, err := in.options(ctx, t)
	if err != nil {
		return indexing.Options{}, err
	}
	if in.since != "" || in.until != "" {
		return indexing.Options{}, withHint(errors.New("--since and --until do not limit what is indexed"), "limit the search: after:2026-03-05 before:2026-03-06")
	}
	out := indexing.Options{Walk: opts.Walk, Formats: opts.Formats, Encoding: opts.Encoding, Zone: opts.Zone, Jobs: opts.Jobs}
	out.Rules, err = rules.load()
	return out, err
}

// indexingGC lets garbage grow further than usual: records are made by the million
// and live for a moment, and there is little else in memory.
const indexingGC = 300

// addToIndex shows progress meanwhile.
func (t *term) addToIndex(ctx context.Context, dir string, paths []string, opts indexing.Options) (*indexing.Result, error) {
	var shown pipeline.Options
	stop := t.showProgress(&shown)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(indexingGC))
	if shown.Progress != nil {
		opts.Progress = func(path string, n int64) { shown.Progress(pipeline.Progress{Path: path, Bytes: n}) }
	}
	return indexing.Add(ctx, dir, paths, opts)
}

func (t *term) tellAdded(dir string, res *indexing.Result) {
	t.tellUnread(res)
	var records, bytes int64
	line := ""
	for _, o := range res.Outcomes {
		records += o.Records
		bytes += o.Bytes
	}
	for _, c := range []indexing.Change{indexing.Added, indexing.Grown, indexing.Replaced, indexing.Repaired, indexing.Renamed, indexing.Unchanged, indexing.Gone, indexing.Pruned} {
		if n := res.Count(c); n > 0 {
			line += fmt.Sprintf(", %d %s", n, c)
		}
	}
	if line == "" {
		line = ", nothing"
	}
	if res.Profiles+res.Caches > 0 {
		line += fmt.Sprintf("; kept: %s, %s", report.Counted(int64(res.Profiles), "profile"), report.Counted(int64(res.Caches), "cache file"))
	}
	fmt.Fprintf(t.stdout, "%s: %s read, %s\n", report.Plain(dir), report.Counted(records, "record"), line[2:])
}

func (t *term) tellUnread(res *indexing.Result) {
	for _, o := range res.Outcomes {
		if o.Err != nil {
			t.warnf("%s", o.Err)
		}
	}
	for _, s := range res.Skipped {
		if !s.Note {
			t.warnf("%s", s.Err)
		}
	}
	for _, p := range res.Problems {
		t.sayf("%s", p)
	}
}

// openIndex opens an index for reading.
func (t *term) openIndex(flag string, formatDirs []string, jobs int) (*index.Index, error) {
	dir, err := t.indexDir(flag)
	if err != nil {
		return nil, err
	}
	formats, err := t.loadFormats(formatDirs)
	if err != nil {
		return nil, err
	}
	return index.Open(dir, index.Options{Formats: indexing.Lookup(formats), Jobs: jobs})
}

func newIndexList(t *term) *cobra.Command {
	var dir string
	format := newOneOf("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sources of an index",
		Long:  "Lists the sources of an index: permanent ID, records, time span, format, path.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runIndexList(t, dir, format.value) },
	}
	indexFlag(cmd, &dir)
	choice(cmd, "format", "form of the output", format)
	return cmd
}

func runIndexList(t *term, dir, format string) error {
	x, err := t.openIndex(dir, nil, 0)
	if err != nil {
		return err
	}
	defer x.Close()
	for _, s := range x.Sources() {
		row := report.NewIndexed(s.ID, s.Path, s.Format, s.Encoding, s.Records, s.Done, s.First, s.Last, s.Complete, s.Problem)
		if format == "json" {
			err = report.WriteJSON(t.stdout, row)
		} else {
			err = report.WriteIndexed(t.stdout, row)
		}
		if err != nil {
			return err
		}
	}
	return t.tellLosses(x)
}

func newIndexInfo(t *term) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Show where an index is and how large",
		Long:  "Shows where an index is, how large it is, and how much of it is used no more.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runIndexInfo(t, dir) },
	}
	indexFlag(cmd, &dir)
	return cmd
}

func runIndexInfo(t *term, dir string) error {
	x, err := t.openIndex(dir, nil, 0)
	if err != nil {
		return err
	}
	defer x.Close()
	i := x.Info()
	fmt.Fprintf(t.stdout, "folder    %s\nversion   %d\nsources   %d\nrecords   %d\ntext      %s\non disk   %s\nsegments  %d\nblocks    %d, %d of them unused\n",
		report.Plain(i.Dir), i.Version, i.Sources, i.Records, report.Size(i.Text), report.Size(i.Disk), i.Segments, i.Blocks, i.Dead)
	return t.tellLosses(x)
}

// tellLosses names what could not be read of an index, and makes the exit code 3.
func (t *term) tellLosses(x *index.Index) error {
	losses := x.Losses()
	if len(losses) == 0 {
		return nil
	}
	for _, l := range losses {
		if l.Source != "" {
			t.warnf("records of %s are missing: %s: %s", l.Source, l.Place, l.Err)
		} else {
			t.warnf("%s: %s", l.Place, l.Err)
		}
	}
	t.hintf("oxtail index add reads the sources again whose records are damaged")
	return &exitError{code: ExitIncomplete}
}

func newIndexVerify(t *term) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check all of an index for damage",
		Long:  "Reads all of an index and checks it. Exit code 3 tells of damage; index add repairs it.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runIndexVerify(cmd.Context(), t, dir) },
	}
	indexFlag(cmd, &dir)
	return cmd
}

func runIndexVerify(ctx context.Context, t *term, dir string) error {
	x, err := t.openIndex(dir, nil, 0)
	if err != nil {
		return err
	}
	defer x.Close()
	records, err := x.Verify(ctx)
	if err != nil {
		return err
	}
	if err := t.tellLosses(x); err != nil {
		return err
	}
	fmt.Fprintf(t.stdout, "%s: %s, all readable\n", report.Plain(x.Info().Dir), report.Counted(records, "record"))
	return nil
}

func newIndexCompact(t *term) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Remove what is used no more, and join small segments",
		Long:  "Writes the used blocks of an index anew, in as few segments as possible. Searching goes on meanwhile.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runIndexCompact(cmd.Context(), t, dir) },
	}
	indexFlag(cmd, &dir)
	return cmd
}

func runIndexCompact(ctx context.Context, t *term, flag string) error {
	dir, err := t.indexDir(flag)
	if err != nil {
		return err
	}
	formats, err := t.loadFormats(nil)
	if err != nil {
		return err
	}
	before, after, err := index.Compact(ctx, dir, indexing.Lookup(formats))
	if err != nil {
		return err
	}
	fmt.Fprintf(t.stdout, "%s: %s on disk, was %s\n", report.Plain(dir), report.Size(after), report.Size(before))
	return nil
}

func newIndexDrop(t *term) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "drop",
		Short: "Remove an index",
		Long:  "Removes an index, also one of another version. The logs are not touched.\n\n" + exitHelp,
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runIndexDrop(t, dir) },
	}
	indexFlag(cmd, &dir)
	return cmd
}

func runIndexDrop(t *term, flag string) error {
	dir, err := t.indexDir(flag)
	if err != nil {
		return err
	}
	if err := index.Drop(dir); err != nil {
		return err
	}
	fmt.Fprintf(t.stdout, "%s: removed\n", report.Plain(dir))
	return nil
}
