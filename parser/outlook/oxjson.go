package outlook

import (
	"encoding/json"
	"strconv"
	"strings"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// oxJSONFormat reads answers of the OX HTTP API that report an error. They are often
// cut off: the members that are there are read.
type oxJSONFormat struct{}

func (oxJSONFormat) Name() string  { return "ox_api_json" }
func (oxJSONFormat) Title() string { return "OX HTTP API answer (JSON)" }

func (oxJSONFormat) Assembler(parser.Source) parser.Assembler { return &oxJSONAssembler{} }

// Claim implements parser.Format.
func (f oxJSONFormat) Claim(head []parser.Line) parser.Claim {
	c := parser.Claim{Specificity: decisive}
	a := oxJSONAssembler{}
	see := func(r *parser.Record) {
		if r.Text == "" {
			return
		}
		c.Considered++
		if event, _ := r.Field("event"); event != "" {
			c.Matched++
		}
	}
	for _, l := range head {
		a.Add(l, see)
	}
	a.Close(see)
	return c
}

// An oxJSONAssembler makes one record of each answer.
type oxJSONAssembler struct {
	open     entry
	depth    int
	inString bool
	escaped  bool
}

// Add implements parser.Assembler.
func (a *oxJSONAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	text := trim(l.Text)
	if !a.open.begun && text == "" {
		emit(blankRecord(l))
		return
	}
	if a.open.begun && (a.begins(text) || a.open.full()) {
		a.Close(emit)
	}
	a.open.add(l)
	a.follow(l.Text)
}

// begins reports whether a line begins another answer: the one before is complete,
// or was cut off.
func (a *oxJSONAssembler) begins(text string) bool {
	return a.depth <= 0 && text != "" || strings.HasPrefix(text, `{"error":`) || strings.HasPrefix(text, `{"data":`)
}

// follow keeps count of the open objects and arrays.
func (a *oxJSONAssembler) follow(text string) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case a.escaped:
			a.escaped = false
		case a.inString && c == '\\':
			a.escaped = true
		case c == '"':
			a.inString = !a.inString
		case a.inString:
		case c == '{' || c == '[':
			a.depth++
		case c == '}' || c == ']':
			a.depth--
		}
	}
}

// Close implements parser.Assembler.
func (a *oxJSONAssembler) Close(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	describeAnswer(r)
	*a = oxJSONAssembler{}
	emit(r)
}

// describeAnswer sets the fields of a record that holds one answer.
func describeAnswer(r *parser.Record) {
	m := members(r.Text)
	if m["error"] == "" || m["error_id"] == "" && m["error_desc"] == "" && m["categories"] == "" && !isServerCode(m["code"]) {
		return
	}
	r.Level = parser.LevelError
	r.Set("event", "api-error")
	r.Set("code", m["code"])
	r.Set("category", m["category"])
	if m["categories"] != "" {
		r.Set("category", m["categories"])
	}
	r.Set("error_id", m["error_id"])
	r.Set("detail", m["error_desc"])
	if m["error_desc"] == "" {
		r.Set("detail", m["error"])
	}
	r.Message = m["error"]
}

// isServerCode recognises a code of the OX server, with any prefix.
func isServerCode(code string) bool {
	prefix, digits, ok := strings.Cut(code, "-")
	return ok && len(prefix) >= 2 && len(digits) == 4 && number(digits) >= 0 && strings.Trim(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == ""
}

// Codes implements parser.CodePolicy: the member "code" is one whatever its prefix.
func (a *oxJSONAssembler) Codes(r *parser.Record) []codes.Code {
	found := codes.Find(r.Text)
	code, _ := r.Field("code")
	if !isServerCode(code) {
		return found
	}
	for _, c := range found {
		if c == codes.Code(code) {
			return found
		}
	}
	return append([]codes.Code{codes.Code(code)}, found...)
}

// members returns the strings and numbers of the outermost objects of a text in
// JSON, as far as it goes. The first member of a name counts.
func members(text string) map[string]string {
	out := map[string]string{}
	depth, key := 0, ""
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '{':
			depth++
			i++
		case c == '}':
			depth--
			i++
		case c == '"':
			s, n := jsonString(text[i:])
			i += n
			if depth != 1 {
				continue
			}
			if rest := strings.TrimLeft(text[i:], " \t\n"); strings.HasPrefix(rest, ":") {
				key = s
				i = len(text) - len(rest) + 1
				continue
			}
			key = remember(out, key, s)
		case depth == 1 && key != "" && (isDigit(c) || c == '-'):
			n := numberLen(text[i:])
			key = remember(out, key, text[i:i+n])
			i += n
		default:
			i++
		}
	}
	return out
}

// remember keeps the first value of a member and clears the key. Further strings
// of an array have no key then.
func remember(out map[string]string, key, value string) string {
	if _, ok := out[key]; !ok && key != "" {
		out[key] = value
	}
	return ""
}

func numberLen(s string) int {
	n := 1
	for n < len(s) && (isDigit(s[n]) || strings.IndexByte(".eE+-", s[n]) >= 0) {
		n++
	}
	return n
}

// jsonString reads the string at the start of s, which may be cut off, and returns
// how many bytes it takes.
func jsonString(s string) (string, int) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return unescape(s[:i+1]), i + 1
		}
	}
	return unescape(s + `"`), len(s)
}

func unescape(s string) string {
	var out string
	if json.Unmarshal([]byte(s), &out) == nil {
		return out
	}
	if out, err := strconv.Unquote(s); err == nil {
		return out
	}
	return strings.Trim(s, `"`)
}
