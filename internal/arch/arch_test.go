package arch

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/*/want.txt")

// minFiles guards against a walk that finds nothing and so passes.
const minFiles = 20

func tree(t *testing.T) []*File {
	t.Helper()
	files, err := Load(os.DirFS(filepath.Join("..", "..")))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < minFiles {
		t.Fatalf("found %d Go files; want at least %d: is this the module root?", len(files), minFiles)
	}
	return files
}

// checks lists every check with the name of the tree under testdata that breaks it.
var checks = []struct {
	name string
	run  func([]*File) []Breach
}{
	{"imports", func(files []*File) []Breach { return Imports(files, Rules) }},
	{"naming", Naming},
	{"state", State},
	{"talk", Talk},
	{"comments", Comments},
	{"size", func(files []*File) []Breach { return Size(files, LongFunctions) }},
}

func TestTree(t *testing.T) {
	files := tree(t)
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, b := range c.run(files) {
				t.Error(b)
			}
		})
	}
}

// TestGuards runs every check on a tree that breaks it, and compares what it says
// with the tree's want.txt. A check that cannot fail is none.
func TestGuards(t *testing.T) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join("testdata", c.name)
			files, err := Load(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, b := range c.run(files) {
				lines = append(lines, b.String())
			}
			got := strings.Join(lines, "\n") + "\n"
			golden := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if len(lines) == 0 || got != string(want) {
				t.Errorf("%s on %s says\n%swant\n%s", c.name, dir, got, want)
			}
		})
	}
}

func TestReport(t *testing.T) {
	files := tree(t)
	lengths := Lengths(files)
	share, bare := Documented(files)
	t.Logf("%d functions: median %d lines, p95 %d, longest %d; %.1f %% of exported names documented",
		len(lengths), lengths[len(lengths)/2], lengths[len(lengths)*95/100], lengths[len(lengths)-1], 100*share)
	for _, b := range bare {
		t.Log(b)
	}
	for _, d := range UnusedDoors(files) {
		t.Logf("door not used yet: %s", d.Module)
	}
}

// TestTable checks the table itself: real reasons, no folder twice.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules {
		if seen[r.Folder] {
			t.Errorf("folder %s stands twice in Rules", r.Folder)
		}
		seen[r.Folder] = true
		if len(r.Never) > 0 && r.Why == "" {
			t.Errorf("folder %s: Never without a reason", r.Folder)
		}
	}
	for _, doors := range [][]Door{Doors, TestDoors, Everywhere} {
		for _, d := range doors {
			if d.Why == "" {
				t.Errorf("door %s has no reason", d.Module)
			}
		}
	}
	for _, e := range LongFunctions {
		if e.Why == "" {
			t.Errorf("%s.%s is exempt without a reason", e.Folder, e.Func)
		}
	}
}
