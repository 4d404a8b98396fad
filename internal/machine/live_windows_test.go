package machine

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"oxtail/parser/hive"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
	"oxtail/parser/regfile"
)

var (
	ntdll          = windows.NewLazySystemDLL("ntdll.dll")
	wineGetVersion = ntdll.NewProc("wine_get_version")
)

// onWine reports whether the tests run under Wine, which keeps values in the order of
// their names, where Windows keeps them in the order in which they were made.
func onWine() bool { return wineGetVersion.Find() == nil }

// scratchName makes the name of a key that no one else uses.
func scratchName(t *testing.T) string {
	t.Helper()
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	return "oxtail-test-" + hex.EncodeToString(id)
}

// scratch makes a key for one test and removes it with all below it afterwards.
func scratch(t *testing.T) (registry.Key, *liveKey) {
	t.Helper()
	name := scratchName(t)
	path := `Software\` + name
	key, existed, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil || existed {
		t.Fatalf("create the key %s: %v, existed %v", path, err, existed)
	}
	t.Cleanup(func() {
		remove(t, key)
		key.Close()
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil {
			t.Errorf("remove the key %s: %v", path, err)
		}
	})
	return key, &liveKey{hive: registry.CURRENT_USER, name: name, path: []string{"Software", name}, shown: `HKCU\` + path}
}

// remove deletes all keys below a key.
func remove(t *testing.T, key registry.Key) {
	t.Helper()
	names, err := key.ReadSubKeyNames(-1)
	if err != nil {
		t.Error(err)
	}
	for _, name := range names {
		sub, err := registry.OpenKey(key, name, registry.ALL_ACCESS)
		if err != nil {
			t.Error(err)
			continue
		}
		remove(t, sub)
		sub.Close()
		if err := registry.DeleteKey(key, name); err != nil {
			t.Error(err)
		}
	}
}

// put writes a tree below a key.
func put(t *testing.T, to registry.Key, from profile.Key) {
	t.Helper()
	values, err := from.Values()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		set(t, to, v)
	}
	subs, err := from.Subkeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range subs {
		key, _, err := registry.CreateKey(to, sub.Name(), registry.ALL_ACCESS)
		if err != nil {
			t.Fatalf("create the key %q: %v", sub.Name(), err)
		}
		put(t, key, sub)
		key.Close()
	}
}

// set writes a value of any type and length. What follows the data is no NUL, so that
// nobody takes it for the end of a text.
func set(t *testing.T, key registry.Key, v profile.Value) {
	t.Helper()
	name, err := windows.UTF16PtrFromString(v.Name)
	if err != nil {
		t.Fatal(err)
	}
	data := append(slices.Clone(v.Data), 0xff, 0xff, 0xff, 0xff)
	rc, _, _ := regSetValueEx.Call(uintptr(key), uintptr(unsafe.Pointer(name)), 0, uintptr(v.Type), uintptr(unsafe.Pointer(&data[0])), uintptr(len(v.Data)))
	if rc != 0 {
		t.Fatalf("set the value %q of %d bytes: error %d", v.Name, len(v.Data), rc)
	}
}

// inOrder gives the values of a live key in the order of another tree.
type inOrder struct {
	profile.Key
	like profile.Key
}

// ordered undoes Wine's order of values. On Windows the key stays what it is.
func ordered(live, like profile.Key) profile.Key {
	if !onWine() {
		return live
	}
	return &inOrder{live, like}
}

func (o *inOrder) Values() ([]profile.Value, error) {
	values, err := o.Key.Values()
	order, _ := o.like.Values()
	rank := func(v profile.Value) int {
		return slices.IndexFunc(order, func(w profile.Value) bool { return w.Name == v.Name })
	}
	slices.SortStableFunc(values, func(a, b profile.Value) int { return rank(a) - rank(b) })
	return values, err
}

func (o *inOrder) Subkeys() ([]profile.Key, error) {
	subs, err := o.Key.Subkeys()
	likes, _ := o.like.Subkeys()
	for i, sub := range subs {
		if at := slices.IndexFunc(likes, func(k profile.Key) bool { return k.Name() == sub.Name() }); at >= 0 {
			subs[i] = &inOrder{sub, likes[at]}
		}
	}
	return subs, err
}

// TestConformance holds the live registry to the contract of profile.Key.
func TestConformance(t *testing.T) {
	key, live := scratch(t)
	put(t, key, keytest.Fixture())
	before := nextHandle(t)
	keytest.Run(t, ordered(live, keytest.Fixture()))
	const few = 100 // of Go's own; the fixture has 1300 keys
	if after := nextHandle(t); after > before+4*few {
		t.Errorf("the next handle is %d, before it was %d: keys were left open", after, before)
	}
}

// nextHandle gives the number of a new handle. Windows takes the lowest that is free, in
// steps of four, so it grows with the handles that are open.
func nextHandle(t *testing.T) registry.Key {
	t.Helper()
	key, err := registry.OpenKey(registry.CURRENT_USER, "Software", registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	key.Close()
	return key
}

// TestRawValues: types and bytes as stored, whatever the type says they should be.
func TestRawValues(t *testing.T) {
	key, live := scratch(t)
	var want []profile.Value
	for _, kind := range []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xffff0012} {
		for _, data := range []string{"", "\x01", "a\x00", "a\x00b", "a\x00b\x00\x00\x00", "\x00\x00\x00\x00", "\x00\xd8\x00\x00", "a\x00\x00\x00b\x00"} {
			name := hex.EncodeToString([]byte{byte(kind >> 24), byte(kind)}) + "-" + hex.EncodeToString([]byte(data))
			want = append(want, profile.Value{Name: name, Type: kind, Data: []byte(data)})
		}
	}
	tree := &keytest.Node{Vals: want}
	put(t, key, tree)
	keytest.Equal(t, ordered(live, tree), tree)
}

// TestNames: odd names are listed, and lead to their keys and values.
func TestNames(t *testing.T) {
	key, live := scratch(t)
	tree := &keytest.Node{}
	for _, name := range []string{"a/b", " ", "a b ", "%PATH%", "..", "*?", strings.Repeat("k", 255), "𝔘"} {
		tree.Key(name).Text(name+`\value`, "x")
	}
	tree.Key("values").Text(strings.Repeat("v", 16383), "the longest name")
	put(t, key, tree)
	keytest.Equal(t, ordered(live, tree), tree)

	half := "half \xed\xa0\x80 pair" // the form of half a surrogate pair that the API takes
	sub, _, err := registry.CreateKey(key, half, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	set(t, sub, profile.Value{Name: half, Type: profile.TypeDword, Data: []byte{1, 0, 0, 0}})
	sub.Close()
	found, err := profile.Find(live, "half \uFFFD pair")
	if found == nil {
		t.Fatalf("the key is not there: %v", err)
	}
	if values, err := found.Values(); err != nil || len(values) != 1 || values[0].Name != "half \uFFFD pair" {
		t.Errorf("values %v, %v", values, err)
	}
}

// TestVanished: a key that goes away after it was listed is an error that names it.
func TestVanished(t *testing.T) {
	key, live := scratch(t)
	tree := &keytest.Node{}
	tree.Key("gone").Text("a", "b")
	put(t, key, tree)
	subs, err := live.Subkeys()
	if err != nil || len(subs) != 1 {
		t.Fatalf("subkeys %v, %v", subs, err)
	}
	remove(t, key)
	for _, ask := range []func() error{
		func() error { _, err := subs[0].Subkeys(); return err },
		func() error { _, err := subs[0].Values(); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), live.shown+`\gone: `) {
			t.Errorf("error %v; want one that names the key", err)
		}
	}
}

// TestDepthEnds: a path that is too deep is an error, and not asked for.
func TestDepthEnds(t *testing.T) {
	deep := &liveKey{hive: registry.CURRENT_USER, name: "d", path: make([]string, MaxDepth), shown: `HKCU\d`}
	if _, err := deep.Subkeys(); err == nil || !strings.Contains(err.Error(), "nested more than") {
		t.Errorf("error %v; want the limit", err)
	}
}

// TestRefused: what Windows does not let anybody read is an error that names the key.
func TestRefused(t *testing.T) {
	machine, err := LocalMachine(View64)
	if err != nil {
		t.Fatal(err)
	}
	sam, err := profile.Find(machine, `SAM\SAM`)
	if sam == nil {
		t.Skip("this system has no SAM: ", err)
	}
	if _, err = sam.Subkeys(); err == nil {
		t.Skip("this system refuses nothing to this user")
	}
	if !strings.Contains(err.Error(), `SAM\SAM: `) {
		t.Errorf("error %v; want one that names the key", err)
	}
}

// TestViews: the two halves of HKLM\Software are told apart on 64-bit Windows.
func TestViews(t *testing.T) {
	if !onWine() {
		t.Skip("a test does not write to HKEY_LOCAL_MACHINE of a real computer")
	}
	name := scratchName(t)
	for value, view := range map[string]View{"64": View64, "32": View32} {
		key, _, err := registry.CreateKey(registry.LOCAL_MACHINE, `Software\`+name, registry.ALL_ACCESS|uint32(view))
		if err != nil {
			t.Skip("this user may not write to HKEY_LOCAL_MACHINE: ", err)
		}
		set(t, key, profile.Value{Name: value, Type: profile.TypeDword, Data: []byte{1, 0, 0, 0}})
		key.Close()
		t.Cleanup(func() {
			if software, err := registry.OpenKey(registry.LOCAL_MACHINE, "Software", registry.ALL_ACCESS|uint32(view)); err == nil {
				registry.DeleteKey(software, name)
				software.Close()
			}
		})
	}
	for value, view := range map[string]View{"64": View64, "32": View32} {
		machine, err := LocalMachine(view)
		if err != nil {
			t.Fatal(err)
		}
		key, err := profile.Find(machine, `Software\`+name)
		if key == nil {
			t.Fatalf("view %s: %v", value, err)
		}
		values, err := key.Values()
		if err != nil || !slices.ContainsFunc(values, func(v profile.Value) bool { return v.Name == value }) {
			t.Errorf("view %s has the values %v, %v", value, values, err)
		}
		if len(values) != 1 {
			t.Skip("this is a 32-bit Windows: there is one view")
		}
	}
}

// ownSamples are the project's registry samples; sharedSamples may be absent.
const (
	ownSamples    = "../../samples/profiles"
	sharedSamples = "../../../shared/samples/profiles"
)

// TestSameInventory: one profile gives the same inventory through .reg, hive and live.
func TestSameInventory(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(ownSamples, "*_ol*.reg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the project's own profile samples are missing: %v", err)
	}
	shared, err := filepath.Glob(filepath.Join(sharedSamples, "*_ol*.reg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, shared...) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			fromReg, err := regfile.Parse(readSample(t, file))
			if err != nil {
				t.Fatal(err)
			}
			fromHive, err := hive.Open(readSample(t, strings.TrimSuffix(file, "reg")+"NTUSER.DAT"))
			if err != nil {
				t.Fatal(err)
			}
			user, err := profile.Find(fromReg.Root(), "HKEY_CURRENT_USER")
			if user == nil {
				t.Fatal(err)
			}
			key, live := scratch(t)
			put(t, key, user)
			keytest.Equal(t, ordered(live, user), user)
			want := inventory(t, fromReg.Root())
			if got := inventory(t, fromHive.Root()); got != want {
				t.Errorf("hive: %s\n.reg: %s", got, want)
			}
			if got := inventory(t, ordered(live, user)); got != want {
				t.Errorf("live: %s\n.reg: %s", got, want)
			}
		})
	}
}

func readSample(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inventory is what profile.Read says, as text.
func inventory(t *testing.T, root profile.Key) string {
	t.Helper()
	inv, err := profile.Read(root, profile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Profiles) == 0 {
		t.Fatal("no profile was found")
	}
	data, err := json.MarshalIndent(inv, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOpenRegistry reads the registry of the computer that runs the test.
func TestOpenRegistry(t *testing.T) {
	for _, opts := range []Options{{}, {AllUsers: true}} {
		r, err := OpenRegistry(opts)
		if err != nil {
			t.Fatal(err)
		}
		inv, err := profile.Read(r.Root, profile.Options{Source: Source, Env: r.Env})
		if err != nil {
			t.Fatal(err)
		}
		key, err := profile.Find(r.Root, `HKEY_CURRENT_USER\Software\Microsoft`)
		if key == nil {
			t.Errorf("%+v: no HKEY_CURRENT_USER\\Software\\Microsoft: %v", opts, err)
		}
		if own := r.Users[0]; !own.Current || !strings.HasPrefix(own.SID, "S-1-") || own.Env["LOCALAPPDATA"] == "" {
			t.Errorf("%+v: the current user is %+v", opts, own)
		}
		t.Logf("%+v: %d users, notes %v, caches in %q", opts, len(r.Users), r.Notes(), r.CachePaths(inv))
	}
}

// TestHiveOfAnotherUser: the profiles of a user who is not logged on come from
// NTUSER.DAT, and a hive that is in use is told.
func TestHiveOfAnotherUser(t *testing.T) {
	const sid = "S-1-5-21-4294967295-4294967295-4294967295-4294967295"
	path := filepath.Join(folder(t), "NTUSER.DAT")
	data := readSample(t, filepath.Join(ownSamples, "synthetic_ol16_exchange_cached.NTUSER.DAT"))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
	// The list of profiles is a made one: a real one is not written to by a test.
	c := thisComputer()
	local := &keytest.Node{KeyName: "HKEY_LOCAL_MACHINE"}
	local.Key(profileList+`\`+sid).Set("ProfileImagePath", profile.TypeExpand, keytest.UTF16(filepath.Dir(path)))
	c.machine = local

	if inv, notes := ofUser(t, c, sid); len(inv) != 1 || inv[0].Services[1].OSTPath == "" || len(notes) != 0 {
		t.Errorf("profiles %+v, notes %v; want that of the sample", inv, notes)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	held, err := windows.CreateFile(name, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	inv, notes := ofUser(t, c, sid)
	if err := windows.CloseHandle(held); err != nil {
		t.Error(err)
	}
	if len(inv) != 0 || len(notes) != 1 || !notes[0].Lost || !strings.Contains(notes[0].Text, "another program has it open") {
		t.Errorf("profiles %+v, notes %+v; want a note that the hive is in use", inv, notes)
	}
}

// ofUser reads all users and gives what concerns one.
func ofUser(t *testing.T, c *computer, sid string) (profiles []profile.Profile, notes []Note) {
	t.Helper()
	r, err := c.registry(Options{AllUsers: true})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := profile.Read(r.Root, profile.Options{Source: Source, Env: r.Env})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range inv.Profiles {
		if p.User == sid {
			profiles = append(profiles, p)
		}
	}
	for _, n := range r.Notes() {
		if strings.Contains(n.Text, sid) {
			notes = append(notes, n)
		}
	}
	return profiles, notes
}

// folder makes a folder for one test. It is not t.TempDir, whose removal fails on Wine.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "oxtail-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
