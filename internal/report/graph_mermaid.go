package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// mermaidLabel is most of an edge's label that Mermaid draws, in characters.
const mermaidLabel = 40

// WriteMermaid writes the graph for Mermaid, which ticket systems and wikis draw.
func (g *Graph) WriteMermaid(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "flowchart LR")
	for _, n := range g.Nodes {
		text := mermaidText(n.Kind + ": " + n.Label)
		if n.Detail != "" {
			text += "<br/>" + mermaidText(n.Detail)
		}
		fmt.Fprintf(out, "  %s[\"%s\"]:::%s\n", n.ID, text, n.Kind)
	}
	for _, e := range g.Edges {
		if e.Label == "" {
			fmt.Fprintf(out, "  %s --> %s\n", e.From, e.To)
			continue
		}
		fmt.Fprintf(out, "  %s -- \"%s\" --> %s\n", e.From, mermaidText(middle(e.Label, mermaidLabel)), e.To)
	}
	if g.More > 0 {
		fmt.Fprintf(out, "  more[\"and %d more\"]\n", g.More)
	}
	fmt.Fprintln(out, "  classDef finding fill:#fde2e1,stroke:#b3261e\n  classDef verdict fill:#fff3cd,stroke:#8a6d00\n  classDef account fill:#dbeafe,stroke:#1d4ed8")
	return out.Flush()
}

// mermaidText makes a text fit for a label in quotes: no character of the language.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\"'`#;<>&[]{}()|\\%:", r) {
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
