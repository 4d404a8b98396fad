package report

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"unicode/utf8"
)

// Sizes of the picture, in pixels.
const (
	svgMargin  = 20
	svgRow     = 64
	svgBox     = 44
	svgGap     = 90 // between columns: room for the arrows
	svgLetter  = 7  // width of a letter of 12 px, as an estimate
	svgColumns = 6
)

// WriteSVG writes the graph as a picture that needs nothing else: no script, no font, no
// link.
func (g *Graph) WriteSVG(w io.Writer) error {
	p := newPlot(g)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">`+"\n", p.width, p.height, p.width, p.height)
	fmt.Fprintln(out, `<title>log → finding → account → cache file → profile → verdict</title>`)
	fmt.Fprintln(out, `<defs><marker id="a" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>`)
	fmt.Fprintf(out, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", p.width, p.height)
	for _, e := range g.Edges {
		p.arrow(out, e)
	}
	for i := range g.Nodes {
		p.box(out, &g.Nodes[i])
	}
	if g.More > 0 {
		fmt.Fprintf(out, `<text x="%d" y="%d">and %d more</text>`+"\n", svgMargin, p.height-6, g.More)
	}
	fmt.Fprintln(out, `</svg>`)
	return out.Flush()
}

// A plot knows where the boxes stand.
type plot struct {
	x, wide       [svgColumns]int
	place         map[string][2]int // column and top of a node
	width, height int
}

func newPlot(g *Graph) *plot {
	p := &plot{place: map[string][2]int{}}
	var rows [svgColumns]int
	for i := range g.Nodes {
		n := &g.Nodes[i]
		chars := max(utf8.RuneCountInString(n.Label), utf8.RuneCountInString(n.Detail), len(n.Kind))
		p.wide[n.Column] = max(p.wide[n.Column], chars*svgLetter+16)
		p.place[n.ID] = [2]int{n.Column, svgMargin + rows[n.Column]*svgRow}
		rows[n.Column]++
		p.height = max(p.height, rows[n.Column]*svgRow)
	}
	at := svgMargin
	for c := range svgColumns {
		p.x[c] = at
		if p.wide[c] > 0 {
			at += p.wide[c] + svgGap
		}
	}
	p.width, p.height = max(at-svgGap+svgMargin, 200), p.height+2*svgMargin
	return p
}

// arrow draws a curve from the right of a box to the left of another; back, if it must.
func (p *plot) arrow(w io.Writer, e GraphEdge) {
	from, to := p.place[e.From], p.place[e.To]
	x1, y1 := p.x[from[0]]+p.wide[from[0]], from[1]+svgBox/2
	x2, y2 := p.x[to[0]], to[1]+svgBox/2
	bend := svgGap / 2
	if to[0] <= from[0] {
		x2 = p.x[to[0]] + p.wide[to[0]]
		fmt.Fprintf(w, `<path d="M%d,%d C%d,%d %d,%d %d,%d" fill="none" stroke="#555" marker-end="url(#a)">`, x1, y1, x1+bend, y1, x2+bend, y2, x2, y2)
	} else {
		fmt.Fprintf(w, `<path d="M%d,%d C%d,%d %d,%d %d,%d" fill="none" stroke="#555" marker-end="url(#a)">`, x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
	}
	fmt.Fprintf(w, "<title>%s</title></path>\n", html.EscapeString(e.Label))
}

func (p *plot) box(w io.Writer, n *GraphNode) {
	at := p.place[n.ID]
	x, y := p.x[at[0]], at[1]
	fmt.Fprintf(w, `<g><rect x="%d" y="%d" width="%d" height="%d" rx="4" fill="%s" stroke="#555"/>`, x, y, p.wide[at[0]], svgBox, svgFill(n.Kind))
	fmt.Fprintf(w, `<text x="%d" y="%d" font-size="9" fill="#555">%s</text>`, x+8, y+11, html.EscapeString(n.Kind))
	fmt.Fprintf(w, `<text x="%d" y="%d">%s</text>`, x+8, y+25, html.EscapeString(n.Label))
	fmt.Fprintf(w, `<text x="%d" y="%d" font-size="10" fill="#555">%s</text></g>`+"\n", x+8, y+38, html.EscapeString(n.Detail))
}

func svgFill(kind string) string {
	switch kind {
	case "finding":
		return "#fde2e1"
	case "verdict":
		return "#fff3cd"
	case "account", "mailbox":
		return "#dbeafe"
	case "cache", "file", "store":
		return "#dcfce7"
	}
	return "#f3f4f6"
}
