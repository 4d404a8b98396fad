package indexing

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/internal/loggen"
	"oxtail/internal/pipeline"
	"oxtail/internal/source"
	"oxtail/parser"
)

// judged returns what the index says of paths.
func judged(t *testing.T, opts Options, paths ...string) *Judgement {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ix")
	_, err := Add(context.Background(), dir, paths, opts)
	must(t, err)
	x, err := index.Open(dir, index.Options{Formats: Lookup(opts.Formats)})
	must(t, err)
	defer x.Close()
	j, err := Judge(context.Background(), x, opts.Rules)
	must(t, err)
	for _, l := range x.Losses() {
		t.Errorf("lost: %v", l)
	}
	return j
}

func scanned(t *testing.T, opts Options, paths ...string) *pipeline.Result {
	t.Helper()
	res, err := pipeline.Scan(context.Background(), paths, pipeline.Options{Walk: opts.Walk, Formats: opts.Formats, Rules: opts.Rules})
	must(t, err)
	return res
}

// asText shows findings for comparison.
func asText(t *testing.T, list any) string {
	t.Helper()
	b, err := json.MarshalIndent(list, "", " ")
	must(t, err)
	return string(b)
}

func compareJudged(t *testing.T, opts Options, paths ...string) {
	t.Helper()
	got, want := judged(t, opts, paths...), scanned(t, opts, paths...)
	if g, w := asText(t, got.Findings), asText(t, want.Findings); g != w {
		t.Errorf("%s: findings of the index differ from those of the scan:\n%s", paths[0], firstDifference(g, w))
	}
	if g, w := asText(t, got.Templates), asText(t, want.Templates); g != w {
		t.Errorf("%s: templates of the index differ from those of the scan:\n%s", paths[0], firstDifference(g, w))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			from := max(0, i-12)
			return "got\n" + strings.Join(g[from:min(len(g), i+4)], "\n") + "\nwant\n" + strings.Join(w[from:min(len(w), i+4)], "\n")
		}
	}
	return "one is longer"
}

// TestJudgeEqualsScan holds the findings that an index gives against those of a scan.
func TestJudgeEqualsScan(t *testing.T) {
	opts := testOptions(t)
	opts.Walk = source.Options{}
	n := 0
	for _, root := range []string{"../../samples", "../../../shared/samples"} {
		if _, err := os.Stat(root); err != nil {
			t.Logf("skipped: %v", err)
			continue
		}
		must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() || path == root {
				return err
			}
			n++
			compareJudged(t, opts, path)
			return fs.SkipDir
		}))
	}
	if n == 0 {
		t.Error("no sample was judged")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "oxtstore_1.log")
	var b bytes.Buffer
	must(t, loggen.Write(&b, loggen.Options{Lines: 15_000, Seed: 4}))
	must(t, os.WriteFile(path, b.Bytes(), 0o666))
	compareJudged(t, opts, path)
}

// TestLabel labels each record with the ID of its finding: all that a finding cites have it.
func TestLabel(t *testing.T) {
	opts := testOptions(t)
	j := judged(t, opts, "../../samples/quickstart")
	if len(j.Findings) == 0 {
		t.Fatal("no findings in the samples")
	}
	labels := 0
	list := j.Label(func(f *detectors.Finding) []parser.Field { return []parser.Field{{Name: "episode", Value: f.ID}} })
	byID := map[string]int{}
	for _, l := range list {
		labels++
		for _, f := range l.Fields {
			byID[f.Value]++
		}
	}
	for i := range j.Findings {
		f := &j.Findings[i]
		if r, ok := opts.Rules.Lookup(f.Rule); ok && r.Correlation == nil && r.Builtin == "" && byID[f.ID] < min(f.Count, len(f.Evidence)) {
			t.Errorf("finding %s of %s has %d labelled records; want at least %d", f.ID, f.Rule, byID[f.ID], len(f.Evidence))
		}
	}
	t.Logf("%d labels", labels)
}
