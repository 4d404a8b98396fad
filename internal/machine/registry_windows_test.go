package machine

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// exportOf is the export of a key.
func exportOf(t *testing.T, key string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := (&live{}).ExportKey(t.Context(), key, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// regExport is what the registry editor's own tool exports.
func regExport(t *testing.T, key string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.reg")
	if out, err := exec.Command("reg", "export", `HKCU\`+key, path, "/y").CombinedOutput(); err != nil {
		t.Fatalf("reg export: %v: %s", err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExportChangeRestore: a key that was exported, changed in every way and restored is
// what it was, by our own export and by that of the system.
func TestExportChangeRestore(t *testing.T) {
	h, k := scratch(t)
	key := strings.Join(k.path, `\`)
	tree := &keytest.Node{}
	tree.Text("DefaultProfile", "Work").Set("", profile.TypeExpand, keytest.UTF16("%TEMP%")).Set("empty", profile.TypeBinary, nil).Dword("n", 7)
	tree.Key("Work").Key("9207f3e0a3b11019908b08002b2a56c2").Binary("01023d0e", make([]byte, 100)).Wide("001f3001", "ünïcode")
	tree.Key("Work").Key("empty")
	tree.Key("[t~").Set("odd", profile.TypeString, []byte{1}).Set("list", profile.TypeMultiString, []byte{0, 0}).Set("what", 0x1234, []byte{5})
	put(t, h, tree)
	before, sysBefore := exportOf(t, key), regExport(t, key)

	changes := map[string]func(){
		"nothing":      func() {},
		"a value more": func() { set(t, h, profile.Value{Name: "0 more", Type: profile.TypeBinary, Data: []byte{1}}) },
		"a value less": func() { deleteFirst(t, h) },
		"other data":   func() { changeFirst(t, h, nil) },
		"other type":   func() { changeFirst(t, h, []byte{1, 2, 3}) },
		"a key more": func() {
			put(t, h, &keytest.Node{Subs: []*keytest.Node{{KeyName: "more", Subs: []*keytest.Node{keytest.Fixture()}}}})
		},
		"all keys gone": func() { remove(t, h) },
		"all there more": func() {
			put(t, h, &keytest.Node{Subs: []*keytest.Node{{KeyName: "A", Vals: []profile.Value{{Name: ""}}}}})
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			change()
			if name != "nothing" && bytes.Equal(exportOf(t, key), before) {
				t.Fatal("nothing has changed")
			}
			if err := (&live{}).RestoreKey(t.Context(), key, before); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(exportOf(t, key), before) {
				t.Error("our export differs")
			}
			if !bytes.Equal(regExport(t, key), sysBefore) {
				t.Error("the system's export differs")
			}
		})
	}
}

// first names a value of a key.
func first(t *testing.T, h registry.Key) string {
	t.Helper()
	names, err := h.ReadValueNames(1)
	if len(names) == 0 {
		t.Fatal("no value", err)
	}
	return names[0]
}

func deleteFirst(t *testing.T, h registry.Key) {
	t.Helper()
	if err := h.DeleteValue(first(t, h)); err != nil {
		t.Fatal(err)
	}
}

func changeFirst(t *testing.T, h registry.Key, data []byte) {
	t.Helper()
	set(t, h, profile.Value{Name: first(t, h), Type: profile.TypeNone, Data: append(data, "changed"...)})
}

// TestRestoreWhatIsGone: a key that was deleted comes back.
func TestRestoreWhatIsGone(t *testing.T) {
	h, k := scratch(t)
	put(t, h, &keytest.Node{Subs: []*keytest.Node{{KeyName: "Profile", Subs: []*keytest.Node{keytest.Fixture()}}}})
	key := strings.Join(k.path, `\`) + `\Profile`
	before := exportOf(t, key)
	remove(t, h)
	var out bytes.Buffer
	if err := (&live{}).ExportKey(t.Context(), key, &out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("export of a key that is gone: %v", err)
	}
	if err := (&live{}).RestoreKey(t.Context(), key, before); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(exportOf(t, key), before) {
		t.Error("the key is not what it was")
	}
}

// TestRestoreRefuses: nothing changes when the export is not of this key.
func TestRestoreRefuses(t *testing.T) {
	h, k := scratch(t)
	key := strings.Join(k.path, `\`)
	put(t, h, keytest.Fixture())
	before := exportOf(t, key)
	const head = "Windows Registry Editor Version 5.00\r\n\r\n"
	for name, reg := range map[string]string{
		"another key":    head + `[HKEY_CURRENT_USER\Software\Other]`,
		"the key above":  head + `[HKEY_CURRENT_USER\Software]` + "\r\n\"x\"=dword:1",
		"another hive":   head + `[HKEY_LOCAL_MACHINE\` + key + `]`,
		"two keys":       head + `[HKEY_CURRENT_USER\` + key + "]\r\n" + `[HKEY_CURRENT_USER\Software\Other]`,
		"a deletion":     head + `[HKEY_CURRENT_USER\` + key + "]\r\n\"x\"=-",
		"damage":         head + `[HKEY_CURRENT_USER\` + key + "]\r\n\"x\"=hex:zz",
		"a link":         head + `[HKEY_CURRENT_USER\` + key + "]\r\n\"SymbolicLinkValue\"=hex(6):00",
		"no export":      "hello",
		"nothing at all": "",
	} {
		if err := (&live{}).RestoreKey(t.Context(), key, []byte(reg)); err == nil {
			t.Errorf("%s was restored", name)
		}
		if !bytes.Equal(exportOf(t, key), before) {
			t.Fatalf("%s: the key has changed", name)
		}
	}
	for _, key := range []string{"", `\Software`, `HKEY_LOCAL_MACHINE\Software`, `Software\\x`} {
		if err := (&live{}).RestoreKey(t.Context(), key, before); !errors.Is(err, errKey) {
			t.Errorf("key %q: %v; want %v", key, err, errKey)
		}
	}
}

func TestKeySecurity(t *testing.T) {
	_, k := scratch(t)
	key := strings.Join(k.path, `\`)
	sddl, err := (&live{}).KeySecurity(t.Context(), key)
	if err != nil || !strings.Contains(sddl, "O:") || !strings.Contains(sddl, "D:") {
		t.Errorf("access list %q, %v", sddl, err)
	}
	if owns, err := (&live{}).CurrentUserOwns(t.Context(), key); !owns || err != nil {
		t.Errorf("owns %v, %v", owns, err)
	}
	if _, err := (&live{}).KeySecurity(t.Context(), key+`\not there`); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("access list of nothing: %v", err)
	}
}
