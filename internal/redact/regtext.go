package redact

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"oxtail/parser/profile"
)

// maxValueLines bounds the lines of one registry value, as package regfile does for texts; hex
// data of 1 MB has 40,000.
const maxValueLines = 1 << 16

// A regText redacts a .reg file. It decodes values in hex, redacts their text and
// writes them again, on as many lines as they had. A secured value keeps its length only.
type regText struct {
	s       *scanner
	uids    map[string]bool
	pending [][]byte // lines of a value in hex that goes on
	name    string   // of the text value that goes on in the next line
	open    bool
	secret  bool
	old     bool // REGEDIT4: texts in hex are not UTF-16
}

func newRegText(s *scanner, uids map[string]bool) *regText { return &regText{s: s, uids: uids} }

// line implements lineForm.
func (g *regText) line(raw []byte) []byte {
	line := bytes.Clone(raw)
	if len(g.pending) > 0 {
		g.pending = append(g.pending, line)
		if continues(line) && len(g.pending) < maxValueLines {
			return nil
		}
		return g.end()
	}
	if g.open {
		return g.goOn(line)
	}
	text := bytes.TrimLeft(line, " \t")
	if len(text) == 0 || text[0] != '"' && text[0] != '@' {
		return g.other(line, text)
	}
	name, data := regValue(text)
	head := line[:len(line)-len(data)]
	switch {
	case len(data) >= 3 && bytes.EqualFold(data[:3], []byte("hex")):
		g.pending = append(g.pending, line)
		if continues(line) {
			return nil
		}
		return g.end()
	case len(data) > 0 && data[0] == '"':
		return g.textValue(name, head, data)
	case len(data) > 6 && bytes.EqualFold(data[:6], []byte("dword:")):
		if profile.Secret(name, "") {
			g.s.counts.add(Secured, 1)
			return append(head, zeroHex(data, len("dword:"))...)
		}
		return append(g.named(head), data...)
	}
	return g.s.plain(nil, line)
}

