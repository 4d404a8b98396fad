package report

import (
	"io"
)

// WriteExplained writes one finding with all of its evidence, why it matters, and
// the rule that found it. The rule may be nil: some findings are made by code.
func WriteExplained(w io.Writer, f *Finding, r *Rule, opt TextOptions) error {
	t := newText(w, opt)
	t.finding(f)
	t.printf("\n")
	if f.Explain != "" {
		t.wrapped("why it matters: ", Plain(f.Explain))
	}
	if step := nextStep[f.Action]; step != "" {
		t.wrapped("next: ", step)
	}
	if f.Weak {
		t.wrapped("weak: ", "the wording is a guess; it is shown, and recommends nothing")
	}
	if r == nil {
		return t.w.Flush()
	}
	t.wrapped("rule: ", Plain(r.ID)+": "+Plain(r.Title))
	if r.Description != "" {
		t.wrapped("  finds: ", Plain(r.Description))
	}
	for _, x := range r.FalsePositives {
		t.wrapped("  may be wrong on: ", Plain(x))
	}
	for _, x := range r.References {
		t.wrapped("  after: ", Plain(x))
	}
	t.wrapped("  see: ", "oxtail rules show "+Plain(r.ID))
	return t.w.Flush()
}
