package pe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
)

// A builder makes programs with one section of resources.
type builder struct {
	machine  uint16
	wide     bool
	resource []byte
	size     uint32 // of the data directory; 0 means that of resource
}

const sectionRVA, sectionAt = 0x1000, 0x400

// build gives the bytes of a program.
func (b *builder) build() []byte {
	out := make([]byte, sectionAt)
	copy(out, "MZ")
	binary.LittleEndian.PutUint32(out[0x3c:], 0x80)
	copy(out[0x80:], "PE\x00\x00")
	head := out[0x84:]
	binary.LittleEndian.PutUint16(head, b.machine)
	binary.LittleEndian.PutUint16(head[2:], 1) // sections
	optional, magic, dirs, count := 224, uint16(0x10b), 96, 92
	if b.wide {
		optional, magic, dirs, count = 240, 0x20b, 112, 108
	}
	binary.LittleEndian.PutUint16(head[16:], uint16(optional))
	binary.LittleEndian.PutUint16(head[18:], 0x2000) // DLL
	opt := head[20:]
	binary.LittleEndian.PutUint16(opt, magic)
	binary.LittleEndian.PutUint32(opt[count:], 16)
	size := b.size
	if size == 0 {
		size = uint32(len(b.resource))
	}
	if len(b.resource) > 0 {
		binary.LittleEndian.PutUint32(opt[dirs+2*8:], sectionRVA)
		binary.LittleEndian.PutUint32(opt[dirs+2*8+4:], size)
	}
	sec := opt[optional:]
	copy(sec, ".rsrc")
	binary.LittleEndian.PutUint32(sec[8:], uint32(len(b.resource)))
	binary.LittleEndian.PutUint32(sec[12:], sectionRVA)
	binary.LittleEndian.PutUint32(sec[16:], uint32(len(b.resource)))
	binary.LittleEndian.PutUint32(sec[20:], sectionAt)
	return append(out, b.resource...)
}

// tree makes a resource tree of three levels with one version resource.
func tree(version []byte) []byte {
	var out []byte
	directory := func(id, to uint32) {
		head := make([]byte, directoryBytes+entryBytes)
		binary.LittleEndian.PutUint16(head[14:], 1)
		binary.LittleEndian.PutUint32(head[16:], id)
		binary.LittleEndian.PutUint32(head[20:], to)
		out = append(out, head...)
	}
	directory(typeVersion, 24|subdirectory)
	directory(1, 48|subdirectory)
	directory(1033, 72)
	leaf := make([]byte, dataBytes)
	binary.LittleEndian.PutUint32(leaf, sectionRVA+88)
	binary.LittleEndian.PutUint32(leaf[4:], uint32(len(version)))
	return append(append(out, leaf...), version...)
}

