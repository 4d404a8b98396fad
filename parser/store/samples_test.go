package store

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// samplesDir is beside the repository; the files are other people's and stay out of it.
const samplesDir = "../../../shared/samples/stores"

// table reads a tab-separated file as rows of column name → cell.
func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(samplesDir, name))
	if err != nil {
		t.Skipf("public store samples are not there: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	columns := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[columns[i]] = cell
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no rows", name)
	}
	return rows
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(samplesDir, name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return b
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	b, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSamples(t *testing.T) {
	for _, row := range table(t, "EXPECTED.tsv") {
		h := read(sample(t, row["file"]))
		if string(h.Kind) != row["kind"] || strconv.Itoa(int(h.Version)) != row["version"] || h.Crypt.String() != row["encryption"] {
			t.Errorf("%s: got %s, version %d, %s; want %s, %s, %s", row["file"], h.Kind, h.Version, h.Crypt, row["kind"], row["version"], row["encryption"])
		}
		crcOK := h.PartialCRC.OK() && (h.Layout == LayoutANSI || h.FullCRC.OK())
		if crcOK != (row["crc_ok"] == "yes") || (h.EndOfFile == uint64(h.Size)) != (row["eof_ok"] == "yes") {
			t.Errorf("%s: got crc %v, end %d of %d; want crc %s, eof %s", row["file"], crcOK, h.EndOfFile, h.Size, row["crc_ok"], row["eof_ok"])
		}
		if len(h.Problems) != 0 {
			t.Errorf("%s: got problems %v; want none", row["file"], h.Problems)
		}
		misnamed := len(h.CheckName(strings.TrimSuffix(row["file"], ".gz"))) > 0
		if want := strings.HasPrefix(row["file"], "misnamed"); misnamed != want {
			t.Errorf("%s: misnamed = %v; want %v", row["file"], misnamed, want)
		}
	}
}

// mutate applies one row of MUTANTS.tsv, and says whether a header reader has to notice it: the file was cut, or a byte that
// a checksum covers has changed.
func mutate(t *testing.T, row map[string]string, base []byte) (b []byte, header bool) {
	t.Helper()
	keep, err := strconv.Atoi(row["keep_bytes"])
	if err != nil {
		t.Fatalf("%s: %v", row["id"], err)
	}
	b = bytes.Clone(base[:keep])
	guarded := offFullEnd + 4
	if read(base).Layout == LayoutANSI {
		guarded = offPartialEnd
	}
	for _, change := range strings.Fields(row["edits"]) {
		place, value, _ := strings.Cut(change, "=")
		at, err := strconv.Atoi(place)
		if err != nil {
			t.Fatalf("%s: %v", row["id"], err)
		}
		v, err := hex.DecodeString(value)
		if err != nil || len(v) != 1 {
			t.Fatalf("%s: bad edit %q", row["id"], change)
		}
		header = header || at < guarded && b[at] != v[0]
		b[at] = v[0]
	}
	return b, header || keep != len(base)
}

func TestMutants(t *testing.T) {
	bases := map[string][]byte{}
	concerned, noticed := 0, 0
	rows := table(t, "MUTANTS.tsv")
	for _, row := range rows {
		if bases[row["base"]] == nil {
			bases[row["base"]] = sample(t, row["base"])
		}
		b, header := mutate(t, row, bases[row["base"]])
		h := read(b)
		if header {
			concerned++
			if len(h.Problems) == 0 {
				t.Errorf("%s (%s, %s bytes, %s): header damage not noticed", row["id"], row["base"], row["keep_bytes"], row["edits"])
			}
		}
		if len(h.Problems) > 0 {
			noticed++
			if !header {
				t.Errorf("%s: got %v, though neither header nor size changed", row["id"], h.Problems)
			}
		}
	}
	if concerned == 0 {
		t.Fatal("no mutant concerns the header")
	}
	t.Logf("%d mutants, %d concern header or size, %d noticed", len(rows), concerned, noticed)
}
