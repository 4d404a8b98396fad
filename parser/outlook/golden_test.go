package outlook

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// Every fixture is claimed and says what its golden file says.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob("../../samples/outlook/*/*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures in samples/outlook: %v", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(filepath.Dir(name)) + "_" + filepath.Base(name)
		t.Run(base, func(t *testing.T) {
			golden := filepath.Join("testdata", "golden", base+".txt")
			got := render(raw)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("records are\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// render shows the records of a source as the whole reader gives them.
func render(raw []byte) string {
	var out strings.Builder
	r := parser.NewReader(strings.NewReader(string(raw)), parser.Source{Path: "x"}, parser.Options{Formats: Formats()})
	format, claim := r.Format()
	if format == nil {
		return "no format\n"
	}
	fmt.Fprintf(&out, "%s %d/%d %s\n", format.Name(), claim.Matched, claim.Considered, r.Encoding())
	for {
		rec, err := r.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				panic("BUG: " + err.Error())
			}
			return out.String()
		}
		fmt.Fprintf(&out, "%d %s", rec.Line, rec.Level)
		if rec.Basis != parser.TimeNone {
			fmt.Fprintf(&out, " %s %s", rec.Time.UTC().Format(time.RFC3339), rec.Basis)
		}
		for _, f := range rec.Fields {
			fmt.Fprintf(&out, " %s=%q", f.Name, f.Value)
		}
		if len(rec.Codes) > 0 {
			fmt.Fprintf(&out, " codes=%v", rec.Codes)
		}
		if rec.Problem != "" {
			fmt.Fprintf(&out, " problem=%q", rec.Problem)
		}
		fmt.Fprintf(&out, "\n\t%q\n", rec.Message)
	}
}
