package evtx

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"time"

	"oxtail/parser"
)

// Types of values, [MS-EVEN6] 2.2.12.
const (
	kindNull       = 0x00
	kindString     = 0x01
	kindANSI       = 0x02
	kindInt8       = 0x03
	kindUint8      = 0x04
	kindInt16      = 0x05
	kindUint16     = 0x06
	kindInt32      = 0x07
	kindUint32     = 0x08
	kindInt64      = 0x09
	kindUint64     = 0x0a
	kindFloat32    = 0x0b
	kindFloat64    = 0x0c
	kindBool       = 0x0d
	kindBinary     = 0x0e
	kindGUID       = 0x0f
	kindSize       = 0x10
	kindFileTime   = 0x11
	kindSystemTime = 0x12
	kindSID        = 0x13
	kindHex32      = 0x14
	kindHex64      = 0x15
	kindXML        = 0x21
	kindArray      = 0x80 // set for lists of values
)

// timeLayout is how Windows writes times in events.
const timeLayout = "2006-01-02T15:04:05.0000000Z"

// A value fills a place in a template.
type value struct {
	kind    byte
	at, end int // in the chunk
}

// appendValue writes a value that is no list.
func (f *fragment) appendValue(v value) error {
	b := f.b[v.at:v.end]
	f.charge(len(b))
	switch v.kind {
	case kindXML:
		return f.nested(v)
	case kindString:
		f.out = appendUTF16(f.out, b)
		return nil
	case kindANSI:
		f.out = appendText(f.out, parser.Decode(b))
		return nil
	case kindBinary:
		f.out = appendHex(f.out, b)
		return nil
	}
	if len(b) == 0 {
		return nil // an empty value has no text
	}
	if len(b) < width(v.kind) { // real logs have numbers that are shorter than their type
		var whole [maxWidth]byte
		copy(whole[:], b)
		b = whole[:width(v.kind)]
	}
	f.out = appendFixed(f.out, v.kind, b)
	return nil
}

// maxWidth is the largest width.
const maxWidth = 16

// width is how many bytes a value has, at least.
func width(kind byte) int {
	switch kind {
	case kindInt8, kindUint8:
		return 1
	case kindInt16, kindUint16:
		return 2
	case kindInt32, kindUint32, kindFloat32, kindBool, kindHex32, kindSize:
		return 4
	case kindInt64, kindUint64, kindFloat64, kindFileTime, kindHex64, kindSID:
		return 8
	case kindGUID, kindSystemTime:
		return 16
	}
	return 1
}

// appendFixed writes a value of at least its width.
func appendFixed(out []byte, kind byte, b []byte) []byte {
	le := binary.LittleEndian
	switch kind {
	case kindInt8:
		return strconv.AppendInt(out, int64(int8(b[0])), 10)
	case kindUint8:
		return strconv.AppendUint(out, uint64(b[0]), 10)
	case kindInt16:
		return strconv.AppendInt(out, int64(int16(le.Uint16(b))), 10)
	case kindUint16:
		return strconv.AppendUint(out, uint64(le.Uint16(b)), 10)
	case kindInt32:
		return strconv.AppendInt(out, int64(int32(le.Uint32(b))), 10)
	case kindUint32:
		return strconv.AppendUint(out, uint64(le.Uint32(b)), 10)
	case kindInt64:
		return strconv.AppendInt(out, int64(le.Uint64(b)), 10)
	case kindUint64:
		return strconv.AppendUint(out, le.Uint64(b), 10)
	case kindFloat32:
		return strconv.AppendFloat(out, float64(math.Float32frombits(le.Uint32(b))), 'g', -1, 32)
	case kindFloat64:
		return strconv.AppendFloat(out, math.Float64frombits(le.Uint64(b)), 'g', -1, 64)
	case kindBool:
		return strconv.AppendBool(out, le.Uint32(b) != 0)
	}
	return appendWindows(out, kind, b)
}

