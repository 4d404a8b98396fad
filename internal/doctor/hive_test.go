package doctor_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"oxtail/actions/checks"
)

// A hiveKey is a key of a hive that a test makes.
type hiveKey struct {
	name   string
	subs   []*hiveKey
	values []hiveValue
}

type hiveValue struct {
	name string
	kind uint32 // 1 text, 4 number
	data []byte
}

// sub gives the key at a path below k, and makes what is missing.
func (k *hiveKey) sub(path ...string) *hiveKey {
	for _, name := range path {
		var next *hiveKey
		for _, s := range k.subs {
			if s.name == name {
				next = s
			}
		}
		if next == nil {
			next = &hiveKey{name: name}
			k.subs = append(k.subs, next)
		}
		k = next
	}
	return k
}

func (k *hiveKey) text(name, text string) *hiveKey {
	var data []byte
	for _, u := range utf16.Encode([]rune(text + "\x00")) {
		data = binary.LittleEndian.AppendUint16(data, u)
	}
	k.values = append(k.values, hiveValue{name, 1, data})
	return k
}

func (k *hiveKey) number(name string, n uint32) *hiveKey {
	k.values = append(k.values, hiveValue{name, 4, binary.LittleEndian.AppendUint32(nil, n)})
	return k
}

// A hiveWriter lays cells out in one bin.
type hiveWriter struct{ bin []byte }

const noOffset = 0xffffffff

// cell adds a cell and gives its offset.
func (w *hiveWriter) cell(data []byte) uint32 {
	size := (4 + len(data) + 7) &^ 7
	at := uint32(len(w.bin))
	w.bin = binary.LittleEndian.AppendUint32(w.bin, uint32(-int32(size)))
	w.bin = append(w.bin, data...)
	w.bin = append(w.bin, make([]byte, size-4-len(data))...)
	return at
}

// key adds a key with all below it.
func (w *hiveWriter) key(k *hiveKey, isRoot bool) uint32 {
	le := binary.LittleEndian
	head := make([]byte, 76+len(k.name))
	at := w.cell(head)
	var list, values []byte
	for _, s := range k.subs {
		list = le.AppendUint32(list, w.key(s, false))
		list = le.AppendUint32(list, 0) // hash, which readers may not trust
	}
	for _, v := range k.values {
		values = le.AppendUint32(values, w.value(v))
	}
	subList, valueList := uint32(noOffset), uint32(noOffset)
	if len(k.subs) > 0 {
		subList = w.lists(list)
	}
	if len(k.values) > 0 {
		valueList = w.cell(values)
	}
	copy(head, "nk")
	le.PutUint16(head[2:], 0x20)
	if isRoot {
		le.PutUint16(head[2:], 0x2c)
	}
	le.PutUint32(head[20:], uint32(len(k.subs)))
	for at, v := range map[int]uint32{28: subList, 32: noOffset, 36: uint32(len(k.values)), 40: valueList, 44: noOffset, 48: noOffset} {
		le.PutUint32(head[at:], v)
	}
	le.PutUint16(head[72:], uint16(len(k.name)))
	copy(head[76:], k.name)
	copy(w.bin[at+4:], head)
	return at
}

// lists writes the list of subkeys, in pieces when there are many.
func (w *hiveWriter) lists(entries []byte) uint32 {
	const most = 500 * 8
	piece := func(part []byte) uint32 {
		return w.cell(append(binary.LittleEndian.AppendUint16([]byte("lh"), uint16(len(part)/8)), part...))
	}
	if len(entries) <= most {
		return piece(entries)
	}
	var index []byte
	n := 0
	for ; len(entries) > 0; n++ {
		part := entries[:min(most, len(entries))]
		entries = entries[len(part):]
		index = binary.LittleEndian.AppendUint32(index, piece(part))
	}
	return w.cell(append(binary.LittleEndian.AppendUint16([]byte("ri"), uint16(n)), index...))
}

func (w *hiveWriter) value(v hiveValue) uint32 {
	le := binary.LittleEndian
	head := make([]byte, 20+len(v.name))
	copy(head, "vk")
	le.PutUint16(head[2:], uint16(len(v.name)))
	le.PutUint32(head[4:], uint32(len(v.data)))
	le.PutUint32(head[12:], v.kind)
	le.PutUint16(head[16:], 1)
	copy(head[20:], v.name)
	if len(v.data) <= 4 {
		le.PutUint32(head[4:], uint32(len(v.data))|1<<31)
		copy(head[8:12], v.data)
	} else {
		le.PutUint32(head[8:], w.cell(v.data))
	}
	return w.cell(head)
}

