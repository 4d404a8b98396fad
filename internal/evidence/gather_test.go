package evidence

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/actions"
	"oxtail/internal/source"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// tree is a user's registry with one OXtender profile of a name.
func tree(name, cache string) *keytest.Node {
	const uid, prov = "0102030405060708090a0b0c0d0e0f10", "1112131415161718191a1b1c1d1e1f20"
	text := func(value, s string) profile.Value {
		return profile.Value{Name: value, Type: profile.TypeBinary, Data: keytest.UTF16(s)}
	}
	raw := func(value string, data ...byte) profile.Value {
		return profile.Value{Name: value, Type: profile.TypeBinary, Data: data}
	}
	ids := func(from byte) (out []byte) {
		for i := range byte(16) {
			out = append(out, from+i)
		}
		return out
	}
	node := func(name string, vals []profile.Value, subs ...*keytest.Node) *keytest.Node {
		return &keytest.Node{KeyName: name, Vals: vals, Subs: subs}
	}
	p := node(name, nil,
		node("9207f3e0a3b11019908b08002b2a56c2", []profile.Value{raw("01023d0e", ids(1)...)}),
		node(uid, []profile.Value{text("001f3d09", "OXSTOR_SVC"), text("001f3001", "OX"), raw("01023d00", ids(0x11)...)}),
		node(prov, []profile.Value{raw("01023d0c", ids(1)...), text("001f300a", "oxstor.dll"), raw("00033e03", 0x21, 0, 0, 0),
			text("001f6700", cache), text("001f6701", "https://ox.example.org/ajax/"), text("001f6702", "anna")}),
	)
	return node("HKEY_CURRENT_USER", nil, node("Software", nil, node("Microsoft", nil, node("Office", nil, node("16.0", nil,
		node("Outlook", nil, node("Profiles", nil, p)))))))
}

const cachePath = `C:\Users\anna\AppData\Local\OXSTORE2\a1.odb`

