package report

import (
	"fmt"
	"io"
	"strings"
)

// A DiffRow is one row of a comparison in CSV.
type DiffRow struct {
	Kind        string `csv:"kind"`
	State       string `csv:"state"`
	Name        string `csv:"name"`
	Rule        string `csv:"rule"`
	Severity    string `csv:"severity"`
	Verdict     string `csv:"verdict"`
	Action      string `csv:"action"`
	Folders     string `csv:"folders"`
	UUIDs       string `csv:"uuids"`
	Codes       string `csv:"codes"`
	CountBefore string `csv:"count_before"`
	CountAfter  string `csv:"count_after"`
	PlaceBefore string `csv:"place_before"`
	PlaceAfter  string `csv:"place_after"`
	IDBefore    string `csv:"id_before"`
	IDAfter     string `csv:"id_after"`
	Owner       string `csv:"owner"`
	Was         string `csv:"was"`
	Now         string `csv:"now"`
}

// WriteDiffCSV writes one row a difference.
func WriteDiffCSV(w io.Writer, d *Differences, withBOM bool) error {
	rows := make([]DiffRow, len(d.Rows))
	for i := range d.Rows {
		r := &d.Rows[i]
		rows[i] = DiffRow{
			Kind: r.Kind, State: r.State, Name: r.Name, Rule: r.Rule, Severity: r.Severity, Verdict: r.Verdict, Action: r.Action,
			Folders: list(r.Folders), UUIDs: list(r.UUIDs), Codes: list(r.Codes), Owner: r.Owner, Was: list(r.Was), Now: list(r.Now),
		}
		if s := r.Before; s != nil {
			rows[i].CountBefore, rows[i].PlaceBefore, rows[i].IDBefore = fmt.Sprint(s.Count), s.place(), s.ID
		}
		if s := r.After; s != nil {
			rows[i].CountAfter, rows[i].PlaceAfter, rows[i].IDAfter = fmt.Sprint(s.Count), s.place(), s.ID
		}
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}

// WriteDiffMarkdown writes a comparison for a ticket, everything in it.
func WriteDiffMarkdown(w io.Writer, d *Differences) error {
	m := newMarkdown(w, TextOptions{All: true})
	m.printf("# %s\n\n| | |\n|---|---|\n", prose(d.headline()))
	m.row("before", d.Summary.Before)
	m.row("after", d.Summary.After)
	m.row("not fully read", strings.Join(d.Summary.Incomplete, ", "))
	for _, part := range diffParts {
		rows := d.part(part.kind, part.state)
		if len(rows) == 0 {
			continue
		}
		m.printf("\n## %s\n\n| | what | details |\n|---|---|---|\n", part.title)
		for _, r := range rows {
			m.printf("| %s | %s | %s |\n", r.State, prose(strings.Join(nonEmpty(r.Severity, r.Name), ": ")), prose(r.details()))
		}
	}
	return m.w.Flush()
}

// details puts the rest of a row into one cell.
func (r *Diff) details() string {
	var out []string
	if r.Kind == "finding" {
		out = append(out, r.concerns())
	}
	out = append(out, r.Owner)
	if len(r.Was) > 0 {
		out = append(out, "was: "+list(r.Was))
	}
	if len(r.Now) > 0 {
		out = append(out, "now: "+list(r.Now))
	}
	return strings.Join(nonEmpty(append(out, r.counts())...), "; ")
}

// WriteDiffJSON writes one object a line, the summary last.
func WriteDiffJSON(w io.Writer, d *Differences) error {
	for i := range d.Rows {
		if err := WriteJSON(w, &d.Rows[i]); err != nil {
			return err
		}
	}
	return WriteJSON(w, &d.Summary)
}
