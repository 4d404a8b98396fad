package evtxtest

import (
	"encoding/binary"
	"strconv"
)

// Numbers of the values of the template.
const (
	valueProvider = iota
	valueQualifier
	valueEventID
	valueLevel
	valueTime
	valueRecord
	valueChannel
	valueComputer
	valueSID
	valueData
	valueBinary
)

// A field is a value with its type.
type field struct {
	kind byte
	b    []byte
}

// instance writes an event by the template, which the first one defines.
func (b *builder) instance(e Event) {
	b.u8(0x0c, 1)
	b.u32(0x4711)
	if b.template == 0 {
		b.template = len(b.b) + 4
		b.u32(b.template)
		b.define()
	} else {
		b.u32(b.template)
	}
	values := fields(e)
	b.u32(len(values))
	for _, v := range values {
		b.u16(len(v.b))
		b.u8(v.kind, 0)
	}
	for _, v := range values {
		b.u8(v.b...)
	}
}

func fields(e Event) []field {
	le := binary.LittleEndian
	sid, data := field{0, nil}, field{}
	if e.SID != nil {
		sid = field{0x13, e.SID}
	}
	for _, s := range e.Data {
		data.b = append(append(data.b, UTF16(s)...), 0, 0)
	}
	if data.b != nil {
		data.kind = 0x81
	}
	bin := field{0, nil}
	if e.Binary != nil {
		bin = field{0x0e, e.Binary}
	}
	return []field{
		{0x01, UTF16(e.Provider)}, {0x06, le.AppendUint16(nil, e.Qualifier)}, {0x06, le.AppendUint16(nil, e.EventID)}, {0x04, []byte{e.Level}},
		{0x11, le.AppendUint64(nil, FileTime(e.Time))}, {0x0a, le.AppendUint64(nil, e.ID)},
		{0x01, UTF16(e.Channel)}, {0x01, UTF16(e.Computer)}, sid, data, bin,
	}
}

// define writes the template.
func (b *builder) define() {
	b.u32(0) // next template
	b.b = append(b.b, 0x11, 0x47)
	b.b = append(b.b, make([]byte, 14)...) // rest of its GUID
	size := b.hole()
	b.u8(0x0f, 1, 1, 0)
	event := b.open("Event", true, attr{name: "xmlns", text: xmlns, value: -1})
	system := b.open("System", true)
	b.open("Provider", true, attr{name: "Name", value: valueProvider, kind: 0x01})()
	b.element("EventID", valueEventID, 0x06, attr{name: "Qualifiers", value: valueQualifier, kind: 0x06})
	b.element("Level", valueLevel, 0x04)
	b.open("TimeCreated", true, attr{name: "SystemTime", value: valueTime, kind: 0x11})()
	b.element("EventRecordID", valueRecord, 0x0a)
	b.element("Channel", valueChannel, 0x01)
	b.element("Computer", valueComputer, 0x01)
	b.open("Security", true, attr{name: "UserID", value: valueSID, kind: 0x13})()
	system()
	data := b.open("EventData", true)
	b.element("Data", valueData, 0x81)
	b.element("Binary", valueBinary, 0x0e)
	data()
	event()
	b.u8(0)
	size()
}

// element writes an element with one value.
func (b *builder) element(name string, value int, kind byte, attrs ...attr) {
	end := b.open(name, true, attrs...)
	token := byte(0x0d)
	if value == valueBinary {
		token = 0x0e
	}
	b.subst(token, value, kind)
	end()
}

// plain writes an event as literal XML, as exported and forwarded logs have it.
func (b *builder) plain(e Event) {
	event := b.open("Event", false, attr{name: "xmlns", text: xmlns, value: -1})
	system := b.open("System", false)
	b.open("Provider", false, attr{name: "Name", text: e.Provider, value: -1})()
	b.literal("EventID", strconv.Itoa(int(e.EventID)))
	b.literal("Level", strconv.Itoa(int(e.Level)))
	b.open("TimeCreated", false, attr{name: "SystemTime", text: e.Time.UTC().Format("2006-01-02T15:04:05.0000000Z"), value: -1})()
	b.literal("EventRecordID", strconv.FormatUint(e.ID, 10))
	b.literal("Channel", e.Channel)
	b.literal("Computer", e.Computer)
	system()
	data := b.open("EventData", false)
	for _, n := range e.Named {
		b.literal("Data", n[1], attr{name: "Name", text: n[0], value: -1})
	}
	data()
	event()
}

func (b *builder) literal(name, text string, attrs ...attr) {
	end := b.open(name, false, attrs...)
	b.u8(0x05, 0x01)
	b.text(text)
	end()
}
