package regfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"oxtail/parser/profile"
)

// valueLine reads "name"=data or @=data with its continuation lines.
func (p *parser) valueLine(line string) {
	start, from := p.lines.number, p.lines.start
	name, rest, err := valueName(line)
	if err != nil {
		p.problem(start, err.Error())
		return
	}
	v := profile.Value{Name: name}
	isDelete := strings.TrimSpace(uncomment(rest)) == "-"
	if !isDelete {
		v.Type, v.Data, err = p.data(rest)
	}
	switch {
	case p.skipped:
	case err != nil:
		p.problem(start, fmt.Sprintf("value %s: %v", excerpt(shownName(name)), err))
	case p.key == nil:
		p.problem(start, "value outside of a key: "+excerpt(shownName(name)))
	case isDelete:
		p.file.Deletions = append(p.file.Deletions, Deletion{start, p.path, shownName(name)})
		if p.key.unset(name) {
			p.touched = append(p.touched, p.key)
		}
	default:
		p.file.Values++
		p.key.set(v, profile.Place{Offset: int64(from), Length: p.lines.pos - from, Line: start})
	}
}

// shownName writes the default value as the file does.
func shownName(name string) string {
	if name == "" {
		return "@"
	}
	return name
}

// valueName takes the name and the "=" off a line.
func valueName(line string) (name, rest string, err error) {
	if line[0] == '@' {
		rest = line[1:]
	} else {
		var text strings.Builder
		var closed bool
		if rest, closed = unquote(&text, line[1:]); !closed {
			return "", "", errors.New("value name without closing quote")
		}
		name = text.String()
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(rest, " \t"), "=")
	if !ok {
		return "", "", errors.New("value without =")
	}
	return name, strings.TrimLeft(rest, " \t"), nil
}

var errNoQuote = errors.New("text without closing quote")

// quoted reads a text in quotes. The registry editor writes line feeds within a
// text as they are, so the text may go on in the next lines.
func (p *parser) quoted(line string) (text, rest string, err error) {
	var out strings.Builder
	line = line[1:]
	for range MaxTextLines {
		rest, closed := unquote(&out, line)
		if closed {
			return out.String(), rest, nil
		}
		next, ok := p.lines.next()
		if !ok || strings.HasPrefix(next, "[HKEY_") {
			break
		}
		out.WriteString("\r\n")
		line = next
	}
	return "", "", errNoQuote
}

// unquote appends a text up to its closing quote. Only \\ and \" are escapes;
// any other backslash stands for itself, as paths written by hand show.
func unquote(out *strings.Builder, line string) (rest string, closed bool) {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			return line[i+1:], true
		case line[i] == '\\' && i+1 < len(line) && (line[i+1] == '\\' || line[i+1] == '"'):
			i++
		}
		out.WriteByte(line[i])
	}
	return "", false
}

// data reads what stands behind the "=".
func (p *parser) data(rest string) (kind uint32, data []byte, err error) {
	lower := strings.ToLower(rest[:min(len(rest), len("hex(12345678):"))])
	switch {
	case strings.HasPrefix(rest, `"`):
		return p.textData(rest)
	case strings.HasPrefix(lower, "dword:"):
		return dwordData(rest[len("dword:"):])
	case strings.HasPrefix(lower, "hex"):
		return p.hexData(rest[len("hex"):])
	}
	return 0, nil, errors.New(`unknown kind of data; want "text", or what follows dword: or hex: in an export`)
}

// textData reads a REG_SZ. When it is broken, only its first line is given up.
func (p *parser) textData(rest string) (uint32, []byte, error) {
	before := *p.lines
	text, tail, err := p.quoted(rest)
	if err == nil && strings.TrimSpace(uncomment(tail)) != "" {
		err = errors.New("something follows the closing quote")
	}
	if err != nil {
		*p.lines = before
		return 0, nil, err
	}
	return profile.TypeString, encodeText(text), nil
}

