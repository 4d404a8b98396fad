package lnav

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

// What lnav 0.11.1 ships, and what of it Go's engine takes. A smaller number means
// that the compatibility test looks at less than it did.
const (
	lnavFormats  = 40
	lnavPatterns = 87
	lnavSamples  = 159
	lnavLinear   = 76
)

func lnavFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/lnav/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no format files of lnav: %v", err)
	}
	return files
}

// TestLnavFormats loads every format that lnav ships; loading matches its samples.
func TestLnavFormats(t *testing.T) {
	formats, patterns, samples, linear, fast := 0, 0, 0, 0, 0
	for _, file := range lnavFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := (&Loader{}).Load(filepath.Base(file), text)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, f := range loaded {
			formats++
			samples += len(f.Samples())
			for _, line := range f.Patterns() {
				patterns++
				if strings.Contains(line, ": linear") {
					linear++
				}
				if strings.Contains(line, "fast splitter") {
					fast++
				}
			}
		}
	}
	t.Logf("%d formats, %d patterns (%d linear, %d backtracking, %d with a fast splitter), %d samples", formats, patterns, linear, patterns-linear, fast, samples)
	if formats != lnavFormats || patterns != lnavPatterns || samples != lnavSamples || linear != lnavLinear {
		t.Errorf("loaded %d formats, %d patterns (%d linear), %d samples; want %d, %d (%d), %d",
			formats, patterns, linear, samples, lnavFormats, lnavPatterns, lnavLinear, lnavSamples)
	}
}

// TestJournald reads a line of one of lnav's JSON formats, which have no samples.
func TestJournald(t *testing.T) {
	text, err := os.ReadFile("testdata/lnav/journald_json_log.json")
	if err != nil {
		t.Fatal(err)
	}
	formats, err := (&Loader{}).Load("journald_json_log.json", text)
	if err != nil {
		t.Fatal(err)
	}
	line := `{"__REALTIME_TIMESTAMP":"1330942272345678","PRIORITY":"3","_PID":"7","MESSAGE":"boom","_SYSTEMD_UNIT":"x.service"}`
	var r *parser.Record
	asm := formats[0].Assembler(parser.Source{})
	asm.Add(parser.Line{Text: line, Raw: []byte(line), Number: 1}, nil)
	asm.Close(func(rec *parser.Record) { r = rec })
	want := time.Date(2012, 3, 5, 10, 11, 12, 345678000, time.UTC)
	if !r.Time.Equal(want) || r.Basis != parser.TimeExact || r.Level != parser.LevelError || r.Message != "boom" {
		t.Errorf("record is %v %v %v %q", r.Time, r.Basis, r.Level, r.Message)
	}
}
