package actions

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oxtail/actions/checks"
	"oxtail/parser/profile"
)

// paragraph is one row of docs/procedures.md.
type paragraph struct {
	id     string
	lines  []int
	steps  []string
	checks []string
}

var (
	rowPattern   = regexp.MustCompile(`(?m)^\| ((?:OX|KB|XP)-\d\d) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$`)
	checkPattern = regexp.MustCompile(`(?m)^\| (ENV\d{3}) \| ([^|]*) \|`)
	emptyPattern = regexp.MustCompile(`Lines without content[^:]*: ([^.]*)\.`)
)

// readProcedures reads the table of the documentation.
func readProcedures(t *testing.T) (doc string, rows []paragraph) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", "procedures.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc = strings.ReplaceAll(string(data), "\r\n", "\n")
	for _, m := range rowPattern.FindAllStringSubmatch(doc, -1) {
		p := paragraph{id: m[1], lines: lineNumbers(t, m[2])}
		for item := range strings.SplitSeq(m[4], ",") {
			switch item = strings.TrimSpace(item); {
			case strings.HasPrefix(item, "`"):
				p.steps = append(p.steps, strings.Trim(item, "`"))
			case item != "":
				p.checks = append(p.checks, item)
			}
		}
		rows = append(rows, p)
	}
	return doc, rows
}

// lineNumbers reads "1, 4-6".
func lineNumbers(t *testing.T, text string) []int {
	t.Helper()
	var out []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			to = from
		}
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if errA != nil || errB != nil || b < a {
			t.Fatalf("lines %q are no numbers", text)
		}
		for n := a; n <= b; n++ {
			out = append(out, n)
		}
	}
	return out
}

// allSteps lists the steps of all procedures with the paragraphs that each cites. The
// store has two services, so that the steps about a second one are there.
func allSteps() map[string][]string {
	p := &profile.Profile{Name: "A"}
	q := &profile.Profile{Name: "B"}
	s := &Store{System: OXtender, Uses: []Use{{p, &profile.Service{UID: "1", ResourceFlags: 1}}, {q, &profile.Service{UID: "2"}}}}
	number := regexp.MustCompile(`-\d+$`)
	out := map[string][]string{}
	for _, kind := range PlanKinds() {
		for _, step := range NewPlan(kind, s).Steps {
			out[string(kind)+"."+number.ReplaceAllString(step.ID, "")] = step.Sources
		}
	}
	return out
}

// TestEveryParagraphIsCovered holds the table of docs/procedures.md against the plans.
func TestEveryParagraphIsCovered(t *testing.T) {
	doc, rows := readProcedures(t)
	if len(rows) < 60 {
		t.Fatalf("the table has %d rows; the three documents have more paragraphs", len(rows))
	}
	set, err := checks.Default()
	if err != nil {
		t.Fatal(err)
	}
	steps := allSteps()
	next := map[string]int{"OX": 1, "KB": 1, "XP": 1}
	known := map[string]bool{}
	for _, row := range rows {
		known[row.id] = true
		if want := fmt.Sprintf("%s-%02d", row.id[:2], next[row.id[:2]]); row.id != want {
			t.Errorf("paragraph %s stands where %s is due", row.id, want)
		}
		next[row.id[:2]]++
		if len(row.steps)+len(row.checks) == 0 {
			t.Errorf("%s is covered by no step and no check", row.id)
		}
		for _, s := range row.steps {
			if !slices.Contains(steps[s], row.id) {
				t.Errorf("%s: step %s does not exist or does not cite it", row.id, s)
			}
		}
		for _, id := range row.checks {
			if c := set.Get(id); c == nil {
				t.Errorf("%s: there is no check %s in actions/checks", row.id, id)
			} else if !slices.Contains(c.Paragraphs, row.id) {
				t.Errorf("%s: check %s does not cite it", row.id, id)
			}
		}
		for _, c := range set.List() {
			if slices.Contains(c.Paragraphs, row.id) && !slices.Contains(row.checks, c.ID) {
				t.Errorf("%s: check %s cites it, the table does not name the check", row.id, c.ID)
			}
		}
		for s, sources := range steps {
			if slices.Contains(sources, row.id) && !slices.Contains(row.steps, s) {
				t.Errorf("%s: step %s cites it, the table does not name the step", row.id, s)
			}
		}
	}
	for s, sources := range steps {
		for _, id := range sources {
			if !known[id] {
				t.Errorf("step %s cites paragraph %s, which is not in the table", s, id)
			}
		}
	}
	for _, c := range set.List() {
		for _, id := range c.Paragraphs {
			if !known[id] {
				t.Errorf("check %s cites paragraph %s, which is not in the table", c.ID, id)
			}
		}
	}
	listed := map[string]string{}
	for _, m := range checkPattern.FindAllStringSubmatch(doc, -1) {
		listed[m[1]] = strings.TrimSpace(m[2])
	}
	for _, c := range set.List() {
		if listed[c.ID] != c.Title {
			t.Errorf("the list of checks says of %s %q; its data say %q", c.ID, listed[c.ID], c.Title)
		}
		delete(listed, c.ID)
	}
	for id := range listed {
		t.Errorf("the list of checks has %s, which is not in actions/checks", id)
	}
}

