package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"oxtail/detectors"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

func defaults(t testing.TB) Options {
	t.Helper()
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := detectors.Default()
	if err != nil {
		t.Fatal(err)
	}
	return Options{Formats: set.Formats(), Rules: rules}
}

func scanPaths(t testing.TB, o Options, paths ...string) *Result {
	t.Helper()
	res, err := Scan(context.Background(), paths, o)
	if err != nil {
		t.Fatalf("Scan(%q): %v", paths, err)
	}
	return res
}

// expectation is a row of an EXPECTED.tsv; see the README beside it.
type expectation struct {
	file, verdict, action, codes, folders string
	minFindings, failedItems              int // -1: not checked
}

func readExpected(t *testing.T, path string) []expectation {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []expectation
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		if len(f) < 8 {
			t.Fatalf("%s:%d: %d columns; want at least 8", path, i+1, len(f))
		}
		e := expectation{file: f[0], codes: f[3], folders: f[5], verdict: f[6], action: f[7], failedItems: -1}
		if e.minFindings, err = strconv.Atoi(f[2]); err != nil {
			t.Fatalf("%s:%d: %v", path, i+1, err)
		}
		if f[4] != "-" {
			if e.failedItems, err = strconv.Atoi(f[4]); err != nil {
				t.Fatalf("%s:%d: %v", path, i+1, err)
			}
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		t.Fatalf("%s has no rows", path)
	}
	return out
}

// check holds a scan of one file against its row.
func (e expectation) check(t *testing.T, res *Result) {
	t.Helper()
	if len(res.Sources) != 1 {
		t.Fatalf("%d sources; want 1: %+v", len(res.Sources), res.Skipped)
	}
	src := res.Sources[0]
	verdict := string(src.Verdict)
	calm := verdict == "healthy" || verdict == "informational"
	if verdict != e.verdict && !(e.minFindings == 0 && calm && e.verdict == "healthy") {
		t.Errorf("verdict = %s; want %s", verdict, e.verdict)
	}
	if string(src.Action) != e.action {
		t.Errorf("action = %s; want %s", src.Action, e.action)
	}
	if len(res.Findings) < e.minFindings {
		t.Errorf("%d findings; want at least %d", len(res.Findings), e.minFindings)
	}
	if e.failedItems >= 0 && src.FailedItems != e.failedItems {
		t.Errorf("%d failed items; want %d", src.FailedItems, e.failedItems)
	}
	for _, want := range listed(e.codes, ",") {
		if !contains(src.Codes, want) {
			t.Errorf("codes = %v; want %s among them", src.Codes, want)
		}
	}
	for _, want := range listed(e.folders, "|") {
		if !contains(src.Folders, want) {
			t.Errorf("folders = %q; want %q among them", src.Folders, want)
		}
	}
	if t.Failed() {
		t.Logf("format %q share %.2f encoding %s records %d problems %d", src.Format, src.FormatShare, src.Encoding, src.Records, src.Problems)
		for _, f := range res.Findings {
			t.Logf("  %s: %s %s codes %v folders %q items %d count %d", f.Rule, f.Verdict, f.Action, f.Codes, f.Folders, f.FailedItems, f.Count)
		}
	}
}

func listed(cell, separator string) []string {
	if cell == "-" || cell == "" {
		return nil
	}
	return strings.Split(cell, separator)
}

func contains(list []string, want string) bool {
	for _, have := range list {
		if have == want {
			return true
		}
	}
	return false
}

// TestExpectedSamples scans the real samples that may stand beside the project and
// the synthetic ones that always do.
func TestExpectedSamples(t *testing.T) {
	o := defaults(t)
	always := 0
	for _, table := range []string{
		"../../samples/outlook/expected.tsv", "../../samples/ox/expected.tsv", "../../samples/scenarios/expected.tsv",
		"../../../shared/samples/outlook/EXPECTED.tsv", "../../../shared/samples/ox/EXPECTED.tsv",
	} {
		name := filepath.Base(filepath.Dir(table))
		shared := strings.Contains(table, "shared")
		t.Run(strconv.FormatBool(shared)+"/"+name, func(t *testing.T) {
			if _, err := os.Stat(table); err != nil && shared {
				t.Skipf("no real samples: %v", err)
			}
			for _, e := range readExpected(t, table) {
				t.Run(e.file, func(t *testing.T) {
					e.check(t, scanPaths(t, o, filepath.Join(filepath.Dir(table), filepath.FromSlash(e.file))))
				})
				always++
			}
		})
	}
	if always == 0 {
		t.Error("no sample was scanned")
	}
}
