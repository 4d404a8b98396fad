package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"oxtail/actions/checks"
)

// TestHeadline: the sum of the checks in one line.
func TestHeadline(t *testing.T) {
	for want, words := range map[string]string{
		"2 of 4 checks fail; 1 unknown":                     "fail fail unknown pass n/a",
		"1 of 2 checks fails":                               "fail pass",
		"0 of 2 checks fail; 1 warning":                     "warn pass",
		"0 of 2 checks fail; 1 needs an answer, 1 unknown":  "needs-person unknown",
		"none of 2 checks fails":                            "pass pass",
		"no check concerns this computer":                   "n/a",
		"1 of 3 checks fails; 1 warning, 1 needs an answer": "fail warn needs-person",
	} {
		var results []Check
		for word := range strings.FieldsSeq(words) {
			results = append(results, Check{Result: checks.Word(word)})
		}
		d := NewDoctor(results, checks.OutlookClient, "", "v", 0)
		if got := d.Headline(); got != want {
			t.Errorf("%s: %q; want %q", words, got, want)
		}
	}
}

// TestChecksHostile: evidence with escapes, formulas, secrets and tables stays harmless
// in every form.
func TestChecksHostile(t *testing.T) {
	rows := NewChecks([]checks.Result{{
		Schema: checks.Schema, ID: "ENV003", Number: 3, Title: "a title", Result: checks.Fail, Remedy: "do it", Action: "manual", Source: "s", Role: checks.OutlookClient,
		Evidence: []checks.Proof{{Text: "=cmd|' /C calc'!A0 \x1b[31m | ```", Place: `HKCU\x`, Source: "a.reg"}, {Text: "proxy http://anna:secret123@proxy.example.com/"}},
		Why:      []string{"password=hunter2"},
	}})
	d := NewDoctor(rows, checks.OutlookClient, "because", "v", 0)
	var text, js, table, md bytes.Buffer
	for _, err := range []error{
		WriteChecks(&text, &d, rows, TextOptions{All: true}), WriteChecksJSON(&js, &d, rows), WriteChecksCSV(&table, rows, false), WriteChecksMarkdown(&md, &d, rows),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, out := range map[string]string{"text": text.String(), "json": js.String(), "csv": table.String(), "md": md.String()} {
		for _, bad := range []string{"\x1b", "secret123", "hunter2"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s holds %q:\n%s", name, bad, out)
			}
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(js.String()), "\n") {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil || v["schema"] == "" {
			t.Errorf("line %q: %v", line, err)
		}
	}
	records, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(records) != 2 || strings.HasPrefix(records[1][4], "=") {
		t.Errorf("CSV %q, %v", records, err)
	}
}
