package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oxtail/index"
	"oxtail/index/query"
	"oxtail/internal/evidence"
	"oxtail/internal/indexing"
	"oxtail/internal/report"
	"oxtail/internal/tail"
	"oxtail/parser"
)

// searchFlags are the flags of search.
type searchFlags struct {
	dir    string
	input  inputFlags
	rules  ruleFlags
	format *oneOf
	sort   *oneOf

	before, after, around int
	limit                 int
	merged, links         bool
	count, templates      bool
	follow                bool
	histogram             string
	facets                []string
	top                   int
	save                  string
	output                string
}

// defaultHits is how many hits are shown; a screen or two, and what --limit changes.
const defaultHits = 100

func newSearch(t *term) *cobra.Command {
	f := &searchFlags{format: newOneOf("text", "text", "json", "csv", "md"), sort: newOneOf("-time", "-time", "time", "source")}
	cmd := &cobra.Command{
		Use:   "search QUERY [PATH…]",
		Short: "Find records",
		Long: `Finds records in the index, or with PATHs in logs, through a temporary index.

Words that stand side by side must all be in the entry. "A phrase", field:value,
level:>=warn, -not, OR, (groups), wild*, fuzzy~1 and /regular expressions/ are known;
UUIDs and error codes are found in any spelling. docs/query.md has it all.

@NAME is a saved search; these are always there: ` + strings.Join(shippedNames(), ", ") + `.

` + exitHelp,
		Example: "  oxtail search 'uuid:9BF98BE2A9D74D7381A0070F169C1121'\n  oxtail search 'timeout level:>=warn' -C 2\n  oxtail search 'rule:*' --facet rule,source\n  oxtail search '*' --histogram 1h bundle.zip",
		Args:    atLeastOne("a query"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runSearch(cmd.Context(), t, cmd, args, f) },
	}
	indexFlag(cmd, &f.dir)
	choice(cmd, "format", "form of the output", f.format)
	choice(cmd, "sort", "order of the hits; -time is newest first", f.sort)
	flags := cmd.Flags()
	flags.IntVarP(&f.before, "before-context", "B", 0, "records of the same source to show before each hit")
	flags.IntVarP(&f.after, "after-context", "A", 0, "records of the same source to show after each hit")
	flags.IntVarP(&f.around, "context", "C", 0, "records to show before and after each hit")
	flags.BoolVar(&f.merged, "merged", false, "all sources in one time line, with level, component and thread; context is of all sources")
	flags.IntVar(&f.limit, "limit", defaultHits, "hits to show; 0 for all")
	flags.BoolVar(&f.links, "open", false, "show permanent links, which oxtail show opens, instead of places")
	flags.BoolVar(&f.links, "links", false, "the same as --open")
	_ = flags.MarkHidden("links") // it exists
	flags.BoolVar(&f.count, "count", false, "show the number of hits only")
	flags.BoolVar(&f.follow, "follow", false, "show what is indexed from now on and fits, until Ctrl-C; text or JSON")
	flags.StringVar(&f.histogram, "histogram", "", "show hits by `step` of time, such as 1h, 10m or 1d")
	flags.StringSliceVar(&f.facets, "facet", nil, "show the most frequent values of `fields`")
	flags.IntVar(&f.top, "top", 10, "values of each field that --facet shows; 0 for all")
	flags.BoolVar(&f.templates, "templates", false, "show hits grouped by their words")
	flags.StringVar(&f.save, "save", "", "keep the query in the index as @`NAME`, and do not search")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	f.input.add(cmd)
	f.rules.add(cmd)
	return cmd
}

// check finds flags that contradict each other.
func (f *searchFlags) check(cmd *cobra.Command, paths []string) error {
	modes := 0
	for _, on := range []bool{f.count, f.histogram != "", len(f.facets) > 0, f.templates} {
		if on {
			modes++
		}
	}
	switch {
	case modes > 1:
		return errors.New("--count, --histogram, --facet and --templates exclude each other")
	case f.before < 0 || f.after < 0 || f.around < 0 || f.limit < 0 || f.top < 0:
		return errors.New("a number is negative; want 0 or more")
	case modes == 1 && (f.format.value == "md" || f.format.value == "csv"):
		return withHint(fmt.Errorf("--format %s is for hits", f.format), "counts and sums are written as text or json")
	case f.follow && (modes == 1 || len(paths) > 0 || f.output != "" || f.format.value == "md" || f.format.value == "csv" || f.save != ""):
		return withHint(errors.New("--follow shows hits of an index, as text or JSON, on standard output"), "another process keeps the index up to date: oxtail index add PATH…")
	case f.save != "" && len(paths) > 0:
		return withHint(errors.New("--save keeps a query in an index"), "leave the paths out")
	}
	if f.around > 0 {
		f.before, f.after = max(f.before, f.around), max(f.after, f.around)
	}
	if f.merged && !cmd.Flags().Changed("sort") {
		f.sort.value = "time"
	}
	return refuseOverwrite(f.output, paths)
}

