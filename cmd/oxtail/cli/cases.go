package cli

import (
	"context"
	"errors"
	"fmt"

	"oxtail/actions"
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
	g := &gathered{from: evidence.New(ev)}
	opts.Visit = func(st *source.Stream) error {
		g.streams++
		return g.from.Add(st)
	}
	beside, err := source.Walk(ctx, flags.profiles, opts.Walk, g.from.Add)
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
	return &linkedScan{res, cases, g}, err
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
