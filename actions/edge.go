package actions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A NodeKind says what a node of the chain is.
type NodeKind string

// The kinds of nodes, in the order of the chain.
const (
	NodeLog     NodeKind = "log"
	NodeFinding NodeKind = "finding"
	NodeAccount NodeKind = "account"
	NodeCache   NodeKind = "cache" // a path as a profile has it
	NodeFile    NodeKind = "file"  // a cache file that was found
	NodeProfile NodeKind = "profile"
)

// A Node is one thing in the chain.
type Node struct {
	Kind NodeKind
	Name string
}

// String returns "kind:name".
func (n Node) String() string { return string(n.Kind) + ":" + n.Name }

// MarshalText writes "kind:name".
func (n Node) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads "kind:name".
func (n *Node) UnmarshalText(text []byte) error {
	kind, name, ok := strings.Cut(string(text), ":")
	if !ok {
		return fmt.Errorf("read node %q: no kind in front of a colon", text)
	}
	*n = Node{NodeKind(kind), name}
	return nil
}

// An EdgeKind says by what two nodes were joined.
type EdgeKind string

// The kinds of edges. Those of findings are explained in the package comment.
const (
	ByEvidence    EdgeKind = "evidence" // the finding cites the log
	ByRegistry    EdgeKind = "registry" // a registry value says so
	ByCachePath   EdgeKind = "cache-path"
	ByServerUser  EdgeKind = "server-user"
	ByCacheName   EdgeKind = "cache-name"
	ByUser        EdgeKind = "user"
	ByServer      EdgeKind = "server"
	ByMailbox     EdgeKind = "mailbox"
	BySupportTool EdgeKind = "supporttool"
	BySameLog     EdgeKind = "same-log"
	ByProximity   EdgeKind = "proximity"
	ByUserFolder  EdgeKind = "user-folder"
	ByNamed       EdgeKind = "named"
	ByBundle      EdgeKind = "bundle"
	ByOnlyAccount EdgeKind = "only-account"
	ByTime        EdgeKind = "time"
	ByPath        EdgeKind = "path" // the file found is the one that the profile names
	ByTail        EdgeKind = "tail" // the same, by the end of the path
	ByPair        EdgeKind = "pair" // the other file of a pair
)

// An Edge joins two nodes of the chain and says where the proof stands.
type Edge struct {
	From   Node     `json:"from"`
	To     Node     `json:"to"`
	Kind   EdgeKind `json:"kind"`
	Source string   `json:"source"` // registry path, or file:line
}

// nodeRank gives the place of a kind in the chain.
func nodeRank(k NodeKind) int {
	return slices.Index([]NodeKind{NodeLog, NodeFinding, NodeAccount, NodeCache, NodeFile, NodeProfile}, k)
}

func compareNodes(a, b Node) int {
	return cmp.Or(cmp.Compare(nodeRank(a.Kind), nodeRank(b.Kind)), cmp.Compare(a.Name, b.Name))
}

// sortEdges orders edges along the chain and drops repeats.
func sortEdges(edges []Edge) []Edge {
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(compareNodes(a.From, b.From), compareNodes(a.To, b.To), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Source, b.Source))
	})
	return slices.Compact(edges)
}
