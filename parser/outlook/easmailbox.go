package outlook

import (
	"net/url"
	"strings"

	"oxtail/parser"
)

// easMailboxFormat reads ActiveSync mailbox logs of Exchange: requests and answers
// in XML, the users' data replaced by their size (bytes="19").
type easMailboxFormat struct{}

func (easMailboxFormat) Name() string  { return "eas_mailboxlog" }
func (easMailboxFormat) Title() string { return "Exchange ActiveSync mailbox log" }

func (easMailboxFormat) Assembler(src parser.Source) parser.Assembler {
	return &easMailboxAssembler{queue: newEventQueue(src)}
}

// Claim implements parser.Format.
func (easMailboxFormat) Claim(head []parser.Line) parser.Claim {
	c := parser.Claim{Specificity: decisive}
	entries, parts, sizes := 0, 0, 0
	for _, l := range head {
		text := trim(l.Text)
		if text == "" {
			continue
		}
		c.Considered++
		if c.Considered == 1 && isForeign(text) && !strings.HasPrefix(text, "<?xml") {
			return parser.Claim{}
		}
		switch {
		case starts(text, "log entry:"):
			entries++
		case isEASPart(text):
			parts++
		case isEASSize(text):
			sizes++
		}
	}
	if entries == 0 && sizes == 0 || entries > 0 && parts == 0 {
		return parser.Claim{}
	}
	c.Matched = c.Considered
	return c
}

// isEASPart recognises the labels within an entry.
func isEASPart(text string) bool {
	label, _, ok := strings.Cut(text, ":")
	if !ok {
		return false
	}
	switch strings.ToLower(trim(label)) {
	case "requesttime", "requestheader", "requestbody", "responseheader", "responsebody", "responsetime", "waspending", "accessstate", "identifier", "assemblyversion", "servername":
		return true
	}
	return false
}

// isEASSize recognises an element of an ActiveSync code page whose data was replaced
// by its size.
func isEASSize(text string) bool {
	if !strings.HasPrefix(text, "<") {
		return false
	}
	_, size, sized := strings.Cut(text, ` bytes="`)
	_, space, spaced := strings.Cut(text, ` xmlns="`)
	if !sized || !spaced || size == "" || !isDigit(size[0]) {
		return false
	}
	page, _, _ := strings.Cut(space, `"`)
	return strings.HasSuffix(page, ":") && !strings.Contains(page, "/")
}

// An easMailboxAssembler makes one record of each entry: request and answer.
type easMailboxAssembler struct {
	queue *eventQueue

	open   entry
	dashes bool // the last line was a rule of dashes
	titled bool // the last line was "Log Entry: 3"
	body   bool // the open entry holds a document
	label  string
	when   string
	seen   easEntry
}

// An easEntry is what an entry says.
type easEntry struct {
	command, user, deviceID, deviceType string
	folderID, status, httpStatus        string
}

// Add implements parser.Assembler.
func (a *easMailboxAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	text := trim(l.Text)
	if text == "" {
		if !a.open.begun {
			a.queue.add(blankRecord(l), "", emit)
			return
		}
		a.open.add(l)
		return
	}
	rule := len(text) >= 5 && strings.Trim(text, "-=") == ""
	title := starts(text, "log entry:")
	document := strings.HasPrefix(text, "<?xml")
	switch {
	case !a.open.begun:
	case title && !a.dashes, rule && !a.titled, document && a.body && a.label == "", a.open.full():
		a.flush(emit)
	}
	a.open.add(l)
	a.body = a.body || document
	a.dashes, a.titled = rule, title
	a.take(text)
}

// take notes what a line says.
func (a *easMailboxAssembler) take(text string) {
	if isEASPart(text) {
		label, value, _ := strings.Cut(text, ":")
		a.label = strings.ToLower(trim(label))
		text = trim(value)
	}
	if a.label == "requesttime" && a.when == "" {
		a.when = text
	}
	a.seen.request(text)
	a.seen.document(text)
}

// request reads the line of a request or the state of an answer.
func (e *easEntry) request(text string) {
	if rest, ok := strings.CutPrefix(text, "HTTP/1."); ok && len(rest) >= 5 && e.httpStatus == "" {
		if status := rest[2:5]; number(status) > 0 {
			e.httpStatus = status
		}
		return
	}
	if !strings.Contains(text, "Microsoft-Server-ActiveSync") || e.command != "" {
		return
	}
	_, query, _ := strings.Cut(text, "?")
	query, _, _ = strings.Cut(query, " ")
	values, _ := url.ParseQuery(query) // what was read before an error stays
	e.command, e.user = values.Get("Cmd"), values.Get("User")
	e.deviceID, e.deviceType = values.Get("DeviceId"), values.Get("DeviceType")
}

// document reads folder and status from a line of XML. A status other than 1 goes
// before the ones that say that all is well.
func (e *easEntry) document(text string) {
	if e.folderID == "" {
		e.folderID = elementIn(text, "CollectionId")
	}
	for rest := text; ; {
		at := strings.Index(rest, "Status>")
		if at < 0 {
			return
		}
		rest = rest[at+len("Status>"):]
		value, _, ok := strings.Cut(rest, "<")
		if ok && value != "" && number(value) >= 0 && (e.status == "" || e.status == "1") {
			e.status = value
		}
	}
}

// elementIn returns the text of the first element with a name in a line of XML.
func elementIn(text, name string) string {
	_, rest, ok := strings.Cut(text, name+">")
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, "<")
	return trim(value)
}

func (a *easMailboxAssembler) flush(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	e := a.seen
	r.Set("command", e.command)
	r.Set("user", e.user)
	r.Set("device_id", e.deviceID)
	r.Set("device_type", e.deviceType)
	r.Set("folder_id", e.folderID)
	r.Set("status", e.status)
	r.Set("http_status", e.httpStatus)
	if e.status != "" && e.status != "1" || number(e.httpStatus) >= 400 {
		r.Level = parser.LevelError
	}
	when := a.when
	*a = easMailboxAssembler{queue: a.queue}
	a.queue.add(r, when, emit)
}

// Close implements parser.Assembler.
func (a *easMailboxAssembler) Close(emit func(*parser.Record)) {
	a.flush(emit)
	a.queue.close(emit)
}
