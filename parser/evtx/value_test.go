package evtx

import (
	"testing"

	"oxtail/parser/evtx/evtxtest"
)

// TestValues renders a value of every type, as Windows writes it.
func TestValues(t *testing.T) {
	f := func(kind byte, b []byte, want string) {
		t.Helper()
		chunk := append(append([]byte(nil), b...), 0, 0, kind) // the value, then the place for it
		fr := fragment{writer: &writer{chunk: chunk}, cursor: cursor{b: chunk, at: len(b), end: len(chunk)}, values: []value{{kind: kind, end: len(b)}}}
		if err := fr.substitute(false); err != nil {
			t.Errorf("type 0x%02x of % x: %v", kind, b, err)
		}
		if got := string(fr.out); got != want {
			t.Errorf("type 0x%02x of % x is %q, want %q", kind, b, got, want)
		}
	}
	guid := []byte{0x30, 0xb0, 0x33, 0xe2, 0xc9, 0xc8, 0x2c, 0x47, 0xa5, 0xf9, 0xf2, 0xbd, 0xfe, 0xa0, 0xf1, 0x56}
	sid := []byte{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}
	f(kindNull, nil, "")
	f(kindString, evtxtest.UTF16("Größe\x00\x00"), "Größe")
	f(kindString, []byte{0x3d, 0xd8, 'x', 0, 1, 0}, "\ufffdx\ufffd") // half a pair, a control character
	f(kindANSI, []byte("Gr\xf6\xdfe <1>\x00"), "Größe &lt;1&gt;")
	f(kindInt8, []byte{0xff}, "-1")
	f(kindUint8, []byte{0xff}, "255")
	f(kindInt16, []byte{0xfe, 0xff}, "-2")
	f(kindUint16, []byte{0xfe, 0xff}, "65534")
	f(kindInt32, []byte{0xfd, 0xff, 0xff, 0xff}, "-3")
	f(kindUint32, []byte{1, 0, 0, 0x80}, "2147483649")
	f(kindInt64, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "-1")
	f(kindUint64, []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, "9223372036854775808")
	f(kindFloat32, []byte{0, 0, 0xc0, 0x3f}, "1.5")
	f(kindFloat64, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0xbf}, "-1.5")
	f(kindBool, []byte{2, 0, 0, 0}, "true")
	f(kindBool, []byte{0}, "false") // shorter than its type
	f(kindBinary, []byte{0xca, 0xfe}, "CAFE")
	f(kindGUID, guid, "{E233B030-C8C9-472C-A5F9-F2BDFEA0F156}")
	f(kindSize, []byte{0x10, 0x20, 0, 0}, "0x2010")
	f(kindSize, []byte{0x10, 0x20, 0, 0, 1, 0, 0, 0}, "0x100002010")
	f(kindFileTime, []byte{0, 0x80, 0x3e, 0xd5, 0xde, 0xb1, 0x9d, 0x01}, "1970-01-01T00:00:00.0000000Z")
	f(kindFileTime, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "18446744073709551615")
	f(kindSystemTime, []byte{0xe7, 7, 5, 0, 2, 0, 6, 0, 7, 0, 8, 0, 9, 0, 10, 0}, "2023-05-06T07:08:09.0100000Z")
	f(kindSID, sid, "S-1-5-32-544")
	f(kindSID, sid[:12], "S-1-5-32") // says that it is longer
	f(kindHex32, []byte{5, 0x40, 0, 0x80}, "0x80004005")
	f(kindHex64, []byte{0, 0, 0, 0, 0, 0, 0x80, 0}, "0x80000000000000")
	f(0x7e, []byte{1, 2}, "0102") // nobody knows the type
	f(kindArray|kindString, evtxtest.UTF16("a\x00\x00b\x00"), "a, , b")
	f(kindArray|kindANSI, []byte("a\x00b"), "a, b")
	f(kindArray|kindUint16, []byte{1, 0, 2, 0, 3}, "1, 2, 3")
	f(kindArray|kindSID, append(append([]byte(nil), sid...), sid...), "S-1-5-32-544, S-1-5-32-544")
}
