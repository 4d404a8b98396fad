package outlook

import (
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

func TestEventTextSplits(t *testing.T) {
	head := "Log Name: Application\nSource: Outlook\nEvent ID: 27\nDescription:\n"
	cases := []struct {
		name, text string
		want       []string
	}{
		{"label inside a description", head + "Source: x\nEvent ID: 3\nName: y", []string{"27 Source: x|Event ID: 3|Name: y"}},
		{"two events, no blank line", head + "a\n" + head + "b", []string{"27 a", "27 b"}},
		{"two events that begin with their source", "Source: Outlook\nEvent ID: 25\nDescription:\na\n\nSource: Outlook\nEvent ID: 59\nDescription:\nb", []string{"25 a", "59 b"}},
		{"label inside a description, head in another order", "Date: x\nSource: Outlook\nEvent ID: 25\nDescription:\na\nSource: b", []string{"25 a|Source: b"}},
		{"an event whose first lines are missing", "Date: x\nSource: Outlook\nEvent ID: 25\nDescription:\na\n\nSource: Outlook\nEvent ID: 59\n", []string{"25 a", "59 "}},
		{"heads only", "Source: Outlook\nEvent ID: 25\nSource: Outlook\nEvent ID: 59\n", []string{"25 ", "59 "}},
		{"the event once more in XML", head + "a\nEvent Xml:\n<Event xmlns=\"x\">\n <System>\n</Event>\n", []string{"27 a"}},
		{"text before the first event", "Hello,\n" + head + "a", []string{" ", "27 a"}},
		{"two damaged files", "Errors have been detected in the file C:\\a.ost\nErrors have been detected in the file C:\\b.ost", []string{" Errors have been detected in the file C:\\a.ost", " Errors have been detected in the file C:\\b.ost"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			records := read(eventTextFormat{}, []byte(c.text))
			checkTiles(t, []byte(c.text), records)
			var got []string
			for _, r := range records {
				got = append(got, field(r, "event_id")+" "+strings.ReplaceAll(field(r, "description"), "\n", "|"))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("events of %q are %q; want %q", c.text, got, c.want)
			}
		})
	}
}

// The order of day and month is decided by the whole file, and by its age; what
// stays open is said.
func TestEventDates(t *testing.T) {
	row := func(date string) string { return date + ",Outlook,27,x\n" }
	const heading = "Date and Time,Source,Event ID,Task Category\n"
	march := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		name, text string
		modified   time.Time
		want       string
	}{
		{"a later day tells", row("3/4/2026 10:00:00") + row("3/14/2026 10:00:00"), time.Time{}, "2026-03-04 2026-03-14"},
		{"a 12-hour clock tells", row("3/4/2026 10:00:00 PM"), time.Time{}, "2026-03-04"},
		{"the file's age tells", row("03/05/2026 10:00:00"), march, "2026-03-05"},
		{"nothing tells", row("03/04/2026 10:00:00"), time.Time{}, "2026-04-03?"},
		{"German", row("05.03.2026 10:00:00"), time.Time{}, "2026-03-05"},
		{"ISO", row("2026-03-05 10:00:00"), time.Time{}, "2026-03-05"},
		{"place-holder", row("DateTime"), time.Time{}, "none"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range readSource(eventCSVFormat{}, []byte(heading+c.text), parser.Source{ModTime: c.modified})[1:] {
				switch {
				case r.Basis == parser.TimeNone:
					got = append(got, "none")
				case field(r, "time_ambiguous") != "":
					got = append(got, r.Time.Format(time.DateOnly)+"?")
				default:
					got = append(got, r.Time.Format(time.DateOnly))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("dates of %q are %v; want %s", c.text, got, c.want)
			}
		})
	}
}

func TestAlertProgram(t *testing.T) {
	head := "Source: Microsoft Office 16 Alerts\nEvent ID: 300\nDescription:\n"
	for text, want := range map[string]string{
		head + "App Error\nP1: Apps for Office\nP2: 15.0\n":                "Apps for Office",
		head + "Microsoft Word\nSave?\nP1: 200054\nP2: 16.0\nP3: \nP4: \n": "Microsoft Word",
		head + "Microsoft Outlook\nCannot open.\n":                         "Microsoft Outlook",
		head + "Cannot open.\n":                                            "",
		"Source: Outlook\nEvent ID: 300\nDescription:\nMicrosoft Word\n":   "",
	} {
		if got := field(read(eventTextFormat{}, []byte(text))[0], "app"); got != want {
			t.Errorf("program of %q is %q; want %q", text, got, want)
		}
	}
}

func TestEventZone(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	text := "Source: Outlook\nDate: 2026-03-05 10:00:00\nEvent ID: 27\n"
	r := readSource(eventTextFormat{}, []byte(text), parser.Source{Zone: zone})[0]
	if got, want := r.Time.UTC().Format(time.DateTime), "2026-03-05 08:00:00"; got != want || r.Basis != parser.TimeZoneAssumed {
		t.Errorf("time is %s (%s); want %s, zone-assumed", got, r.Basis, want)
	}
}

func TestEventXML(t *testing.T) {
	wrap := func(system, data string) string {
		return "<Event><System>" + system + "</System><EventData>" + data + "</EventData></Event>"
	}
	alert := `<Provider Name="Microsoft Office 16 Alerts"/><EventID>300</EventID>`
	cases := []struct{ name, text, want string }{
		{"separated by line feed", wrap(alert, "<Data>Microsoft Outlook\nCannot open.\n200</Data>"), "app=Microsoft Outlook description=Cannot open.\n200"},
		{"separated by comma", wrap(alert, "<Data>Microsoft Outlook, Cannot open., 200</Data>"), "app=Microsoft Outlook description=Cannot open., 200"},
		{"another program", wrap(alert, "<Data>Microsoft Excel</Data><Data>Save?</Data>"), "app=Microsoft Excel description=Save?"},
		{"binary data", wrap(`<Provider Name="Outlook"/><EventID>27</EventID>`, "<Binary>02000000"+strings.Repeat("00", 140)+"5C0047000000</Binary>"), "reason=2 list=\\G"},
		{"rendered", "<Event><System><EventID>1</EventID></System><RenderingInfo><Message>Hello</Message></RenderingInfo></Event>", "description=Hello"},
		{"a data file", wrap(`<EventID>2000</EventID>`, `<Data>Errors in \\srv\share\kim sample.ost, repair</Data>`), `description=Errors in \\srv\share\kim sample.ost, repair file=\\srv\share\kim sample.ost`},
	}
	for _, c := range cases {
		r := read(eventXMLFormat{}, []byte(c.text))[0]
		if got := show(r, "app", "description", "reason", "list", "file"); got != c.want || r.Problem != "" {
			t.Errorf("%s: fields are %q, problem %q; want %q", c.name, got, r.Problem, c.want)
		}
	}
	cut := read(eventXMLFormat{}, []byte("<Event><System><EventID>27</EventID><Provider Name='Outl"))
	if field(cut[0], "event_id") != "27" || cut[0].Problem == "" {
		t.Errorf("a cut-off event has id %q and problem %q; want 27 and a problem", field(cut[0], "event_id"), cut[0].Problem)
	}
}

func TestCSVOpenQuote(t *testing.T) {
	text := "Level,Date and Time,Source,Event ID\nError,x,Outlook,\"27\nError,y,Outlook,28\n"
	records := read(eventCSVFormat{}, []byte(text))
	checkTiles(t, []byte(text), records)
	if last := records[len(records)-1]; last.Problem == "" {
		t.Errorf("the row with an open quotation mark has no problem: %q", last.Text)
	}
}
