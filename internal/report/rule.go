package report

import (
	"io"
	"strings"

	"oxtail/detectors"
)

// A Rule is a rule in a list. Schema oxtail.rule/v1.
type Rule struct {
	Schema         string   `json:"schema"`
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Status         string   `json:"status,omitempty"`
	Level          string   `json:"level"`
	Verdict        string   `json:"verdict"`
	Action         string   `json:"action"`
	Confidence     string   `json:"confidence"`
	Weak           bool     `json:"weak,omitempty"` // shown, never a recommendation
	Description    string   `json:"description,omitempty"`
	Explain        string   `json:"explain,omitempty"`
	Change         string   `json:"change,omitempty"`
	FalsePositives []string `json:"falsepositives,omitempty"`
	References     []string `json:"references,omitempty"`
	Formats        []string `json:"formats,omitempty"` // restricts the rule; absent for all
	File           string   `json:"file"`
	Line           int      `json:"line"`
}

// NewRule returns a rule in the form of the schema.
func NewRule(r *detectors.Rule) Rule {
	return Rule{
		Schema: "oxtail.rule/v1", ID: r.ID, Title: r.Title, Status: r.Status, Level: r.Level.String(),
		Verdict: string(r.Verdict), Action: string(r.Action), Confidence: string(r.Confidence), Weak: r.Weak,
		Description: r.Description, Explain: r.Explain, Change: r.Change, FalsePositives: r.FalsePositives,
		References: r.References, Formats: r.LogSource.Services, File: r.File, Line: r.Line,
	}
}

// WriteRules writes a table of rules for a person.
func WriteRules(w io.Writer, rules []Rule) error {
	t := newText(w, TextOptions{})
	cells := [][]string{{"id", "level", "verdict → action", "title"}}
	for _, r := range rules {
		what := r.Verdict + " → " + r.Action
		if r.Weak {
			what += " (weak)"
		}
		cells = append(cells, []string{Plain(r.ID), r.Level, what, Plain(r.Title)})
	}
	t.table(cells, "llll")
	t.printf("\n%s\n", plural(int64(len(rules)), "rule"))
	return t.w.Flush()
}

// WriteRule writes a rule for a person: what it means, and its source.
func WriteRule(w io.Writer, r *Rule, source string) error {
	t := newText(w, TextOptions{})
	t.printf("%s  %s\n", Plain(r.ID), Plain(r.Title))
	weak := ""
	if r.Weak {
		weak = "; weak: shown, never a recommendation"
	}
	t.wrapped("  verdict: ", r.Verdict+" → "+r.Action+", "+r.Level+", "+r.Confidence+weak)
	for _, f := range [][2]string{
		{"  finds: ", r.Description}, {"  matters because: ", r.Explain}, {"  would change the verdict: ", r.Change},
		{"  formats: ", list(r.Formats)}, {"  false positives: ", list(r.FalsePositives)}, {"  references: ", list(r.References)},
		{"  file: ", r.File},
	} {
		if f[1] != "" {
			t.wrapped(f[0], Plain(f[1]))
		}
	}
	t.printf("\n")
	for l := range strings.SplitSeq(strings.TrimRight(source, "\n"), "\n") {
		t.printf("%s\n", Plain(strings.ReplaceAll(l, "\t", "  ")))
	}
	return t.w.Flush()
}
