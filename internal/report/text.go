package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
)

// TextOptions are the choices of the text and Markdown writers.
type TextOptions struct {
	Colour bool // escape sequences for a terminal
	All    bool // all evidence, templates and sources, not the first few
}

// Limits of the short form. --all lifts them.
const (
	textWidth    = 98 // columns; a terminal of 100 shows no broken lines
	topEvidence  = 2  // lines of evidence a finding
	topTemplates = 10 // families of records without a rule
	topSources   = 20 // rows of the table of sources
	topUnread    = 20 // sources that were not read
	topBecause   = 4  // reasons a finding
	maxPathWidth = 44 // columns of a path in a table; longer ones lose their middle

	evidenceLines    = 2 // lines of text of one piece of evidence
	evidenceLinesAll = 8 // the same, with --all
)

// A text writes a Document for a person.
type text struct {
	w   *bufio.Writer
	opt TextOptions
}

func newText(w io.Writer, opt TextOptions) *text { return &text{bufio.NewWriter(w), opt} }

// WriteText writes the document for a person: the verdict, the findings, what no
// rule knows, what was read and what was not.
func WriteText(w io.Writer, d *Document, opt TextOptions) error {
	t := newText(w, opt)
	t.verdict(d)
	t.cases(d.linked())
	t.findings(d)
	t.templates(d)
	t.sources(d)
	t.unread(d)
	t.notes(d)
	t.total(d)
	return t.w.Flush()
}

func (t *text) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// Escape sequences of the terminal.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (t *text) paint(colour, s string) string {
	if !t.opt.Colour || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

func colourOf(severity string) string {
	switch severity {
	case "critical", "high":
		return red
	case "medium":
		return yellow
	}
	return dim
}

func (t *text) verdict(d *Document) {
	s := d.Summary
	colour := red
	switch s.Verdict {
	case "healthy", "informational":
		colour = green
	case "unknown":
		colour = yellow
	}
	t.printf("%s → %s: %s\n", t.paint(bold+";"+colour, Plain(s.Verdict)), t.paint(bold, Plain(s.Action)), Plain(d.why()))
	if step := nextStep[s.Action]; step != "" {
		t.wrapped("  next: ", step)
	}
	for _, b := range d.blocked() {
		t.wrapped("  "+t.paint(yellow, "blocked by")+" ", Plain(b))
	}
	if s.Incomplete {
		t.printf("  %s\n", t.paint(yellow, "not everything was read; see the end"))
	}
}

func (t *text) head(title string) { t.printf("\n%s\n", t.paint(bold, title)) }

func (t *text) findings(d *Document) {
	if len(d.Findings) == 0 {
		return
	}
	var counts []string
	for _, s := range severities {
		if n := d.Summary.Findings.count(s); n > 0 {
			counts = append(counts, fmt.Sprintf("%s %s", humanize.Comma(int64(n)), s))
		}
	}
	t.head("FINDINGS: " + strings.Join(counts, ", "))
	for _, f := range d.bySeverity() {
		t.printf("\n")
		t.finding(f)
	}
}

func (t *text) finding(f *Finding) {
	t.printf("%s  %s  %s\n", t.paint(bold+";"+colourOf(f.Severity), strings.ToUpper(f.Severity)), Plain(f.Title), t.paint(dim, "["+Plain(f.ID)+"]"))
	line := fmt.Sprintf("%s → %s (%s), %s", Plain(f.Verdict), Plain(f.Action), Plain(f.Confidence), records(f.Count))
	if f.FailedItems > 0 {
		line += ", " + plural(int64(f.FailedItems), "failed item")
	}
	if p := period(f.First, f.Last); p != "" {
		line += ", " + p
	}
	if len(f.Evidence) > 0 && f.Evidence[0].TimeBasis == "day-inferred" {
		line += ", day inferred"
	}
	if f.Gone {
		line += ", gone"
		if at := moment(f.Healed); at != "" {
			line += " since " + at
		}
	}
	t.wrapped("  ", line)
	t.listed("  folders: ", f.Folders)
	t.listed("  codes: ", f.Codes)
	t.listed("  uuids: ", f.UUIDs)
	if f.Mailbox != "" {
		t.wrapped("  mailbox: ", Plain(f.Mailbox))
	}
	t.listed("  profiles: ", f.Profiles)
	t.listed("  cache files: ", f.CacheFiles)
	for i, b := range f.reasons() {
		if i == topBecause && !t.opt.All {
			break
		}
		t.wrapped("  because ", Plain(b))
	}
	if f.Change != "" {
		t.wrapped("  would change this verdict: ", Plain(f.Change))
	}
	shown := f.Evidence
	if !t.opt.All && len(shown) > topEvidence {
		shown = shown[:topEvidence]
	}
	for i := range shown {
		t.evidence(&shown[i])
	}
}

