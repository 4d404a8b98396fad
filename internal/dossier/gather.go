package dossier

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/internal/evidence"
	"oxtail/internal/source"
	"oxtail/parser"
)

// Options are the choices of a Gather.
type Options struct {
	Walk     source.Options
	Reader   parser.Options                     // formats and encoding
	Rules    *detectors.Rules                   // tell errors from other records; nil: by level and words
	Evidence evidence.Options                   // of the profiles beside the logs
	Source   func(*source.Stream) parser.Source // what is known of a log; nil: its path and times
	Wanted   func(*parser.Record) bool          // whether a record is told of; nil: all are
}

// A Result is a dossier with what could not be read.
type Result struct {
	Dossier  Dossier
	Sources  int // logs that were read
	Skipped  []source.Skipped
	Problems []evidence.Problem
}

// Gather reads all logs below the paths and returns what they tell of a UUID.
func Gather(ctx context.Context, id parser.UUID, paths []string, opts Options) (*Result, error) {
	g := &gatherer{opts: opts, out: Result{Dossier: Dossier{Schema: Schema, UUID: id}}, evidence: evidence.New(opts.Evidence)}
	if opts.Rules != nil {
		g.matcher = detectors.NewMatcher(opts.Rules)
	}
	skipped, err := source.Walk(ctx, paths, opts.Walk, g.visit)
	if err != nil {
		return nil, err
	}
	g.out.Skipped = append(skipped, g.out.Skipped...)
	d := &g.out.Dossier
	d.conclude()
	d.Mappings = related(id, g.mappings)
	d.Conflicts = d.conflicts()
	inv, problems := g.evidence.Finish()
	g.out.Problems = problems
	d.linkAccount(inv)
	return &g.out, nil
}

// gatherer is the state of one Gather.
type gatherer struct {
	opts     Options
	matcher  *detectors.Matcher
	evidence *evidence.Gatherer
	mappings []Mapping
	out      Result
}

// visit reads one stream.
func (g *gatherer) visit(st *source.Stream) error {
	if err := g.evidence.Add(st); err != nil {
		return err
	}
	if !st.Kind.HasRecords() {
		return nil
	}
	in, err := st.Open()
	if err != nil {
		g.out.Skipped = append(g.out.Skipped, source.Skipped{Path: st.Path, Err: err})
		return nil
	}
	defer in.Close() // read only: nothing is lost when closing fails
	g.out.Sources++
	src := parser.Source{Path: st.Path, ModTime: st.ModTime, ItemTime: st.ItemTime}
	if g.opts.Source != nil {
		src = g.opts.Source(st)
	}
	if err := g.read(parser.NewReader(in, src, g.opts.Reader), st.Path); err != nil {
		g.out.Skipped = append(g.out.Skipped, source.Skipped{Path: st.Path, Err: err})
	}
	return nil
}

// read takes the records of one log.
func (g *gatherer) read(r *parser.Reader, path string) error {
	format := ""
	if f, _ := r.Format(); f != nil {
		format = f.Name()
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(rec.UUIDs) > 0 && (g.opts.Wanted == nil || g.opts.Wanted(rec)) {
			g.take(rec, detectors.EventContext{Source: path, Format: format})
		}
	}
}

// take keeps a record that is about the UUID, and the mappings of any.
func (g *gatherer) take(rec *parser.Record, ctx detectors.EventContext) {
	if len(g.mappings) < MaxMappings {
		g.mappings = append(g.mappings, mappingsIn(ctx.Source, rec)...)
	}
	d := &g.out.Dossier
	if !slices.Contains(rec.UUIDs, d.UUID) {
		return
	}
	d.Records++
	if len(d.Entries) < MaxEntries {
		d.Entries = append(d.Entries, g.entry(rec, ctx))
	}
}

// entry describes one record.
func (g *gatherer) entry(rec *parser.Record, ctx detectors.EventContext) Entry {
	e := Entry{
		Source: ctx.Source, Offset: rec.Offset, Length: len(rec.Raw), Line: rec.Line, Time: rec.Time, TimeBasis: rec.Basis.String(),
		Level: rec.Level.String(), Text: rec.Text, Spelling: spelling(rec.Text, g.out.Dossier.UUID),
	}
	if len(e.Text) > maxText {
		e.Text = strings.ToValidUTF8(e.Text[:maxText], "") + "…"
	}
	for _, other := range rec.UUIDs {
		if other != g.out.Dossier.UUID {
			e.Others = append(e.Others, other)
		}
	}
	var hits []detectors.Hit
	if g.matcher != nil {
		hits = g.matcher.Match(rec, ctx)
	}
	e.Folder, e.Object = fieldOf(rec, hits, "folder"), fieldOf(rec, hits, "object")
	if e.Object == "" {
		for _, m := range mappingsIn(ctx.Source, rec) {
			if m.UUID == g.out.Dossier.UUID {
				e.Object = strings.TrimPrefix(m.To, "object ")
			}
		}
	}
	e.User = userOf(rec)
	e.Operation = operationOf(rec)
	e.Outcome = outcomeOf(rec, hits)
	return e
}

