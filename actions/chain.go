package actions

import (
	"slices"
	"strings"
)

// MaxChainLines bounds a drawn chain: a person follows a few dozen lines, JSON has
// all edges.
const MaxChainLines = 200

// A ChainLine is one line of a chain drawn as a tree.
type ChainLine struct {
	Depth  int
	Node   Node
	Title  string     // of a finding
	By     []EdgeKind // how it was joined with the line above it; empty for a root
	Source string     // where the proof stands
	Seen   bool       // its lines were drawn before
}

// Chain draws the case's edges as a tree, from logs and findings to profiles. It
// returns false when lines were left out.
func (c *Case) Chain() (lines []ChainLine, whole bool) {
	d := newDrawing(c)
	for _, root := range d.roots() {
		d.draw(root, Edge{}, 0)
	}
	return d.lines, !d.cut
}

// drawing is the work of one Chain.
type drawing struct {
	below  map[Node][]Edge // edges from a node, one for each target
	kinds  map[[2]Node][]EdgeKind
	above  map[Node]bool // nodes with an edge to them
	titles map[string]string
	drawn  map[Node]bool
	lines  []ChainLine
	cut    bool
}

func newDrawing(c *Case) *drawing {
	d := &drawing{below: map[Node][]Edge{}, kinds: map[[2]Node][]EdgeKind{}, above: map[Node]bool{}, titles: map[string]string{}, drawn: map[Node]bool{}}
	for _, e := range c.Edges {
		pair := [2]Node{e.From, e.To}
		if len(d.kinds[pair]) == 0 {
			d.below[e.From] = append(d.below[e.From], e)
		} else {
			d.preferStronger(e)
		}
		if !slices.Contains(d.kinds[pair], e.Kind) {
			d.kinds[pair] = append(d.kinds[pair], e.Kind)
		}
		d.above[e.To] = true
	}
	for _, f := range c.findings {
		d.titles[f.ID] = f.Title
	}
	return d
}

// preferStronger keeps, of several edges between two nodes, the one that proves most.
func (d *drawing) preferStronger(e Edge) {
	list := d.below[e.From]
	for i := range list {
		if list[i].To == e.To && strengthOf(e.Kind) > strengthOf(list[i].Kind) {
			list[i] = e
		}
	}
}

// roots are the nodes that nothing leads to, in the order of the chain.
func (d *drawing) roots() []Node {
	var out []Node
	for n := range d.below {
		if !d.above[n] {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, compareNodes)
	return out
}

func (d *drawing) draw(n Node, by Edge, depth int) {
	if len(d.lines) >= MaxChainLines {
		d.cut = true
		return
	}
	line := ChainLine{Depth: depth, Node: n, By: d.kinds[[2]Node{by.From, n}], Source: by.Source}
	if n.Kind == NodeFinding {
		line.Title = d.titles[n.Name]
	}
	line.Seen = d.drawn[n] && len(d.below[n]) > 0
	d.lines = append(d.lines, line)
	if line.Seen {
		return
	}
	d.drawn[n] = true
	for _, e := range d.below[n] {
		d.draw(e.To, e, depth+1)
	}
}

// Holds reports whether a word names an end of the case's chain: the id of the case or
// of a finding, the user or server of the account, the name of a profile, a cache file
// or a log, by its whole name or the last part of its path. Letter case is ignored.
func (c *Case) Holds(word string) bool {
	word = fold(word)
	if word == "" {
		return false
	}
	if word == c.ID || c.Account != nil && (fold(c.Account.User) == word || fold(c.Account.Server) == word || hostOf(c.Account.Server) == word) {
		return true
	}
	if c.store != nil {
		for _, u := range c.store.Uses {
			if fold(u.Profile.Name) == word || u.Service.UID == word {
				return true
			}
		}
	}
	for _, e := range c.Edges {
		if e.From.named(word) || e.To.named(word) {
			return true
		}
	}
	return slices.ContainsFunc(c.Profiles, func(p string) bool { return fold(p) == word }) || fold(c.Mailbox) == word
}

// named reports whether a word, in lower case, names the node.
func (n Node) named(word string) bool {
	name := fold(n.Name)
	if name == word {
		return true
	}
	switch n.Kind {
	case NodeLog, NodeCache, NodeFile:
		return strings.HasSuffix(name, `\`+word) || strings.HasSuffix(name, "/"+word)
	}
	return false
}
