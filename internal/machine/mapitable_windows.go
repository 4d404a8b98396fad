package machine

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Property tags of the tables: id, then type.
const (
	tagDisplayName    = 0x3001001E
	tagResourceFlags  = 0x30090003
	tagDefaultProfile = 0x3D04000B
	tagServiceName    = 0x3D09001E
	tagServiceUID     = 0x3D0C0102
)

// Property types, the low half of a tag.
const (
	typeShort   = 0x0002
	typeLong    = 0x0003
	typeError   = 0x000A
	typeBoolean = 0x000B
	typeANSI    = 0x001E
	typeUnicode = 0x001F
	typeBinary  = 0x0102

	typeMask = 0xFFFF
)

// propValue is SPropValue: 24 bytes on amd64, 16 on 386.
type propValue struct {
	tag   uint32
	_     uint32
	value [2]uintptr
}

// binaryValue is SBinary, the value of a PT_BINARY.
type binaryValue struct {
	size uint32
	data *byte
}

// tableRow is SRow: 16 bytes on amd64, 12 on 386.
type tableRow struct {
	_      uint32
	count  uint32
	values *propValue
}

// rowSet is SRowSet.
type rowSet struct {
	count uint32
	rows  [1]tableRow
}

var (
	_ [8 + 2*unsafe.Sizeof(uintptr(0))]byte = [unsafe.Sizeof(propValue{})]byte{}
	_ [8 + unsafe.Sizeof(uintptr(0))]byte   = [unsafe.Sizeof(tableRow{})]byte{}
	_ [2 * unsafe.Sizeof(uintptr(0))]byte   = [unsafe.Sizeof(binaryValue{})]byte{}
	_ [unsafe.Sizeof(uintptr(0))]byte       = [unsafe.Offsetof(rowSet{}.rows)]byte{}
	_ [3*unsafe.Sizeof(uintptr(0)) + 8]byte = [unsafe.Sizeof(errorText{})]byte{}
)

// Limits of a table. Profiles have a handful of services.
const (
	maxRows       = 10_000
	maxColumns    = 64
	maxValueBytes = 1 << 20
	rowsAtOnce    = 100
)

// values is a row by property tag: string, []byte or uint32. What is missing or an error
// is not in it.
type values map[uint32]any

func (v values) text(tag uint32) string {
	s, _ := v[tag].(string)
	return s
}

func (v values) number(tag uint32) uint32 {
	n, _ := v[tag].(uint32)
	return n
}

func (v values) bytes(tag uint32) []byte {
	b, _ := v[tag].([]byte)
	return b
}

// rows reads the columns tags of all rows of a table.
func (s *session) rows(table *object, tags ...uint32) ([]values, error) {
	columns := append([]uint32{uint32(len(tags))}, tags...)
	if s.lib.queryAll == 0 {
		return s.rowsInTurns(table, columns)
	}
	s.at("HrQueryAllRows")
	var set *rowSet
	r, _, _ := syscall.SyscallN(s.lib.queryAll, uintptr(unsafe.Pointer(table)), uintptr(unsafe.Pointer(&columns[0])), 0, 0, 0, uintptr(unsafe.Pointer(&set)))
	if err := s.check(table, "HrQueryAllRows", r); err != nil {
		return nil, err
	}
	return s.take(nil, set)
}

// rowsInTurns does the same where HrQueryAllRows is not exported.
func (s *session) rowsInTurns(table *object, columns []uint32) ([]values, error) {
	s.at("SetColumns")
	if err := s.check(table, "SetColumns", table.call(slotSetColumns, uintptr(unsafe.Pointer(&columns[0])), 0)); err != nil {
		return nil, err
	}
	var out []values
	for {
		s.at("QueryRows")
		var set *rowSet
		if err := s.check(table, "QueryRows", table.call(slotQueryRows, rowsAtOnce, 0, uintptr(unsafe.Pointer(&set)))); err != nil {
			return nil, err
		}
		before := len(out)
		var err error
		if out, err = s.take(out, set); err != nil || len(out) == before {
			return out, err
		}
	}
}

// take copies the rows of a set behind out, and gives the set back to MAPI.
func (s *session) take(out []values, set *rowSet) ([]values, error) {
	if set == nil {
		return out, nil
	}
	defer s.lib.freeBuffer(unsafe.Pointer(set))
	if len(out)+int(set.count) > maxRows {
		return nil, fmt.Errorf("a table of MAPI has more than %d rows", maxRows)
	}
	for _, row := range unsafe.Slice(&set.rows[0], int(set.count)) {
		v := values{}
		for _, p := range unsafe.Slice(row.values, int(min(row.count, maxColumns))) {
			if value := p.copied(); value != nil {
				v[p.tag] = value
			}
		}
		out = append(out, v)
		s.lib.freeBuffer(unsafe.Pointer(row.values))
	}
	return out, nil
}

// copied takes a value out of MAPI's memory, nil when it is none of those asked for.
func (p *propValue) copied() any {
	switch p.tag & typeMask {
	case typeANSI:
		return fromANSI(*(**byte)(unsafe.Pointer(&p.value)))
	case typeUnicode:
		return windows.UTF16PtrToString(*(**uint16)(unsafe.Pointer(&p.value)))
	case typeBinary:
		b := (*binaryValue)(unsafe.Pointer(&p.value))
		if b.data == nil || b.size > maxValueBytes {
			return []byte{}
		}
		return append([]byte{}, unsafe.Slice(b.data, int(b.size))...)
	case typeShort, typeBoolean:
		return uint32(uint16(p.value[0]))
	case typeLong:
		return uint32(p.value[0])
	}
	return nil
}
