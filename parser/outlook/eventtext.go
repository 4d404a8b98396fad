package outlook

import (
	"strings"

	"oxtail/parser"
)

// eventTextFormat reads events copied out of the event viewer as text, in the form
// of Windows Vista and later and in that of Windows XP, English and German.
type eventTextFormat struct{}

func (eventTextFormat) Name() string  { return "windows_event_text" }
func (eventTextFormat) Title() string { return "Windows event (text)" }

func (eventTextFormat) Assembler(src parser.Source) parser.Assembler {
	return &eventTextAssembler{queue: newEventQueue(src)}
}

// An eventKey is a part of an event that a line of its head names.
type eventKey uint8

const (
	keyNone eventKey = iota
	keyChannel
	keyProvider
	keyDate
	keyTime
	keyID
	keyCategory
	keyLevel
	keyKeywords
	keyUser
	keyComputer
	keyOpcode
	keyDescription
	keyData
)

// eventKeyOf returns the part that a label names, as the event viewer and PowerShell
// write it.
func eventKeyOf(label string) eventKey {
	switch strings.ToLower(label) {
	case "log name", "protokollname", "logname":
		return keyChannel
	case "source", "quelle", "event source", "ereignisquelle", "providername", "provider name":
		return keyProvider
	case "date", "datum", "date and time", "datum und uhrzeit", "timecreated", "logged", "protokolliert":
		return keyDate
	case "time", "uhrzeit", "zeit":
		return keyTime
	case "event id", "ereignis-id", "ereigniskennung", "eventid", "id":
		return keyID
	case "task category", "aufgabenkategorie", "event category", "ereigniskategorie":
		return keyCategory
	case "level", "ebene", "stufe", "event type", "ereignistyp", "leveldisplayname":
		return keyLevel
	case "keywords", "schlüsselwörter":
		return keyKeywords
	case "user", "benutzer":
		return keyUser
	case "computer", "machinename":
		return keyComputer
	case "opcode", "opcodedisplayname", "vorgangscode":
		return keyOpcode
	case "description", "beschreibung", "details", "message":
		return keyDescription
	case "data", "daten":
		return keyData
	}
	return keyNone
}

// keyLine splits a line of an event's head.
func keyLine(text string) (key eventKey, value string) {
	const longest = 24 // bytes of a label
	label, value, ok := strings.Cut(text, ":")
	if !ok || len(label) > longest {
		return keyNone, ""
	}
	return eventKeyOf(trim(label)), trim(value)
}

// damagedFile is how Outlook's dialog and event 2000 begin.
const damagedFile = "errors have been detected in the file"

// An eventTextAssembler makes one record of each event.
type eventTextAssembler struct {
	queue *eventQueue

	open  entry
	event winEvent
	first eventKey // that the event began with
	keys  [keyData + 1]bool
	body  bool // the description has begun
	data  bool // the hexadecimal data has begun
	xml   bool // the same event in XML has begun
	blank bool // the last line was blank
	text  []string
	date  string
	time  string
}

// Add implements parser.Assembler.
func (a *eventTextAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	text := trim(unquote(l.Text))
	if text == "" {
		a.addBlank(l, emit)
		return
	}
	key, value := keyLine(text)
	if a.open.begun && (a.begins(key, text) || a.open.full()) {
		a.flush(emit)
	}
	a.open.add(l)
	a.take(key, value, text)
	a.blank = false
}

func (a *eventTextAssembler) addBlank(l parser.Line, emit func(*parser.Record)) {
	if !a.open.begun {
		a.queue.add(blankRecord(l), "", emit)
		return
	}
	a.open.add(l)
	a.blank = true
}

// begins reports whether a line begins another event. Descriptions hold lines such
// as "Source: …", too; an event begins like the one before, or after a blank line.
func (a *eventTextAssembler) begins(key eventKey, text string) bool {
	starting := key == keyChannel || key == keyProvider || key == keyLevel
	switch {
	case a.first == keyNone:
		return key != keyNone && (starting || key == keyID || key == keyDate) || starts(text, damagedFile)
	case !a.body:
		return a.keys[key] && key != keyNone && key != keyDescription
	case key == a.first:
		return key == keyChannel || a.blank || a.data || a.xml || starting && a.first != keyLevel
	}
	return (key == keyChannel || key == keyProvider) && a.blank && a.first != keyChannel
}

