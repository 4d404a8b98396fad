package outlook

import (
	"strings"

	"oxtail/parser"
)

// eventCSVFormat reads tables of events: "Save as CSV" of the event viewer, whose
// last column has no heading, PowerShell's Export-Csv, and EvtxECmd.
type eventCSVFormat struct{}

func (eventCSVFormat) Name() string  { return "windows_event_csv" }
func (eventCSVFormat) Title() string { return "Windows events (CSV)" }

func (eventCSVFormat) Assembler(src parser.Source) parser.Assembler {
	return &eventCSVAssembler{queue: newEventQueue(src)}
}

// csvColumn returns the part of an event that a column holds, by its heading.
func csvColumn(heading string) eventKey {
	heading = strings.ToLower(trim(strings.Trim(trim(heading), `"`)))
	switch heading {
	case "payload", "mapdescription", "nachricht", "meldung", "text":
		return keyDescription
	case "provider", "sourcename", "source name", "eventsource":
		return keyProvider
	case "channel", "kanal", "log", "protokoll":
		return keyChannel
	case "computer name", "computername", "machine name":
		return keyComputer
	case "type", "typ", "entrytype", "entry type":
		return keyLevel
	case "instanceid", "eventcode", "event code", "ereignis id", "ereigniscode":
		return keyID
	case "timegenerated", "time generated", "zeitpunkt", "timecreated (utc)":
		return keyDate
	case "username", "user name", "userid":
		return keyUser
	}
	return eventKeyOf(heading)
}

// csvHeading reads the first line of a table: its separator and what its columns
// hold. It reports false unless the table is one of events.
func csvHeading(text string) (separator byte, columns []eventKey, ok bool) {
	text = strings.TrimLeft(text, " \ufeff")
	for _, sep := range [...]byte{',', ';', '\t'} {
		cells := csvCells(text, sep)
		if len(cells) < 3 {
			continue
		}
		columns = columns[:0]
		var have [keyData + 1]bool
		for _, c := range cells {
			key := csvColumn(c)
			columns = append(columns, key)
			have[key] = true
		}
		if have[keyID] && have[keyDate] && (have[keyProvider] || have[keyLevel]) {
			return sep, columns, true
		}
	}
	return 0, nil, false
}

// maxColumns bounds the cells of a row; the widest export has some thirty.
const maxColumns = 256

// csvCells splits a whole row, which may span lines.
func csvCells(row string, separator byte) []string {
	var cells []string
	var cell strings.Builder
	inQuotes := false
	for i := 0; i < len(row); i++ {
		c := row[i]
		switch {
		case c == '"' && inQuotes && i+1 < len(row) && row[i+1] == '"':
			cell.WriteByte('"')
			i++
		case c == '"':
			inQuotes = !inQuotes
		case c == separator && !inQuotes && len(cells) < maxColumns:
			cells = append(cells, cell.String())
			cell.Reset()
		default:
			cell.WriteByte(c)
		}
	}
	return append(cells, cell.String())
}

// Claim implements parser.Format: the heading decides.
func (eventCSVFormat) Claim(head []parser.Line) parser.Claim {
	for i, l := range head {
		text := trim(l.Text)
		if text == "" || strings.HasPrefix(text, "#TYPE ") || strings.HasPrefix(text, "sep=") {
			continue
		}
		if _, _, ok := csvHeading(l.Text); !ok {
			return parser.Claim{}
		}
		n := len(head) - i
		return parser.Claim{Matched: n, Considered: n, Specificity: decisive}
	}
	return parser.Claim{}
}

// maxRowLines is how many lines a cell may span before an open quotation mark counts
// as damage and the rows are read line by line again.
const maxRowLines = 2000

// An eventCSVAssembler makes one record of each row.
type eventCSVAssembler struct {
	queue     *eventQueue
	separator byte
	columns   []eventKey

	open   entry
	lines  int
	quotes int // quotation marks in the open row
}

// Add implements parser.Assembler.
func (a *eventCSVAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	if !a.open.begun && isBlank(l.Text) {
		a.queue.add(blankRecord(l), "", emit)
		return
	}
	a.open.add(l)
	a.lines++
	a.quotes += strings.Count(l.Text, `"`)
	goesOn := l.Split || a.quotes%2 == 1 && a.lines < maxRowLines
	if goesOn && !a.open.full() {
		return
	}
	a.flush(emit)
}

// Close implements parser.Assembler.
func (a *eventCSVAssembler) Close(emit func(*parser.Record)) {
	a.flush(emit)
	a.queue.close(emit)
}

func (a *eventCSVAssembler) flush(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	if a.quotes%2 == 1 && r.Problem == "" {
		r.Problem = "quotation mark of a cell is not closed"
	}
	a.open, a.lines, a.quotes = entry{}, 0, 0
	if a.columns == nil {
		a.separator, a.columns, _ = csvHeading(r.Text)
		r.Level = parser.LevelNone
		a.queue.add(r, "", emit)
		return
	}
	e := a.event(csvCells(r.Text, a.separator))
	e.describe(r)
	a.queue.add(r, e.when, emit)
}

// event puts the cells of a row in their places. Cells beyond the headings are the
// description, as the event viewer writes it.
func (a *eventCSVAssembler) event(cells []string) winEvent {
	var e winEvent
	var clock string
	for i, cell := range cells {
		cell = trim(cell)
		key := keyDescription
		if i < len(a.columns) {
			key = a.columns[i]
		}
		switch key {
		case keyChannel:
			e.channel = cell
		case keyProvider:
			e.provider = cell
		case keyDate:
			e.when = cell
		case keyTime:
			clock = cell
		case keyID:
			e.id = cell
		case keyLevel:
			e.level = cell
		case keyUser:
			e.user = knownUser(cell)
		case keyComputer:
			e.computer = cell
		case keyDescription:
			e.description = trim(e.description + "\n" + cell)
		}
	}
	e.when = trim(e.when + " " + clock)
	e.data = parameters(e.description)
	return e
}

// parameters returns the values of an alert: those of its lines "P1: …", or its
// text, of which the program is the first line.
func parameters(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = trim(line); isParameter(line) {
			_, v, _ := strings.Cut(line, ":")
			out = append(out, trim(v))
		}
	}
	if out == nil && text != "" {
		if _, values, ok := strings.Cut(text, `"Data":"`); ok { // EvtxECmd's column Payload
			text = values
		}
		out = []string{text}
	}
	return out
}
