package outlook

import (
	"strings"
	"time"

	"oxtail/parser"
)

// opmlogFormat reads OPMLOG.LOG, the transport log of POP3, SMTP and MAPI accounts,
// in the style of Outlook 2002 ("Callback::LogText[THIS: …]") and the later one.
type opmlogFormat struct{}

func (opmlogFormat) Name() string  { return "outlook_opmlog" }
func (opmlogFormat) Title() string { return "Outlook transport log (OPMLOG)" }

func (opmlogFormat) Assembler(src parser.Source) parser.Assembler {
	zone := src.Zone
	if zone == nil {
		zone = time.UTC
	}
	return &opmlogAssembler{zone: zone}
}

// opmlogTime is the layout of the times, local.
const opmlogTime = "2006.01.02 15:04:05"

// Claim implements parser.Format.
func (opmlogFormat) Claim(head []parser.Line) parser.Claim {
	t := tally{}
	for _, l := range head {
		if isBlank(l.Text) {
			continue
		}
		t.lines++
		_, rest, timed := opmlogStamp(unquote(l.Text), time.UTC)
		switch {
		case timed && isOpmlogMark(rest):
			t.mark(true)
		case timed, t.strong > 0 && !isForeign(l.Text):
			t.mark(false)
		case isForeign(l.Text):
			t.alien()
		}
	}
	return t.claim()
}

func isOpmlogMark(text string) bool {
	for _, mark := range [...]string{"<<<< Logging Started (level is LTF_", "ReportStatus: RSF_", "Callback::LogText[THIS:", "Callback::ReportStatus[THIS:", "LTF_TRACE"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return strings.HasPrefix(text, `"POP3: `) || strings.HasPrefix(text, `"SMTP: `)
}

// opmlogStamp reads the time at the start of a line.
func opmlogStamp(text string, zone *time.Location) (time.Time, string, bool) {
	text = strings.TrimLeft(text, " \t\ufeff")
	if len(text) < len(opmlogTime) {
		return time.Time{}, text, false
	}
	at, err := time.ParseInLocation(opmlogTime, text[:len(opmlogTime)], zone)
	if err != nil {
		return time.Time{}, text, false
	}
	return at, trim(text[len(opmlogTime):]), true
}

// An opmlogAssembler makes one record of each timed line and the lines that continue
// it. In the old style the text of a callback stands on the next timed line.
type opmlogAssembler struct {
	zone *time.Location

	open    entry
	at      time.Time
	texts   []string // lines of the open entry without quote marks and times
	callout bool     // the open entry waits for the text of a callback
	authing bool     // the client is sending credentials, line by line
}

// Add implements parser.Assembler.
func (a *opmlogAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	at, text, timed := opmlogStamp(unquote(l.Text), a.zone)
	text = trim(text)
	continues := !timed || a.callout && strings.HasPrefix(text, `"`)
	if a.open.begun && (!continues || a.open.full()) {
		a.Close(emit)
	}
	if !a.open.begun && text == "" && !timed {
		emit(blankRecord(l))
		return
	}
	if !a.open.begun {
		a.at = at
	}
	a.open.add(l)
	if text == "" {
		return
	}
	a.texts = append(a.texts, text)
	a.callout = strings.HasPrefix(a.texts[0], "Callback::LogText[") && (len(a.texts) == 1 || a.callout && !timed)
}

// Close implements parser.Assembler.
func (a *opmlogAssembler) Close(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	if !a.at.IsZero() {
		r.Time, r.Basis = a.at, parser.TimeZoneAssumed
	}
	r.Text = a.mask(r.Text)
	r.Message = a.mask(strings.Join(a.texts, " "))
	a.noteCredentials(r.Message)
	describeOpmlog(r)
	a.open, a.texts, a.at, a.callout = entry{}, nil, time.Time{}, false
	emit(r)
}

// describeOpmlog sets the fields of a record from its text.
func describeOpmlog(r *parser.Record) {
	text := r.Message
	r.Set("event", "text")
	if strings.Contains(text, "<<<< Logging Started") {
		r.Set("event", "start")
	}
	r.Set("task_id", wordAfter(text, "[THIS: "))
	r.Set("flags", wordAfter(text, "(flags = "))
	if strings.Contains(text, "ReportStatus") {
		r.Set("event", "status")
		r.Set("phase", "RSF_"+wordAfter(text, "RSF_"))
	}
	result := wordAfter(text, "hr = ")
	if result == "" {
		result = wordAfter(text, "hr=")
	}
	code := hresultOf(strings.TrimPrefix(strings.ToLower(result), "0x"))
	if code != "" && code != "0x00000000" {
		r.Set("hresult", code)
		r.Level = parser.LevelError
	} else if strings.Contains(text, "<rx> -ERR") {
		r.Level = parser.LevelWarning
	}
}

// wordAfter returns the word (letters, digits, underscores) behind a label in text.
func wordAfter(text, label string) string {
	_, rest, ok := strings.Cut(text, label)
	if !ok {
		return ""
	}
	n := 0
	for n < len(rest) && (isDigit(rest[n]) || rest[n] == '_' || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z') {
		n++
	}
	return rest[:n]
}
