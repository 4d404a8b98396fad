package redact

import (
	"bytes"
	"strings"
)

// maxColumns bounds the columns of a table that are looked at.
const maxColumns = 256

// A csvText redacts a table whose first line names its columns: below "user" stands a
// user, even if nothing else says so.
type csvText struct {
	s       *scanner
	columns *header
	column  int  // of the field that goes on in the next line
	inQuote bool // a field goes on in the next line
	lines   int  // that were read; the first names the columns
}

// A header is what the first line of a table says.
type header struct {
	comma byte
	kinds []Kind // by column, "" for what tells nothing
}

// csvColumns reads the first line of a table. It returns nil if the file is none, or has
// no column of interest.
func csvColumns(head []byte) *header {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if len(line) > 4096 {
		return nil
	}
	best := &header{}
	for _, comma := range []byte(",;\t") {
		if n := bytes.Count(line, []byte{comma}); n > len(best.kinds) && n < maxColumns {
			best = &header{comma, make([]Kind, n)}
		}
	}
	if best.comma == 0 {
		return nil
	}
	best.kinds = best.kinds[:0]
	found := false
	for cell := range bytes.SplitSeq(line, []byte{best.comma}) {
		name := strings.ToLower(strings.Trim(string(cell), "\" \ufeff"))
		if len(name) > 64 || strings.ContainsAny(name, "=:/\\") {
			return nil
		}
		k := columnKind(name)
		found = found || k != ""
		best.kinds = append(best.kinds, k)
	}
	if !found {
		return nil
	}
	return best
}

// columnKind tells what a column holds, by its name.
func columnKind(name string) Kind {
	squeezed := strings.Map(func(r rune) rune {
		if !isWordRune(r) {
			return -1
		}
		return r
	}, name)
	for _, w := range []string{"password", "passwd", "passwort", "kennwort", "pwd", "secret", "token", "sessionid", "credential", "apikey"} {
		if strings.Contains(squeezed, w) {
			return Password
		}
	}
	if squeezed == "session" {
		return Session
	}
	if k, ok := keywords().find(hashWord(squeezed)); ok && k.role == roleField {
		return k.kind
	}
	switch squeezed {
	case "from", "to", "cc", "sender", "recipient", "email", "mail", "emailaddress", "mailaddress", "smtpaddress", "organizer":
		return Mailbox
	}
	return ""
}

// line implements lineForm.
func (c *csvText) line(raw []byte) []byte {
	cells, quoted, column := c.cells(raw), c.inQuote, c.column
	text, cells := c.withoutSecrets(raw, cells)
	c.inQuote, c.column = quoted, column
	if c.s.back != nil {
		return c.s.plain(nil, text)
	}
	text = removeSecrets(text, c.s.counts)
	c.s.scan(text)
	for _, x := range cells {
		if c.lines > 0 && x.end <= len(text) && x.kind != "" && x.kind != Password && x.kind != Session && x.start < x.end {
			c.s.value(x.kind, valueAt{x.start, x.end, true, true})
		}
	}
	c.lines++
	if c.s.learn != nil {
		return text
	}
	return c.s.apply(nil)
}

// end implements lineForm.
func (c *csvText) end() []byte { return nil }

// cells returns the contents of the fields of a line. A field in quotes may go on in the
// next line.
func (c *csvText) cells(raw []byte) []span {
	var out []span
	body := bytes.TrimRight(raw, "\r\n")
	i := 0
	for {
		start := i
		if !c.inQuote && i < len(body) && body[i] == '"' {
			c.inQuote = true
			i++
			start = i
		}
		end := -1
		for i < len(body) && (c.inQuote || body[i] != c.columns.comma) {
			if c.inQuote && body[i] == '"' {
				if i+1 < len(body) && body[i+1] == '"' {
					i += 2
					continue
				}
				c.inQuote, end = false, i
			}
			i++
		}
		if end < 0 {
			end = i
		}
		out = append(out, span{start: start, end: end, kind: c.kind(c.column)})
		if i >= len(body) {
			break
		}
		i++
		c.column++
	}
	if !c.inQuote {
		c.column = 0
	}
	return out
}

func (c *csvText) kind(column int) Kind {
	if column < len(c.columns.kinds) {
		return c.columns.kinds[column]
	}
	return ""
}

// withoutSecrets removes the fields of secret columns, before anything is learned from
// the line. It returns the line and the places of its fields.
func (c *csvText) withoutSecrets(raw []byte, cells []span) ([]byte, []span) {
	var out []byte
	at, shift := 0, 0
	for i, x := range cells {
		cells[i].start, cells[i].end = x.start+shift, x.end+shift
		if x.kind != Password && x.kind != Session || x.start >= x.end {
			continue
		}
		cell := string(raw[x.start:x.end])
		if columnKind(strings.ToLower(cell)) == x.kind || isGone(cell) {
			continue // the first line; a line that was redacted before
		}
		out = append(append(out, raw[at:x.start]...), removed(x.kind)...)
		at = x.end
		shift += len(removed(x.kind)) - len(cell)
		cells[i].end = x.end + shift
		c.s.counts.add(x.kind, 1)
	}
	return append(out, raw[at:]...), cells
}