func runSearch(ctx context.Context, t *term, cmd *cobra.Command, args []string, f *searchFlags) error {
	if err := f.check(cmd, args[1:]); err != nil {
		return err
	}
	saved, err := f.saved(t, args[0])
	if err != nil {
		return err
	}
	var bad *query.Error
	if _, err := f.parse(t, nil, saved.Query); errors.As(err, &bad) && bad.Field == "" && len(args) > 1 {
		return err // before all logs are read
	}
	x, done, incomplete, err := f.open(ctx, t, args[1:])
	if err != nil {
		return err
	}
	defer done()
	saved.apply(cmd, f)
	q, err := f.parse(t, x.Fields(), saved.Query)
	if err != nil {
		return err
	}
	if f.save != "" {
		return f.keep(t, saved)
	}
	if err := f.label(ctx, x, q); err != nil {
		return err
	}
	if f.follow {
		fl := &follower{f: f, t: t, q: q, seen: make(map[string]int64), open: func() (*index.Index, error) { return t.openIndex(f.dir, f.input.formatDirs, f.input.jobs) }}
		t.sayf("following the index; Ctrl-C ends it")
		return fl.run(ctx, x, tail.Timer{})
	}
	err = t.output(f.output, func(w io.Writer, colour bool) error { return f.run(ctx, t, w, colour, x, q) })
	if errors.Is(err, context.Canceled) {
		t.warnf("interrupted")
		return &exitError{code: ExitIncomplete}
	}
	if err != nil {
		return err
	}
	if err := t.tellLosses(x); err != nil {
		return err
	}
	return incomplete
}

// open opens the index, or makes a temporary one of paths. incomplete is the exit
// code when not all of them were read.
func (f *searchFlags) open(ctx context.Context, t *term, paths []string) (x *index.Index, done func(), incomplete, err error) {
	if len(paths) == 0 {
		x, err = t.openIndex(f.dir, f.input.formatDirs, f.input.jobs)
		if err != nil {
			return nil, nil, nil, err
		}
		return x, x.Close, nil, nil
	}
	if f.dir != "" {
		return nil, nil, nil, withHint(errors.New("--index and paths contradict each other"), "index the paths first (oxtail index add), or leave --index out")
	}
	since, until := f.input.since, f.input.until
	f.input.since, f.input.until = "", ""
	opts, err := t.indexingOptions(ctx, &f.input, &f.rules)
	f.input.since, f.input.until = since, until
	if err != nil {
		return nil, nil, nil, err
	}
	opts.Evidence = &evidence.Options{}
	dir, err := os.MkdirTemp("", "oxtail-search-")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("make temporary index: %w", err)
	}
	remove := func() { _ = os.RemoveAll(dir) } // what stays is the system's to remove
	res, err := t.addToIndex(ctx, dir, paths, opts)
	if err == nil && len(res.Outcomes) == 0 {
		t.tellUnread(res)
		err = &exitError{code: ExitFailed, err: errors.New("nothing to search was found")}
	}
	if err == nil {
		x, err = index.Open(dir, index.Options{Formats: indexing.Lookup(opts.Formats), Jobs: opts.Jobs})
	}
	if err != nil {
		remove()
		return nil, nil, nil, err
	}
	t.tellUnread(res)
	t.sayf("searched %s through a temporary index; oxtail index add keeps one", report.Counted(int64(len(res.Outcomes)), "source"))
	if res.Incomplete() {
		incomplete = &exitError{code: ExitIncomplete}
	}
	return x, func() { x.Close(); remove() }, incomplete, nil
}

// parse reads the query, with --since and --until as part of it.
func (f *searchFlags) parse(t *term, fields []string, text string) (*query.Query, error) {
	zone, err := parseZone(f.input.zone)
	if err != nil {
		return nil, err
	}
	opts := query.Options{Fields: fields, When: func(text string, end bool) (time.Time, error) { return parseWhen(text, t.now(), zone, end) }}
	q, err := query.Parse(text, opts)
	if err != nil {
		return nil, err
	}
	more := ""
	for _, limit := range []struct {
		name, word, value string
		end               bool
	}{{"--since", "after", f.input.since, false}, {"--until", "before", f.input.until, true}} {
		if limit.value == "" {
			continue
		}
		at, err := parseWhen(limit.value, t.now(), zone, limit.end)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", limit.name, err)
		}
		more += fmt.Sprintf(" %s:%s", limit.word, at.UTC().Format(time.RFC3339Nano))
	}
	if more == "" {
		return q, nil
	}
	return query.Parse("("+text+")"+more, opts)
}

