package report

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/internal/caches"
	"oxtail/internal/dossier"
	"oxtail/parser/profile"
)

// hostile are names that would do something where they are shown: on a terminal, in
// Markdown, in a Mermaid graph, in a spreadsheet.
var hostile = []string{
	"\x1b[31mred\x1b[0m", "a\r\nb\nc", "\u202etxt.exe", "\"]; click n1 \"javascript:alert(1)\"; x[\"", "```\n# head\n```", "| cell | pipe |",
	"<img src=x onerror=alert(1)>", "[link](http://evil.example)", "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-->|x| n9", "%%{init: {}}%%", "\x00\x07\x9b1m", "password=hunter2",
}

// hostileCase has a hostile name in every place that evidence can fill.
func hostileCase(name string) actions.Case {
	s := profile.Service{UID: name, Name: "OXSTOR_SVC", Display: name, Account: &profile.Account{Server: "https://" + name, User: name}, CacheFiles: []string{`C:\` + name + ".odb"}, Origin: name}
	p := profile.Profile{Source: name, Root: name, Name: name, Display: name, Services: []profile.Service{s}}
	q := p
	q.Name, q.Display = "B"+name, "B"+name
	inv := &actions.Inventory{Profiles: []profile.Profile{p, q}, Caches: []actions.CacheFile{{Path: name + ".odb", State: "present", Links: []actions.CacheLink{{Path: `C:\` + name + ".odb", How: "tail"}}}}}
	f := detectors.Finding{
		ID: "f1", Rule: "uuid-in-use", Count: 2, Title: name, Verdict: detectors.UUIDMapping, Action: detectors.RecreateService, Confidence: detectors.Likely,
		Folders: []string{name}, Because: []string{name}, Change: name, Evidence: []detectors.Evidence{{Source: name, Line: 1, Text: "user=" + name}},
	}
	return actions.Cases([]detectors.Finding{f}, inv)[0]
}

// bad reports what of a text would reach a terminal as more than text.
func bad(s string) string {
	for _, r := range s {
		if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e {
			return strings.Trim(strings.ReplaceAll(string(r), "\n", ""), " ") + " (control character)"
		}
	}
	return ""
}

func TestHostileNamesInText(t *testing.T) {
	for _, name := range hostile {
		c := hostileCase(name)
		row, plan := NewCase(&c), NewPlan(c.Plan())
		var b strings.Builder
		for _, err := range []error{
			WriteCases(&b, []Case{row}, TextOptions{All: true}), WriteCasesMarkdown(&b, []Case{row}, TextOptions{All: true}),
			WritePlan(&b, &plan, TextOptions{}), WritePlanMarkdown(&b, &plan),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if what := bad(b.String()); what != "" {
			t.Errorf("%q: the output holds %q", name, what)
		}
	}
}

// TestHostileNamesInMermaid: the graph has its nodes and edges, and nothing else.
func TestHostileNamesInMermaid(t *testing.T) {
	for _, name := range hostile {
		c := hostileCase(name)
		row := NewCase(&c)
		var b strings.Builder
		if err := WriteCasesMarkdown(&b, []Case{row}, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		_, graph, ok := strings.Cut(b.String(), "```mermaid\n")
		graph, rest, closed := strings.Cut(graph, "```\n")
		if !ok || !closed || strings.TrimSpace(rest) != "" {
			t.Fatalf("%q: no graph, or text behind it: %q", name, rest)
		}
		for i, line := range strings.Split(strings.TrimSuffix(graph, "\n"), "\n") {
			switch {
			case i == 0 && line == "graph LR":
			case strings.Count(line, `"`) == 2 && strings.HasSuffix(line, `"]`) && strings.HasPrefix(line, "  n"):
			case strings.Count(line, "-->|") == 1 && !strings.Contains(line, `"`):
			default:
				t.Errorf("%q: line %q of the graph is neither node nor edge", name, line)
			}
			if strings.ContainsAny(line, "`<%{};\\") && !strings.Contains(line, "#") {
				t.Errorf("%q: line %q holds syntax", name, line)
			}
		}
	}
}

// TestHostileNamesInCSV: one row a case, no cell begins a formula.
func TestHostileNamesInCSV(t *testing.T) {
	for _, name := range hostile {
		c := hostileCase(name)
		row := NewCase(&c)
		profiles := []Profile{{Profile: profile.Profile{Name: name, Display: name, Root: name, Services: []profile.Service{{Name: name, Display: name, CacheFiles: []string{name}}}}}}
		files := []caches.Cache{{Path: name, Kind: caches.KindODB, State: caches.StateOrphan, Profiles: []string{name}, Notes: []string{name}}}
		d := dossier.Dossier{Entries: []dossier.Entry{{Source: name, Folder: name, Text: name, User: name}}}
		for what, write := range map[string]func(b *strings.Builder) error{
			"cases":    func(b *strings.Builder) error { return WriteCasesCSV(b, []Case{row}, false) },
			"profiles": func(b *strings.Builder) error { return WriteProfilesCSV(b, profiles, false, false) },
			"caches":   func(b *strings.Builder) error { return WriteCachesCSV(b, files, false) },
			"dossier":  func(b *strings.Builder) error { return WriteDossierCSV(b, &d, false) },
		} {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
			if err != nil || len(rows) != 2 {
				t.Errorf("%q: %s: %d rows, error %v; want a header and a row", name, what, len(rows), err)
				continue
			}
			for i, cell := range rows[1] {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("%q: %s: cell %s begins with a formula: %q", name, what, rows[0][i], cell)
				}
			}
		}
	}
}

// TestCaseJSON: one object a line, secrets out, lists that are promised present.
func TestCaseJSON(t *testing.T) {
	c := hostileCase("password=hunter2")
	row := NewCase(&c)
	var b strings.Builder
	if err := WriteJSON(&b, &row); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Errorf("a secret stands in %s", b.String())
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"schema", "id", "verdict", "action", "confidence", "findings", "because", "blocked_by", "next", "edges", "profiles", "cache_files", "account"} {
		if back[field] == nil {
			t.Errorf("the case has no %s: %s", field, b.String())
		}
	}
	if back["schema"] != "oxtail.case/v1" || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("schema %v, %d lines", back["schema"], strings.Count(b.String(), "\n"))
	}
}

// TestHugeCase: a chain of many profiles is cut, and says so.
func TestHugeCase(t *testing.T) {
	inv := &actions.Inventory{}
	for i := range 500 {
		s := profile.Service{UID: string(rune('A' + i)), Name: "OXSTOR_SVC", Account: &profile.Account{Server: "https://ox.example.org", User: "anna"}}
		inv.Profiles = append(inv.Profiles, profile.Profile{Root: "R", Name: "P" + time.Duration(i).String(), Services: []profile.Service{s}})
	}
	cases := NewCases(actions.Cases(nil, inv))
	if len(cases) != 1 {
		t.Fatalf("%d cases; want 1", len(cases))
	}
	var b strings.Builder
	if err := WriteCases(&b, cases, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 500 {
		t.Errorf("%d lines for one case", n)
	}
	if !strings.Contains(b.String(), "and more; see --format json") {
		t.Error("the text does not say that the chain was cut")
	}
}