// dwordData reads up to eight hexadecimal digits.
func dwordData(rest string) (uint32, []byte, error) {
	digits := strings.TrimSpace(uncomment(rest))
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return 0, nil, fmt.Errorf("dword of %d characters is no number of up to 8 hexadecimal digits", len(digits))
	}
	return profile.TypeDword, binary.LittleEndian.AppendUint32(nil, uint32(n)), nil
}

// hexData reads the part behind "hex": an optional type in brackets, a colon,
// and bytes over any number of lines. All lines are taken even when one is
// broken, so that the rest of the data is not read as values.
func (p *parser) hexData(rest string) (uint32, []byte, error) {
	head, digits, ok := strings.Cut(rest, ":")
	kind, err := hexKind(head)
	if !ok {
		err = errors.New("hex without colon")
	}
	var data []byte
	for more := true; more; {
		digits, more = strings.CutSuffix(strings.TrimSpace(uncomment(digits)), `\`)
		if err == nil {
			data, err = appendHex(data, digits)
		}
		if !more {
			break
		}
		if digits, ok = p.continuation(); !ok {
			return 0, nil, errors.Join(err, errors.New("data ends in the middle: a continuation line is missing"))
		}
	}
	if err != nil {
		return 0, nil, err
	}
	if p.lines.isOld {
		data = widen(kind, data)
	}
	return kind, data, nil
}

// continuation takes the next line if it can be more hexadecimal data.
func (p *parser) continuation() (string, bool) {
	before := *p.lines
	line, ok := p.lines.next()
	if !ok {
		return "", false
	}
	if start := strings.TrimLeft(line, " \t"); start != "" && strings.ContainsRune(`["@`, rune(start[0])) {
		*p.lines = before
		return "", false
	}
	return line, true
}

// hexKind reads the type of "(b)"; without brackets it is REG_BINARY.
func hexKind(head string) (uint32, error) {
	if head = strings.TrimSpace(head); head == "" {
		return profile.TypeBinary, nil
	}
	inner, okStart := strings.CutPrefix(head, "(")
	inner, okEnd := strings.CutSuffix(inner, ")")
	kind, err := strconv.ParseUint(inner, 16, 32)
	if !okStart || !okEnd || err != nil {
		return 0, errors.New("unknown type of hex data; want hex: or hex(n): before the digits")
	}
	return uint32(kind), nil
}

// appendHex adds the bytes of one line: one or two digits each, separated by
// commas.
func appendHex(data []byte, line string) ([]byte, error) {
	for i := 0; i < len(line); {
		if strings.IndexByte(", \t", line[i]) >= 0 {
			i++
			continue
		}
		high, ok := hexDigit(line[i])
		if !ok {
			return data, fmt.Errorf("no hexadecimal digit at byte %d of the data", len(data))
		}
		i++
		if i < len(line) {
			if low, ok := hexDigit(line[i]); ok {
				high = high<<4 | low
				i++
			}
		}
		if i < len(line) && !strings.ContainsRune(", \t", rune(line[i])) {
			return data, fmt.Errorf("no comma behind byte %d of the data", len(data))
		}
		data = append(data, high)
	}
	return data, nil
}

// hexDigit gives the value of one digit.
func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// uncomment cuts a comment off data that has no quotes.
func uncomment(text string) string {
	text, _, _ = strings.Cut(text, ";")
	return text
}

// encodeText gives the bytes of a REG_SZ: UTF-16LE with a NUL.
func encodeText(text string) []byte {
	units := utf16.Encode([]rune(text))
	data := make([]byte, 0, 2*len(units)+2)
	for _, unit := range append(units, 0) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}

// widen turns the ANSI bytes that REGEDIT4 files hold for text types into the
// UTF-16LE that the registry holds.
func widen(kind uint32, data []byte) []byte {
	switch kind {
	case profile.TypeString, profile.TypeExpand, profile.TypeMultiString:
		wide := make([]byte, 0, 2*len(data))
		for _, b := range data {
			wide = binary.LittleEndian.AppendUint16(wide, uint16(profile.ANSIRune(b)))
		}
		return wide
	}
	return data
}
