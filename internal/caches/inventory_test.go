package caches

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/parser/store"
)

// memory is an opened file of our own making.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func file(path string, content []byte) Candidate {
	return Candidate{
		Path: path, Size: int64(len(content)), Modified: time.Date(2012, 3, 5, 10, 0, 0, 0, time.UTC),
		Open: func() (File, error) { return memory{bytes.NewReader(content)}, nil },
	}
}

// storeBytes is a sound header of the given kind.
func storeBytes(client string, version uint16) []byte {
	b := make([]byte, 16384)
	copy(b, "!BDN")
	copy(b[8:], client)
	binary.LittleEndian.PutUint16(b[10:], version)
	binary.LittleEndian.PutUint64(b[184:], uint64(len(b)))
	binary.LittleEndian.PutUint64(b[224:], 4096)
	binary.LittleEndian.PutUint64(b[240:], 8192)
	b[512] = 0x80
	binary.LittleEndian.PutUint32(b[524:], store.CRC(b[8:524]))
	binary.LittleEndian.PutUint32(b[4:], store.CRC(b[8:479]))
	return b
}

func random(n int) []byte {
	source := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(source.Uint32())
	}
	return b
}

func TestContent(t *testing.T) {
	openDocument := "PK\x03\x04" + strings.Repeat("\x00", 26) + "mimetypeapplication/vnd.oasis.opendocument.base"
	for _, tt := range []struct {
		name    string
		bytes   []byte
		kind    Kind
		content Content
	}{
		{"a.odb", []byte("SQLite format 3\x00rest"), KindODB, "sqlite3"},
		{"a.psz", []byte("PK\x03\x04rest of an archive that is long enough to hold its header"), KindPSZ, "zip"},
		{"a.odb", []byte(openDocument), KindOther, "opendocument"},
		{"a.odb", nil, KindODB, "empty"},
		{"a.odb", make([]byte, 100), KindODB, "zeros"},
		{"a.ODB", []byte("something else"), KindODB, "opaque"},
		{"a.psz", random(SniffBytes), KindPSZ, "opaque"},
		{"a.psz", []byte("0123456789ab\x62\x31\x05\x00"), KindPSZ, "berkeley db btree"},
		{"a.psz", []byte("\x1f\x8b\x08\x00"), KindPSZ, "gzip"},
		{"a.odb", storeBytes("SM", 23), KindODB, "pst unicode"},
		{"a.ost", storeBytes("SO", 36), KindOST, "ost unicode 4k"},
		{"a.nst", storeBytes("SO", 36), KindOST, "ost unicode 4k"},
		{"misnamed.ost", storeBytes("SM", 23), KindPST, "pst unicode"},
		{"outlook.old", storeBytes("SO", 23), KindOST, "ost unicode"},
		{"no extension", storeBytes("SM", 23), KindPST, "pst unicode"},
		{"a.ost", []byte("<html>"), KindOST, "opaque"},
	} {
		got := Inventory([]Candidate{file(tt.name, tt.bytes)})
		if len(got) != 1 || got[0].Kind != tt.kind || got[0].Content != tt.content {
			t.Errorf("%s: got %+v; want one %s with content %q", tt.name, got, tt.kind, tt.content)
		}
	}
	if got := Inventory([]Candidate{file("notes.txt", []byte("hello")), file("x.old", []byte("hello"))}); len(got) != 0 {
		t.Errorf("files of no cache: got %+v; want none", got)
	}
	got := Inventory([]Candidate{file("x.psz", random(SniffBytes)), file("y.ost", nil), file("misnamed.ost", storeBytes("SM", 23))})
	if got[1].Entropy < 7.9 || !slices.Contains(got[1].Notes, "looks encrypted or compressed") {
		t.Errorf("random bytes: got entropy %v, notes %v", got[1].Entropy, got[1].Notes)
	}
	if len(got[0].Problems) != 1 || got[0].Problems[0].ID != "STO015" || len(got[2].Problems) != 1 || got[2].Problems[0].ID != "STO001" {
		t.Errorf("problems of a misnamed and an empty store: got %v, %v; want STO015, STO001", got[0].Problems, got[2].Problems)
	}
}