// evidence prints where and when, then the text: on the same line if it fits.
func (t *text) evidence(e *Evidence) {
	head := shorten(Plain(e.place()), textWidth-4-len("  "+time.DateTime))
	if at := moment(e.Time); at != "" {
		head += "  " + at
	}
	body := strings.Join(strings.Fields(Plain(e.Text)), " ")
	if width(head)+width(body)+6 <= textWidth {
		t.printf("  | %s  %s\n", t.paint(dim, head), body)
		return
	}
	t.printf("  | %s\n", t.paint(dim, head))
	lines := evidenceLines
	if t.opt.All {
		lines = evidenceLinesAll
	}
	t.wrapped("  |   ", cut(body, lines*(textWidth-8)))
}

func (t *text) listed(label string, items []string) {
	const most = 6 // items; a list is a hint here, JSON has them all
	if len(items) == 0 {
		return
	}
	more := ""
	if len(items) > most && !t.opt.All {
		more = fmt.Sprintf("; and %s more", humanize.Comma(int64(len(items)-most)))
		items = items[:most]
	}
	t.wrapped(label, Plain(strings.Join(items, "; "))+more)
}

func (t *text) templates(d *Document) {
	if len(d.Templates) == 0 {
		return
	}
	t.head("NO RULE KNOWS THESE")
	for i := range d.Templates {
		if i == topTemplates && !t.opt.All {
			t.printf("  and %s more; see --all\n", humanize.Comma(int64(len(d.Templates)-i)))
			break
		}
		x := &d.Templates[i]
		line := records(int64(x.Count)) + " like this"
		if p := period(x.First, x.Last); p != "" {
			line += ", " + p
		}
		t.printf("  %s, no rule\n    %s\n", line, cut(Plain(x.Pattern), textWidth-4))
		if len(x.Evidence) > 0 {
			t.printf("    %s\n", t.paint(dim, "first at "+shorten(Plain(x.Evidence[0].place()), textWidth-14)))
		}
	}
}

// sources prints the table of sources; of many, only those that are not healthy.
func (t *text) sources(d *Document) {
	rows, hidden := d.Sources, 0
	if !t.opt.All && len(rows) > topSources {
		var sick []Source
		for _, s := range rows {
			if s.Verdict != "healthy" && s.Verdict != "informational" {
				sick = append(sick, s)
			}
		}
		rows = sick[:min(len(sick), topSources)]
		hidden = len(d.Sources) - len(rows)
	}
	if len(d.Sources) == 0 {
		return
	}
	t.head("SOURCES")
	cells := [][]string{{"source", "format", "records", "size", "verdict"}}
	for _, s := range rows {
		cells = append(cells, []string{
			shorten(Plain(s.Path), maxPathWidth), cut(Plain(s.label()), 20),
			humanize.Comma(s.Records), humanize.IBytes(uint64(max(s.Bytes, 0))), cut(Plain(s.Verdict), 14),
		})
	}
	if len(rows) > 0 {
		t.table(cells, "llrrl")
	}
	if hidden > 0 {
		t.printf("  and %s more; see --all\n", humanize.Comma(int64(hidden)))
	}
}

func (t *text) unread(d *Document) {
	var bad []*Source
	for i := range d.Sources {
		if d.Sources[i].Error != "" {
			bad = append(bad, &d.Sources[i])
		}
	}
	if len(bad) == 0 {
		return
	}
	t.head("NOT FULLY READ")
	for i, s := range bad {
		if i == topUnread && !t.opt.All {
			t.printf("  and %s more; see --all\n", humanize.Comma(int64(len(bad)-i)))
			break
		}
		t.wrapped("  ", Plain(strings.TrimSuffix(s.Error, "; "+s.Remedy)))
		if s.Remedy != "" {
			t.wrapped("    hint: ", Plain(s.Remedy))
		}
	}
}