// take adds what a line says to the event.
func (a *eventTextAssembler) take(key eventKey, value, text string) {
	if a.body {
		a.takeBody(key, value, text)
		return
	}
	if key == keyNone {
		a.body = true
		a.takeBody(key, value, text)
		return
	}
	if a.first == keyNone {
		a.first = key
	}
	a.keys[key] = true
	switch key {
	case keyChannel:
		a.event.channel = value
	case keyProvider:
		a.event.provider = value
	case keyDate:
		a.date = value
	case keyTime:
		a.time = value
	case keyID:
		a.event.id = value
	case keyLevel:
		a.event.level = value
	case keyUser:
		a.event.user = knownUser(value)
	case keyComputer:
		a.event.computer = value
	case keyDescription:
		a.body = true
		a.addText(value)
	}
}

// knownUser returns the user unless it says that there is none.
func knownUser(value string) string {
	switch strings.ToLower(value) {
	case "n/a", "nicht zutreffend", "-":
		return ""
	}
	return value
}

func (a *eventTextAssembler) takeBody(key eventKey, value, text string) {
	switch {
	case key == keyData && value == "":
		a.data = true
	case a.event.hex.add(text):
		a.data = true
	case a.xml, starts(text, "event xml:"), strings.HasPrefix(text, "<Event "):
		a.xml = true // the event once more
	case isParameter(text):
		a.event.data = append(a.event.data, value)
		if key == keyNone {
			_, v, _ := strings.Cut(text, ":")
			a.event.data[len(a.event.data)-1] = trim(v)
		}
		a.addText(text)
	default:
		a.addText(text)
	}
}

// isParameter recognises "P1: …" of an Office alert.
func isParameter(text string) bool {
	return len(text) >= 3 && text[0] == 'P' && isDigit(text[1]) && text[2] == ':'
}

func (a *eventTextAssembler) addText(text string) {
	if text != "" {
		a.text = append(a.text, text)
	}
}

// flush completes the open event.
func (a *eventTextAssembler) flush(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	a.event.description = strings.Join(a.text, "\n")
	damaged := len(a.text) > 0 && starts(a.text[0], damagedFile)
	if a.first != keyNone || damaged {
		if damaged && a.event.level == "" {
			a.event.level = "error"
		}
		a.event.describe(r)
	}
	when := trim(a.date + " " + a.time)
	*a = eventTextAssembler{queue: a.queue}
	a.queue.add(r, when, emit)
}

// Close implements parser.Assembler.
func (a *eventTextAssembler) Close(emit func(*parser.Record)) {
	a.flush(emit)
	a.queue.close(emit)
}

// Claim implements parser.Format: an event names its source and its number.
func (eventTextFormat) Claim(head []parser.Line) parser.Claim {
	t := tally{}
	source, id, other, damaged := 0, 0, 0, 0
	for i, l := range head {
		text := trim(unquote(l.Text))
		if text == "" {
			continue
		}
		t.lines++
		key, value := keyLine(text)
		switch {
		case key == keyProvider && value != "":
			source++
		case key == keyID && value != "" && isDigit(value[0]):
			id++
		case key != keyNone:
			other++
		case starts(text, damagedFile) && namesMailFile(text+" "+textAt(head, i+1)):
			damaged++
		case isForeign(text):
			t.alien()
			continue
		}
		t.weak++
	}
	if source > 0 && id > 0 && (other > 0 || t.lines <= maxDialogLines) || damaged > 0 && t.lines <= maxDialogLines {
		t.strong, t.weak = source+id+damaged, max(0, t.weak-source-id-damaged)
	}
	return t.claim()
}

func textAt(lines []parser.Line, i int) string {
	if i >= len(lines) {
		return ""
	}
	return trim(unquote(lines[i].Text))
}
