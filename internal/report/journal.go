package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"oxtail/actions/apply"
)

// A JournalVerdict says whether a journal is what was written. Schema
// oxtail.journal-check/v1.
type JournalVerdict struct {
	Schema    string   `json:"schema"`
	Path      string   `json:"path"`
	State     string   `json:"state"` // sound, torn, tampered, empty
	Entries   int      `json:"entries"`
	Recovered int      `json:"recovered,omitempty"` // torn lines that were noted later
	Faults    []string `json:"faults,omitempty"`
	Torn      int      `json:"torn_bytes,omitempty"` // of the last line
}

// NewJournalVerdict judges a journal.
func NewJournalVerdict(c *apply.JournalCheck) JournalVerdict {
	v := JournalVerdict{Schema: "oxtail.journal-check/v1", Path: c.Path, State: "sound", Entries: len(c.Entries), Recovered: c.Recovered, Faults: c.Faults, Torn: len(c.Torn)}
	switch {
	case !c.Sound():
		v.State = "tampered"
	case c.Torn != "":
		v.State = "torn"
	case len(c.Entries) == 0:
		v.State = "empty"
	}
	return v
}

// WriteJournalVerdict writes the verdict for a person.
func WriteJournalVerdict(w io.Writer, v *JournalVerdict, opt TextOptions) error {
	t := newText(w, opt)
	switch v.State {
	case "sound":
		t.printf("%s: every entry is as it was written, and none is missing\n", t.paint(bold+";"+green, "sound"))
	case "torn":
		t.printf("%s: the last line has no end, as after a crash; everything before it is sound\n", t.paint(bold+";"+yellow, "torn"))
		t.printf("  the next oxtail apply notes it and goes on; oxtail apply --resume finishes the run\n")
	case "empty":
		t.printf("%s: nothing was ever applied here\n", t.paint(bold, "empty"))
	default:
		t.printf("%s: the journal is not what oxtail wrote\n", t.paint(bold+";"+red, "tampered"))
	}
	for _, f := range v.Faults {
		t.wrapped("  because ", Plain(f))
	}
	t.printf("  entries: %d, in %s", v.Entries, Plain(v.Path))
	if v.Recovered > 0 {
		t.printf(", %s noted after a crash", plural(int64(v.Recovered), "torn line"))
	}
	t.printf("\n")
	return t.w.Flush()
}

// WriteJournal writes the entries for a person, one a line.
func WriteJournal(w io.Writer, entries []apply.Entry, opt TextOptions) error {
	t := newText(w, opt)
	run := ""
	for i := range entries {
		e := &entries[i]
		if e.Run != run {
			run = e.Run
			t.printf("%s  %s\n", t.paint(bold, Plain(run)), t.paint(dim, "by "+Plain(e.User)+" on "+Plain(e.Computer)+", oxtail "+Plain(e.Tool)))
		}
		t.wrapped(fmt.Sprintf("%5d  %s  %-10s  ", e.Number, e.Time.UTC().Format(time.DateTime), e.Event), entryText(e))
		if !opt.All {
			continue
		}
		for _, x := range e.Before {
			t.wrapped("         before: ", Plain(clean(x)))
		}
		for _, x := range e.After {
			t.wrapped("         after: ", Plain(clean(x)))
		}
	}
	return t.w.Flush()
}

// entryText says in one line what an entry is about.
func entryText(e *apply.Entry) string {
	var parts []string
	if e.Step != "" {
		parts = append(parts, e.Step)
	}
	if e.Op != nil {
		parts = append(parts, e.Op.String())
	}
	if e.State != "" {
		parts = append(parts, string(e.State))
	}
	if e.Plan != nil {
		parts = append(parts, e.Plan.Title)
	}
	if e.Text != "" {
		parts = append(parts, e.Text)
	}
	if e.Error != "" {
		parts = append(parts, "error: "+e.Error)
	}
	return Plain(clean(strings.Join(parts, ": ")))
}
