package cli

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/internal/report"
)

// runMain runs the program and returns its output and exit code.
func runMain(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(Process{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC) }})
	return out.String(), errs.String(), code
}

// conclusions are what a scan says, without the names of people and places.
func conclusions(t *testing.T, path string) []string {
	t.Helper()
	stdout, stderr, code := runMain(t, "scan", "--format", "json", "--fail-on", "never", path)
	if code != ExitDone {
		t.Fatalf("scan %s: exit code %d, %s", path, code, stderr)
	}
	var out []string
	for line := range strings.Lines(stdout) {
		var f report.Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		if f.Schema != report.SchemaFinding {
			continue
		}
		var at []string
		for _, e := range f.Evidence {
			at = append(at, fmt.Sprint(e.Line))
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %d %s %v %v lines %s", f.Rule, f.Severity, f.Verdict, f.Action, f.Count, f.Confidence, f.Codes, f.UUIDs, strings.Join(at, ",")))
	}
	slices.Sort(out)
	return out
}

// TestCollectScan holds that a scan of a bundle says what a scan of the tree says, and
// what the bundle of the sample tree holds.
func TestCollectScan(t *testing.T) {
	tree := filepath.Join("..", "..", "..", "samples", "workstation")
	bundle := filepath.Join(t.TempDir(), "bundle.zip")
	_, stderr, code := runMain(t, "collect", "-o", bundle, "--redact-report", tree)
	if code != ExitDone {
		t.Fatalf("collect: exit code %d, %s", code, stderr)
	}
	want, got := conclusions(t, tree), conclusions(t, bundle)
	if len(want) == 0 || !slices.EqualFunc(want, got, sameButLines) {
		t.Errorf("of the bundle:\n%s\nof the tree:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	listing := strings.Join(got, "\n") + "\n\n" + entries(t, bundle)
	for _, kind := range []string{"address", "host", "ip", "mailbox", "session", "subject", "user"} {
		if !strings.Contains(stderr, "  "+kind) {
			t.Errorf("--redact-report says nothing of %s: %s", kind, stderr)
		}
	}
	golden := filepath.Join("testdata", "collect", "workstation.golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(listing), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expected, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if listing != string(expected) {
		t.Errorf("got\n%s\nwant (%s)\n%s", listing, golden, expected)
	}
}

// sameButLines compares conclusions. A hive has no lines, its export has.
func sameButLines(a, b string) bool {
	if strings.HasPrefix(a, "registry-") || strings.HasPrefix(a, "PRF") {
		a, _, _ = strings.Cut(a, " lines ")
		b, _, _ = strings.Cut(b, " lines ")
	}
	return a == b
}

// entries lists the names in an archive, and looks for what must not be in it.
func entries(t *testing.T, name string) string {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		plain := bytes.ToLower(bytes.ReplaceAll(data, []byte{0}, nil))
		for _, leak := range []string{"anna", "jörg", "j\xf6rg", "müller", "m\xfcller", "beispiel", "linde", "203.0.113", "8f3e0c1a9d", "private letter", "kündigung", "opaque"} {
			if bytes.Contains(plain, []byte(leak)) {
				t.Errorf("%s holds %q", f.Name, leak)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, "\n") + "\n"
}