func TestContentCannotBeRead(t *testing.T) {
	locked := Candidate{Path: "a.ost", Size: 99, HeldBy: []string{"OUTLOOK.EXE"}, Open: func() (File, error) { return nil, errors.New("used by another process") }}
	got := Inventory([]Candidate{locked})
	if len(got) != 1 || got[0].Kind != KindOST || got[0].Content != ContentUnreadable || got[0].State != StateHeld {
		t.Errorf("got %+v; want an unreadable ost that is held", got)
	}
}

func TestStale(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kind  Kind
		state State
	}{
		{"x.odb", KindODB, StatePresent},
		{"x.odb.old", KindODB, StateStale},
		{"x.ODB.OLD", KindODB, StateStale},
		{"x.psz.old.bak", KindPSZ, StateStale},
		{"x.ost.bak", KindOST, StateStale},
		{"x.ost.old2", KindOST, StateStale},
		{"x (2).odb", KindODB, StateStale},
		{"x (a).odb", KindODB, StatePresent},
		{"x - Kopie.psz", KindPSZ, StateStale},
		{"Copy of x.pst", KindPST, StateStale},
	} {
		got := Inventory([]Candidate{{Path: tt.name, Size: 1}})
		if len(got) != 1 || got[0].Kind != tt.kind || got[0].State != tt.state {
			t.Errorf("%s: got %+v; want %s, %s", tt.name, got, tt.kind, tt.state)
		}
	}
}

func TestPairs(t *testing.T) {
	got := Inventory([]Candidate{
		{Path: `C:\a\OXSTORE2\Anna.PSZ`}, {Path: `C:\a\OXSTORE2\anna.odb`}, {Path: `C:\b\OXSTORE2\anna.odb`},
		{Path: `C:\a\OXSTORE2\anna.odb.old`}, {Path: `C:\a\OXSTORE2\anna.odb`}, {Path: `C:\a\OXSTORE2\oxtstore_1.log`},
		{Path: `C:\a\OXSTORE2\settings.dat`},
	})
	want := map[string]string{
		`C:\a\OXSTORE2\Anna.PSZ`: `C:\a\OXSTORE2\anna.odb`, `C:\a\OXSTORE2\anna.odb`: `C:\a\OXSTORE2\Anna.PSZ`,
		`C:\b\OXSTORE2\anna.odb`: "", `C:\a\OXSTORE2\anna.odb.old`: "", `C:\a\OXSTORE2\settings.dat`: "",
	}
	if len(got) != len(want) {
		t.Fatalf("got %d caches; want %d: %+v", len(got), len(want), got)
	}
	for _, c := range got {
		if pair, known := want[c.Path]; !known || c.Pair != pair {
			t.Errorf("pair of %s = %q; want %q", c.Path, c.Pair, pair)
		}
	}
}

func TestWanted(t *testing.T) {
	for path, want := range map[string]bool{
		"x.odb": true, "x.ost": true, "x.nst": true, "outlook.old": true, "b.zip!/OXSTORE2/lock": true,
		"b.zip!/OXSTORE2/oxtstore_1.log": false, "oxtstore_1.log": false, "readme.md": false,
	} {
		if got := Wanted(path); got != want {
			t.Errorf("Wanted(%q) = %v; want %v", path, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	got := Inventory([]Candidate{file(`C:\Users\alex\AppData\Local\OXSTORE2\x.odb`, []byte("SQLite format 3\x00"))})
	b, err := json.Marshal(got[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema":"oxtail.cache/v1","path":"C:\\Users\\alex\\AppData\\Local\\OXSTORE2\\x.odb","kind":"odb","content":"sqlite3",` +
		`"bytes":16,"modified":"2012-03-05T10:00:00Z","state":"present","user":"alex","notes":["the other file of its pair is not here"]}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	missing, _ := json.Marshal(Match(nil, []Reference{{Path: "C:/x.ost", Profile: "A", Exact: true}}, nil)[0])
	want = `{"schema":"oxtail.cache/v1","path":"C:/x.ost","kind":"ost","state":"missing","profiles":["A"],"links":[{"profile":"A","how":"path","path":"C:/x.ost"}]}`
	if string(missing) != want {
		t.Errorf("got  %s\nwant %s", missing, want)
	}
	empty, _ := json.Marshal(Inventory([]Candidate{file("x.ost", nil)})[0])
	if !strings.Contains(string(empty), `"bytes":0,`) {
		t.Errorf("an empty file's size is not told: %s", empty)
	}
}
