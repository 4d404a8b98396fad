package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"oxtail/detectors"
	"oxtail/parser"
)

// A Hit is a record that a search found, or one that stands beside it. Schema oxtail.hit/v1.
type Hit struct {
	Record
	Link     string   `json:"link"` // oxtail:SOURCE-ID@OFFSET, for oxtail show
	Rules    []string `json:"rules,omitempty"`
	Verdicts []string `json:"verdicts,omitempty"`
	Context  bool     `json:"context,omitempty"` // does not fit itself; stands beside one that does

	text  string // of the whole entry
	apart bool   // other records lie between this one and the one before
}

// SchemaHit is the schema of a Hit.
const SchemaHit = "oxtail.hit/v1"

// NewHit returns a hit in the form of the schema, redacted. apart tells that it does
// not follow the one before.
func NewHit(source string, r *parser.Record, tags []parser.Field, link string, context, apart bool) Hit {
	h := Hit{Record: FromRecord(source, r), Link: link, Context: context, text: clean(r.Text), apart: apart}
	h.Schema = SchemaHit
	for _, t := range tags {
		list := &h.Rules
		if t.Name == "verdict" {
			list = &h.Verdicts
		}
		if !slices.Contains(*list, t.Value) {
			*list = append(*list, t.Value)
		}
	}
	return h
}

// HitOptions are the choices of WriteHits.
type HitOptions struct {
	Colour  bool
	Links   bool // permalinks in front of each line instead of the place
	Columns bool // time, level, component and thread in front of the message: several writers in one view
}

// WriteHits writes hits as grep does: place, a colon for a hit or a hyphen for
// context, and the text of the entry, each of its lines. "--" stands between pieces
// that do not follow each other, when there is context.
func WriteHits(w io.Writer, hits []Hit, opt HitOptions) error {
	t := &text{bufio.NewWriter(w), TextOptions{Colour: opt.Colour}}
	grouped := slices.ContainsFunc(hits, func(h Hit) bool { return h.Context })
	widths := columnWidths(hits)
	for i := range hits {
		h := &hits[i]
		if grouped && i > 0 && h.apart {
			t.printf("%s\n", t.paint(dim, "--"))
		}
		t.hit(h, opt, widths)
	}
	return t.w.Flush()
}

func (t *text) hit(h *Hit, opt HitOptions, widths [3]int) {
	mark := ":"
	if h.Context {
		mark = "-"
	}
	body := h.text
	if opt.Columns {
		body = h.columns(widths)
	}
	for n, line := range strings.Split(body, "\n") {
		place := fmt.Sprintf("%s%s%d%s", Plain(h.Source), mark, h.Line+n, mark)
		if opt.Links {
			place = h.Link + mark
		}
		t.printf("%s %s\n", t.paint(dim, place), Plain(strings.TrimRight(line, "\r")))
	}
}

// maxColumn is the widest that a column of a merged view gets, in characters.
const maxColumn = 24

// writers returns what tells the writers of entries apart.
func (h *Hit) writers() [3]string { return [3]string{h.Level, h.Component, h.Thread} }

// columnWidths returns the width of each column; one that is empty throughout has none.
func columnWidths(hits []Hit) [3]int {
	var widths [3]int
	for i := range hits {
		for c, s := range hits[i].writers() {
			widths[c] = max(widths[c], min(width(s), maxColumn))
		}
	}
	return widths
}

// columns returns the entry with what tells writers apart in front.
func (h *Hit) columns(widths [3]int) string {
	at := h.Time
	if parsed, err := time.Parse(time.RFC3339Nano, h.Time); err == nil {
		at = parsed.Format("2006-01-02 15:04:05.000")
	}
	line := fmt.Sprintf("%-23s ", at)
	for c, s := range h.writers() {
		if widths[c] > 0 {
			line += fmt.Sprintf("%-*s ", widths[c], cut(s, maxColumn))
		}
	}
	return line + h.Message
}

