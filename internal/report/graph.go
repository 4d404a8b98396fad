package report

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of a graph: more than this is no picture.
const (
	maxGraphNodes = 80
	maxGraphLabel = 64 // characters; the tables hold the whole names
)

// A Graph is the chain of cases as a picture: log → finding → account → cache file →
// profile → verdict.
type Graph struct {
	Nodes []GraphNode
	Edges []GraphEdge
	More  int // nodes that are not shown
}

// A GraphNode is one box.
type GraphNode struct {
	ID     string // n1, n2 …
	Kind   string // log, finding, account, cache, file, profile, service, verdict
	Label  string
	Detail string // second line
	Column int    // from 0, by kind
}

// A GraphEdge is one arrow.
type GraphEdge struct {
	From, To string // IDs
	Label    string // how it is known
}

// graphColumns says where the kinds of nodes stand.
func graphColumn(kind string) int {
	switch kind {
	case "log", "source":
		return 0
	case "finding":
		return 1
	case "account", "mailbox":
		return 2
	case "cache", "file", "store":
		return 3
	case "verdict":
		return 5
	}
	return 4 // profiles and services
}

// A grapher builds a graph.
type grapher struct {
	g      *Graph
	at     map[string]int // node of a case → index of Nodes
	joined map[[2]string]int
	titles map[string]*Finding
}

// NewGraph draws the cases of a document, worst first.
func NewGraph(d *Document) *Graph {
	b := &grapher{g: &Graph{}, at: map[string]int{}, joined: map[[2]string]int{}, titles: map[string]*Finding{}}
	for i := range d.Findings {
		b.titles[d.Findings[i].ID] = &d.Findings[i]
	}
	for i := range d.Cases {
		b.oneCase(&d.Cases[i])
	}
	return b.g
}

func (b *grapher) oneCase(c *Case) {
	verdict := b.node("verdict:"+c.ID, GraphNode{Kind: "verdict", Label: c.Verdict + " → " + c.Action, Detail: c.Confidence})
	from := "account"
	for _, e := range c.Edges {
		x, y := b.named(e.From), b.named(e.To)
		b.edge(x, y, e.Kind)
	}
	linked := false
	if c.Account != nil {
		if id, ok := b.at[from+":"+c.Account.String()]; ok {
			b.edge(id, verdict, "")
			linked = true
		}
	}
	for _, f := range c.Findings {
		if id, ok := b.at["finding:"+f]; ok && !linked {
			b.edge(id, verdict, "")
		} else if !ok && !linked {
			b.edge(b.named("finding:"+f), verdict, "")
		}
	}
}

// named returns the node of a "kind:name".
func (b *grapher) named(id string) int {
	kind, name, _ := strings.Cut(id, ":")
	n := GraphNode{Kind: kind, Label: name}
	if f, ok := b.titles[name]; ok && kind == "finding" {
		n.Label, n.Detail = f.Title, fmt.Sprintf("%s, %s", f.Severity, records(f.Count))
	}
	return b.node(id, n)
}

// node returns the index of a node, -1 when the graph is full.
func (b *grapher) node(id string, n GraphNode) int {
	if i, ok := b.at[id]; ok {
		return i
	}
	if len(b.g.Nodes) >= maxGraphNodes {
		b.g.More++
		b.at[id] = -1
		return -1
	}
	n.ID, n.Column = fmt.Sprintf("n%d", len(b.g.Nodes)+1), graphColumn(n.Kind)
	n.Label, n.Detail = middle(Plain(n.Label), maxGraphLabel), middle(Plain(n.Detail), maxGraphLabel)
	b.at[id] = len(b.g.Nodes)
	b.g.Nodes = append(b.g.Nodes, n)
	return b.at[id]
}

// middle shortens a text in its middle: the ends of paths tell most.
func middle(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n/3]) + "…" + string(r[len(r)-(n-n/3-1):])
}

// edge joins two nodes. Further proofs of the same edge are added to its label.
func (b *grapher) edge(from, to int, label string) {
	if from < 0 || to < 0 || from == to {
		return
	}
	x, y := b.g.Nodes[from].ID, b.g.Nodes[to].ID
	if i, ok := b.joined[[2]string{x, y}]; ok {
		e := &b.g.Edges[i]
		if label != "" && !slices.Contains(strings.Split(e.Label, ", "), label) {
			e.Label += ", " + label
		}
		return
	}
	b.joined[[2]string{x, y}] = len(b.g.Edges)
	b.g.Edges = append(b.g.Edges, GraphEdge{x, y, label})
}