func (t *text) notes(d *Document) {
	if len(d.Notes) == 0 {
		return
	}
	t.head("NOTES")
	for i, n := range d.Notes {
		if i == topUnread && !t.opt.All {
			t.printf("  and %s more; see --all\n", humanize.Comma(int64(len(d.Notes)-i)))
			break
		}
		line := Plain(n.Text)
		if n.Count > 1 {
			line += " (" + humanize.Comma(int64(n.Count)) + " times)"
		}
		t.wrapped("  ", line)
	}
}

func (t *text) total(d *Document) {
	s := d.Summary
	line := fmt.Sprintf("%s read, %s, %s", plural(int64(s.Sources), "source"), records(s.Records), humanize.IBytes(uint64(max(s.Bytes, 0))))
	if s.Problems > 0 {
		line += fmt.Sprintf(", %s not understood", humanize.Comma(s.Problems))
	}
	if s.NotRead > 0 {
		line += fmt.Sprintf("; %s not fully read", humanize.Comma(int64(s.NotRead)))
	}
	t.printf("\n%s\n", t.paint(dim, line))
	if slices.ContainsFunc(d.Sources, func(s Source) bool { return s.TimeBasis == "zone-assumed" }) {
		t.printf("%s\n", t.paint(dim, "times that name no zone are read as UTC unless --tz says otherwise"))
	}
}

// table prints rows in columns; align holds l or r for each.
func (t *text) table(rows [][]string, align string) {
	widths := make([]int, len(align))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], width(c))
		}
	}
	for n, row := range rows {
		var b strings.Builder
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-width(c))
			if align[i] == 'r' {
				c, pad = pad+c, ""
			}
			b.WriteString("  " + c + pad)
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 {
			line = t.paint(dim, line)
		}
		t.printf("%s\n", line)
	}
}

// wrapped prints a label and text, broken at blanks, with the rest indented.
func (t *text) wrapped(label, s string) {
	indent := strings.Repeat(" ", min(width(label), 8))
	if strings.HasPrefix(label, "  |") {
		indent = label
	}
	line := label
	fresh := true
	for word := range words(s, textWidth-width(indent)) {
		if !fresh && width(line)+1+width(word) > textWidth {
			t.printf("%s\n", line)
			line, fresh = indent, true
		}
		if !fresh {
			line += " "
		}
		line += word
		fresh = false
	}
	t.printf("%s\n", line)
}

// words gives the words of s; one that is longer than a line comes in parts.
func words(s string, most int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for word := range strings.FieldsSeq(s) {
			for width(word) > most {
				r := []rune(word)
				if !yield(string(r[:most])) {
					return
				}
				word = string(r[most:])
			}
			if !yield(word) {
				return
			}
		}
	}
}

func records[N int | int64](n N) string { return plural(int64(n), "record") }

func plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return humanize.Comma(n) + " " + noun
}

// period says from when to when, and how long that is.
func period(first, last string) string {
	a, errA := time.Parse(time.RFC3339Nano, first)
	b, errB := time.Parse(time.RFC3339Nano, last)
	switch {
	case errA != nil && errB != nil:
		return ""
	case errA != nil || errB != nil || a.Equal(b):
		return moment(cmp.Or(first, last))
	}
	until := b.Format(time.DateTime)
	if a.Format(time.DateOnly) == b.Format(time.DateOnly) {
		until = b.Format(time.TimeOnly)
	}
	span := strings.TrimSpace(humanize.RelTime(a, b, "", ""))
	if b.Sub(a) < time.Second {
		return moment(first)
	}
	return fmt.Sprintf("%s to %s (%s)", a.Format(time.DateTime), until, span)
}

func moment(rfc3339 string) string {
	at, err := time.Parse(time.RFC3339Nano, rfc3339)
	if err != nil {
		return ""
	}
	return at.Format(time.DateTime)
}

func width(s string) int { return utf8.RuneCountInString(s) }

// cut shortens s to at most n characters, at its end.
func cut(s string, n int) string {
	if width(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

// Shorten makes a path fit into a line of progress: harmless, at most n characters.
func Shorten(path string, n int) string { return shorten(Plain(path), n) }

// shorten shortens s to at most n characters, in its middle: both the bundle and
// the file's name stay.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	tail := (n - 1) * 2 / 3
	return string(slices.Concat(r[:n-1-tail], []rune("…"), r[len(r)-tail:]))
}