// WriteHitsMarkdown writes hits as a table for a ticket.
func WriteHitsMarkdown(w io.Writer, hits []Hit) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "| time | source | level | entry |\n|---|---|---|---|\n")
	for i := range hits {
		h := &hits[i]
		fmt.Fprintf(out, "| %s | %s:%d | %s | %s |\n", moment(h.Time), mdText(h.Source), h.Line, h.Level, mdText(h.text))
	}
	return out.Flush()
}

// mdText makes text safe inside a table of Markdown.
func mdText(s string) string {
	return strings.NewReplacer("|", "\\|", "`", "\\`", "<", "&lt;", "*", "\\*", "_", "\\_", "[", "\\[").Replace(Plain(s))
}

// A Bar is one step of a histogram. Schema oxtail.bar/v1.
type Bar struct {
	Schema string         `json:"schema"`
	From   string         `json:"from"`
	Count  int            `json:"count"`
	Levels map[string]int `json:"levels,omitempty"`
}

// SchemaBar is the schema of a Bar.
const SchemaBar = "oxtail.bar/v1"

const barWidth = 50 // columns of the longest bar

// WriteHistogram writes bars for a terminal: one a step, E for errors and above, W
// for warnings, # for the rest.
func WriteHistogram(w io.Writer, bars []Bar, untimed int) error {
	out := bufio.NewWriter(w)
	most := 1
	for _, b := range bars {
		most = max(most, b.Count)
	}
	for _, b := range bars {
		errors := b.Levels["error"] + b.Levels["critical"] + b.Levels["fatal"]
		e, wn := scale(errors, most), scale(b.Levels["warning"], most)
		rest := max(0, scale(b.Count, most)-e-wn)
		fmt.Fprintf(out, "%s %10s %s\n", barTime(b.From), humanize.Comma(int64(b.Count)), strings.Repeat("E", e)+strings.Repeat("W", wn)+strings.Repeat("#", rest))
	}
	if untimed > 0 {
		fmt.Fprintf(out, "%-19s %10s\n", "without a time", humanize.Comma(int64(untimed)))
	}
	return out.Flush()
}

// scale returns the columns of a count; what is there is seen.
func scale(n, most int) int {
	if n == 0 {
		return 0
	}
	return max(1, n*barWidth/most)
}

func barTime(rfc3339 string) string {
	t, err := time.Parse(time.RFC3339Nano, rfc3339)
	if err != nil {
		return rfc3339
	}
	return t.Format(time.DateTime)
}

// A Facet is a value of a field and how often it was found. Schema oxtail.facet/v1.
type Facet struct {
	Schema string `json:"schema" csv:"-"`
	Field  string `json:"field"`
	Value  string `json:"value"`
	Count  int    `json:"count"`
}

// SchemaFacet is the schema of a Facet.
const SchemaFacet = "oxtail.facet/v1"

// NewFacet returns a facet, redacted.
func NewFacet(field, value string, count int) Facet {
	return Facet{SchemaFacet, field, clean(value), count}
}

// WriteFacets writes the values of each field, with their counts.
func WriteFacets(w io.Writer, facets []Facet) error {
	out := bufio.NewWriter(w)
	last := ""
	for _, f := range facets {
		if f.Field != last {
			fmt.Fprintf(out, "%s\n", Plain(f.Field))
			last = f.Field
		}
		fmt.Fprintf(out, "%10s  %s\n", humanize.Comma(int64(f.Count)), Plain(f.Value))
	}
	return out.Flush()
}

// NewTemplates returns templates in the form of the schema.
func NewTemplates(list []detectors.Template) []Template {
	var out []Template
	for i := range list {
		out = append(out, newTemplate(&list[i]))
	}
	return out
}

// WriteTemplates writes templates, most frequent first, with an example's place.
func WriteTemplates(w io.Writer, list []Template) error {
	out := bufio.NewWriter(w)
	for i := range list {
		fmt.Fprintf(out, "%10s  %s\n", humanize.Comma(int64(list[i].Count)), Plain(list[i].Pattern))
	}
	return out.Flush()
}
