package outlook

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"

	"oxtail/parser"
)

// maxDump is how many bytes of a dump are kept; the data of event 27 has less than
// a kibibyte.
const maxDump = 16 << 10

// A hexDump is binary data of an event, with gaps where rows were left out.
type hexDump struct {
	data []byte
	have map[int]bool // offsets of the rows
}

// hexRow reads one row: offset, colon, up to 16 bytes, and the same as characters.
// Words of 32 bits are written with the high byte first.
func hexRow(text string) (offset int, row []byte, ok bool) {
	head, rest, found := strings.Cut(trim(text), ":")
	if !found || len(head) < 4 || len(head) > 8 {
		return 0, nil, false
	}
	at, err := strconv.ParseUint(head, 16, 31)
	if err != nil {
		return 0, nil, false
	}
	const most = 16 // bytes in a row
	for field := range strings.FieldsSeq(rest) {
		b, err := hex.DecodeString(field)
		if err != nil || len(row) >= most || len(b) != 1 && len(b) != 4 {
			break
		}
		if len(b) == 4 {
			b[0], b[1], b[2], b[3] = b[3], b[2], b[1], b[0]
		}
		row = append(row, b...)
	}
	return int(at), row, len(row) > 0
}

// add notes a row and reports whether text is one.
func (d *hexDump) add(text string) bool {
	offset, row, ok := hexRow(text)
	if !ok || offset+len(row) > maxDump {
		return ok
	}
	if grow := offset + len(row) - len(d.data); grow > 0 {
		d.data = append(d.data, make([]byte, grow)...)
	}
	copy(d.data[offset:], row)
	if d.have == nil {
		d.have = map[int]bool{}
	}
	d.have[offset] = true
	return true
}

// addDigits notes data that is written as digits only, from offset 0.
func (d *hexDump) addDigits(digits string) {
	data, err := hex.DecodeString(digits[:min(len(digits), 2*maxDump)])
	if err != nil {
		return
	}
	d.data = data
	d.have = map[int]bool{oabReasonAt: true, oabCodePageAt: true, oabListAt: len(data) > oabListAt}
}

// Offsets in the data of event 27 (Microsoft KB 843483).
const (
	oabReasonAt   = 0x00
	oabCodePageAt = 0x20
	oabListAt     = 0x90
)

// reason returns why an address book was downloaded as a whole, "" if the dump does
// not say.
func (d *hexDump) reason() string {
	const reasons = 9
	if v, ok := d.dword(oabReasonAt); ok && v >= 1 && v <= reasons {
		return strconv.Itoa(int(v))
	}
	return ""
}

func (d *hexDump) dword(at int) (uint32, bool) {
	if !d.have[at] || len(d.data) < at+4 {
		return 0, false
	}
	b := d.data[at:]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24, true
}

// list returns the name of the address list.
func (d *hexDump) list() string {
	if !d.have[oabListAt] {
		return ""
	}
	var units []uint16
	for i := oabListAt; i+1 < len(d.data); i += 2 {
		u := uint16(d.data[i]) | uint16(d.data[i+1])<<8
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// oabdataFormat reads the binary data of event 27 of Outlook as the event viewer
// shows it: why the offline address book was downloaded as a whole.
type oabdataFormat struct{}

func (oabdataFormat) Name() string  { return "outlook_oabdata" }
func (oabdataFormat) Title() string { return "Outlook event 27 data (offline address book)" }

func (oabdataFormat) Assembler(parser.Source) parser.Assembler { return &oabdataAssembler{} }

// Claim implements parser.Format. Any program's dump has such rows, so the values
// must be those of the event.
func (oabdataFormat) Claim(head []parser.Line) parser.Claim {
	var d hexDump
	c := parser.Claim{Specificity: decisive}
	for _, l := range head {
		if isBlank(l.Text) {
			continue
		}
		c.Considered++
		if d.add(unquote(l.Text)) {
			c.Matched++
		}
	}
	page, _ := d.dword(oabCodePageAt)
	known := page == 65001 || page >= 1200 && page <= 1258
	if d.reason() == "" || !strings.HasPrefix(d.list(), `\`) && !known {
		return parser.Claim{}
	}
	return c
}

// An oabdataAssembler makes one record of a dump.
type oabdataAssembler struct {
	open entry
	dump hexDump
}

// Add implements parser.Assembler.
func (a *oabdataAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	text := unquote(l.Text)
	if offset, _, ok := hexRow(text); a.open.begun && (ok && offset == 0 && a.dump.have[0] || a.open.full()) {
		a.Close(emit)
	}
	if !a.open.begun && isBlank(text) {
		emit(blankRecord(l))
		return
	}
	a.open.add(l)
	a.dump.add(text)
}

// Close implements parser.Assembler.
func (a *oabdataAssembler) Close(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	e := winEvent{hex: a.dump}
	if a.dump.have[0] {
		e.describe(r)
	}
	a.open, a.dump = entry{}, hexDump{}
	emit(r)
}
