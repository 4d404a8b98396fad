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
// near it is lost.
func describeMarks(r *parser.Record) {
	const mostTold = 3 // losses in one problem
	var lost []string
	for _, m := range marks(r.Text) {
		why, isLoss := markValue(m, "why")
		if isLoss && len(lost) < mostTold {
			lost = append(lost, why+placeOf(m))
		}
		if !isLoss {
			setMark(r, "evtx_offset", m, "offset")
			setMark(r, "evtx_length", m, "length")
			if _, known := r.Field("record_id"); !known {
				setMark(r, "record_id", m, "record")
			}
		}
	}
	if len(lost) > 0 && r.Problem == "" {
		r.Problem = strings.Join(lost, "; ")
	}
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
