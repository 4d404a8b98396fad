package pipeline

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oxtail/detectors"
	"oxtail/parser"
)

var update = flag.Bool("update", false, "write samples/accuracy.txt")

// accuracyFile is the golden file: a worse figure is a difference that a person sees.
const accuracyFile = "../../samples/accuracy.txt"

// A tally counts what a rule did on samples whose right answer is known.
type tally struct{ hits, wanted, wrong int }

func (n tally) precision() float64 { return ratio(n.hits, n.hits+n.wrong) }
func (n tally) recall() float64    { return ratio(n.hits, n.wanted) }

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// accuracy is the tallies by rule.
type accuracy map[string]*tally

func (a accuracy) of(rule string) *tally {
	if a[rule] == nil {
		a[rule] = &tally{}
	}
	return a[rule]
}

// cutter cuts a sample into records, by the format of a name or the one that claims it.
func cutter(o Options) detectors.Records {
	return func(text, format string) []*parser.Record {
		candidates := o.Formats
		for _, f := range o.Formats {
			if f.Name() == format {
				candidates = []parser.Format{f}
			}
		}
		r := parser.NewReader(strings.NewReader(text), parser.Source{Path: "sample"}, parser.Options{Formats: candidates})
		var out []*parser.Record
		for rec, err := r.Next(); err == nil; rec, err = r.Next() {
			out = append(out, rec)
		}
		return out
	}
}

// ownSamples tries every rule on the hits and near misses of every rule.
func (a accuracy) ownSamples(o Options) {
	records := cutter(o)
	for _, r := range o.Rules.All() {
		if r.Builtin == detectors.BuiltinNone {
			a.of(r.ID).wanted += len(r.Hits)
			a.of(r.ID).hits += len(r.Hits)
		}
	}
	for _, f := range detectors.TestRules(o.Rules, records) {
		if f.Want {
			a.of(f.Rule.ID).hits--
		} else {
			a.of(f.Rule.ID).wrong++
		}
	}
	for _, c := range detectors.Crossings(o.Rules, records) {
		a.of(c.Other).wrong++
	}
}

// A sampleCase is a sample file with the rules that must fire on it, each once for
// each finding.
type sampleCase struct {
	expectation
	rules []string
	named bool // the table names the rules; otherwise only the verdict is known
}

// rulesColumn is where a table of samples names the rules that fire.
const rulesColumn = 8

func sampleCases(t *testing.T, table string) []sampleCase {
	t.Helper()
	data, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimRight(string(data), "\n"), "\n")[1:]
	var out []sampleCase
	for i, e := range readExpected(t, table) {
		c := sampleCase{expectation: e}
		cells := strings.Split(rows[i], "\t")
		if c.named = strings.Contains(table, "outlook") && len(cells) > rulesColumn; c.named {
			c.rules = listed(strings.TrimSpace(cells[rulesColumn]), ",")
		}
		out = append(out, c)
	}
	return out
}

// scenario holds the findings of a sample file against its row.
func (a accuracy) scenario(c sampleCase, res *Result) {
	var fired []string
	for _, f := range res.Findings {
		fired = append(fired, f.Rule)
	}
	if !c.named && right(c.expectation, res) && len(fired) >= c.minFindings && c.minFindings > 0 {
		c.rules = slices.Clone(fired) // number and verdict are all that the table knows
	}
	for _, want := range c.rules {
		n := a.of(want)
		n.wanted++
		if i := slices.Index(fired, want); i >= 0 {
			n.hits++
			fired = slices.Delete(fired, i, i+1)
		}
	}
	for _, rule := range fired {
		a.of(rule).wrong++
	}
}

// right reports whether a scan of one file gives the verdict and action of its row.
func right(e expectation, res *Result) bool {
	return len(res.Sources) == 1 && string(res.Sources[0].Verdict) == e.verdict && string(res.Sources[0].Action) == e.action
}

func (a accuracy) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%-32s %6s %6s %6s %10s %7s\n", "rule", "wanted", "hits", "false", "precision", "recall")
	ids := make([]string, 0, len(a))
	for id := range a {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var all tally
	for _, id := range ids {
		n := a[id]
		all = tally{all.hits + n.hits, all.wanted + n.wanted, all.wrong + n.wrong}
		fmt.Fprintf(&out, "%-32s %6d %6d %6d %10.3f %7.3f\n", id, n.wanted, n.hits, n.wrong, n.precision(), n.recall())
	}
	fmt.Fprintf(&out, "%-32s %6d %6d %6d %10.3f %7.3f\n", "all", all.wanted, all.hits, all.wrong, all.precision(), all.recall())
	return out.String()
}

// TestAccuracy tries all rules on the samples of each and on the sample files, and
// holds the figures against the golden file. Run with -update to write it anew, and
// read the difference: no figure may become worse without a reason.
func TestAccuracy(t *testing.T) {
	o := defaults(t)
	a := accuracy{}
	a.ownSamples(o)
	files, judged := 0, 0
	for _, table := range []string{"outlook", "ox", "scenarios"} {
		table = "../../samples/" + table + "/expected.tsv"
		for _, c := range sampleCases(t, table) {
			res := scanPaths(t, o, filepath.Join(filepath.Dir(table), filepath.FromSlash(c.file)))
			a.scenario(c, res)
			files++
			if right(c.expectation, res) {
				judged++
			}
		}
	}
	if len(a) < o.Rules.Len()/2 || files == 0 {
		t.Fatalf("%d rules and %d files were tried; that proves nothing", len(a), files)
	}
	got := fmt.Sprintf("Written by: go test ./internal/pipeline -run TestAccuracy -update\n\nfiles with the right verdict and action: %d of %d\n\n%s", judged, files, a)
	if *update {
		if err := os.WriteFile(accuracyFile, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(accuracyFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("accuracy differs from %s; got\n%s", accuracyFile, got)
	}
}
