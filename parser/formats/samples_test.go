package formats

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

var update = flag.Bool("update", false, "write samples/formats/EXPECTED.tsv")

const samplesDir = "../../samples/formats"

// TestFormatSamples reads the sample logs of the project and compares what comes out
// with EXPECTED.tsv. Run with -update to write it anew, and read the difference.
func TestFormatSamples(t *testing.T) {
	files, err := filepath.Glob(samplesDir + "/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	s := defaultSet(t)
	var out strings.Builder
	out.WriteString("file\tformat\trecords\tproblems\tfirst\tlast\tbasis\n")
	for _, file := range files {
		out.WriteString(expectation(t, s, file))
	}
	golden := filepath.Join(samplesDir, "EXPECTED.tsv")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func expectation(t *testing.T, s *Set, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src := parser.Source{Path: "x.log", ModTime: time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)}
	r := parser.NewReader(strings.NewReader(string(text)), src, parser.Options{Formats: s.Formats()})
	raw := 0
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		raw += len(rec.Raw)
	}
	if raw != len(text) {
		t.Errorf("%s: records have %d raw bytes, the file %d", file, raw, len(text))
	}
	f, _ := r.Format()
	name := "-"
	if f != nil {
		name = f.Name()
	}
	st := r.Stats()
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%s\t%s\t%s\n", filepath.Base(file), name, st.Records, st.Problems, stamped(st.First), stamped(st.Last), st.Basis)
}

func stamped(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}
