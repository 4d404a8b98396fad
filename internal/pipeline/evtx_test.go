package pipeline

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oxtail/detectors"
	"oxtail/parser/evtx/evtxtest"
)

var updateEvtx = flag.Bool("update-evtx", false, "write samples/evtx again")

const evtxSample = "../../samples/evtx/outlook.evtx"

// outlookEvents are events of a workstation on which Outlook fails.
func outlookEvents() []evtxtest.Event {
	day := time.Date(2031, 5, 6, 7, 8, 0, 0, time.UTC)
	sid := binary.LittleEndian.AppendUint32([]byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}, 1001)
	oab := make([]byte, 0xa0)
	oab[0], oab[0x20], oab[0x21] = 1, 0xe4, 4
	oab = append(oab[:0x90], evtxtest.UTF16("\\Global Address List")...)
	office := func(data ...string) evtxtest.Event {
		return evtxtest.Event{Provider: "Microsoft Office 16 Alerts", EventID: 300, Level: 4, Channel: "OAlerts", Data: data}
	}
	outlook := func(id uint16, level uint8, data ...string) evtxtest.Event {
		return evtxtest.Event{Provider: "Outlook", EventID: id, Level: level, Channel: "Application", Data: data, Qualifier: 16384}
	}
	withData := outlook(27, 3, "x")
	withData.Data, withData.Binary = nil, oab
	events := []evtxtest.Event{
		office("Microsoft Outlook", "Cannot open your default e-mail folders. The file is not an Outlook data file.", "200042", "16.0.17126.20132", "0x8004010F", ""),
		office("Microsoft Word", "Do you want to save your changes? 0x8004010F", "200013", "16.0.17126.20132", "", "Brief.docx"),
		office("Microsoft Outlook", "Errors have been detected in the file C:\\Users\\erika\\AppData\\Local\\Microsoft\\Outlook\\erika@example.com.ost.\r\nQuit all mail-enabled applications.", "301", "16.0.17126.20132", "", ""),
		outlook(25, 3, "Could not save free/busy information of \"Erika Beispiel\"."),
		outlook(27, 2, "The operation failed."),
		outlook(45, 4, "Outlook loaded the following add-in(s):"),
		outlook(59, 3, "Outlook disabled the following add-in(s):\r\n\r\nProgID: OXtender.AddIn\r\n"),
		withData,
		{Provider: "Microsoft-Windows-Search", EventID: 3036, Level: 3, Channel: "Application", SID: sid,
			Named: [][2]string{{"ExtraInfo", "Context: Windows Application, SystemIndex Catalog"}, {"URL", "mapi15://{S-1-5-21-1-2-3-1001}/"}}},
		{Provider: "Application Error", EventID: 1000, Level: 2, Channel: "Application", Data: []string{"OUTLOOK.EXE", "16.0.17126.20132", "65d5f1c4", "oxstor32.dll", "2.2.25.0", "5f0c1a2b", "c0000005", "0001f2a0"}},
		{Provider: "ESENT", EventID: 916, Level: 4, Channel: "Application", Data: []string{"DllHost", "1234"}},
	}
	for i := range events {
		events[i].ID, events[i].Time, events[i].Computer = uint64(i+1), day.Add(time.Duration(i)*time.Minute), "PC1.example.com"
		if events[i].SID == nil {
			events[i].SID = sid
		}
	}
	return events
}

