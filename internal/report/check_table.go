package report

import (
	"io"
	"strings"

	"oxtail/actions/checks"
)

// A CheckRow is the result of one check in CSV.
type CheckRow struct {
	ID        string `csv:"id"`
	Number    int    `csv:"number"`
	Title     string `csv:"title"`
	Result    string `csv:"result"`
	Evidence  string `csv:"evidence"`
	Remedy    string `csv:"remedy"`
	Action    string `csv:"action"`
	Source    string `csv:"source"`
	Role      string `csv:"role"`
	Why       string `csv:"why"`
	Settles   string `csv:"settles"`
	Certainty string `csv:"certainty"`
}

// WriteChecksCSV writes one row a check.
func WriteChecksCSV(w io.Writer, results []Check, withBOM bool) error {
	rows := make([]CheckRow, len(results))
	for i := range results {
		c := &results[i]
		rows[i] = CheckRow{
			ID: c.ID, Number: c.Number, Title: c.Title, Result: string(c.Result), Evidence: list(proofTexts(c)), Remedy: c.Remedy,
			Action: c.Action, Source: c.Source, Role: string(c.Role), Why: list(c.Why), Settles: list(c.Settles), Certainty: string(c.Certainty),
		}
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}

func proofTexts(c *Check) []string {
	var out []string
	for _, e := range c.Evidence {
		out = append(out, e.String())
	}
	return out
}

// WriteChecksMarkdown writes the results for a ticket, everything in it.
func WriteChecksMarkdown(w io.Writer, d *Doctor, results []Check) error {
	m := newMarkdown(w, TextOptions{All: true})
	m.printf("# %s\n\n| | |\n|---|---|\n", prose(d.Headline()))
	m.row("role", d.Role+", "+d.RoleWhy)
	m.row("oxtail", d.Version)
	for _, word := range checks.Words() {
		m.checksOf(word, results)
	}
	return m.w.Flush()
}

// checksOf writes the results of one kind as a table.
func (m *markdown) checksOf(word checks.Word, results []Check) {
	first := true
	for i := range results {
		c := &results[i]
		if c.Result != word {
			continue
		}
		if first {
			m.printf("\n## %s\n\n| check | what must be so | found | what to do | source |\n|---|---|---|---|---|\n", prose(string(word)))
			first = false
		}
		said := append(append(append([]string{}, c.Why...), proofTexts(c)...), c.Questions...)
		todo := strings.Join(c.Settles, "; ")
		if word == checks.Fail || word == checks.Warn {
			todo = c.Remedy + " (" + c.Action + ")"
		}
		m.printf("| %s | %s | %s | %s | %s |\n", c.ID, prose(c.Title), prose(strings.Join(said, "; ")), prose(todo), prose(c.Source))
	}
}
