package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"oxtail/internal/dossier"
)

// NewDossier returns a dossier with its texts redacted.
func NewDossier(d dossier.Dossier) dossier.Dossier {
	entries := make([]dossier.Entry, len(d.Entries))
	for i, e := range d.Entries {
		e.Text, e.Folder, e.User = clean(e.Text), clean(e.Folder), clean(e.User)
		entries[i] = e
	}
	d.Entries = entries
	for _, e := range []**dossier.Entry{&d.FirstError, &d.LastError, &d.LastSuccess} {
		if *e != nil {
			copied := **e
			copied.Text, copied.Folder, copied.User = clean(copied.Text), clean(copied.Folder), clean(copied.User)
			*e = &copied
		}
	}
	d.Users, d.Folders = cleanAll(d.Users), cleanAll(d.Folders)
	return d
}

// topEntries is how many records of a dossier are shown without --all.
const topEntries = 40

// WriteDossier writes a dossier for a person.
func WriteDossier(w io.Writer, d *dossier.Dossier, opt TextOptions) error {
	t := newText(w, opt)
	colour := yellow
	switch d.State {
	case dossier.StateFailing:
		colour = red
	case dossier.StateHealed, dossier.StateFine:
		colour = green
	}
	t.printf("%s  %s\n", t.paint(bold, string(d.UUID)), t.paint(bold+";"+colour, string(d.State)))
	line := records(d.Records) + " in " + plural(int64(len(d.Sources)), "source")
	if p := period(stamp(d.First), stamp(d.Last)); p != "" {
		line += ", " + p
	}
	t.wrapped("  ", line)
	t.dossierFacts(d)
	t.dossierGraph(d)
	t.dossierEntries(d)
	return t.w.Flush()
}

func (t *text) dossierFacts(d *dossier.Dossier) {
	t.listed("  folders: ", d.Folders)
	t.listed("  operations: ", d.Operations)
	t.listed("  objects: ", d.Objects)
	t.listed("  users in the logs: ", d.Users)
	if d.Account != nil {
		t.wrapped("  account: ", Plain(newAccount(d.Account).String()))
	}
	t.listed("  profiles: ", d.Profiles)
	t.listed("  cache files: ", d.CacheFiles)
	t.listed("  spellings: ", d.Spellings)
	for _, x := range []struct {
		name string
		e    *dossier.Entry
	}{{"first error", d.FirstError}, {"last error", d.LastError}, {"last success", d.LastSuccess}} {
		if x.e == nil {
			t.printf("  %s: none\n", x.name)
			continue
		}
		t.wrapped("  "+x.name+": ", Plain(strings.TrimSpace(moment(stamp(x.e.Time))+" "+entryPlace(x.e))))
	}
}

func entryPlace(e *dossier.Entry) string { return fmt.Sprintf("%s:%d", e.Source, e.Line) }

// dossierGraph draws what the UUID is mapped to, and what else claims that.
func (t *text) dossierGraph(d *dossier.Dossier) {
	if len(d.Mappings)+len(d.Conflicts) == 0 {
		return
	}
	t.head("MAPPINGS")
	for i := range d.Mappings {
		if i == topEntries && !t.opt.All {
			t.printf("  and %d more; see --all\n", len(d.Mappings)-i)
			break
		}
		m := &d.Mappings[i]
		t.wrapped("  ", Plain(fmt.Sprintf("%s → %s", m.UUID, m.To))+"  "+t.paint(dim, Plain(strings.TrimSpace(moment(stamp(m.Time))+" "+m.Source+":"+strconv.Itoa(m.Line)))))
	}
	for _, c := range d.Conflicts {
		t.wrapped("  "+t.paint(red, string(c.Kind))+": ", Plain(c.Detail+" ("+strings.Join(c.Places, ", ")+")"))
	}
}

func (t *text) dossierEntries(d *dossier.Dossier) {
	if len(d.Entries) == 0 {
		return
	}
	t.head("RECORDS")
	for i := range d.Entries {
		if i == topEntries && !t.opt.All {
			t.printf("  and %d more; see --all\n", len(d.Entries)-i)
			break
		}
		t.entry(&d.Entries[i])
	}
	if more := d.Records - len(d.Entries); more > 0 {
		t.printf("  and %d more that were only counted\n", more)
	}
}

func (t *text) entry(e *dossier.Entry) {
	when := moment(stamp(e.Time))
	if when == "" {
		when = strings.Repeat("-", len("2006-01-02 15:04:05"))
	}
	outcome := string(e.Outcome)
	switch e.Outcome {
	case dossier.OutcomeError:
		outcome = t.paint(red, "error")
	case dossier.OutcomeSuccess:
		outcome = t.paint(green, "success")
	}
	t.printf("  %s  %s\n", when, t.paint(dim, Plain(shorten(entryPlace(e), textWidth-24))))
	var about []string
	for _, x := range []string{outcome, Plain(e.Operation), Plain(e.Folder)} {
		if x != "" {
			about = append(about, x)
		}
	}
	body := strings.Join(strings.Fields(Plain(e.Text)), " ")
	lines := evidenceLines
	if t.opt.All {
		lines = evidenceLinesAll
	}
	if len(about) > 0 {
		t.printf("    %s\n", strings.Join(about, ", "))
	}
	t.wrapped("    | ", cut(body, lines*(textWidth-8)))
}

// An EntryRow is one record of a dossier in CSV.
type EntryRow struct {
	UUID      string `csv:"uuid"`
	Time      string `csv:"time"`
	TimeBasis string `csv:"time_basis"`
	Outcome   string `csv:"outcome"`
	Operation string `csv:"operation"`
	Folder    string `csv:"folder"`
	Object    string `csv:"object"`
	User      string `csv:"user"`
	Level     string `csv:"level"`
	Source    string `csv:"source"`
	Line      int    `csv:"line"`
	Offset    int64  `csv:"offset"`
	Length    int    `csv:"length"`
	Others    string `csv:"others"`
	Text      string `csv:"text"`
}

// WriteDossierCSV writes one row a record.
func WriteDossierCSV(w io.Writer, d *dossier.Dossier, withBOM bool) error {
	rows := make([]EntryRow, len(d.Entries))
	for i := range d.Entries {
		e := &d.Entries[i]
		var others []string
		for _, o := range e.Others {
			others = append(others, string(o))
		}
		rows[i] = EntryRow{
			UUID: string(d.UUID), Time: stamp(e.Time), TimeBasis: e.TimeBasis, Outcome: string(e.Outcome), Operation: e.Operation,
			Folder: e.Folder, Object: e.Object, User: e.User, Level: e.Level, Source: e.Source, Line: e.Line, Offset: e.Offset,
			Length: e.Length, Others: list(others), Text: e.Text,
		}
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}
