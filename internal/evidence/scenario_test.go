package evidence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/internal/evidence"
	"oxtail/internal/source"
	"oxtail/parser"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

var update = flag.Bool("update", false, "rewrite the golden files of the samples in samples/chain")

// TestScenarios holds the cases and plans of samples/chain against their goldens.
func TestScenarios(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", "samples", "chain"))
	if err != nil {
		t.Fatal(err)
	}
	goldens, err := filepath.Abs(filepath.Join("testdata", "golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shared", "xp", "ost"} {
		t.Run(name, func(t *testing.T) {
			copyScenario(t, filepath.Join(root, name), name)
			got := scenario(t, name)
			golden := filepath.Join(goldens, name+".json")
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("cases and plans of %s differ from %s:\n%s", name, golden, firstDifference(got, want))
			}
		})
	}
}

// copyScenario puts a scenario into a folder of the test, and goes there: paths in the
// result are then the same everywhere, and so are the times of files.
func copyScenario(t *testing.T, from, name string) {
	t.Helper()
	dir := t.TempDir()
	err := os.CopyFS(filepath.Join(dir, name), os.DirFS(from))
	if err != nil {
		t.Fatal(err)
	}
	changed := time.Date(2026, 11, 3, 8, 10, 30, 0, time.UTC)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, changed, changed)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

// scenario gives cases and plans, one object a line, indented.
func scenario(t *testing.T, path string) []byte {
	t.Helper()
	findings, inv := read(t, path)
	var out bytes.Buffer
	for _, c := range actions.Cases(findings, inv) {
		for _, v := range []any{&c, c.Plan()} {
			var line bytes.Buffer
			enc := json.NewEncoder(&line)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", " ")
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
			out.Write(line.Bytes())
		}
	}
	return out.Bytes()
}

// read is a scan in the smallest form: every log, record by record, and the evidence.
func read(t *testing.T, path string) ([]detectors.Finding, *actions.Inventory) {
	t.Helper()
	rules, err := detectors.Default()
	if err != nil {
		t.Fatal(err)
	}
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		t.Fatal(err)
	}
	matcher, collector, g := detectors.NewMatcher(rules), detectors.NewCollector(rules), evidence.New(evidence.Options{})
	named := map[string]string{}
	_, err = source.Walk(context.Background(), []string{path}, source.Options{}, func(st *source.Stream) error {
		if err := g.Add(st); err != nil {
			return err
		}
		if st.Kind != source.KindLog {
			return nil
		}
		in, err := st.Open()
		if err != nil {
			return err
		}
		defer in.Close()
		r := parser.NewReader(in, parser.Source{Path: st.Path, ModTime: st.ModTime}, parser.Options{Formats: set.Formats()})
		if f, _ := r.Format(); f != nil {
			named[st.Path] = f.Name()
		}
		for rec, err := r.Next(); err == nil; rec, err = r.Next() {
			collector.Add(matcher.Match(rec, detectors.EventContext{Source: st.Path, Format: named[st.Path]})...)
		}
		collector.EndSource(st.Path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	inv, problems := g.Finish()
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	for path, format := range named {
		inv.SetFormats(map[string]string{path: format})
	}
	return collector.Findings(), inv
}

// firstDifference shows the lines at which two texts part.
func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines; want %d", len(g), len(w))
}

// TestScenarioGates says in words what the goldens must not lose.
func TestScenarioGates(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", "samples", "chain"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		verdict detectors.Verdict
		action  detectors.Action
		blocked bool
	}{
		"shared": {detectors.UUIDMapping, detectors.RecreateService, true},
		"xp":     {detectors.UUIDMapping, detectors.RecreateService, false},
		"ost":    {detectors.StoreCorrupt, detectors.RebuildOST, false},
	} {
		findings, inv := read(t, filepath.Join(root, name))
		cases := actions.Cases(findings, inv)
		if len(cases) != 1 {
			t.Errorf("%s: %d cases; want 1", name, len(cases))
			continue
		}
		c := cases[0]
		if c.Verdict != want.verdict || c.Action != want.action || len(c.BlockedBy) > 0 != want.blocked {
			t.Errorf("%s: %s → %s, blocked by %q; want %+v", name, c.Verdict, c.Action, c.BlockedBy, want)
		}
	}
}
