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

// casesOf scans logs and evidence, and returns the cases, worst first.
func casesOf(ctx context.Context, t *term, paths []string, f *caseFlags) ([]actions.Case, *gathered, error) {
	opts, err := f.input.options(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	if opts.Rules, err = f.rules.load(); err != nil {
		return nil, nil, err
	}
	ev, err := f.evidence.options()
	if err != nil {
		return nil, nil, err
	}
	g := &gathered{from: evidence.New(ev)}
	opts.Visit = func(st *source.Stream) error {
		g.streams++
		return g.from.Add(st)
	}
	stop := t.showProgress(&opts)
	res, err := pipeline.Scan(ctx, paths, opts)
	stop()
	if err != nil {
		return nil, nil, err
	}
	g.finish(t, res.Skipped)
	if g.streams == 0 {
		return nil, nil, g.nothing(paths)
	}
	for _, s := range res.Sources {
		g.inv.SetFormat(s.Path, s.Format)
	}
	return actions.Cases(res.Findings, g.inv), g, nil
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
