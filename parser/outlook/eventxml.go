package outlook

import (
	"encoding/xml"
	"io"
	"strings"
	"time"

	"oxtail/parser"
)

// eventXMLFormat reads events in the XML of Windows: one or many, bare or in
// <Events>, each over many lines or all on one.
type eventXMLFormat struct{}

func (eventXMLFormat) Name() string  { return "windows_event_xml" }
func (eventXMLFormat) Title() string { return "Windows event (XML)" }

func (eventXMLFormat) Assembler(src parser.Source) parser.Assembler {
	return &eventXMLAssembler{}
}

// Claim implements parser.Format.
func (eventXMLFormat) Claim(head []parser.Line) parser.Claim {
	first, event, system := "", false, false
	c := parser.Claim{Specificity: decisive}
	for _, l := range head {
		text := trim(unquote(l.Text))
		if text == "" {
			continue
		}
		if first == "" {
			first = text
		}
		c.Considered++
		event = event || eventStart(text) >= 0
		system = system || event && strings.Contains(text, "<System>")
	}
	if !system || !strings.HasPrefix(first, "<") {
		return parser.Claim{}
	}
	c.Matched = c.Considered
	return c
}

// eventStart returns the index of the tag that begins an event, or -1.
func eventStart(text string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], "<Event")
		if at < 0 {
			return -1
		}
		from += at
		if rest := text[from+len("<Event"):]; rest == "" || strings.IndexByte(" >\t", rest[0]) >= 0 {
			return from
		}
		from++
	}
}

// An eventXMLAssembler makes one record of each event. What stands between events
// belongs to the one that follows.
type eventXMLAssembler struct {
	open entry
	seen bool // the open entry holds the start of an event
}

const eventEnd = "</Event>"

// Add implements parser.Assembler.
func (a *eventXMLAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	for {
		at := strings.Index(l.Text, eventEnd)
		if at < 0 {
			break
		}
		at += len(eventEnd)
		if tail := trim(l.Text[at:]); tail == "" || strings.HasPrefix(tail, lossMark) {
			a.add(l, emit)
			a.flush(emit)
			return
		}
		head, tail := l.Cut(at)
		a.add(head, emit)
		a.flush(emit)
		l = tail
	}
	a.add(l, emit)
}

func (a *eventXMLAssembler) add(l parser.Line, emit func(*parser.Record)) {
	if !a.open.begun && isBlank(l.Text) {
		emit(blankRecord(l))
		return
	}
	if a.open.full() {
		a.flush(emit)
	}
	a.open.add(l)
	a.seen = a.seen || eventStart(l.Text) >= 0
}

// Close implements parser.Assembler.
func (a *eventXMLAssembler) Close(emit func(*parser.Record)) { a.flush(emit) }

func (a *eventXMLAssembler) flush(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	if a.seen {
		describeXML(r)
	}
	a.open, a.seen = entry{}, false
	emit(r)
}

// describeXML sets the fields of a record that holds one event.
func describeXML(r *parser.Record) {
	text := unquoteLines(r.Text)
	w := xmlWalker{dec: xml.NewDecoder(strings.NewReader(text[max(0, eventStart(text)):]))}
	w.dec.Strict = false
	w.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := w.walk(); err != nil && r.Problem == "" {
		r.Problem = "event is not whole: " + err.Error()
	}
	e := w.event()
	e.describe(r)
	if e.description == "" && e.provider != "" {
		r.Message = e.provider + ": event " + e.id
	}
	describeMarks(r, &e)
	if !e.at.IsZero() {
		r.Time, r.Basis = e.at, parser.TimeZoneAssumed
		if e.atHasZone {
			r.Basis = parser.TimeExact
		}
	}
}

// unquoteLines removes the marks of a quoted mail.
func unquoteLines(text string) string {
	if !strings.HasPrefix(trim(text), ">") {
		return text
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(unquote(line))
	}
	return out.String()
}

// An xmlWalker collects what one event says.
type xmlWalker struct {
	dec     *xml.Decoder
	path    []string
	text    strings.Builder
	name    string // attribute Name of the open Data element
	found   winEvent
	named   []string // "name: value" of named data
	message string   // rendered description
	when    string
}

// maxXMLDepth is how deep elements may nest; an event needs five levels.
const maxXMLDepth = 64

// walk reads tokens until the event ends.
func (w *xmlWalker) walk() error {
	for {
		token, err := w.dec.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(w.path) < maxXMLDepth {
				w.path = append(w.path, t.Name.Local)
			}
			w.text.Reset()
			w.start(t)
		case xml.CharData:
			w.text.Write(t)
		case xml.EndElement:
			w.end(t.Name.Local, trim(w.text.String()))
			w.text.Reset()
			if n := len(w.path); n > 0 {
				w.path = w.path[:n-1]
			}
			if t.Name.Local == "Event" {
				return nil
			}
		}
	}
}

func (w *xmlWalker) start(t xml.StartElement) {
	attr := func(name string) string {
		for _, a := range t.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	if t.Name.Local == "Data" {
		w.name = attr("Name")
	}
	if !w.within("System") { // data has elements of the same names
		return
	}
	switch t.Name.Local {
	case "Provider":
		w.found.provider = attr("Name")
		if w.found.provider == "" {
			w.found.provider = attr("EventSourceName")
		}
	case "TimeCreated":
		w.when = attr("SystemTime")
	case "Security":
		w.found.sid = attr("UserID")
	}
}

func (w *xmlWalker) end(name, text string) {
	if w.within("System") {
		w.endSystem(name, text)
		return
	}
	switch name {
	case "Message":
		w.message = text
	case "Data":
		w.addData(text)
	case "Binary":
		if w.found.id == "27" && w.found.provider == "Outlook" {
			w.found.hex.addDigits(text)
		}
	default:
		if w.within("UserData") && text != "" {
			w.named = append(w.named, name+": "+text)
		}
	}
}

// endSystem takes what the system says of the event.
func (w *xmlWalker) endSystem(name, text string) {
	switch name {
	case "EventID":
		w.found.id = text
	case "Channel":
		w.found.channel = text
	case "Computer":
		w.found.computer = text
	case "Level":
		w.found.level = text
	case "EventRecordID":
		w.found.record = text
	}
}

func (w *xmlWalker) within(name string) bool {
	for _, p := range w.path {
		if p == name {
			return true
		}
	}
	return false
}

func (w *xmlWalker) addData(text string) {
	switch {
	case w.name != "" && text != "":
		w.named = append(w.named, dataName(w.name)+": "+text)
	case w.name == "":
		w.found.data = append(w.found.data, text)
	}
	w.name = ""
}

// event returns what was collected. The description of an alert is its second
// value; other events are described by their rendered message or all values.
func (w *xmlWalker) event() winEvent {
	e := w.found
	e.at, e.atHasZone = systemTime(w.when)
	switch {
	case w.message != "":
		e.description = w.message
	case e.isAlert() && len(e.data) > 1:
		e.description = e.data[1]
	case e.isAlert() && len(e.data) == 1:
		e.description = trim(strings.TrimLeft(strings.TrimPrefix(e.data[0], e.app()), "\n, "))
	default:
		e.description = joinValues(w.values())
	}
	return e
}

func joinValues(values []string) string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return strings.Join(out, "\n")
}

// systemTime reads the time of an event, which is UTC whether it says so or not.
func systemTime(when string) (at time.Time, zone bool) {
	when = trim(when)
	for _, layout := range [...]string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, when); err == nil {
			return t, true
		}
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, when); err == nil {
			return t, false
		}
	}
	return time.Time{}, false
}
