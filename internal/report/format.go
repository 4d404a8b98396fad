package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize"

	"oxtail/parser"
	"oxtail/parser/lnav"
)

// A Format is a log format in a list. Schema oxtail.format/v1.
type Format struct {
	Schema      string   `json:"schema"`
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Origin      string   `json:"origin"` // file that it comes from; "built-in grammar" for one in Go
	Description string   `json:"description,omitempty"`
	Patterns    []string `json:"patterns,omitempty"`
}

// NewFormat returns a format in the form of the schema.
func NewFormat(f parser.Format, origin string) Format {
	if origin == "" {
		origin = "built-in grammar"
	}
	return Format{Schema: "oxtail.format/v1", Name: f.Name(), Title: f.Title(), Origin: origin}
}

// WriteFormats writes a table of formats for a person.
func WriteFormats(w io.Writer, rows []Format) error {
	t := newText(w, TextOptions{})
	cells := [][]string{{"name", "title", "from"}}
	for _, f := range rows {
		cells = append(cells, []string{Plain(f.Name), cut(Plain(f.Title), 52), Plain(f.Origin)})
	}
	t.table(cells, "lll")
	t.printf("\n%s\n", plural(int64(len(rows)), "format"))
	return t.w.Flush()
}

// WriteFormat writes a format for a person.
func WriteFormat(w io.Writer, f *Format) error {
	t := newText(w, TextOptions{})
	t.printf("%s  %s\n", Plain(f.Name), Plain(f.Title))
	t.wrapped("  from: ", Plain(f.Origin))
	if f.Description != "" {
		t.wrapped("  ", Plain(f.Description))
	}
	for _, p := range f.Patterns {
		t.wrapped("  pattern: ", Plain(p))
	}
	return t.w.Flush()
}

// Lines makes a file of several lines safe to show on a terminal.
func Lines(s string) string {
	var b strings.Builder
	for l := range strings.SplitSeq(strings.TrimRight(s, "\r\n"), "\n") {
		b.WriteString(Plain(strings.ReplaceAll(strings.TrimRight(l, "\r"), "\t", "    ")) + "\n")
	}
	return b.String()
}

// SchemaFormatTrial names the schema of FormatTrial.
const SchemaFormatTrial = "oxtail.format-trial/v1"

// A FormatTrial says which formats claim a log and what the chosen one makes of it.
type FormatTrial struct {
	Schema string        `json:"schema"`
	Path   string        `json:"path"`
	Format string        `json:"format,omitempty"` // chosen; absent if none fits
	Claims []FormatClaim `json:"claims"`
	Lines  []FormatLine  `json:"lines"`
}

// A FormatClaim is how much of a log's head a format matches.
type FormatClaim struct {
	Format  string  `json:"format"`
	Share   float64 `json:"share"` // 0 to 1
	Matched int     `json:"matched"`
	Of      int     `json:"of"`
}

// A FormatLine is what a format makes of one line.
type FormatLine struct {
	Line     int               `json:"line"` // 1-based
	Result   string            `json:"result"`
	Text     string            `json:"text"`
	Pattern  string            `json:"pattern,omitempty"`
	Time     string            `json:"time,omitempty"`
	Level    string            `json:"level,omitempty"`
	Message  string            `json:"message,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"`
	Why      string            `json:"why,omitempty"`
	Prefix   string            `json:"prefix,omitempty"`   // part of the pattern that matched
	Expected string            `json:"expected,omitempty"` // next part, that did not
	Reached  int               `json:"reached,omitempty"`  // bytes of the line that matched
}

// AddClaim adds a format that claims a part of the log.
func (t *FormatTrial) AddClaim(f parser.Format, c parser.Claim) {
	if c.Matched > 0 {
		t.Claims = append(t.Claims, FormatClaim{f.Name(), round(c.Share()), c.Matched, c.Considered})
	}
}

// AddLines adds what the chosen format makes of the lines.
func (t *FormatTrial) AddLines(reports []lnav.LineReport) {
	for i := range reports {
		t.Lines = append(t.Lines, newFormatLine(&reports[i]))
	}
}

func newFormatLine(r *lnav.LineReport) FormatLine {
	out := FormatLine{
		Line: r.Line, Text: clean(r.Text), Result: "no match", Pattern: r.Pattern, Why: clean(r.Why),
		Prefix: r.Prefix, Expected: r.Expected, Reached: r.Reached,
	}
	switch {
	case r.Matched:
		out.Result = "match"
	case r.Continues:
		out.Result = "continues"
	case strings.TrimSpace(r.Text) == "":
		out.Result = "blank"
	}
	if rec := r.Record; rec != nil {
		full := FromRecord("", rec)
		out.Time, out.Level, out.Message, out.Fields = full.Time, full.Level, full.Message, full.Fields
	}
	return out
}

// WriteFormatTrial writes a trial for a person: the claims, then the lines that did
// not match, with the place where the closest pattern stopped.
func WriteFormatTrial(w io.Writer, trial *FormatTrial, opt TextOptions) error {
	t := newText(w, opt)
	if trial.Format == "" {
		t.printf("%s: no format fits; every line is read as a record of its own\n", Plain(trial.Path))
	} else {
		t.printf("%s: %s\n", Plain(trial.Path), t.paint(bold, Plain(trial.Format)))
	}
	cells := [][]string{{"format", "share", "lines"}}
	for _, c := range trial.Claims {
		cells = append(cells, []string{Plain(c.Format), fmt.Sprintf("%.0f %%", 100*c.Share), fmt.Sprintf("%d of %d", c.Matched, c.Of)})
	}
	if len(trial.Claims) > 0 {
		t.table(cells, "lrl")
	}
	counts := map[string]int64{}
	for i := range trial.Lines {
		l := &trial.Lines[i]
		counts[l.Result]++
		t.trialLine(l)
	}
	if len(trial.Lines) > 0 {
		t.printf("\n%s: %s matched, %s went on with the entry above, %s did not match\n", plural(int64(len(trial.Lines)), "line"),
			humanize.Comma(counts["match"]), humanize.Comma(counts["continues"]), humanize.Comma(counts["no match"]))
	}
	return t.w.Flush()
}

func (t *text) trialLine(l *FormatLine) {
	if l.Result != "no match" && l.Why == "" && !t.opt.All {
		return
	}
	t.printf("\n%s %s\n", t.paint(dim, fmt.Sprintf("%6d %-9s", l.Line, l.Result)), cut(Plain(l.Text), textWidth-17))
	const indent = "                 "
	if l.Result == "no match" && l.Expected != "" {
		t.printf("%s%s^\n", indent, strings.Repeat(" ", min(width(Plain(l.Text[:min(l.Reached, len(l.Text))])), textWidth-18)))
		t.wrapped(indent+"matched  ", Plain(l.Prefix))
		t.wrapped(indent+"expected ", Plain(l.Expected))
	}
	if l.Why != "" {
		t.wrapped(indent, Plain(l.Why))
	}
	if l.Result != "match" {
		return
	}
	for _, f := range [][2]string{{"time", l.Time}, {"level", l.Level}, {"message", l.Message}, {"fields", list(pairs(l.Fields))}} {
		if f[1] != "" {
			t.wrapped(fmt.Sprintf("%s%-8s ", indent, f[0]), Plain(f[1]))
		}
	}
}
