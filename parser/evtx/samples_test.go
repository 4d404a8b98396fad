package evtx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const sampleDir = "../../../shared/samples/evtx"

// readAll returns the events of a log and how it ended.
func readAll(t testing.TB, data []byte) (events []Event, damage *Damage) {
	t.Helper()
	l, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := l.Next()
		if err == io.EOF {
			return events, nil
		}
		if errors.As(err, &damage) {
			return events, damage
		}
		if err != nil {
			t.Fatal(err)
		}
		kept := *e
		kept.XML = bytes.Clone(e.XML)
		events = append(events, kept)
	}
}

// checkXML reports whether text is one whole element.
func checkXML(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestSamples(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(sampleDir, "EXPECTED.tsv"))
	if err != nil {
		t.Skip("the shared samples are not here: ", err)
	}
	lines := strings.Split(strings.TrimSpace(string(table)), "\n")
	if len(lines) < 2 {
		t.Fatal("no samples are listed")
	}
	for _, line := range lines[1:] {
		cell := strings.Split(line, "\t")
		t.Run(cell[0], func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(sampleDir, cell[0]))
			if err != nil {
				t.Skip(err)
			}
			events, damage := readAll(t, data)
			least, _ := strconv.Atoi(cell[1])
			most, _ := strconv.Atoi(cell[2])
			if n := len(events); n < least || n > most {
				t.Errorf("%d events, want %d to %d", n, least, most)
			}
			if got, want := damage != nil, cell[8] == "yes"; got != want {
				t.Errorf("damage %v, want %v: %v", got, want, damage)
			}
			for _, e := range events {
				checkPlace(t, data, e)
				if err := checkXML(e.XML); err != nil {
					t.Errorf("record %d: %v in\n%s", e.ID, err, e.XML)
				}
			}
		})
	}
}

// checkPlace holds an event against the bytes that it names.
func checkPlace(t *testing.T, data []byte, e Event) {
	t.Helper()
	b := data[e.Offset : e.Offset+int64(e.Length)]
	if size, ok := (&chunk{b: b}).eventAt(0); !ok || size != e.Length {
		t.Errorf("record %d: its place holds no event", e.ID)
	}
	if e.Time.IsZero() || !bytes.Contains(e.XML, []byte("<EventRecordID>")) || !bytes.Contains(e.XML, []byte("<TimeCreated SystemTime=")) {
		t.Errorf("record %d at %v: want its number and time in\n%s", e.ID, e.Time, e.XML)
	}
}