// makeBlock makes a block of the version resource.
func makeBlock(key string, isText bool, value []byte, inside ...[]byte) []byte {
	out := make([]byte, blockHead)
	for _, u := range utf16.Encode([]rune(key + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	pad := func() {
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	pad()
	n := len(value)
	if isText {
		n /= 2
		binary.LittleEndian.PutUint16(out[4:], 1)
	}
	binary.LittleEndian.PutUint16(out[2:], uint16(n))
	out = append(out, value...)
	for _, b := range inside {
		pad()
		out = append(out, b...)
	}
	binary.LittleEndian.PutUint16(out, uint16(len(out)))
	return out
}

func wide(text string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// versionInfo makes a whole version resource.
func versionInfo(a, b, c, d uint32) []byte {
	fixed := make([]byte, fixedBytes)
	binary.LittleEndian.PutUint32(fixed, fixedSignature)
	for _, at := range []int{8, 16} {
		binary.LittleEndian.PutUint32(fixed[at:], a<<16|b)
		binary.LittleEndian.PutUint32(fixed[at+4:], c<<16|d)
	}
	company := makeBlock("CompanyName", true, wide("Example AG"))
	table := makeBlock("040904B0", true, nil, company)
	strings := makeBlock("StringFileInfo", true, nil, table)
	vars := makeBlock("VarFileInfo", true, nil, makeBlock("Translation", false, []byte{9, 4, 0xb0, 4}))
	return makeBlock("VS_VERSION_INFO", false, fixed, strings, vars)
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name string
		b    builder
		want Info
	}{
		{"x86", builder{machine: 0x14c, resource: tree(versionInfo(16, 0, 14026, 20308))}, Info{Machine: X86, Bits: 32, Version: "16.0.14026.20308"}},
		{"x64", builder{machine: 0x8664, wide: true, resource: tree(versionInfo(6, 5, 8353, 0))}, Info{Machine: X64, Bits: 64, Version: "6.5.8353.0"}},
		{"largest numbers", builder{machine: 0xaa64, wide: true, resource: tree(versionInfo(65535, 65535, 65535, 65535))}, Info{Machine: ARM64, Bits: 64, Version: "65535.65535.65535.65535"}},
	} {
		data := c.b.build()
		got, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got.Machine != c.want.Machine || got.Bits != c.want.Bits || got.Version != c.want.Version || got.Product != c.want.Version || !got.DLL {
			t.Errorf("%s: %+v; want %+v", c.name, got, c.want)
		}
		if got.Strings["CompanyName"] != "Example AG" {
			t.Errorf("%s: strings %v", c.name, got.Strings)
		}
	}
}

// TestReadHostile: loops, huge sizes and cut files end with an error, and what the
// headers say is kept.
func TestReadHostile(t *testing.T) {
	good := versionInfo(1, 2, 3, 4)
	edit := func(at int, value uint32) []byte {
		r := tree(good)
		binary.LittleEndian.PutUint32(r[at:], value)
		return r
	}
	many := tree(good)
	binary.LittleEndian.PutUint16(many[14:], 0xffff)
	nested := good
	for range 40 {
		nested = makeBlock("StringFileInfo", true, nil, nested)
	}
	fixed := make([]byte, fixedBytes)
	binary.LittleEndian.PutUint32(fixed, fixedSignature)
	for _, c := range []struct {
		name     string
		resource []byte
		want     string
	}{
		{"no resources", nil, "no version resource"},
		{"directory that contains itself", edit(20, 0|subdirectory), "no version resource|deeper|out of the sections|limit|damaged"},
		{"loop on the last level", edit(48+20, 0|subdirectory), "deeper than three levels"},
		{"offset outside", edit(20, 0x7ffffff0|subdirectory), "out of the sections"},
		{"huge version", edit(72+4, 0xffffffff), "the limit is"},
		{"data outside", edit(72, 0xfffffff0), "out of the sections"},
		{"too many entries", many, "the limit is"},
		{"another type", edit(16, 3), "no version resource"},
		{"no block", tree(make([]byte, 40)), "damaged"},
		{"block that is too long", tree(append([]byte{0xff, 0xff}, good[2:]...)), "damaged"},
		{"no numbers", tree(makeBlock("VS_VERSION_INFO", false, nil)), "no numbers"},
		{"nested too deep", tree(makeBlock("VS_VERSION_INFO", false, fixed, nested)), "strings of the version resource"},
	} {
		b := builder{machine: 0x14c, resource: c.resource}
		data := b.build()
		info, err := Read(bytes.NewReader(data), int64(len(data)))
		ok := false
		for want := range strings.SplitSeq(c.want, "|") {
			ok = ok || err != nil && strings.Contains(err.Error(), want)
		}
		if !ok {
			t.Errorf("%s: error %v; want %s", c.name, err, c.want)
		}
		if info.Machine != X86 {
			t.Errorf("%s: machine %q is lost", c.name, info.Machine)
		}
	}
	whole := (&builder{machine: 0x14c, resource: tree(good)}).build()
	for n := range len(whole) {
		if _, err := Read(bytes.NewReader(whole[:n]), int64(n)); err == nil && n < sectionAt+88 {
			t.Errorf("cut to %d bytes: no error", n)
		}
	}
	if _, err := Read(bytes.NewReader(nil), MaxFileBytes+1); err == nil {
		t.Error("a file beyond the limit is read")
	}
	_, err := Read(strings.NewReader("not a program"), 13)
	if err == nil || errors.Is(err, ErrNoVersion) {
		t.Errorf("text: %v", err)
	}
}

// TestReadReal reads DLLs of Wine, where they are installed.
func TestReadReal(t *testing.T) {
	const path = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/mapi32.dll"
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no Windows program is at hand: %v", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(f, info.Size())
	if err != nil || got.Machine != X64 || !strings.Contains(got.Version, ".") {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add((&builder{machine: 0x14c, resource: tree(versionInfo(1, 2, 3, 4))}).build())
	f.Add((&builder{machine: 0x8664, wide: true, resource: tree(versionInfo(16, 0, 1, 2))}).build())
	f.Add([]byte("MZ"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Read(bytes.NewReader(data), int64(len(data)))
		if err == nil && info.Version == "" {
			t.Error("no error, and no version")
		}
		if len(info.Strings) > maxStrings {
			t.Errorf("%d strings", len(info.Strings))
		}
	})
}