// rulesOf lists rules and their counts.
func rulesOf(findings []detectors.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %d", f.Rule, f.Count))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestEventLogSample holds the sample against what it is made from and its findings.
func TestEventLogSample(t *testing.T) {
	log := evtxtest.Log(outlookEvents())
	if *updateEvtx {
		if err := os.WriteFile(evtxSample, log, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(evtxSample); err != nil || !bytes.Equal(got, log) {
		t.Fatalf("%s is not what the test makes (%v); run it with -update-evtx", evtxSample, err)
	}
	res := scanPaths(t, defaults(t), evtxSample)
	want, err := os.ReadFile(filepath.Join(filepath.Dir(evtxSample), "expected.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if got := rulesOf(res.Findings); got != strings.TrimSpace(string(want)) {
		t.Errorf("findings are\n%s\nwant\n%s", got, want)
	}
	src := res.Sources[0]
	if src.Records != int64(len(outlookEvents())) || src.Problems != 0 || src.Format != "windows_event_xml" || src.Err != nil {
		t.Errorf("source: %+v", src)
	}
	place := regexp.MustCompile(`record (\d+), offset (\d+), length (\d+)$`)
	for _, f := range res.Findings {
		for _, ev := range f.Evidence {
			m := place.FindStringSubmatch(ev.Text)
			if m == nil {
				t.Errorf("%s: evidence does not tell its place: %s", f.Rule, ev.Text)
				continue
			}
			at, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			if got := binary.LittleEndian.Uint32(log[at+n-4:]); string(log[at:at+4]) != "**\x00\x00" || int(got) != n || strconv.Itoa(int(log[at+8])) != m[1] {
				t.Errorf("%s: no event at byte %d, length %d", f.Rule, at, n)
			}
		}
	}
}

// TestEventLogEqualsExport reads the same events out of the log and out of XML.
func TestEventLogEqualsExport(t *testing.T) {
	var export bytes.Buffer
	for _, e := range outlookEvents() {
		fmt.Fprintf(&export, "<Event><System><Provider Name='%s'/><EventID Qualifiers='16384'>%d</EventID><Level>%d</Level><TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel><Computer>%s</Computer><Security UserID='S-1-5-21-1-2-3-1001'/></System><EventData>",
			e.Provider, e.EventID, e.Level, e.Time.Format(time.RFC3339Nano), e.ID, e.Channel, e.Computer)
		for _, n := range e.Named {
			fmt.Fprintf(&export, "<Data Name='%s'>%s</Data>", n[0], n[1])
		}
		for _, d := range e.Data {
			fmt.Fprintf(&export, "<Data>%s</Data>", d)
		}
		if e.Binary != nil {
			fmt.Fprintf(&export, "<Binary>%X</Binary>", e.Binary)
		}
		export.WriteString("</EventData></Event>\n")
	}
	dir := t.TempDir()
	logPath, xmlPath := filepath.Join(dir, "a.evtx"), filepath.Join(dir, "a.xml")
	for path, data := range map[string][]byte{logPath: evtxtest.Log(outlookEvents()), xmlPath: export.Bytes()} {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, want := scanPaths(t, defaults(t), logPath), scanPaths(t, defaults(t), xmlPath)
	if g, w := rulesOf(got.Findings), rulesOf(want.Findings); g != w || g == "" {
		t.Errorf("the log gives\n%s\nits export\n%s", g, w)
	}
	if g, w := got.Sources[0], want.Sources[0]; g.Records != w.Records || !g.First.Equal(w.First) || !g.Last.Equal(w.Last) || g.TimeBasis != w.TimeBasis || g.Verdict != w.Verdict {
		t.Errorf("the log gives\n%+v\nits export\n%+v", g, w)
	}
}

// TestDamagedEventLog scans what is left of a damaged log.
func TestDamagedEventLog(t *testing.T) {
	log := evtxtest.Log(outlookEvents()[:3], outlookEvents()[3:6], outlookEvents()[6:])
	clear(log[evtxtest.HeaderBytes+evtxtest.ChunkBytes:][:evtxtest.ChunkBytes])
	path := filepath.Join(t.TempDir(), "a.evtx")
	if err := os.WriteFile(path, log, 0o666); err != nil {
		t.Fatal(err)
	}
	res := scanPaths(t, defaults(t), path)
	src := res.Sources[0]
	if src.Records != int64(len(outlookEvents())-3) || src.Problems != 1 || !res.Summary.Incomplete || src.Err == nil || !strings.Contains(src.Err.Error(), "chunk 1 is empty") {
		t.Errorf("%d records, %d problems, error %v; want a loss that is named", src.Records, src.Problems, src.Err)
	}
	if len(res.Findings) == 0 {
		t.Error("nothing is found in what is left")
	}
}

// TestSharedEventLogs counts the records of real logs.
func TestSharedEventLogs(t *testing.T) {
	dir := "../../../shared/samples/evtx"
	table, err := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	if err != nil {
		t.Skip("the shared samples are not here: ", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		cell := strings.Split(line, "\t")
		src := scanPaths(t, defaults(t), filepath.Join(dir, cell[0])).Sources[0]
		least, _ := strconv.ParseInt(cell[1], 10, 64)
		most, _ := strconv.ParseInt(cell[2], 10, 64)
		if src.Records < least || src.Records > most || (src.Err != nil) != (cell[8] == "yes") || src.Problems > 0 {
			t.Errorf("%s: %d records, %d problems, %v; want %d to %d, damage %s", cell[0], src.Records, src.Problems, src.Err, least, most, cell[8])
		}
	}
}

// BenchmarkEventLog scans a log of 8,000 events.
func BenchmarkEventLog(b *testing.B) {
	var chunks [][]evtxtest.Event
	const perChunk, count = 80, 100
	id := uint64(0)
	for range count {
		var events []evtxtest.Event
		for range perChunk {
			e := outlookEvents()[id%11]
			id++
			e.ID = id
			events = append(events, e)
		}
		chunks = append(chunks, events)
	}
	path := filepath.Join(b.TempDir(), "a.evtx")
	log := evtxtest.Log(chunks...)
	if err := os.WriteFile(path, log, 0o666); err != nil {
		b.Fatal(err)
	}
	opts := defaults(b)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		if res := scanPaths(b, opts, path); res.Summary.Records != perChunk*count {
			b.Fatalf("%d records", res.Summary.Records)
		}
	}
	b.ReportMetric(float64(b.N)*perChunk*count/b.Elapsed().Seconds(), "events/s")
}
