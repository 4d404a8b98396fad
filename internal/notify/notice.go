package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"oxtail/internal/report"
)

// A Level is how loud a notice is.
type Level int

// The levels, which are those of both the pop-up and the event log.
const (
	Info Level = iota
	Warning
	Error
)

// A Notice is one thing to be told.
type Notice struct {
	Level Level
	State string // open, ongoing, healed, silent; "loss"
	Title string // one line
	Text  string // some lines, without secrets
}

// body is what of oxtail.notice/v1 is told.
type body struct {
	Episode *report.Episode `json:"episode"`
	Finding *report.Finding `json:"finding"`
	Loss    *report.Loss    `json:"loss"`
}

// Read makes a notice of an oxtail.notice/v1 object.
func Read(data []byte) (Notice, error) {
	var b body
	if err := json.Unmarshal(data, &b); err != nil {
		return Notice{}, fmt.Errorf("read a notice: %w", err)
	}
	switch {
	case b.Loss != nil:
		return Notice{Warning, "loss", "oxtail: a gap in a log", line(b.Loss.Text())}, nil
	case b.Episode != nil && b.Finding != nil:
		return ofEpisode(b.Episode, b.Finding), nil
	}
	return Notice{}, fmt.Errorf("read a notice: it holds neither an episode nor a loss")
}

// ofEpisode tells what began, goes on or is over.
func ofEpisode(e *report.Episode, f *report.Finding) Notice {
	n := Notice{Level: levelOf(f.Severity), State: e.State, Title: line(f.Title)}
	switch e.State {
	case "healed":
		n.Level, n.Title = Info, "Over: "+n.Title
	case "silent":
		n.Level, n.Title = Info, "Not seen any more: "+n.Title
	case "ongoing":
		n.Title = "Still: " + n.Title
	}
	lines := []string{fmt.Sprintf("%s, %s. %s", line(f.Severity), line(f.Verdict), next(e.State, f))}
	if who := concerned(f); who != "" {
		lines = append(lines, who)
	}
	if len(f.Because) > 0 {
		lines = append(lines, line(f.Because[0]))
	}
	if k := len(f.Evidence); k > 0 {
		x := f.Evidence[k-1]
		place := x.Source
		if x.Line > 0 { // what a file or the registry shows has none
			place += fmt.Sprintf(":%d", x.Line)
		}
		lines = append(lines, line(place), line(x.Text))
	}
	n.Text = strings.Join(lines, "\n")
	return n
}

func levelOf(severity string) Level {
	switch severity {
	case "critical", "high":
		return Error
	case "medium":
		return Warning
	}
	return Info
}

// next names the step that a fault which stands calls for.
func next(state string, f *report.Finding) string {
	if state == "healed" || state == "silent" || f.Action == "" || f.Action == "none" {
		return "Nothing to do."
	}
	return "Next: " + line(f.Action) + "."
}

// concerned says whom a finding is about.
func concerned(f *report.Finding) string {
	var words []string
	switch {
	case f.Account != nil:
		words = append(words, line(f.Account.User+" at "+f.Account.Server))
	case f.Mailbox != "":
		words = append(words, line(f.Mailbox))
	}
	if len(f.Profiles) > 0 {
		words = append(words, "profile "+line(f.Profiles[0]))
	}
	return strings.Join(words, ", ")
}

// line makes text of a log safe to show on one line, without secrets. The notice was
// masked when it was made; a sender that is given another one tells no secret either.
func line(s string) string { return report.Plain(report.Redact(s)) }

// cut shortens text to what fits into so many UTF-16 units, with a mark where it was cut.
func cut(s string, units int) string {
	if len(utf16.Encode([]rune(s))) <= units {
		return s
	}
	const mark = "…"
	n := units - 1
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i] + mark
		}
	}
	return s
}
