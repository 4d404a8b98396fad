package hive

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"oxtail/parser/profile/keytest"
)

const sharedHives = "../../../shared/samples/hives"

func TestConformance(t *testing.T) {
	file := keytest.HiveFile(keytest.Fixture())
	h, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Problems) != 0 || h.Dirty {
		t.Errorf("a sound hive gives dirty = %v, problems %v", h.Dirty, h.Problems)
	}
	keytest.Run(t, h.Root())
	keytest.Places(t, h.root, file)
}

// TestExpected compares with what two other readers found in real hives.
func TestExpected(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(sharedHives, "EXPECTED.tsv"))
	if err != nil {
		t.Skip("the real hives are not here: ", err)
	}
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if f[0] == "file" {
			continue
		}
		t.Run(f[0], func(t *testing.T) { checkExpected(t, f) })
	}
}

func checkExpected(t *testing.T, f []string) {
	primary := sample(t, f[0])
	alone, err := Open(primary)
	if err != nil {
		t.Fatal(err)
	}
	wantInts(t, "without logs", f[1:6], alone.Keys, alone.Values, alone.Depth, int(alone.Sequence1), int(alone.Sequence2))
	if dirty := f[4] != f[5]; alone.Dirty != dirty || (len(alone.Problems) > 0) != dirty {
		t.Errorf("without logs: dirty = %v, problems %v; want %v", alone.Dirty, alone.Problems, dirty)
	}
	var logs [][]byte
	for _, ending := range []string{".LOG1.gz", ".LOG2.gz"} {
		name := strings.TrimSuffix(f[0], ".gz") + ending
		if _, err := os.Stat(filepath.Join(sharedHives, name)); err == nil {
			logs = append(logs, sample(t, name))
		}
	}
	before := bytes.Clone(primary)
	both, err := Open(primary, logs...)
	if err != nil {
		t.Fatal(err)
	}
	wantInts(t, "with logs", f[6:10], both.Replayed.Entries, both.Replayed.Pages, both.Keys, both.Values)
	if len(both.Problems) != 0 {
		t.Errorf("with logs: problems %v, want none", both.Problems)
	}
	if !bytes.Equal(primary, before) {
		t.Error("Open changed the caller's bytes")
	}
	if len(logs) == 2 {
		checkLogOrder(t, primary, logs, both)
	}
}

func checkLogOrder(t *testing.T, primary []byte, logs [][]byte, both *Hive) {
	swapped, err := Open(primary, logs[1], logs[0])
	if err != nil {
		t.Fatal(err)
	}
	keytest.Equal(t, swapped.Root(), both.Root())
	first, err := Open(primary, logs[0])
	if err != nil {
		t.Fatal(err)
	}
	wantInts(t, "LOG1 alone", []string{"53", "6205"}, first.Replayed.Pages, first.Keys)
	logs[1] = bytes.Clone(logs[1])
	logs[1][24576+100] ^= 1 // in the second entry
	broken, err := Open(primary, logs...)
	if err != nil {
		t.Fatal(err)
	}
	wantInts(t, "LOG2 with a wrong hash", []string{"5"}, broken.Replayed.Entries)
	if len(broken.Problems) != 1 || !strings.Contains(broken.Problems[0].Detail, "hash") {
		t.Errorf("LOG2 with a wrong hash: problems %v, want one about the hash", broken.Problems)
	}
	cut := bytes.Clone(primary)
	cut[100] ^= 1 // the checksum is wrong now
	mended, err := Open(cut, logs[0])
	if err != nil {
		t.Fatal(err)
	}
	if mended.Replayed.Entries != 4 || mended.Keys != 6205 {
		t.Errorf("base block from the log: %d entries, %d keys; want 4, 6205", mended.Replayed.Entries, mended.Keys)
	}
}

func wantInts(t *testing.T, what string, want []string, got ...int) {
	t.Helper()
	for i := range got {
		if strconv.Itoa(got[i]) != want[i] {
			t.Errorf("%s: number %d is %d, want %s", what, i+1, got[i], want[i])
		}
	}
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedHives, name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return data
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return data
}

// dirtyPair makes a hive with one value, the same hive with another value, and
// gives the first as a dirty primary file and both images of the bins.
func dirtyPair(t testing.TB) (primary, oldBins, newBins []byte) {
	t.Helper()
	image := func(text string) []byte {
		root := &keytest.Node{KeyName: "root"}
		root.Key("Software").Text("state", text)
		return keytest.HiveFile(root)
	}
	primary = image("before")
	binary.LittleEndian.PutUint32(primary[4:], 7)
	binary.LittleEndian.PutUint32(primary[8:], 6)
	binary.LittleEndian.PutUint64(primary[12:], 0x1d0)
	keytest.Seal(primary)
	return primary, primary[baseBytes:], image("after!")[baseBytes:]
}

