package outlook

import (
	"strings"
	"time"

	"oxtail/parser"
)

// A winEvent is one event of a Windows event log, whatever form it was exported in.
type winEvent struct {
	provider, id, channel, computer, user, sid, record string

	level       string // word or number
	description string
	data        []string // values without a name, in order
	hex         hexDump  // binary data

	when      string    // date and time as written, where the form leaves the spelling open
	at        time.Time // where it does not
	atHasZone bool
}

// describe sets the fields that the rules know.
func (e *winEvent) describe(r *parser.Record) {
	r.Set("event", "windows-event")
	r.Set("provider", e.provider)
	r.Set("event_id", e.id)
	r.Set("channel", e.channel)
	r.Set("computer", e.computer)
	r.Set("user", e.user)
	r.Set("sid", e.sidNamed())
	r.Set("record_id", e.record)
	r.Set("app", e.app())
	r.Set("description", e.description)
	r.Set("file", fileNamed(e.description))
	r.Set("reason", e.hex.reason())
	r.Set("list", e.hex.list())
	r.Level = eventLevel(e.level)
	if e.description != "" {
		r.Message = e.description
	}
}

// isAlert reports whether the event is a dialog that Office showed.
func (e *winEvent) isAlert() bool {
	return e.channel == "OAlerts" || strings.HasPrefix(e.provider, "Microsoft Office") && strings.HasSuffix(e.provider, "Alerts")
}

// app returns the program that showed an alert: its first value. Some exports join
// all values into that one; the text form has the program's name above the message
// and begins the parameters with the number of the alert.
func (e *winEvent) app() string {
	if !e.isAlert() {
		return ""
	}
	app := ""
	if len(e.data) > 0 {
		app = e.data[0]
	}
	if number(app) >= 0 {
		app = firstProgram(e.description)
	}
	if end := strings.IndexAny(app, "\n,"); end >= 0 {
		app = app[:end]
	}
	return trim(app)
}

// firstProgram returns the first line of an alert's text if it names a program of Office.
func firstProgram(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if starts(line, "microsoft ") || starts(line, "apps for office") || starts(line, "outlook") {
		return line
	}
	return ""
}

// sidNamed returns the Windows user's id, from the event or from the address of a
// search item, mapi15://{S-1-5-…}/.
func (e *winEvent) sidNamed() string {
	if e.sid != "" {
		return e.sid
	}
	_, rest, ok := strings.Cut(e.description, "://{S-1-")
	if !ok {
		return ""
	}
	sid, _, ok := strings.Cut(rest, "}")
	if !ok || strings.Trim(sid, "0123456789-") != "" {
		return ""
	}
	return "S-1-" + sid
}

// fileNamed returns the path of the Outlook data file that a text names. Paths hold
// blanks; they begin at a drive, a share or a variable.
func fileNamed(text string) string {
	lower := asciiLower(text)
	end := -1
	for _, ext := range [...]string{".ost", ".pst", ".nst"} {
		if at := fileEnd(lower, ext); at >= 0 && (end < 0 || at < end) {
			end = at
		}
	}
	if end < 0 {
		return ""
	}
	start := fileStart(text[:end])
	return strings.ReplaceAll(strings.TrimLeftFunc(text[start:end], isQuote), "\n", "")
}

// fileEnd returns the index behind the first file name that ends in ext, or -1.
func fileEnd(lower, ext string) int {
	for from := 0; ; {
		at := strings.Index(lower[from:], ext)
		if at < 0 {
			return -1
		}
		from += at + len(ext)
		if from == len(lower) || !isNameByte(lower[from]) {
			return from
		}
	}
}

// isNameByte reports whether a file name goes on with c behind its extension.
func isNameByte(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c == '_' || c == '-' || c == '@' || c >= 0x80
}

// fileStart returns where the path begins that ends text.
func fileStart(text string) int {
	for _, root := range [...]string{`:\`, `:/`} {
		if at := strings.LastIndex(text, root); at > 0 {
			return at - 1
		}
	}
	for _, root := range [...]string{`\\`, `%`} {
		if at := strings.Index(text, root); at >= 0 {
			return at
		}
	}
	return strings.LastIndexAny(text, " \t\n") + 1
}

// asciiLower returns s with ASCII letters in lower case: the indexes stay.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// eventLevel returns the level of an event by its number or its name, English,
// German or French.
func eventLevel(word string) parser.Level {
	switch strings.ToLower(trim(word)) {
	case "1", "critical", "kritisch", "critique":
		return parser.LevelCritical
	case "2", "error", "fehler", "erreur", "failure audit", "audit failure", "fehlerüberw.", "überwachung gescheitert":
		return parser.LevelError
	case "3", "warning", "warnung", "avertissement":
		return parser.LevelWarning
	case "5", "verbose", "ausführlich":
		return parser.LevelDebug
	}
	return parser.LevelInfo
}
