package regfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// written writes a key and reads it back.
func written(t *testing.T, path string, key profile.Key) (data []byte, back profile.Key) {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, path, key); err != nil {
		t.Fatal(err)
	}
	f, err := Parse(out.Bytes())
	if err != nil || len(f.Problems) != 0 || f.Encoding != UTF16LE || f.Version != header5 {
		t.Fatalf("read back: %v, problems %v, %s, %q\n%s", err, f.Problems, f.Encoding, f.Version, out.Bytes())
	}
	back, err = profile.Find(f.Root(), path)
	if back == nil {
		t.Fatalf("no %s in what was written: %v", path, err)
	}
	return out.Bytes(), back
}

func TestWriteConformance(t *testing.T) {
	_, back := written(t, `HKEY_CURRENT_USER\Fixture`, keytest.Fixture())
	keytest.Run(t, back)
}

// TestWriteSamples: an export that was read and written again says the same.
func TestWriteSamples(t *testing.T) {
	files, err := filepath.Glob("../../samples/profiles/*.reg")
	shared, sharedErr := filepath.Glob("../../../shared/samples/profiles/*.reg")
	if err != nil || sharedErr != nil || len(files) == 0 {
		t.Fatalf("no samples: %v %v", err, sharedErr)
	}
	read := 0
	for _, file := range append(files, shared...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		user, err := profile.Find(f.Root(), "HKEY_CURRENT_USER")
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if user == nil {
			continue // an export of the computer's own settings
		}
		read++
		once, back := written(t, "HKEY_CURRENT_USER", user)
		keytest.Equal(t, back, user)
		if twice, _ := written(t, "HKEY_CURRENT_USER", back); !bytes.Equal(once, twice) {
			t.Errorf("%s: writing it twice gives two files", file)
		}
	}
	if read == 0 {
		t.Error("no sample has the registry of a user")
	}
}

// TestWriteValues: every value comes back with type, bytes and place among the others.
func TestWriteValues(t *testing.T) {
	long := bytes.Repeat([]byte{0xab}, 100)
	key := &keytest.Node{KeyName: "K", Vals: []profile.Value{
		{Name: "z", Type: profile.TypeString, Data: keytest.UTF16("first of all")},
		{Name: "", Type: profile.TypeString, Data: keytest.UTF16(`the "default" C:\value`)},
		{Name: `a\b"c`, Type: profile.TypeString, Data: keytest.UTF16("")},
		{Name: "no NUL", Type: profile.TypeString, Data: []byte{'x', 0}},
		{Name: "no bytes", Type: profile.TypeString},
		{Name: "odd", Type: profile.TypeString, Data: []byte{'x', 0, 0}},
		{Name: "two NULs", Type: profile.TypeString, Data: []byte{'x', 0, 0, 0, 0, 0}},
		{Name: "half a pair", Type: profile.TypeString, Data: []byte{0x3d, 0xd8, 0, 0}},
		{Name: "lines", Type: profile.TypeString, Data: keytest.UTF16("a\nb\r\nc\r\x01")},
		{Name: "beyond", Type: profile.TypeString, Data: keytest.UTF16("ünïcode 😀")},
		{Name: "expand", Type: profile.TypeExpand, Data: keytest.UTF16("%TEMP%")},
		{Name: "empty binary", Type: profile.TypeBinary},
		{Name: "binary", Type: profile.TypeBinary, Data: long},
		{Name: "dword", Type: profile.TypeDword, Data: []byte{1, 2, 3, 4}},
		{Name: "short dword", Type: profile.TypeDword, Data: []byte{1}},
		{Name: "none", Type: profile.TypeNone, Data: long[:1]},
		{Name: "multi", Type: profile.TypeMultiString, Data: long},
		{Name: "qword", Type: profile.TypeQword, Data: long[:8]},
		{Name: "unknown", Type: 0xffff1234, Data: long[:30]},
	}}
	data, back := written(t, `HKEY_CURRENT_USER\K`, key)
	keytest.Equal(t, back, key)
	for line := range bytes.SplitSeq(data, []byte("\r\x00\n\x00")) {
		if bytes.Contains(line, []byte("h\x00e\x00x")) && len(line)/2 > lineWidth {
			t.Errorf("a line of digits has %d characters", len(line)/2)
		}
	}
}

type broken struct{ keytest.Node }

var errBroken = errors.New("cannot be listed")

func (*broken) Subkeys() ([]profile.Key, error) { return nil, errBroken }

func TestWriteRefuses(t *testing.T) {
	bad := func(value string) *keytest.Node {
		return (&keytest.Node{KeyName: "K"}).Set(value, profile.TypeBinary, nil)
	}
	deep := &keytest.Node{KeyName: "deep"}
	for range MaxDepth {
		deep = &keytest.Node{KeyName: "deep", Subs: []*keytest.Node{deep}}
	}
	cases := []struct {
		name, path string
		key        profile.Key
		want       error
	}{
		{"a line feed in a value's name", `HKEY_CURRENT_USER\K`, bad("a\nb"), errUnwritable},
		{"a NUL in a value's name", `HKEY_CURRENT_USER\K`, bad("a\x00b"), errUnwritable},
		{"half a pair in a name", `HKEY_CURRENT_USER\K`, bad("a\ufffd"), errUnwritable},
		{"a line feed in a key's name", "HKEY_CURRENT_USER\\K\r\n[HKEY_USERS]", bad("a"), errUnwritable},
		{"a key that cannot be listed", `HKEY_CURRENT_USER\K`, &broken{}, errBroken},
		{"no hive", `Software\K`, bad("a"), nil},
		{"a short name of a hive", `HKCU\K`, bad("a"), nil},
		{"too deep", `HKEY_CURRENT_USER`, deep, nil},
	}
	for _, c := range cases {
		var out bytes.Buffer
		if err := Write(&out, c.path, c.key); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: error %v; want %v", c.name, err, c.want)
		}
	}
}

var errFull = errors.New("disk full")

type full struct{ room int }

func (f *full) Write(data []byte) (int, error) {
	if f.room -= len(data); f.room < 0 {
		return 0, errFull
	}
	return len(data), nil
}

func TestWriteToFullDisk(t *testing.T) {
	for _, room := range []int{0, 4096} {
		if err := Write(&full{room}, `HKEY_CURRENT_USER\K`, keytest.Fixture()); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: error %v; want %v", room, err, errFull)
		}
	}
}
