package report

import (
	"fmt"
	"io"

	"oxtail/detectors"
)

// A RuleTrial is how rules did on their samples. Schema oxtail.rule-trial/v1.
type RuleTrial struct {
	Schema    string         `json:"schema"`
	Rules     int            `json:"rules"`
	Samples   int            `json:"samples"`
	Failures  []RuleFailure  `json:"failures"`
	Crossings []RuleCrossing `json:"crossings"`
	Warnings  []string       `json:"warnings,omitempty"`
}

// A RuleFailure is a sample that its rule judges wrongly.
type RuleFailure struct {
	Rule string `json:"rule"`
	File string `json:"file"`
	Line int    `json:"line"` // 1-based
	Want string `json:"want"` // hit or miss
	Text string `json:"text"`
}

// A RuleCrossing is a sample of one rule that another one matches, too.
type RuleCrossing struct {
	Rule   string `json:"rule"`
	Sample int    `json:"sample"` // 1-based, among the rule's hits
	Other  string `json:"other"`
}

// NewRuleTrial tries the rules of tried among those of set.
func NewRuleTrial(set, tried *detectors.Rules, records detectors.Records) RuleTrial {
	out := RuleTrial{Schema: "oxtail.rule-trial/v1", Rules: tried.Len(), Failures: []RuleFailure{}, Crossings: []RuleCrossing{}}
	for _, r := range tried.All() {
		out.Samples += len(r.Hits) + len(r.Misses)
	}
	for _, f := range detectors.TestRules(set, records) {
		if _, ok := tried.Lookup(f.Rule.ID); !ok {
			continue
		}
		want := "miss"
		if f.Want {
			want = "hit"
		}
		out.Failures = append(out.Failures, RuleFailure{f.Rule.ID, f.Rule.File, f.Sample.Line, want, f.String()})
	}
	for _, c := range detectors.Crossings(set, records) {
		_, a := tried.Lookup(c.Rule)
		_, b := tried.Lookup(c.Other)
		if a || b {
			out.Crossings = append(out.Crossings, RuleCrossing{c.Rule, c.Sample + 1, c.Other})
		}
	}
	for _, w := range tried.Warnings() {
		out.Warnings = append(out.Warnings, w.Error())
	}
	return out
}

// WriteRuleTrial writes a trial for a person.
func WriteRuleTrial(w io.Writer, r *RuleTrial) error {
	t := newText(w, TextOptions{})
	for _, f := range r.Failures {
		t.printf("FAIL  %s\n", Plain(f.Text))
	}
	for _, x := range r.Warnings {
		t.printf("warning: %s\n", Plain(x))
	}
	if len(r.Crossings) > 0 {
		t.printf("lines that two rules claim:\n")
		cells := [][]string{{"sample", "of rule", "is matched by"}}
		for _, c := range r.Crossings {
			cells = append(cells, []string{fmt.Sprint("hit ", c.Sample), Plain(c.Rule), Plain(c.Other)})
		}
		t.table(cells, "lll")
	}
	t.printf("%s, %s: ", plural(int64(r.Rules), "rule"), plural(int64(r.Samples), "sample"))
	if len(r.Failures) == 0 {
		t.printf("all pass\n")
	} else {
		t.printf("%d fail\n", len(r.Failures))
	}
	return t.w.Flush()
}
