package source_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/internal/source"
	"oxtail/parser/evtx/evtxtest"
)

// eventLogOf returns a log with n events.
func eventLogOf(n uint64) []byte {
	var events []evtxtest.Event
	for id := range n {
		events = append(events, evtxtest.Event{ID: id + 1, Time: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC),
			Provider: "Outlook", EventID: 25, Level: 3, Channel: "Application", Computer: "pc", Data: []string{"a", "b"}})
	}
	return evtxtest.Log(events)
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEventLog(t *testing.T) {
	log := eventLogOf(3)
	headless := append([]byte("damaged!"), log[8:]...)
	for name, data := range map[string][]byte{"a.evtx": log, "a.evtx.gz": gzipOf(t, log), "bundle.zip": zipOf(t, file{"logs/a.evtx", string(log)}), "bundle.tgz": gzipOf(t, tarOf(t, file{"a.evtx", string(log)})), "renamed.log": log, "headless.evtx": headless} {
		t.Run(name, func(t *testing.T) {
			all, skipped := read(t, source.Options{}, writeFile(t, name, data))
			if len(all) != 1 || len(skipped) > 0 {
				t.Fatalf("%d streams, skipped %s; want one", len(all), told(skipped))
			}
			g := all[0]
			if g.Kind != source.KindEvtx || !g.Kind.HasRecords() || strings.Count(g.text, "</Event>\n") != 3 {
				t.Errorf("kind %s, text %.300s", g.Kind, g.text)
			}
			if g.ReaderAt != nil || g.Size != -1 {
				t.Errorf("size %d: offsets of the stream are not those of the file", g.Size)
			}
			if again, err := readAll(&g.Stream); !g.Once && again != g.text {
				t.Errorf("the second reading gives %.200q, %v", again, err)
			}
			if damaged := name == "headless.evtx"; (g.err != nil) != damaged {
				t.Errorf("error %v; damaged: %t", g.err, damaged)
			}
		})
	}
}

// A log that comes through a pipe can only be read while the walk lasts.
func TestEventLogFromPipe(t *testing.T) {
	all, skipped := read(t, source.Options{Stdin: bytes.NewReader(eventLogOf(3))}, "-")
	if len(all) != 1 || len(skipped) > 0 || all[0].err != nil || strings.Count(all[0].text, "</Event>\n") != 3 {
		t.Fatalf("got %s, skipped %s", lines(all), told(skipped))
	}
	if !all[0].Once {
		t.Error("the stream must say that it opens once")
	}
}

func TestDamagedEventLog(t *testing.T) {
	log := eventLogOf(3)
	all, _ := read(t, source.Options{}, writeFile(t, "a.evtx", log[:len(log)-100]))
	var e *source.Error
	if len(all) != 1 || !errors.As(all[0].err, &e) {
		t.Fatalf("got %s; want one damaged stream", lines(all))
	}
	if e.Reason != source.ReasonDamaged || !strings.Contains(e.Error(), "read "+all[0].Path+": the event log is damaged, 3 events were read") || !strings.Contains(e.Error(), "wevtutil epl") {
		t.Errorf("error %v, reason %s", e, e.Reason)
	}
	if n := strings.Count(all[0].text, "<Event "); n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}
