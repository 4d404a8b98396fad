package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"oxtail/actions"
	"oxtail/detectors"
)

// SchemaCase is the schema of a Case.
const SchemaCase = actions.CaseSchema

// A Case is what is wrong with one account and its cache, and what to do. Schema
// oxtail.case/v1.
type Case struct {
	Schema      string   `json:"schema"`
	ID          string   `json:"id"`
	System      string   `json:"system"` // oxtender, exchange, datafile, other
	Verdict     string   `json:"verdict"`
	Action      string   `json:"action"`
	Confidence  string   `json:"confidence"`
	Account     *Account `json:"account,omitempty"`
	Mailbox     string   `json:"mailbox,omitempty"`
	Profiles    []string `json:"profiles,omitempty"`
	CacheFiles  []string `json:"cache_files,omitempty"`
	Findings    []string `json:"findings"` // ids, worst first
	Because     []string `json:"because,omitempty"`
	BlockedBy   []string `json:"blocked_by,omitempty"`
	Next        []string `json:"next,omitempty"`
	WouldChange []string `json:"would_change,omitempty"`
	First       string   `json:"first,omitempty"`
	Last        string   `json:"last,omitempty"`
	Edges       []Edge   `json:"edges,omitempty"`
	Meanwhile   []string `json:"meanwhile,omitempty"` // ids of cases of other systems at the same time

	chain []actions.ChainLine
	whole bool // chain holds all lines
}

// An Edge joins two nodes of a case's chain, each "kind:name".
type Edge struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Kind   string `json:"kind"`
	Source string `json:"source,omitempty"` // registry path, or source:line
}

// NewCase returns a case in the form of the schema, redacted.
func NewCase(c *actions.Case) Case {
	out := Case{
		Schema: SchemaCase, ID: c.ID, System: string(c.System), Verdict: string(c.Verdict), Action: string(c.Action),
		Confidence: string(c.Confidence), Account: newAccount(c.Account), Mailbox: clean(c.Mailbox),
		Profiles: cleanAll(c.Profiles), CacheFiles: cleanAll(c.CacheFiles), Findings: c.Findings, Because: cleanAll(c.Because),
		BlockedBy: cleanAll(c.BlockedBy), Next: cleanAll(c.Next), WouldChange: cleanAll(c.Change),
		First: stamp(c.First), Last: stamp(c.Last), Meanwhile: c.Meanwhile,
	}
	if out.Findings == nil {
		out.Findings = []string{}
	}
	for _, e := range c.Edges {
		out.Edges = append(out.Edges, Edge{clean(e.From.String()), clean(e.To.String()), string(e.Kind), clean(e.Source)})
	}
	out.chain, out.whole = c.Chain()
	for i := range out.chain {
		l := &out.chain[i]
		l.Node.Name, l.Source, l.Title = clean(l.Node.Name), clean(l.Source), clean(l.Title)
	}
	return out
}

func newAccount(a *detectors.Account) *Account {
	if a == nil {
		return nil
	}
	return &Account{Server: clean(a.Server), User: clean(a.User)}
}

// NewCases returns all cases in the form of the schema.
func NewCases(cases []actions.Case) []Case {
	out := make([]Case, len(cases))
	for i := range cases {
		out[i] = NewCase(&cases[i])
	}
	return out
}

// String names the account in one line.
func (a *Account) String() string {
	if a.Server == "" {
		return a.User
	}
	return a.User + " at " + a.Server
}

// WriteCases writes cases for a person, with their chains as indented trees.
func WriteCases(w io.Writer, cases []Case, opt TextOptions) error {
	t := newText(w, opt)
	t.cases(cases)
	return t.w.Flush()
}

// cases prints the section of a scan.
func (t *text) cases(cases []Case) {
	if len(cases) == 0 {
		return
	}
	t.head("CASES")
	for i := range cases {
		t.oneCase(&cases[i])
	}
}