// run searches and writes what was asked for.
func (f *searchFlags) run(ctx context.Context, t *term, w io.Writer, colour bool, x *index.Index, q *query.Query) error {
	switch {
	case f.count:
		return f.runCount(ctx, w, x, q)
	case f.histogram != "":
		return f.runHistogram(ctx, w, x, q)
	case len(f.facets) > 0:
		return f.runFacets(ctx, w, x, q)
	case f.templates:
		return f.runTemplates(ctx, w, x, q)
	}
	order := map[string]index.Order{"-time": index.NewestFirst, "time": index.OldestFirst, "source": index.BySource}[f.sort.value]
	found, more, err := x.Search(ctx, q, index.SearchOptions{Order: order, Limit: f.limit})
	if err != nil {
		return err
	}
	if f.limit > 0 && more {
		t.sayf("these are the first %d; --limit 0 shows all", f.limit)
	}
	return f.writeHits(w, colour, x, found)
}

// hitsAhead is how many hits are turned into output at a time.
const hitsAhead = 500

func (f *searchFlags) writeHits(w io.Writer, colour bool, x *index.Index, found []index.Hit) error {
	csv := report.NewCSV(w, false)
	last := index.Hit{}
	for rest := range slices.Chunk(found, hitsAhead) {
		var hits []report.Hit
		for _, part := range x.WithContext(rest, f.before, f.after, f.merged) {
			apart := last.Source == nil || !x.Follows(last, part.Hit)
			last = part.Hit
			h, err := toHit(x, part.Hit, part.Context, apart && !f.merged || part.Apart)
			if err != nil {
				return err
			}
			hits = append(hits, h)
		}
		if err := f.writePart(w, csv, colour, hits); err != nil {
			return err
		}
	}
	if f.format.value == "csv" && len(found) == 0 {
		return report.WriteCSV[report.RecordRow](csv, nil)
	}
	return nil
}

func (f *searchFlags) writePart(w io.Writer, csv *report.CSV, colour bool, hits []report.Hit) error {
	switch f.format.value {
	case "json":
		for i := range hits {
			if err := report.WriteJSON(w, &hits[i]); err != nil {
				return err
			}
		}
		return nil
	case "csv":
		var rows []report.RecordRow
		for i := range hits {
			rows = append(rows, hits[i].Row())
		}
		return report.WriteCSV(csv, rows)
	case "md":
		return report.WriteHitsMarkdown(w, hits)
	}
	return report.WriteHits(w, hits, report.HitOptions{Colour: colour, Links: f.links, Columns: f.merged})
}

func toHit(x *index.Index, h index.Hit, context, apart bool) (report.Hit, error) {
	rec, err := x.Record(h)
	if err != nil {
		return report.Hit{}, err
	}
	tags, err := x.Tags(h)
	if err != nil {
		return report.Hit{}, err
	}
	tags = slices.DeleteFunc(slices.Clone(tags), func(f parser.Field) bool { return f.Name != "rule" && f.Name != "verdict" })
	link, err := x.Link(h)
	if err != nil {
		return report.Hit{}, err
	}
	return report.NewHit(h.Source.Path, rec, tags, link.String(), context, apart), nil
}

func newShow(t *term) *cobra.Command {
	var dir string
	format := newOneOf("text", "text", "json")
	f := &searchFlags{format: format}
	cmd := &cobra.Command{
		Use:   "show LINK",
		Short: "Show the record that a permanent link names",
		Long: `Shows the record that a link of the form oxtail:SOURCE-ID@OFFSET names, from the
index: also when its log was rotated away since, or lies in an archive.

` + exitHelp,
		Example: "  oxtail show oxtail:1f0c9a7b22@48213 -C 3",
		Args:    exactlyOne("a link"),
		RunE:    func(_ *cobra.Command, args []string) error { return runShow(t, dir, args[0], f) },
	}
	indexFlag(cmd, &dir)
	choice(cmd, "format", "form of the output", format)
	flags := cmd.Flags()
	flags.IntVarP(&f.before, "before-context", "B", 0, "records of the same source to show before it")
	flags.IntVarP(&f.after, "after-context", "A", 0, "records of the same source to show after it")
	flags.IntVarP(&f.around, "context", "C", 0, "records to show before and after it")
	return cmd
}

func runShow(t *term, dir, link string, f *searchFlags) error {
	l, err := index.ParseLink(link)
	if err != nil {
		return withHint(err, "oxtail search --open shows links")
	}
	x, err := t.openIndex(dir, nil, 0)
	if err != nil {
		return err
	}
	defer x.Close()
	h, err := x.Resolve(l)
	if err != nil {
		return withHint(err, "oxtail index list shows the sources and their IDs")
	}
	f.before, f.after = max(f.before, f.around), max(f.after, f.around)
	return f.writeHits(t.stdout, t.colour, x, []index.Hit{h})
}