// appendWindows writes a value of a type that only Windows has.
func appendWindows(out []byte, kind byte, b []byte) []byte {
	le := binary.LittleEndian
	switch kind {
	case kindHex32:
		return appendHexNumber(out, uint64(le.Uint32(b)))
	case kindHex64:
		return appendHexNumber(out, le.Uint64(b))
	case kindSize:
		if len(b) >= 8 {
			return appendHexNumber(out, le.Uint64(b))
		}
		return appendHexNumber(out, uint64(le.Uint32(b)))
	case kindGUID:
		return appendGUID(out, b)
	case kindSID:
		return appendSID(out, b)
	case kindFileTime:
		if t := fileTime(le.Uint64(b)); !t.IsZero() {
			return t.AppendFormat(out, timeLayout)
		}
		return strconv.AppendUint(out, le.Uint64(b), 10)
	case kindSystemTime:
		at := func(i int) int { return int(le.Uint16(b[2*i:])) }
		t := time.Date(at(0), time.Month(at(1)), at(3), at(4), at(5), at(6), at(7)*int(time.Millisecond), time.UTC)
		return t.AppendFormat(out, timeLayout)
	}
	return appendHex(out, b) // a type that nobody knows
}

func appendHexNumber(out []byte, n uint64) []byte {
	return strconv.AppendUint(append(out, "0x"...), n, 16)
}

// appendHex writes bytes as Windows does, in upper case.
func appendHex(out, b []byte) []byte {
	from := len(out)
	out = hex.AppendEncode(out, b)
	upper(out[from:])
	return out
}

func upper(b []byte) {
	for i, c := range b {
		if c >= 'a' && c <= 'f' {
			b[i] = c - 'a' + 'A'
		}
	}
}

func appendGUID(out, b []byte) []byte {
	from := len(out)
	out = append(out, '{')
	for _, at := range [...]int{3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15} {
		if at < 0 {
			out = append(out, '-')
			continue
		}
		out = hex.AppendEncode(out, b[at:at+1])
	}
	upper(out[from:])
	return append(out, '}')
}

// sidBytes is how long the id of a user with n parts is.
func sidBytes(n int) int { return 8 + 4*n }

// appendSID writes the id of a user or group. Damaged ones have fewer parts.
func appendSID(out, b []byte) []byte {
	authority := uint64(0)
	for _, c := range b[2:8] {
		authority = authority<<8 | uint64(c)
	}
	out = strconv.AppendUint(append(out, "S-"...), uint64(b[0]), 10)
	out = strconv.AppendUint(append(out, '-'), authority, 10)
	for i := 0; i < int(b[1]) && sidBytes(i+1) <= len(b); i++ {
		out = strconv.AppendUint(append(out, '-'), uint64(binary.LittleEndian.Uint32(b[sidBytes(i):])), 10)
	}
	return out
}

// items are the values of a list.
type items struct {
	b    []byte
	left value // what was not given yet; kind is that of one value
}

func (v value) items(b []byte) *items {
	v.kind &^= kindArray
	return &items{b, v}
}

// next returns the next value. A value that is cut off ends the list.
func (it *items) next() (value, bool) {
	if it.left.at >= it.left.end {
		return value{}, false
	}
	v := it.left
	switch v.kind {
	case kindString:
		v.end, it.left.at = it.untilNUL(2)
	case kindANSI:
		v.end, it.left.at = it.untilNUL(1)
	case kindNull, kindXML, kindBinary: // not known as lists
		it.left.at = v.end
	default:
		n := width(v.kind)
		if v.kind == kindSID && v.end-v.at >= n {
			n = sidBytes(int(it.b[v.at+1]))
		}
		v.end = min(v.at+n, v.end)
		it.left.at = v.end
	}
	return v, true
}

// untilNUL returns where the text at hand ends, and where the next one begins.
func (it *items) untilNUL(unit int) (end, next int) {
	for end = it.left.at; end+unit <= it.left.end; end += unit {
		if it.b[end] == 0 && (unit == 1 || it.b[end+1] == 0) {
			return end, end + unit
		}
	}
	return it.left.end, it.left.end
}