// newLog writes a HvLE log that holds whole images of the bins.
func newLog(primary []byte, first uint32, images ...[]byte) []byte {
	log := bytes.Clone(primary[:sectorBytes])
	binary.LittleEndian.PutUint32(log[4:], first)
	binary.LittleEndian.PutUint32(log[8:], first)
	binary.LittleEndian.PutUint32(log[28:], typeLogNew)
	keytest.Seal(log)
	for i, image := range images {
		log = append(log, newEntry(first+uint32(i), image)...)
	}
	return append(log, make([]byte, sectorBytes)...)
}

func newEntry(sequence uint32, image []byte) []byte {
	e := make([]byte, entryHeadBytes+pageRefBytes)
	copy(e, "HvLE")
	e = append(e, image...)
	e = append(e, make([]byte, -len(e)&(sectorBytes-1))...)
	put := func(pos, n int) { binary.LittleEndian.PutUint32(e[pos:], uint32(n)) }
	put(4, len(e))
	put(12, int(sequence))
	put(16, len(image))
	put(20, 1)
	put(entryHeadBytes+4, len(image))
	sealEntry(e)
	return e
}

func sealEntry(e []byte) {
	binary.LittleEndian.PutUint64(e[24:], marvin32(e[entryHeadBytes:]))
	binary.LittleEndian.PutUint64(e[32:], marvin32(e[:hashedHead]))
}

// dirtLog writes a log of the old format with every page dirty.
func dirtLog(primary, image []byte) []byte {
	log := bytes.Clone(primary[:sectorBytes])
	binary.LittleEndian.PutUint32(log[4:], 6)
	binary.LittleEndian.PutUint32(log[28:], typeLogOld)
	keytest.Seal(log)
	log = append(log, "DIRT"...)
	for range len(image) / sectorBytes / 8 {
		log = append(log, 0xff)
	}
	log = append(log, make([]byte, -len(log)&(sectorBytes-1))...)
	return append(log, image...)
}

func TestReplay(t *testing.T) {
	primary, before, after := dirtyPair(t)
	clean := bytes.Clone(primary)
	binary.LittleEndian.PutUint32(clean[8:], 7)
	keytest.Seal(clean)
	grown := append(bytes.Clone(after), make([]byte, binAlign)...)
	wrongPage := newEntry(6, after)
	binary.LittleEndian.PutUint32(wrongPage[entryHeadBytes:], 0x7fffff00)
	sealEntry(wrongPage)
	huge := newEntry(6, after)
	binary.LittleEndian.PutUint32(huge[16:], 0x7ffff000)
	sealEntry(huge)
	head := newLog(primary, 6)[:sectorBytes]
	otherTime := bytes.Clone(primary)
	otherTime[12] = 0
	keytest.Seal(otherTime)

	for _, c := range []struct {
		name    string
		primary []byte
		logs    [][]byte
		want    string // of the value
		entries int
		problem string // part of the first problem; "" for none
	}{
		{"no log", primary, nil, "before", 0, "no transaction log was given"},
		{"one entry", primary, [][]byte{newLog(primary, 6, after)}, "after!", 1, ""},
		{"entry beyond the expected number", primary, [][]byte{newLog(primary, 9, after)}, "after!", 1, ""},
		{"stale entries only", primary, [][]byte{newLog(primary, 4, after)}, "before", 0, "no log entry could be applied"},
		{"stale entry first", primary, [][]byte{newLog(primary, 5, before, after)}, "after!", 1, ""},
		{"two logs", primary, [][]byte{newLog(primary, 6, before), newLog(primary, 7, after)}, "after!", 2, ""},
		{"two logs, wrong order", primary, [][]byte{newLog(primary, 7, after), newLog(primary, 6, before)}, "after!", 2, ""},
		{"gap between logs", primary, [][]byte{newLog(primary, 6, before), newLog(primary, 9, after)}, "before", 1, "entries 7 to 8 are missing"},
		{"hive grows", primary, [][]byte{newLog(primary, 6, grown)}, "after!", 1, ""},
		{"page beyond the end", primary, [][]byte{append(bytes.Clone(head), wrongPage...)}, "before", 0, "lies beyond"},
		{"hive of 2 GB", primary, [][]byte{append(bytes.Clone(head), huge...)}, "before", 0, "would grow"},
		{"empty third log", primary, [][]byte{nil, newLog(primary, 6, after)}, "after!", 1, ""},
		{"log is no log", primary, [][]byte{primary}, "before", 0, "is no transaction log"},
		{"log is text", primary, [][]byte{[]byte("hello")}, "before", 0, "no registry hive"},
		{"clean hive ignores logs", clean, [][]byte{newLog(primary, 8, after)}, "before", 0, ""},
		{"old format", primary, [][]byte{dirtLog(primary, after)}, "after!", 1, ""},
		{"old format of another time", primary, [][]byte{dirtLog(otherTime, after)}, "before", 0, "another state"},
		{"old format, cut", primary, [][]byte{dirtLog(primary, after)[:2048]}, "before", 0, "cut after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := Open(c.primary, c.logs...)
			if err != nil {
				t.Fatal(err)
			}
			if got := stateOf(t, h); got != c.want || h.Replayed.Entries != c.entries {
				t.Errorf("value %q after %d entries, want %q after %d; problems %v", got, h.Replayed.Entries, c.want, c.entries, h.Problems)
			}
			first := ""
			if len(h.Problems) > 0 {
				first = h.Problems[0].Detail
			}
			if !strings.Contains(first, c.problem) || (c.problem == "") != (first == "") {
				t.Errorf("first problem %q, want %q", first, c.problem)
			}
		})
	}
}

