package cli

import (
	"context"
	"slices"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/index"
	"oxtail/index/query"
	"oxtail/internal/indexing"
	"oxtail/parser"
)

// A judgedIndex is an index with what its records and the evidence beside them prove.
type judgedIndex struct {
	*indexing.Judgement
	inv   *actions.Inventory // nil when the index keeps none
	given []string           // paths under which the evidence was added
	cases []actions.Case
}

// judgeIndex judges the records of an index and links the findings with its profiles and
// cache files.
func judgeIndex(ctx context.Context, x *index.Index, rules *detectors.Rules) (*judgedIndex, error) {
	j, err := indexing.Judge(ctx, x, rules)
	if err != nil {
		return nil, err
	}
	out := &judgedIndex{Judgement: j}
	if out.inv, out.given, err = indexing.Inventory(x.Dir()); err != nil {
		return nil, err
	}
	linked := out.inv
	if linked == nil {
		linked = &actions.Inventory{}
	}
	linked.SetFormats(j.Formats)
	out.cases = actions.Cases(j.Findings, linked)
	return out, nil
}

// label makes the records that prove findings known to the search, if the query or the
// output asks for what only findings and cases tell.
func (f *searchFlags) label(ctx context.Context, x *index.Index, q *query.Query) error {
	asked := q.Asks(query.Judged()...) || slices.ContainsFunc(f.facets, func(name string) bool { return slices.Contains(query.Judged(), name) })
	if !asked {
		return nil
	}
	rules, err := f.rules.load()
	if err != nil {
		return err
	}
	j, err := judgeIndex(ctx, x, rules)
	if err != nil {
		return err
	}
	x.SetLabels(j.labels())
	return nil
}

// labels says of each record that proves a finding what that finding and its case are.
func (j *judgedIndex) labels() []index.Label {
	cases := make(map[string]*actions.Case)
	for i := range j.cases {
		for _, id := range j.cases[i].Findings {
			cases[id] = &j.cases[i]
		}
	}
	return j.Label(func(f *detectors.Finding) []parser.Field {
		state := "open"
		if f.IsGone {
			state = "healed"
		}
		out := []parser.Field{{Name: "episode", Value: f.ID}, {Name: "episode", Value: state}, {Name: "verdict", Value: string(f.Verdict)}}
		c := cases[f.ID]
		if c == nil {
			return out
		}
		out = append(out, parser.Field{Name: "case", Value: c.ID}, parser.Field{Name: "verdict", Value: string(c.Verdict)})
		for _, name := range c.Profiles {
			out = append(out, parser.Field{Name: "profile", Value: name})
		}
		if c.Account != nil {
			out = append(out, parser.Field{Name: "account", Value: c.Account.User}, parser.Field{Name: "account", Value: c.Account.Server})
		}
		if c.Mailbox != "" {
			out = append(out, parser.Field{Name: "account", Value: c.Mailbox})
		}
		return out
	})
}
