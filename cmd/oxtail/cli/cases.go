package cli

import (
	"context"
	"errors"
	"fmt"

	"oxtail/actions"
	"oxtail/internal/doctor"
	"oxtail/internal/evidence"
	"oxtail/internal/pipeline"
	"oxtail/internal/source"
)

// caseFlags are the flags of commands that make cases of logs and profiles.
type caseFlags struct {
	input    inputFlags
	rules    ruleFlags
	evidence evidenceFlags
}

// A linkedScan is a scan with what links its findings to profiles and cache files.
type linkedScan struct {
	result *pipeline.Result
	cases  []actions.Case // worst first
	facts  *doctor.Facts  // of the computer
	*gathered
}

// casesOf scans logs and evidence, and returns the cases, worst first.
func casesOf(ctx context.Context, t *term, paths []string, f *caseFlags) ([]actions.Case, *gathered, error) {
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
	if l.streams == 0 {
		return nil, nil, l.nothing(paths)
	}
	return l.cases, l.gathered, nil
}

// scanLinked scans logs and gathers the evidence in the same paths on the way. When
// ctx ends, it returns what was found until then together with the error.
func scanLinked(ctx context.Context, t *term, paths []string, opts pipeline.Options, flags *evidenceFlags) (*linkedScan, error) {
	ev, err := flags.options()
	if err != nil {
		return nil, err
	}
	doc := doctor.New(doctor.Options{Servers: flags.servers})
	ev.Tree = doc.Tree
	g := &gathered{from: evidence.New(ev)}
	look := func(st *source.Stream) error { return errors.Join(doc.Add(st), g.from.Add(st)) }
	opts.Visit = func(st *source.Stream) error {
		g.streams++
		g.lookForComputer(st)
		return look(st)
	}
	beside, err := source.Walk(ctx, flags.profiles, opts.Walk, look)
	if err != nil {
		return nil, err
	}
	stop := t.showProgress(&opts)
	res, err := pipeline.Scan(ctx, paths, opts)
	stop()
	if res == nil || err != nil && ctx.Err() == nil {
		return nil, err
	}
	g.finish(t, append(beside, res.Skipped...))
	res.Skip(append(beside, g.lost...)...)
	formats := make(map[string]string, len(res.Sources))
	for _, s := range res.Sources {
		formats[s.Path] = s.Format
	}
	g.inv.SetFormats(formats)
	cases := actions.Cases(res.Findings, g.inv)
	res.Found(actions.OwnFindings(cases)...)
	facts, err2 := explainCases(cases, doc, g, res)
	return &linkedScan{res, cases, facts, g}, errors.Join(err, err2)
}

// explainCases takes the facts of the computer, and joins the checks that they settle
// with the cases that those explain.
func explainCases(cases []actions.Case, doc *doctor.Gatherer, g *gathered, res *pipeline.Result) (*doctor.Facts, error) {
	facts, faults := doc.Finish(doctor.Scanned{Inventory: g.inv, Caches: g.from.Caches(), Result: res})
	for _, f := range faults {
		g.faults = append(g.faults, f.Text)
		res.Skip(source.Skipped{Path: f.Path, Err: errors.New(f.Text)})
	}
	return facts, doctor.ExplainBy(facts, cases, res.Findings)
}

// unknownCase is the error for an id that no case has.
func unknownCase(cases []actions.Case, id string) error {
	err := fmt.Errorf("no case has the ID %q", id)
	var ids []string
	for i := range cases {
		ids = append(ids, cases[i].ID)
	}
	switch n := nearest(id, ids); {
	case len(ids) == 0:
		return withHint(errors.New("there is no case: nothing is wrong in what was read"), "oxtail plan --recreate PROFILE makes a plan without one")
	case n != "":
		return withHint(err, "did you mean "+n+"?")
	}
	return withHint(err, "oxtail chain PATH… lists the cases; the first one is "+ids[0])
}
