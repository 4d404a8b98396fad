package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/actions/checks"
)

// SchemaCheck is the schema of a Check.
const SchemaCheck = checks.Schema

// SchemaDoctor is the schema of a Doctor.
const SchemaDoctor = "oxtail.doctor/v1"

// A Check is the result of one check, cleaned for output. Schema oxtail.check/v1.
type Check = checks.Result

// A Doctor sums up a run of the checks. Schema oxtail.doctor/v1.
type Doctor struct {
	Schema  string         `json:"schema"`
	Role    string         `json:"role"`
	RoleWhy string         `json:"role_why"` // what the guess rests on, or that the user said so
	Checks  int            `json:"checks"`   // that concern the computer
	Results map[string]int `json:"results"`
	NotRead int            `json:"not_read"` // evidence that was not fully read
	Version string         `json:"version"`
}

// NewChecks returns the results in the form for output.
func NewChecks(results []checks.Result) []Check {
	out := make([]Check, len(results))
	for i, r := range results {
		r.Why, r.Settles, r.Questions = cleanAll(r.Why), cleanAll(r.Settles), cleanAll(r.Questions)
		r.Evidence = slices.Clone(r.Evidence)
		for j := range r.Evidence {
			e := &r.Evidence[j]
			e.Source, e.Place, e.Text = clean(e.Source), clean(e.Place), clean(e.Text)
		}
		if r.Evidence == nil {
			r.Evidence = []checks.Proof{}
		}
		out[i] = r
	}
	return out
}

// NewDoctor sums up the results.
func NewDoctor(results []Check, role checks.Role, why, version string, notRead int) Doctor {
	d := Doctor{Schema: SchemaDoctor, Role: string(role), RoleWhy: clean(why), Results: map[string]int{}, NotRead: notRead, Version: version}
	for i := range results {
		d.Results[string(results[i].Result)]++
		if results[i].Result != checks.NotApplicable {
			d.Checks++
		}
	}
	return d
}

// WriteChecksJSON writes the results, one a line, and the summary last.
func WriteChecksJSON(w io.Writer, d *Doctor, results []Check) error {
	for i := range results {
		if err := WriteJSON(w, &results[i]); err != nil {
			return err
		}
	}
	return WriteJSON(w, d)
}

// WriteChecks writes the results for a person: the sum first, then what is wrong, then
// what is not known.
func WriteChecks(w io.Writer, d *Doctor, results []Check, opt TextOptions) error {
	t := newText(w, opt)
	colour := green
	switch {
	case d.Results["fail"] > 0:
		colour = red
	case d.Results["pass"] < d.Checks:
		colour = yellow
	}
	t.printf("%s\n", t.paint(bold+";"+colour, d.Headline()))
	t.wrapped("  role: ", Plain(d.Role+", "+d.RoleWhy))
	if d.NotRead > 0 {
		t.printf("  %s\n", t.paint(yellow, "not everything was read; see the messages"))
	}
	for _, word := range checks.Words() {
		t.checksOf(word, results, opt.All)
	}
	return t.w.Flush()
}

// Headline says in one line what the checks found.
func (d *Doctor) Headline() string {
	if d.Checks == 0 {
		return "no check concerns this computer"
	}
	var parts []string
	for _, p := range []struct{ word, one, many string }{
		{"fail", "fail", "fail"}, {"warn", "warning", "warnings"}, {"needs-person", "needs an answer", "need an answer"}, {"unknown", "unknown", "unknown"},
	} {
		switch n := d.Results[p.word]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+p.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, p.many))
		}
	}
	if len(parts) == 0 {
		parts = []string{"none fails"}
	}
	first, rest := parts[0], parts[1:]
	if d.Results["fail"] == 0 && d.Results["warn"]+d.Results["needs-person"]+d.Results["unknown"] > 0 {
		first, rest = "0 fail", parts
	}
	count, verb, _ := strings.Cut(first, " ")
	headline := fmt.Sprintf("%s of %s %s", count, plural(int64(d.Checks), "check"), verb)
	if count == "1" && verb == "fail" {
		headline += "s"
	}
	if count == "none" {
		headline = "none of " + plural(int64(d.Checks), "check") + " fails"
	}
	if len(rest) > 0 {
		headline += "; " + strings.Join(rest, ", ")
	}
	return headline
}

// checksOf prints the results of one kind.
func (t *text) checksOf(word checks.Word, results []Check, all bool) {
	var some []*Check
	for i := range results {
		if results[i].Result == word {
			some = append(some, &results[i])
		}
	}
	switch {
	case len(some) == 0:
		return
	case word == checks.NotApplicable && !all:
		t.printf("\n%s: %s; --all says why\n", t.paint(bold, string(word)), plural(int64(len(some)), "check"))
		return
	}
	t.head(fmt.Sprintf("%s (%d)", word, len(some)))
	for _, c := range some {
		t.check(c, all)
	}
}

// topProofs is how many pieces of evidence of a check the short form shows.
const topProofs = 5

// check prints one result.
func (t *text) check(c *Check, all bool) {
	t.printf("  %s  %s\n", t.paint(bold, c.ID), Plain(c.Title))
	for _, why := range c.Why {
		t.wrapped("        ", Plain(why))
	}
	most := topProofs
	switch {
	case all:
		most = len(c.Evidence)
	case c.Result == checks.Pass:
		most = 1
	}
	for i, e := range c.Evidence {
		if i == most {
			t.printf("        and %d more; --all lists them\n", len(c.Evidence)-i)
			break
		}
		t.wrapped("        · ", Plain(e.String()))
	}
	for _, s := range c.Settles {
		if c.Result == checks.Unknown { // else the question stands below
			t.wrapped("        would settle it: ", Plain(s))
		}
	}
	for _, q := range c.Questions {
		t.wrapped("        ? ", Plain(q))
	}
	if c.Result == checks.Fail || c.Result == checks.Warn {
		t.wrapped("        → ", c.Remedy+" ["+c.Action+"]")
		if c.Explains != "" {
			t.wrapped("        explains MAPI_E_FAILONEPROVIDER: ", c.Explains)
		}
		t.wrapped("        source: ", c.Source)
	}
}
