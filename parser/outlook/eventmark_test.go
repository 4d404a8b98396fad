package outlook

import (
	"strings"
	"testing"

	"oxtail/parser"
)

const systemOf = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="%" Guid="{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}"/>` +
	`<EventID>1000</EventID><Level>2</Level><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime="2031-05-06T07:08:09.1234567Z"/><EventRecordID>4711</EventRecordID>` +
	`<Channel>Application</Channel><Computer>pc</Computer><Security UserID="S-1-5-18"/></System>`

// TestEventMarks reads the text that package evtx makes of an event log.
func TestEventMarks(t *testing.T) {
	place := `<?evtx offset="4608" length="1200" record="7"?>`
	first := place + systemOf + `<EventData><Data>OUTLOOK.EXE</Data><Data>16</Data><Data></Data><Data>oxstor32.dll</Data></EventData></Event>`
	second := `<?evtx-loss offset="69632" length="65536" events="3" why="chunk 1 is empty"?>` + place +
		systemOf + `<UserData><x xmlns="y"><Channel>System</Channel><EventID>9</EventID><Provider>p</Provider></x></UserData></Event>` +
		`<?evtx-loss offset="200604" length="100" why="the file is cut off"?>`
	text := first + "\n" + second + "\n"
	records := read(eventXMLFormat{}, []byte(text))
	checkTiles(t, []byte(text), records)
	if len(records) != 2 {
		t.Fatalf("%d records, want 2", len(records))
	}
	r := records[0]
	for name, want := range map[string]string{
		"evtx_offset": "4608", "evtx_length": "1200", "record_id": "4711", "event_id": "1000", "channel": "Application",
		"description": "P1: OUTLOOK.EXE\nP2: 16\nP4: oxstor32.dll",
	} {
		if got := field(r, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	want := "P1: OUTLOOK.EXE\nP2: 16\nP4: oxstor32.dll\n%, event 1000, Application, error, pc, S-1-5-18, record 4711, offset 4608, length 1200"
	if r.Text != want || r.Problem != "" || r.Basis != parser.TimeExact || r.Time.Nanosecond() != 123456700 {
		t.Errorf("text %q, problem %q, time %v %s; want text %q", r.Text, r.Problem, r.Time, r.Basis, want)
	}
	r = records[1]
	if got, want := r.Problem, "chunk 1 is empty (byte 69632 of the file, length 65536, events: 3); the file is cut off (byte 200604 of the file, length 100)"; got != want {
		t.Errorf("problem %q, want %q", got, want)
	}
	if got := field(r, "provider") + " " + field(r, "event_id") + " " + field(r, "channel") + " " + field(r, "description"); got != "% 1000 Application Channel: System\nEventID: 9\nProvider: p" {
		t.Errorf("data is taken for what the system says: %q", got)
	}
}

// A crash is told in the words that the rules know, whatever the age of Windows.
func TestCrash(t *testing.T) {
	head := `<Event><System><Provider Name="Application Error"/><EventID>1000</EventID></System><EventData>`
	for _, data := range []string{
		`<Data>OUTLOOK.EXE</Data><Data>16.0</Data><Data>5f</Data><Data>oxstor32.dll</Data>`,
		`<Data Name="AppName">OUTLOOK.EXE</Data><Data Name="ModuleName">oxstor32.dll</Data>`,
	} {
		r := read(eventXMLFormat{}, []byte(head+data+"</EventData></Event>"))[0]
		if got := r.Message; !strings.Contains(got, "Faulting application name: OUTLOOK.EXE") || !strings.Contains(got, "Faulting module name: oxstor32.dll") {
			t.Errorf("message %q", got)
		}
	}
}