// uuidPattern finds a UUID in any spelling.
var uuidPattern = regexp.MustCompile(uuidText)

// spelling returns how a record writes the UUID.
func spelling(text string, id parser.UUID) string {
	for _, word := range uuidPattern.FindAllString(text, -1) {
		if got, ok := parser.ParseUUID(word); ok && got == id {
			return word
		}
	}
	return ""
}

// fieldOf gives a field of the format, else what a rule extracted.
func fieldOf(rec *parser.Record, hits []detectors.Hit, name string) string {
	if v, ok := rec.Field(name); ok {
		return v
	}
	for i := range hits {
		if v, ok := hits[i].Field(name); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func userOf(rec *parser.Record) string {
	for _, name := range []string{"user", "account_user", "mailbox"} {
		if v, ok := rec.Field(name); ok {
			return v
		}
	}
	if users := actions.UsersIn(rec.Text); len(users) > 0 {
		return strings.TrimRight(users[0], ".:")
	}
	return ""
}

// operationPattern finds the verb of a record that has no field for it.
var operationPattern = regexp.MustCompile(`(?i)\b(creat|updat|delet|mov|upload|download|sav|map|sync|merg|copy|copi|renam|send|sent|fetch|insert|remov|assign)(?:e[ds]?|ing|ped|ping|d|s|ied|hroni[sz]\w*|ed)?\b`)

// operations are the full words of the verbs above.
func operations() map[string]string {
	return map[string]string{
		"creat": "create", "updat": "update", "delet": "delete", "mov": "move", "sav": "save", "merg": "merge", "copi": "copy",
		"renam": "rename", "sent": "send", "remov": "remove",
	}
}

func operationOf(rec *parser.Record) string {
	for _, name := range []string{"operation", "command", "method", "action"} {
		if v, ok := rec.Field(name); ok {
			return v
		}
	}
	m := operationPattern.FindStringSubmatch(rec.Text)
	if m == nil {
		return ""
	}
	stem := strings.ToLower(m[1])
	if word := operations()[stem]; word != "" {
		return word
	}
	return stem
}

// The words of records that no rule knows.
var (
	successPattern = regexp.MustCompile(`(?i)\b(?:succe\w+|synced|synchroni[sz]ed|sync (?:ok|done|completed|finished)|saved|uploaded|resolved|erfolgreich|synchronisiert)\b`)
	failurePattern = regexp.MustCompile(`(?i)\b(?:not|no|never|nicht|kein\w*|un|fail\w*|error|refused|abort\w*|fehler\w*|without)\b|already (?:in use|mapped)`)
)

// outcomeOf tells errors by rules and level, and successes by their words.
func outcomeOf(rec *parser.Record, hits []detectors.Hit) Outcome {
	for i := range hits {
		if hits[i].Kind == detectors.HitFault && detectors.Worse(hits[i].Rule.Verdict, detectors.Informational) {
			return OutcomeError
		}
	}
	switch {
	case rec.Level >= parser.LevelError:
		return OutcomeError
	case successPattern.MatchString(rec.Text) && !failurePattern.MatchString(rec.Text):
		return OutcomeSuccess
	}
	return ""
}

// maxLinked bounds the records by which the account is looked for.
const maxLinked = 50

// linkAccount finds the account by the same clues as for findings.
func (d *Dossier) linkAccount(inv *actions.Inventory) {
	f := detectors.Finding{ID: "dossier", Rule: "uuid-dossier", Verdict: detectors.UUIDMapping, First: d.First, Last: d.Last}
	for i := range d.Entries[:min(len(d.Entries), maxLinked)] {
		e := &d.Entries[i]
		f.Evidence = append(f.Evidence, detectors.Evidence{Source: e.Source, Offset: e.Offset, Length: e.Length, Line: e.Line, Time: e.Time, Text: e.Text})
	}
	if len(f.Evidence) == 0 {
		return
	}
	findings := []detectors.Finding{f}
	actions.Link(findings, inv)
	d.Account, d.Profiles, d.CacheFiles = findings[0].Account, findings[0].Profiles, findings[0].CacheFiles
}
