package outlook

import (
	"strings"

	"oxtail/parser"
)

// Marks that package evtx writes into the text of an event log: where an event stands
// in the file, and what could not be read before it, or behind the last one.
const (
	placeMark = "<?evtx "
	lossMark  = "<?evtx-loss "
	markEnd   = "?>"
)

// describeMarks sets the fields of a record's place, and its Problem when something
// near it is lost. The text of a record that has a place is what the event says: XML is
// only how package evtx spells it.
func describeMarks(r *parser.Record, e *winEvent) {
	const mostTold = 3 // losses in one problem
	var lost []string
	for _, m := range marks(r.Text) {
		if why, isLoss := markValue(m, "why"); isLoss {
			if len(lost) < mostTold {
				lost = append(lost, why+placeOf(m))
			}
			continue
		}
		setMark(r, "evtx_offset", m, "offset")
		setMark(r, "evtx_length", m, "length")
		if e.record == "" {
			setMark(r, "record_id", m, "record")
		}
	}
	if len(lost) > 0 && r.Problem == "" {
		r.Problem = strings.Join(lost, "; ")
	}
	if _, ok := r.Field("evtx_offset"); ok {
		r.Text = e.plainText(r)
	}
}

// plainText says what an event of a log says: its description first, for that is what
// people want to read, then the values of an alert that are not in it, then all the rest
// in one line.
func (e *winEvent) plainText(r *parser.Record) string {
	out := []string{e.description}
	if e.isAlert() && len(e.data) > 1 {
		values := numbered(e.data)
		values[1] = "" // the description
		out = append(out, values...)
	}
	facts := []string{e.provider, labelled("event", e.id), e.channel, r.Level.String(), e.computer, e.sidNamed()}
	for _, name := range [...]string{"record_id", "evtx_offset", "evtx_length"} {
		v, _ := r.Field(name)
		facts = append(facts, labelled(strings.TrimPrefix(strings.TrimSuffix(name, "_id"), "evtx_"), v))
	}
	out = append(out, strings.ReplaceAll(joinValues(facts), "\n", ", "))
	return joinValues(out)
}

// labelled returns a value behind its name, or nothing.
func labelled(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + value
}

// placeOf says for people where a loss is.
func placeOf(mark string) string {
	offset, _ := markValue(mark, "offset")
	length, _ := markValue(mark, "length")
	out := " (byte " + offset + " of the file, length " + length
	if n, ok := markValue(mark, "events"); ok {
		out += ", events: " + n
	}
	return out + ")"
}

func setMark(r *parser.Record, field, mark, name string) {
	v, _ := markValue(mark, name)
	r.Set(field, v)
}

// marks returns the marks at the start and at the end of an event's text. What stands
// inside the event is text of the event.
func marks(text string) []string {
	var out []string
	head, rest, _ := strings.Cut(text, eventOpen)
	out = appendMarks(out, head)
	if at := strings.LastIndex(rest, eventEnd); at >= 0 {
		out = appendMarks(out, rest[at+len(eventEnd):])
	}
	return out
}

// eventOpen is how an event begins.
const eventOpen = "<Event"

func appendMarks(out []string, text string) []string {
	for {
		text = trim(text)
		if !strings.HasPrefix(text, placeMark) && !strings.HasPrefix(text, lossMark) {
			return out
		}
		mark, rest, ok := strings.Cut(text, markEnd)
		if !ok {
			return out
		}
		out, text = append(out, mark), rest
	}
}

// markValue returns a value of a mark.
func markValue(mark, name string) (string, bool) {
	_, rest, ok := strings.Cut(mark, " "+name+`="`)
	if !ok {
		return "", false
	}
	v, _, ok := strings.Cut(rest, `"`)
	return v, ok
}