// other handles keys, comments and the first line.
func (g *regText) other(line, text []byte) []byte {
	if bytes.HasPrefix(text, []byte("REGEDIT4")) {
		g.old = true
	}
	if len(text) > 0 && text[0] == '[' && g.uids != nil {
		for part := range bytes.SplitSeq(bytes.Trim(text, "[]\r\n"), []byte(`\`)) {
			if raw, err := hex.DecodeString(string(part)); err == nil && len(raw) == 16 && !isWellKnown(raw) && g.s.learn != nil {
				g.uids[string(raw)] = true
			}
		}
	}
	return g.s.plain(nil, line)
}

// regValue cuts the line of a value into the name and the data.
func regValue(text []byte) (string, []byte) {
	end := 1
	if text[0] == '"' {
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+1, len(text))
	}
	rest := bytes.TrimLeft(text[end:], " \t")
	if len(rest) == 0 || rest[0] != '=' {
		return "", nil
	}
	return strings.ReplaceAll(strings.Trim(string(text[:end]), `"@`), `\\`, `\`), bytes.TrimLeft(rest[1:], " \t")
}

// continues reports whether a line of hex data goes on in the next one.
func continues(line []byte) bool {
	line, _, _ = bytes.Cut(line, []byte(";"))
	return bytes.HasSuffix(bytes.TrimRight(line, " \t\r\n"), []byte(`\`))
}

// textValue handles "name"="text", which may go on in the next line.
func (g *regText) textValue(name string, head, data []byte) []byte {
	end := closingQuote(data, 1)
	g.name, g.secret = name, profile.Secret(name, "")
	if end < 0 {
		g.open = true
		return append(g.named(head), append([]byte{'"'}, g.piece(data[1:])...)...)
	}
	out := append(g.named(head), '"')
	out = append(out, g.piece(data[1:end])...)
	return append(out, data[end:]...)
}

// named redacts the name of a value, which may be a path or an address.
func (g *regText) named(head []byte) []byte {
	at := bytes.LastIndexByte(head, '=')
	if at < 0 {
		return bytes.Clone(head)
	}
	name := head[:at]
	if out := g.s.valueText("", name); g.s.learn == nil {
		name = out
	}
	return append(bytes.Clone(name), head[at:]...)
}

// goOn handles the next line of a text value.
func (g *regText) goOn(line []byte) []byte {
	end := closingQuote(line, 0)
	if bytes.HasPrefix(line, []byte("[HKEY_")) {
		g.open = false
		return g.line(line)
	}
	if end < 0 {
		return g.piece(line)
	}
	g.open = false
	return append(g.piece(line[:end]), line[end:]...)
}

func closingQuote(text []byte, from int) int {
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return i
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '"'):
			i++
		}
	}
	return -1
}

// piece redacts the text of a value as the file spells it, without its line end.
func (g *regText) piece(text []byte) []byte {
	body := bytes.TrimRight(text, "\r\n")
	tail := text[len(body):]
	if g.secret {
		if len(body) == 0 {
			return text
		}
		g.s.counts.add(Secured, 1)
		return append([]byte(removed(Secured)), tail...)
	}
	plain := strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(string(body))
	out := string(g.s.valueText(g.name, []byte(plain)))
	if out == plain || g.s.learn != nil {
		return text
	}
	return append([]byte(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(out)), tail...)
}

// end implements lineForm: it writes the value in hex that was gathered.
func (g *regText) end() []byte {
	lines := g.pending
	g.pending = nil
	if len(lines) == 0 {
		return nil
	}
	text := bytes.TrimLeft(lines[0], " \t")
	name, data := regValue(text)
	colon := bytes.IndexByte(data, ':')
	if colon < 0 {
		return g.s.plain(nil, bytes.Join(lines, nil))
	}
	at := len(lines[0]) - len(data) + colon + 1
	if profile.Secret(name, "") {
		return g.zeroed(lines, at)
	}
	raw, counts, ok := hexLines(lines, at)
	if !ok {
		return g.s.plain(nil, bytes.Join(lines, nil))
	}
	out := g.bytes(name, string(data[:colon]), raw)
	if g.s.learn != nil || bytes.Equal(out, raw) {
		return append(g.named(lines[0][:at]), append(lines[0][at:], bytes.Join(lines[1:], nil)...)...)
	}
	return g.write(lines, at, counts, out)
}

// zeroed keeps the length of a secured value and nothing else.
func (g *regText) zeroed(lines [][]byte, at int) []byte {
	g.s.counts.add(Secured, 1)
	var out []byte
	for i, line := range lines {
		if i > 0 {
			at = 0
		}
		out = append(out, zeroHex(line, at)...)
	}
	return out
}

func zeroHex(line []byte, at int) []byte {
	for i := at; i < len(line); i++ {
		if line[i] == ';' {
			return append(line[:i], bytes.TrimLeft(line[i:], ";")[max(0, len(bytes.TrimLeft(line[i:], ";"))-lineEndLen(line)):]...)
		}
		if isHexDigit(line[i]) {
			line[i] = '0'
		}
	}
	return line
}

func lineEndLen(line []byte) int { return len(line) - len(bytes.TrimRight(line, "\r\n")) }

// hexLines reads the bytes of a value and how many each line holds.
func hexLines(lines [][]byte, at int) (data []byte, counts []int, ok bool) {
	for i, line := range lines {
		if i > 0 {
			at = 0
		}
		body, _, _ := bytes.Cut(line[at:], []byte(";"))
		body = bytes.TrimRight(bytes.TrimSpace(body), `\`)
		n := len(data)
		for field := range bytes.SplitSeq(body, []byte(",")) {
			if field = bytes.TrimSpace(field); len(field) == 0 {
				continue
			}
			if len(field) == 1 {
				field = []byte{'0', field[0]}
			}
			b, err := hex.DecodeString(string(field))
			if err != nil || len(b) != 1 {
				return nil, nil, false
			}
			data = append(data, b[0])
		}
		counts = append(counts, len(data)-n)
	}
	return data, counts, true
}

// write writes data on as many lines as the value had.
func (g *regText) write(lines [][]byte, at int, counts []int, data []byte) []byte {
	for len(data) < len(lines) { // each line needs a byte; more zeros end a text as well
		data = append(data, 0)
	}
	out := g.named(lines[0][:at])
	for i, line := range lines {
		last := i == len(lines)-1
		n := min(max(counts[i], 1), len(data)-(len(lines)-1-i))
		if last {
			n = len(data)
		}
		if i > 0 {
			out = append(out, ' ', ' ')
		}
		for k, b := range data[:n] {
			if k > 0 {
				out = append(out, ',')
			}
			out = hex.AppendEncode(out, []byte{b})
		}
		data = data[n:]
		if !last {
			out = append(out, ',', '\\')
		}
		out = append(out, line[len(line)-lineEndLen(line):]...)
	}
	return out
}

// bytes redacts the data of a value by its type.
func (g *regText) bytes(name, kind string, data []byte) []byte {
	data = bytes.Clone(data)
	switch prefix := strings.ToLower(name[:min(4, len(name))]); {
	case len(name) == 8 && prefix == "001f", !g.old && isTextKind(kind) && prefix != "001e":
		data = g.wide(name, data)
	case isTextKind(kind):
		data = g.narrow(name, data)
	case len(name) == 8 && (prefix == "101f" || prefix == "101e" || prefix == "1102"):
		data = g.many(name, prefix, data)
	case hasText(data):
		data = g.s.runs(data)
	}
	switch {
	case g.s.r != nil && g.s.r.opts.UUIDs:
		mapUIDs(data, g.uids, g.s.r.block)
	case g.s.back != nil && g.s.back.key.UUIDs:
		g.s.back.uids(data)
	}
	return data
}

// isTextKind knows the types of texts: hex(1), hex(2), hex(7).
func isTextKind(kind string) bool {
	kind = strings.ToLower(strings.ReplaceAll(kind, " ", ""))
	return kind == "hex(1)" || kind == "hex(2)" || kind == "hex(7)"
}

// wide redacts texts in UTF-16 that end with NULs.
func (g *regText) wide(name string, data []byte) []byte {
	even := len(data) &^ 1
	var out []byte
	for i, part := range bytes.Split(decode16(data[:even], binary.LittleEndian), []byte{0}) {
		if i > 0 {
			out = append(out, 0, 0)
		}
		out = append(out, encode16(g.s.valueText(name, part), binary.LittleEndian)...)
	}
	return append(out, data[even:]...)
}

// narrow redacts texts in Windows-1252 that end with NULs.
func (g *regText) narrow(name string, data []byte) []byte {
	var out []byte
	for i, part := range bytes.Split(decodeANSI(data), []byte{0}) {
		if i > 0 {
			out = append(out, 0)
		}
		out = append(out, encodeANSI(g.s.valueText(name, part))...)
	}
	return out
}