func (t *text) oneCase(c *Case) {
	colour := red
	if c.Verdict == string(detectors.Healthy) || c.Verdict == string(detectors.Informational) {
		colour = green
	}
	t.printf("\n%s → %s (%s)  %s\n", t.paint(bold+";"+colour, Plain(c.Verdict)), t.paint(bold, Plain(c.Action)), Plain(c.Confidence), t.paint(dim, "["+Plain(c.ID)+"]"))
	switch {
	case c.Account != nil:
		t.wrapped("  account: ", Plain(c.Account.String()))
	case c.Mailbox != "":
		t.wrapped("  mailbox: ", Plain(c.Mailbox))
	default:
		t.wrapped("  account: ", "not known")
	}
	t.listed("  profiles: ", c.Profiles)
	t.listed("  cache files: ", c.CacheFiles)
	if p := period(c.First, c.Last); p != "" {
		t.wrapped("  seen: ", p)
	}
	for i, b := range c.Because {
		if i == topBecause && !t.opt.All {
			t.printf("    and %d more reasons; see --all\n", len(c.Because)-i)
			break
		}
		t.wrapped("  because ", Plain(b))
	}
	for _, b := range c.BlockedBy {
		t.wrapped("  "+t.paint(yellow, "blocked by")+" ", Plain(b))
	}
	for i, n := range c.Next {
		t.wrapped(fmt.Sprintf("  next %d. ", i+1), Plain(n))
	}
	for _, x := range c.WouldChange {
		t.wrapped("  would change this verdict: ", Plain(x))
	}
	t.chain(c)
}

// chain draws the case's chain, one line a node.
func (t *text) chain(c *Case) {
	if len(c.chain) == 0 {
		return
	}
	t.printf("  chain:\n")
	for i := range c.chain {
		t.chainLine(&c.chain[i])
	}
	if !c.whole {
		t.printf("    and more; see --format json\n")
	}
}

// chainLine draws a node, and below it how it is known.
func (t *text) chainLine(l *actions.ChainLine) {
	indent := strings.Repeat("  ", l.Depth+2)
	room := textWidth - width(indent)
	name := Plain(nodeText(l))
	if l.Seen {
		name += " (see above)"
	}
	if !t.opt.All {
		name = shorten(name, room)
	}
	t.printf("%s%s\n", indent, name)
	if len(l.By) == 0 {
		return
	}
	proof := "by " + kindsText(l.By) + ": "
	source := Plain(l.Source)
	if !t.opt.All {
		source = shorten(source, max(room-2-width(proof), minProof))
	}
	t.printf("%s  %s\n", indent, t.paint(dim, proof+source))
}

// minProof is how much of a proof's place is shown in any case, in characters.
const minProof = 30

// nodeText names a node for people.
func nodeText(l *actions.ChainLine) string {
	if l.Title != "" {
		return l.Title + " [" + l.Node.Name + "]"
	}
	return string(l.Node.Kind) + " " + l.Node.Name
}

