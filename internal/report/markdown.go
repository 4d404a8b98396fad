package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize"
)

// WriteMarkdown writes the document for a ticket: a summary, the findings with
// their evidence in fenced blocks, the sources, and what was not read.
func WriteMarkdown(w io.Writer, d *Document, opt TextOptions) error {
	m := newMarkdown(w, opt)
	m.summary(d)
	m.cases(d.linked())
	for _, f := range d.bySeverity() {
		m.finding(f)
	}
	m.templates(d)
	m.sources(d)
	m.unread(d)
	return m.w.Flush()
}

type markdown struct {
	w   *bufio.Writer
	opt TextOptions
}

func newMarkdown(w io.Writer, opt TextOptions) *markdown { return &markdown{bufio.NewWriter(w), opt} }

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(m.w, format, args...) }

func (m *markdown) summary(d *Document) {
	s := d.Summary
	m.printf("# %s → %s: %s\n\n", prose(s.Verdict), prose(s.Action), prose(d.why()))
	m.printf("| | |\n|---|---|\n")
	m.row("verdict", s.Verdict)
	m.row("action", s.Action)
	m.row("next step", nextStep[s.Action])
	var counts []string
	for _, sev := range severities {
		if n := s.Findings.count(sev); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, sev))
		}
	}
	m.row("findings", cmp.Or(strings.Join(counts, ", "), "none"))
	m.row("read", fmt.Sprintf("%s, %s, %s", plural(int64(s.Sources), "source"), records(s.Records), humanize.IBytes(uint64(max(s.Bytes, 0)))))
	if s.NotRead > 0 {
		m.row("not fully read", humanize.Comma(int64(s.NotRead)))
	}
	m.row("oxtail", s.Version)
}

func (m *markdown) row(name, text string) {
	if text != "" {
		m.printf("| %s | %s |\n", name, prose(text))
	}
}

func (m *markdown) finding(f *Finding) {
	m.printf("\n## %s: %s\n\n", strings.ToUpper(f.Severity), prose(f.Title))
	m.printf("| | |\n|---|---|\n")
	m.row("finding", f.ID)
	m.row("rule", f.Rule)
	m.row("verdict", f.Verdict+" → "+f.Action+" ("+f.Confidence+")")
	m.row("seen", strings.TrimSuffix(records(f.Count)+", "+period(f.First, f.Last), ", "))
	m.row("folders", list(f.Folders))
	m.row("codes", list(f.Codes))
	m.row("UUIDs", list(f.UUIDs))
	m.row("mailbox", f.Mailbox)
	m.row("profiles", list(f.Profiles))
	m.row("cache files", list(f.CacheFiles))
	m.row("would change this verdict", f.Change)
	if reasons := f.reasons(); len(reasons) > 0 {
		m.printf("\nBecause:\n\n")
		for _, b := range reasons {
			m.printf("- %s\n", prose(b))
		}
	}
	shown := f.Evidence
	if !m.opt.All && len(shown) > topEvidence {
		shown = shown[:topEvidence]
	}
	for i := range shown {
		e := &shown[i]
		m.printf("\n%s", code(e.place()))
		if at := moment(e.Time); at != "" {
			m.printf(" at %s", at)
		}
		m.printf(":\n\n")
		m.fenced(e.Text)
	}
}

// fenced prints text in a block whose fence is longer than any run of backticks in
// it, so that no line of a log can end the block.
func (m *markdown) fenced(s string) {
	fence := strings.Repeat("`", max(3, longestRun(s, '`')+1))
	m.printf("%stext\n", fence)
	for l := range strings.SplitSeq(strings.TrimRight(s, "\r\n"), "\n") {
		m.printf("%s\n", Plain(strings.TrimRight(l, "\r")))
	}
	m.printf("%s\n", fence)
}

func (m *markdown) templates(d *Document) {
	if len(d.Templates) == 0 {
		return
	}
	m.printf("\n## Records that look like errors and that no rule knows\n\n| records | first | text |\n|---|---|---|\n")
	for i := range d.Templates {
		if i == topTemplates && !m.opt.All {
			m.printf("| … | | %s more |\n", humanize.Comma(int64(len(d.Templates)-i)))
			break
		}
		x := &d.Templates[i]
		m.printf("| %s | %s | %s |\n", humanize.Comma(int64(x.Count)), moment(x.First), cell(code(x.Pattern)))
	}
}

func (m *markdown) sources(d *Document) {
	if len(d.Sources) == 0 {
		return
	}
	m.printf("\n## Sources\n\n| source | format | records | size | verdict |\n|---|---|--:|--:|---|\n")
	for i, s := range d.Sources {
		if i == topSources && !m.opt.All {
			m.printf("| … %s more | | | | |\n", humanize.Comma(int64(len(d.Sources)-i)))
			break
		}
		m.printf("| %s | %s | %s | %s | %s |\n", cell(code(s.Path)), prose(s.label()), humanize.Comma(s.Records), humanize.IBytes(uint64(max(s.Bytes, 0))), prose(s.Verdict))
	}
}

func (m *markdown) unread(d *Document) {
	first := true
	for _, s := range d.Sources {
		if s.Error == "" {
			continue
		}
		if first {
			m.printf("\n## Not fully read\n\n")
			first = false
		}
		m.printf("- %s\n", prose(s.Error))
	}
}

// prose makes text of a log harmless inside of a paragraph or a table cell.
func prose(s string) string {
	var b strings.Builder
	for _, r := range Plain(s) {
		if strings.ContainsRune("\\`*_{}[]<>#|~!@", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// code puts text of a log into a code span, whatever backticks it holds.
func code(s string) string {
	s = Plain(s)
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) == "" {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

// cell keeps a code span inside of its table cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}
