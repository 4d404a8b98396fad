package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func graphDocument() *Document {
	d := &Document{
		Findings: []Finding{{ID: "f1", Title: `UUID <already> "in use"`, Severity: "high", Count: 3}},
		Cases: []Case{{ID: "c1", Verdict: "uuid-mapping", Action: "recreate-service", Confidence: "likely", Account: &Account{User: "anna", Server: "https://x"}, Findings: []string{"f1"},
			Edges: []Edge{
				{From: "log:a&b.log", To: "finding:f1", Kind: "evidence"},
				{From: "finding:f1", To: "account:anna at https://x", Kind: "named"},
				{From: "finding:f1", To: "account:anna at https://x", Kind: "same-log"},
				{From: "account:anna at https://x", To: `cache:C:\x\a.odb`, Kind: "cache"},
				{From: `cache:C:\x\a.odb`, To: "profile:Outlook", Kind: "profile"},
			}}},
	}
	return d
}

func TestGraph(t *testing.T) {
	g := NewGraph(graphDocument())
	if len(g.Nodes) != 6 || len(g.Edges) != 5 {
		t.Fatalf("%d nodes, %d edges; want 6, 5: %+v", len(g.Nodes), len(g.Edges), g)
	}
	var svg, mermaid strings.Builder
	if err := errors.Join(g.WriteSVG(&svg), g.WriteMermaid(&mermaid)); err != nil {
		t.Fatal(err)
	}
	for dec := xml.NewDecoder(strings.NewReader(svg.String())); ; {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the SVG is no XML: %v\n%s", err, svg.String())
		}
	}
	for _, want := range []string{"UUID &lt;already&gt;", "a&amp;b.log", "uuid-mapping → recreate-service", "named, same-log"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
	for _, want := range []string{"flowchart LR\n", "n3[\"finding#58; UUID #60;already#62; #34;in use#34;<br/>high, 3 records\"]:::finding", "-- \"named, same-log\" -->"} {
		if !strings.Contains(mermaid.String(), want) {
			t.Errorf("Mermaid lacks %q:\n%s", want, mermaid.String())
		}
	}
}

func TestGraphIsBounded(t *testing.T) {
	d := graphDocument()
	for i := range 500 {
		d.Cases[0].Edges = append(d.Cases[0].Edges, Edge{From: "log:" + strings.Repeat("x", i), To: "finding:f1", Kind: "evidence"})
	}
	if g := NewGraph(d); len(g.Nodes) != maxGraphNodes || g.More == 0 {
		t.Errorf("%d nodes and %d more; want %d", len(g.Nodes), g.More, maxGraphNodes)
	}
}

func TestRewriteDocument(t *testing.T) {
	out, err := RewriteDocument(graphDocument(), func(s string) string { return strings.ReplaceAll(s, "anna", "user-1") })
	if err != nil {
		t.Fatal(err)
	}
	if out.Cases[0].Account.User != "user-1" || out.Cases[0].Edges[1].To != "account:user-1 at https://x" {
		t.Errorf("got %+v", out.Cases[0])
	}
}