func stateOf(t *testing.T, h *Hive) string {
	t.Helper()
	keys, err := h.Root().Subkeys()
	if err != nil || len(keys) != 1 {
		t.Fatalf("subkeys %v, %v", keys, err)
	}
	values, err := keys[0].Values()
	if err != nil || len(values) != 1 {
		t.Fatalf("values %v, %v", values, err)
	}
	return strings.TrimRight(strings.ReplaceAll(string(values[0].Data), "\x00", ""), "\x00")
}

// TestDamage bends one field at a time: Open must end, say what is wrong, and
// read the rest.
func TestDamage(t *testing.T) {
	root := &keytest.Node{KeyName: "root"}
	root.Key("a").Key("b").Text("v", "a text of its own cell")
	root.Key("c").Dword("n", 1)
	good := keytest.HiveFile(root)
	find := func(signature, name string) int {
		head := 76
		if signature == "vk" {
			head = 20
		}
		for pos := baseBytes + 32; pos < len(good)-head; pos += 8 {
			if string(good[pos+4:pos+6]) == signature && strings.HasPrefix(string(good[pos+4+head:]), name+"\x00") {
				return pos
			}
		}
		t.Fatalf("no cell %s %q", signature, name)
		return 0
	}
	cellOf := func(pos int) uint32 { return uint32(pos - baseBytes) }
	listOf := func(key int) int {
		return baseBytes + int(binary.LittleEndian.Uint32(good[key+4+28:]))
	}
	rootKey := find("nk", "root")
	for _, c := range []struct {
		name string
		pos  int
		put  uint32
		keys int
	}{
		{"key below itself", listOf(find("nk", "a")) + 8, cellOf(find("nk", "a")), 3},
		{"key below its child's child", listOf(find("nk", "a")) + 8, cellOf(rootKey), 3},
		{"list shared by two keys", find("nk", "c") + 4 + 28, binary.LittleEndian.Uint32(good[rootKey+4+28:]), 4},
		{"list beyond the end", find("nk", "a") + 4 + 28, 0x00fffff8, 3},
		{"list in volatile memory", find("nk", "a") + 4 + 28, 0x80000020, 3},
		{"list is a key", find("nk", "a") + 4 + 28, cellOf(find("nk", "c")), 3},
		{"list of 65535 keys", listOf(rootKey) + 4, 0xffff686c, 4},
		{"key cell not in use", find("nk", "b"), 96, 3},
		{"value list beyond the end", find("nk", "c") + 4 + 40, 0x00fffff8, 4},
		{"4 billion values", find("nk", "c") + 4 + 36, 0xffffffff, 4},
		{"value data beyond the end", find("vk", "v") + 4 + 8, 0x00fffff8, 4},
		{"value data of 2 GB", find("vk", "v") + 4 + 4, 0x7fffffff, 4},
		{"name longer than the cell", find("nk", "b") + 4 + 72, 0xffff, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			bent := bytes.Clone(good)
			binary.LittleEndian.PutUint32(bent[c.pos:], c.put)
			if c.name == "list shared by two keys" {
				binary.LittleEndian.PutUint32(bent[find("nk", "c")+4+20:], 2)
			}
			h, err := Open(bent)
			if err != nil {
				t.Fatal(err)
			}
			if len(h.Problems) == 0 {
				t.Error("no problem was reported")
			}
			if h.Keys != c.keys {
				t.Errorf("%d keys were read, want %d; problems %v", h.Keys, c.keys, h.Problems)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	primary, _, after := dirtyPair(t)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":    {nil, "does not begin"},
		"text":       {[]byte("REGEDIT4\r\n"), "does not begin"},
		"head":       {primary[:100], "base block is cut"},
		"base block": {primary[:baseBytes], "hold no keys"},
		"log":        {newLog(primary, 6, after), "transaction log"},
	} {
		if _, err := Open(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open(%s): %v, want an error with %q", name, err, c.want)
		}
	}
	if h, err := Open(primary[:len(primary)-100]); err != nil || len(h.Problems) == 0 || !h.Dirty {
		t.Errorf("a hive that is cut: %v, %v; want it read, with a problem", h, err)
	}
	if !Detect(primary) || Detect([]byte("re")) || IsLog(primary) || !IsLog(newLog(primary, 6)) {
		t.Error("Detect or IsLog is wrong")
	}
}