// writeHive writes a hive file.
func writeHive(t testing.TB, path string, root *hiveKey) {
	t.Helper()
	le := binary.LittleEndian
	w := &hiveWriter{bin: make([]byte, 32)}
	at := w.key(root, true)
	size := (len(w.bin) + 8 + 4095) &^ 4095
	w.bin = le.AppendUint32(w.bin, uint32(size-len(w.bin))) // a free cell
	w.bin = append(w.bin, make([]byte, size-len(w.bin))...)
	copy(w.bin, "hbin")
	le.PutUint32(w.bin[8:], uint32(size))
	base := make([]byte, 4096)
	copy(base, "regf")
	for at, v := range map[int]uint32{4: 1, 8: 1, 20: 1, 24: 5, 32: 1, 36: at, 40: uint32(size), 44: 1} {
		le.PutUint32(base[at:], v)
	}
	var sum uint32
	for i := 0; i < 508; i += 4 {
		sum ^= le.Uint32(base[i:])
	}
	le.PutUint32(base[508:], sum)
	if err := os.WriteFile(path, append(base, w.bin...), 0o666); err != nil {
		t.Fatal(err)
	}
}

// padding is how many more keys the three hives have: of a real computer, or of a test.
type padding struct{ software, system, user int }

// writeHives writes SOFTWARE, SYSTEM and NTUSER.DAT of a bad server.
func writeHives(t testing.TB, dir string, pad padding) {
	t.Helper()
	software := &hiveKey{name: "ROOT"}
	software.sub("Clients", "Mail").text("", "Microsoft Outlook")
	software.sub("WOW6432Node", "Clients", "Mail").text("", "Microsoft Outlook")
	software.sub("Microsoft", "Office", "16.0", "Outlook").text("Bitness", "x64")
	software.sub("Microsoft", "Windows", "CurrentVersion", "Uninstall")
	software.sub("WOW6432Node", "Microsoft", "Windows", "CurrentVersion", "Uninstall", "{1}").
		text("DisplayName", "Microsoft Exchange Server MAPI Client and Collaboration Data Objects 1.2.1").text("DisplayVersion", "6.5.8244.0")
	classes := software.sub("Classes", "CLSID")
	for i := range pad.software {
		classes.subs = append(classes.subs, (&hiveKey{name: fmt.Sprintf("{%08X-0000-0000-0000-000000000000}", i)}).text("", "Some class of objects"))
	}
	system := &hiveKey{name: "ROOT"}
	system.sub("Select").number("Current", 2)
	system.sub("ControlSet001", "Control", "Lsa").number("LmCompatibilityLevel", 5)
	system.sub("ControlSet002", "Control", "Lsa").number("LmCompatibilityLevel", 1)
	system.sub("ControlSet002", "Services", "Tcpip", "Parameters").text("Domain", "other.example.org")
	system.sub("ControlSet002", "Services", "XPhoneServer").text("ImagePath", `C:\XPhone\x.exe`).text("ObjectName", "LocalSystem")
	for i := range pad.system {
		system.sub("ControlSet002", "Enum").subs = append(system.sub("ControlSet002", "Enum").subs, (&hiveKey{name: fmt.Sprintf("DEV_%05d", i)}).text("DeviceDesc", "a device"))
	}
	user := &hiveKey{name: "ROOT"}
	user.sub("Software", "Clients", "Mail").text("", "Microsoft Outlook")
	for i := range pad.user {
		user.sub("Software", "Other").subs = append(user.sub("Software", "Other").subs, (&hiveKey{name: fmt.Sprintf("K%05d", i)}).number("n", uint32(i)))
	}
	for name, root := range map[string]*hiveKey{"SOFTWARE": software, "SYSTEM": system, "NTUSER.DAT": user} {
		writeHive(t, filepath.Join(dir, name), root)
	}
}

// TestHiveFiles reads three hives from files: the current control set counts, and what a
// whole hive does not hold is absent.
func TestHiveFiles(t *testing.T) {
	dir := t.TempDir()
	writeHives(t, dir, padding{1200, 10, 10})
	got := run(t, checks.Input{Config: checks.Config{"exchange_domain": "example.com", "exchange_domain_netbios": "EXAMPLE"}}, dir)
	for id, want := range map[string]checks.Word{
		"ENV003": checks.Fail, "ENV004": checks.Warn, "ENV005": checks.Fail, "ENV008": checks.Fail, "ENV009": checks.Fail, "ENV010": checks.Fail,
		"ENV022": checks.Fail, "ENV024": checks.Fail, "ENV001": checks.Unknown, "ENV051": checks.Fail,
	} {
		if r := got[id]; r.Result != want {
			t.Errorf("%s is %s (%v, %v); want %s", id, r.Result, r.Why, r.Evidence, want)
		}
	}
}

// BenchmarkHives is oxtail doctor on a bundle with three hives of the size of a real
// computer: 150,000, 30,000 and 20,000 keys.
func BenchmarkHives(b *testing.B) {
	dir := b.TempDir()
	writeHives(b, dir, padding{150_000, 30_000, 20_000})
	set, err := checks.Default()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		facts, _, _ := gather(b, dir)
		if n := len(set.Run(facts, checks.Input{Role: checks.XPhoneServer})); n == 0 {
			b.Fatal("no results")
		}
	}
}