// TestSupportToolPageIsApplied demands that docs/apply.md says of every paragraph of the
// SupportTool page which gate, step or check it became.
func TestSupportToolPageIsApplied(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "docs", "apply.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rows := readProcedures(t)
	row := regexp.MustCompile(`(?m)^\| ([^|]*OX-\d\d[^|]*) \| [^|]+ \| [^|]+ \|$`)
	listed := strings.Join(row.FindAllString(string(data), -1), "\n")
	found := 0
	for _, r := range rows {
		if strings.HasPrefix(r.id, "OX-") {
			found++
			if !strings.Contains(listed, r.id) {
				t.Errorf("%s is not in the table of docs/apply.md", r.id)
			}
		}
	}
	if found < 14 {
		t.Errorf("found %d paragraphs; the page has 14", found)
	}
}

// TestTableCoversTheDocuments compares the line numbers of the table with the
// documents themselves, where they are at hand.
func TestTableCoversTheDocuments(t *testing.T) {
	doc, rows := readProcedures(t)
	empty := emptyPattern.FindAllStringSubmatch(doc, -1)
	if len(empty) != 2 {
		t.Fatalf("found %d lists of lines without content; want 2", len(empty))
	}
	for _, d := range []struct{ prefix, file, skip string }{
		{"OX", "oxtender2-supporttool-recreate-service.txt", "2"},
		{"KB", "kb842284-ost-synchronization.txt", empty[0][1]},
		{"XP", "xphone-exchange-mapi-faq.txt", empty[1][1]},
	} {
		data, err := os.ReadFile(filepath.Join("..", "..", "shared", "sources", d.file))
		if err != nil {
			t.Skipf("the documents are not at hand: %v", err)
		}
		covered := map[int]bool{}
		for _, n := range lineNumbers(t, d.skip) {
			covered[n] = true
		}
		for _, row := range rows {
			for _, n := range row.lines {
				covered[n] = covered[n] || strings.HasPrefix(row.id, d.prefix)
			}
		}
		for i, line := range strings.Split(string(data), "\n") {
			if strings.TrimSpace(line) != "" && !covered[i+1] {
				t.Errorf("%s line %d is in no paragraph of the table", d.file, i+1)
			}
		}
	}
}

// TestStepsAreComplete demands of every step what a person needs to do it.
func TestStepsAreComplete(t *testing.T) {
	for _, kind := range PlanKinds() {
		p := NewPlan(kind, nil)
		if p.Title == "" || p.ID == "" || p.Schema != PlanSchema {
			t.Errorf("%s: the plan has no title, id or schema: %+v", kind, p)
		}
		seen := map[string]bool{}
		for _, s := range p.Steps {
			if s.ID == "" || s.Title == "" || s.Why == "" || s.Verification == "" || s.Kind == "" {
				t.Errorf("%s: step %q lacks a part: %+v", kind, s.ID, s)
			}
			if s.Destructive && !s.NeedsPerson {
				t.Errorf("%s: step %s destroys data without a person", kind, s.ID)
			}
			if seen[s.ID] {
				t.Errorf("%s: two steps are named %s", kind, s.ID)
			}
			seen[s.ID] = true
		}
		if len(p.Steps) == 0 && kind != PlanNothing {
			t.Errorf("%s has no step", kind)
		}
	}
}
