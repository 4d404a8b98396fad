package report

import (
	"fmt"
	"io"

	"oxtail/actions"
)

// NewVerification returns a verification, redacted.
func NewVerification(v actions.Verification) actions.Verification {
	v.Because, v.Next = cleanAll(v.Because), cleanAll(v.Next)
	facts := make([]actions.VerifyFact, len(v.Facts))
	for i, f := range v.Facts {
		f.Text = clean(f.Text)
		facts[i] = f
	}
	v.Facts = facts
	return v
}

// WriteVerification writes a verification for a person.
func WriteVerification(w io.Writer, v *actions.Verification, opt TextOptions) error {
	t := newText(w, opt)
	colour := map[string]string{actions.VerifyFixed: green, actions.VerifyNotFixed: red}[v.Verdict]
	if colour == "" {
		colour = yellow
	}
	t.printf("%s", t.paint(bold+";"+colour, v.Verdict))
	if v.Case != "" {
		t.printf("  case %s", Plain(v.Case))
	}
	t.printf("  %s\n", t.paint(dim, "["+Plain(string(v.Kind))+"]"))
	t.reasons("because", v.Because)
	t.reasons("next:", v.Next)
	t.head("FACTS")
	for _, f := range v.Facts {
		colour := map[string]string{actions.FactGood: green, actions.FactBad: red}[f.State]
		if colour == "" {
			colour = yellow
		}
		t.wrapped(fmt.Sprintf("  %s  %-10s  ", t.paint(colour, fmt.Sprintf("%-7s", f.State)), f.ID), Plain(f.Text))
	}
	since := "not known"
	if !v.Since.IsZero() {
		since = moment(stamp(v.Since))
	}
	t.wrapped("  repaired: ", since+", by "+Plain(v.From))
	return t.w.Flush()
}