func kindsText(kinds []actions.EdgeKind) string {
	var out []string
	for _, k := range kinds {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}

// WriteCasesMarkdown writes cases for a ticket, with their chains as Mermaid graphs.
func WriteCasesMarkdown(w io.Writer, cases []Case, opt TextOptions) error {
	m := newMarkdown(w, opt)
	m.cases(cases)
	return m.w.Flush()
}

// cases writes the section of a scan.
func (m *markdown) cases(cases []Case) {
	if len(cases) == 0 {
		return
	}
	m.printf("\n## Cases\n")
	for i := range cases {
		m.oneCase(&cases[i])
	}
}

func (m *markdown) oneCase(c *Case) {
	m.printf("\n### %s → %s (%s)\n\n| | |\n|---|---|\n", prose(c.Verdict), prose(c.Action), prose(c.Confidence))
	m.row("case", c.ID)
	if c.Account != nil {
		m.row("account", c.Account.String())
	}
	m.row("mailbox", c.Mailbox)
	m.row("profiles", list(c.Profiles))
	m.row("cache files", list(c.CacheFiles))
	m.row("seen", period(c.First, c.Last))
	m.row("blocked by", list(c.BlockedBy))
	m.items("Because", c.Because, "- ")
	m.items("Next", c.Next, "1. ")
	m.items("Would change this verdict", c.WouldChange, "- ")
	m.graph(c)
}

// items writes a list with a title.
func (m *markdown) items(title string, items []string, mark string) {
	if len(items) == 0 {
		return
	}
	m.printf("\n%s:\n\n", title)
	for _, i := range items {
		m.printf("%s%s\n", mark, prose(i))
	}
}

// maxGraphEdges bounds a drawn graph; a browser draws no more in a readable size.
const maxGraphEdges = 60

// graph draws the chain as a Mermaid graph.
func (m *markdown) graph(c *Case) {
	if len(c.chain) == 0 {
		return
	}
	ids := map[string]string{}
	m.printf("\n```mermaid\ngraph LR\n")
	node := func(name, label string) string {
		if id, known := ids[name]; known {
			return id
		}
		id := "n" + strconv.Itoa(len(ids)+1)
		ids[name] = id
		m.printf("  %s[\"%s\"]\n", id, mermaid(label))
		return id
	}
	titles := map[string]string{}
	for i := range c.chain {
		titles[clean(c.chain[i].Node.String())] = nodeText(&c.chain[i])
	}
	label := func(name string) string {
		if t := titles[name]; t != "" {
			return t
		}
		return name
	}
	for i, e := range c.Edges {
		if i == maxGraphEdges {
			break
		}
		from, to := node(e.From, label(e.From)), node(e.To, label(e.To))
		m.printf("  %s -->|%s| %s\n", from, mermaid(e.Kind), to)
	}
	m.printf("```\n")
	if len(c.Edges) > maxGraphEdges {
		m.printf("\nand %d more edges\n", len(c.Edges)-maxGraphEdges)
	}
}

// mermaid makes text harmless inside a quoted label: all but letters, digits and a few
// signs becomes an entity code, so that nothing of a log is syntax.
func mermaid(s string) string {
	var b strings.Builder
	for _, r := range cut(Plain(s), maxLabel) {
		if r == ' ' || r == '.' || r == '-' || r == '/' || r == '@' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "#%d;", r)
	}
	return b.String()
}

// maxLabel is the longest label of a graph, in characters.
const maxLabel = 120

// A CaseRow is a case in CSV.
type CaseRow struct {
	ID            string `csv:"id"`
	System        string `csv:"system"`
	Verdict       string `csv:"verdict"`
	Action        string `csv:"action"`
	Confidence    string `csv:"confidence"`
	AccountServer string `csv:"account_server"`
	AccountUser   string `csv:"account_user"`
	Mailbox       string `csv:"mailbox"`
	Profiles      string `csv:"profiles"`
	CacheFiles    string `csv:"cache_files"`
	Findings      string `csv:"findings"`
	Because       string `csv:"because"`
	BlockedBy     string `csv:"blocked_by"`
	Next          string `csv:"next"`
	WouldChange   string `csv:"would_change"`
	First         string `csv:"first"`
	Last          string `csv:"last"`
}

// Row returns the case as a row of CSV.
func (c *Case) Row() CaseRow {
	row := CaseRow{
		ID: c.ID, System: c.System, Verdict: c.Verdict, Action: c.Action, Confidence: c.Confidence, Mailbox: c.Mailbox,
		Profiles: list(c.Profiles), CacheFiles: list(c.CacheFiles), Findings: list(c.Findings), Because: list(c.Because),
		BlockedBy: list(c.BlockedBy), Next: list(c.Next), WouldChange: list(c.WouldChange), First: c.First, Last: c.Last,
	}
	if c.Account != nil {
		row.AccountServer, row.AccountUser = c.Account.Server, c.Account.User
	}
	return row
}

// WriteCasesCSV writes one row a case.
func WriteCasesCSV(w io.Writer, cases []Case, withBOM bool) error {
	rows := make([]CaseRow, len(cases))
	for i := range cases {
		rows[i] = cases[i].Row()
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}
