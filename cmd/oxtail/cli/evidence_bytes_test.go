package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"oxtail/parser"
	"oxtail/parser/formats"
	"oxtail/parser/outlook"
)

// samplesRoot is where the samples stand, seen from this package.
const samplesRoot = "../../../samples"

// sampleFiles returns the regular files below samples/.
func sampleFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(samplesRoot, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d files below %s: %v", len(out), samplesRoot, err)
	}
	return out
}

// plainText decodes bytes as the samples are encoded, without the project's own
// decoder: UTF-16LE if the file begins like that, else UTF-8 with Windows-1252 between.
func plainText(file, part []byte) string {
	if bytes.HasPrefix(file, []byte{0xff, 0xfe}) || len(file) > 3 && file[1] == 0 && file[3] == 0 {
		units := make([]uint16, len(part)/2)
		for i := range units {
			units[i] = uint16(part[2*i]) | uint16(part[2*i+1])<<8
		}
		return string(utf16.Decode(units))
	}
	var out strings.Builder
	for len(part) > 0 {
		r, n := utf8.DecodeRune(part)
		if r == utf8.RuneError && n == 1 {
			r = rune(part[0]) // right for the letters; the samples have no others
		}
		out.WriteRune(r)
		part = part[n:]
	}
	return out.String()
}

func squeezed(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\ufeff", "", "\x00", "").Replace(text)), " ")
}

// quoted is an evidence as the JSON of a scan gives it.
type quoted struct {
	Source         string
	Offset, Length int
	Line           int
	Text           string
	Basis          string `json:"time_basis"`
	Rule           string `json:"-"`
}

func scannedEvidence(t *testing.T) map[string][]quoted {
	t.Helper()
	code, stdout, stderr := run(t, nil, "scan", "--format", "json", samplesRoot)
	if code != ExitFindings && code != ExitIncomplete {
		t.Fatalf("scan of %s: code %d, %s", samplesRoot, code, stderr)
	}
	out := map[string][]quoted{}
	for line := range strings.Lines(stdout) {
		var o struct {
			Schema, Rule string
			Evidence     []quoted
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		inProfile := strings.HasPrefix(o.Rule, "PRF") // cites a registry key, which has no bytes of its own
		if (o.Schema == "oxtail.finding/v1" || o.Schema == "oxtail.template/v1") && !inProfile {
			if len(o.Evidence) == 0 {
				t.Errorf("finding of rule %s has no evidence", o.Rule)
			}
			for _, q := range o.Evidence {
				q.Rule = o.Rule
				out[q.Source] = append(out[q.Source], q)
			}
		}
	}
	return out
}

// The bytes that an evidence cites hold the text that it quotes, and stand on its line.
func TestEvidenceIsInTheFile(t *testing.T) {
	checked := 0
	for source, list := range scannedEvidence(t) {
		file, err := os.ReadFile(filepath.FromSlash(source))
		if err != nil || strings.HasSuffix(source, ".reg") || strings.HasSuffix(source, ".DAT") || strings.HasSuffix(source, ".evtx") {
			continue // a member of an archive; a profile, whose evidence is a registry key; an event log, which pipeline tests
		}
		for _, q := range list {
			if q.Offset < 0 || q.Length <= 0 || q.Offset+q.Length > len(file) {
				t.Errorf("%s: evidence at %d, %d bytes, of a file of %d", source, q.Offset, q.Length, len(file))
				continue
			}
			if bytes.HasPrefix(file, []byte(`{\rtf`)) {
				continue // its text stands between control words
			}
			got, want := squeezed(plainText(file, file[q.Offset:q.Offset+q.Length])), squeezed(strings.TrimSuffix(q.Text, "…"))
			if !strings.Contains(got, want) || want == "" {
				t.Errorf("%s:%d: bytes %d+%d are %q; want them to hold %q", source, q.Line, q.Offset, q.Length, got, want)
			}
			if q.Basis == "" {
				t.Errorf("%s:%d: evidence does not say where its time comes from", source, q.Line)
			}
			if line := 1 + strings.Count(plainText(file, file[:q.Offset]), "\n"); line != q.Line {
				t.Errorf("%s: evidence at %d is said to be on line %d; want %d", source, q.Offset, q.Line, line)
			}
			checked++
		}
	}
	if checked < 50 {
		t.Errorf("%d evidences checked; the samples have more", checked)
	}
}

// The records of every sample, joined, are the file.
func TestSamplesLoseNoByte(t *testing.T) {
	set, err := formats.Default(outlook.Formats()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sampleFiles(t) {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := parser.NewReader(bytes.NewReader(file), parser.Source{Path: name}, parser.Options{Formats: set.Formats()})
		var got []byte
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if rec.Offset != int64(len(got)) {
				t.Errorf("%s: record at %d; want %d", name, rec.Offset, len(got))
			}
			got = append(got, rec.Raw...)
		}
		if !bytes.Equal(got, file) {
			t.Errorf("%s: records hold %d bytes; want the file's %d", name, len(got), len(file))
		}
	}
}