// gather walks a path and returns what was found.
func gather(t *testing.T, path string) (*actions.Inventory, []Problem, *Gatherer) {
	t.Helper()
	g := New(Options{})
	if _, err := source.Walk(context.Background(), []string{path}, source.Options{}, g.Add); err != nil {
		t.Fatal(err)
	}
	inv, problems := g.Finish()
	return inv, problems, g
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// bundle is a case with a profile, its caches and a log, by name.
func bundle() map[string][]byte {
	return map[string][]byte{
		"reg/profiles.reg":                           keytest.RegFileUTF16(tree("Outlook", cachePath)),
		"C/Users/anna/AppData/Local/OXSTORE2/a1.odb": []byte("\x01\x02odb"),
		"C/Users/anna/AppData/Local/OXSTORE2/a1.psz": []byte("\x01\x02psz"),
		"C/Users/anna/AppData/Local/OXSTORE2/b2.odb": []byte("\x01\x02orphan"),
		"logs/oxtstore_1.log":                        []byte("2026-01-01 10:00:00 INFO user anna at https://ox.example.org/ajax/\n"),
	}
}

// TestFormsOfABundle: a folder, a zip and a tar.gz, which opens each member once, give
// the same inventory.
func TestFormsOfABundle(t *testing.T) {
	dir := t.TempDir()
	var zipped, tarred bytes.Buffer
	z := zip.NewWriter(&zipped)
	gz := gzip.NewWriter(&tarred)
	tw := tar.NewWriter(gz)
	for name, data := range bundle() {
		write(t, dir, "folder/"+name, data)
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{z, tw, gz} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "case.zip", zipped.Bytes())
	write(t, dir, "case.tar.gz", tarred.Bytes())
	for _, form := range []string{"folder", "case.zip", "case.tar.gz"} {
		inv, problems, g := gather(t, filepath.Join(dir, form))
		if len(problems) > 0 {
			t.Errorf("%s: problems %v", form, problems)
		}
		if len(inv.Profiles) != 1 || inv.Profiles[0].Services[0].Account == nil {
			t.Fatalf("%s: profiles %+v; want one with an account", form, inv.Profiles)
		}
		states := map[string]string{}
		for _, c := range inv.Caches {
			states[c.Path[strings.LastIndexAny(c.Path, `/\`)+1:]] = c.State
			if c.Head == "" || c.Bytes <= 0 {
				t.Errorf("%s: %s has no head or size", form, c.Path)
			}
		}
		if len(states) != 3 || states["a1.odb"] != "present" || states["a1.psz"] != "present" || states["b2.odb"] != "orphan" {
			t.Errorf("%s: states %v", form, states)
		}
		if len(g.Caches()) != 3 || len(inv.Logs) != 1 {
			t.Errorf("%s: %d caches, %d logs; want 3, 1", form, len(g.Caches()), len(inv.Logs))
		}
	}
}

// TestOneProfileInTwoForms: a hive and its export are one profile, so nothing is shared.
func TestOneProfileInTwoForms(t *testing.T) {
	dir := t.TempDir()
	root := tree("Outlook", cachePath)
	write(t, dir, "a.reg", keytest.RegFileUTF16(root))
	root.KeyName = "ROOT"
	write(t, dir, "NTUSER.DAT", keytest.HiveFile(root))
	inv, problems, _ := gather(t, dir)
	if len(problems) > 0 || len(inv.Profiles) != 1 {
		t.Fatalf("%d profiles, problems %v; want 1, none", len(inv.Profiles), problems)
	}
	if n := len(inv.Profiles[0].AlsoIn); n != 1 {
		t.Errorf("the profile is also in %d sources; want 1", n)
	}
	for _, s := range inv.Stores() {
		if s.Shared() {
			t.Errorf("store %s is shared by %v", s.Name(), s.Profiles())
		}
	}
}

// TestDirtyHive: a hive that was copied while in use waits for its logs, wherever they
// come in the walk, and says so when there are none.
func TestDirtyHive(t *testing.T) {
	root := tree("Outlook", cachePath)
	root.KeyName = "ROOT"
	data := keytest.HiveFile(root)
	binary.LittleEndian.PutUint32(data[4:], 7) // the first number is written before a change, the second after
	keytest.Seal(data[:4096])
	dir := t.TempDir()
	write(t, dir, "NTUSER.DAT", data)
	inv, problems, _ := gather(t, dir)
	if len(inv.Profiles) != 1 {
		t.Errorf("%d profiles; want 1", len(inv.Profiles))
	}
	if len(problems) != 1 || !problems[0].Lost || !strings.Contains(problems[0].Text, "dirty") {
		t.Errorf("problems %v; want one about a dirty hive", problems)
	}
	write(t, dir, "NTUSER.DAT.LOG1", []byte("no log"))
	if _, problems, _ = gather(t, dir); len(problems) != 1 {
		t.Errorf("with a broken log: problems %v; want one", problems)
	}
}

// TestBrokenEvidence: damage is told, and nothing stops.
func TestBrokenEvidence(t *testing.T) {
	good := keytest.RegFileUTF16(tree("Outlook", cachePath))
	root := tree("Outlook", cachePath)
	root.KeyName = "ROOT"
	hive := keytest.HiveFile(root)
	for name, data := range map[string][]byte{
		"cut.reg":       good[:len(good)/2],
		"hex.reg":       []byte("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software]\r\n\"a\"=hex:zz,1\r\n"),
		"empty.reg":     []byte("Windows Registry Editor Version 5.00\r\n"),
		"cut.dat":       hive[:5000],
		"head.dat":      hive[:600],
		"flipped.dat":   bytes.ReplaceAll(hive, []byte("nk"), []byte("xx")),
		"a1.odb":        {},
		"store.ost":     []byte("!BDN"),
		"text.psz":      []byte("not a cache but text\n"),
		"oxtstore_.log": []byte("\xff\xfe\x00"),
	} {
		dir := t.TempDir()
		write(t, dir, name, data)
		inv, _, _ := gather(t, dir)
		actions.Cases(nil, inv)
	}
}

// TestGathererIsOrderIndependent gives the same files in two orders.
func TestGathererIsOrderIndependent(t *testing.T) {
	dir := t.TempDir()
	for name, data := range bundle() {
		write(t, dir, name, data)
	}
	paths := []string{filepath.Join(dir, "C"), filepath.Join(dir, "logs"), filepath.Join(dir, "reg")}
	var first []actions.CacheFile
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}} {
		g := New(Options{})
		var ordered []string
		for _, i := range order {
			ordered = append(ordered, paths[i])
		}
		if _, err := source.Walk(context.Background(), ordered, source.Options{}, g.Add); err != nil {
			t.Fatal(err)
		}
		inv, _ := g.Finish()
		if first == nil {
			first = inv.Caches
		}
		if len(first) != len(inv.Caches) {
			t.Fatalf("%d and %d caches", len(first), len(inv.Caches))
		}
		for i := range first {
			if first[i].Path != inv.Caches[i].Path || first[i].State != inv.Caches[i].State {
				t.Errorf("cache %d is %s %s, then %s %s", i, first[i].Path, first[i].State, inv.Caches[i].Path, inv.Caches[i].State)
			}
		}
	}
}
