package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

const (
	annaSID  = "S-1-5-21-1-2-3-1001"
	brunoSID = "S-1-5-21-1-2-3-1002"
	claraSID = "S-1-5-21-1-2-3-1003"
	ghostSID = "S-1-5-21-1-2-3-1004"
)

// outlook is where Outlook 2016 keeps profiles.
const outlook = `Software\Microsoft\Office\16.0\Outlook`

// hiveOf is a user's hive with one OXtender profile, whose cache path has a variable.
func hiveOf(name, profileName string) *keytest.Node {
	const service, provider = "0102030405060708090a0b0c0d0e0f10", "1112131415161718191a1b1c1d1e1f20"
	uid := func(from byte) (id []byte) {
		for i := range byte(16) {
			id = append(id, from+i)
		}
		return id
	}
	root := &keytest.Node{KeyName: name}
	root.Key(outlook).Text("DefaultProfile", profileName)
	p := root.Key(outlook + `\Profiles\` + profileName)
	p.Key("9207f3e0a3b11019908b08002b2a56c2").Binary("01023d0e", uid(1))
	p.Key(service).Wide("001f3d09", "OXSTOR_SVC").Binary("01023d00", uid(0x11))
	p.Key(provider).Binary("01023d0c", uid(1)).Wide("001f300a", "oxstor.dll").Long("00033e03", 33).
		Wide("001f6700", `%LOCALAPPDATA%\OXSTORE2\a1.odb`).Wide("001f6701", "https://ox.example.org/ajax/").Wide("001f6702", profileName)
	return root
}

// testComputer has a current user, Anna, with Bruno logged on, Clara logged off, and a
// user whose folder is gone.
func testComputer(files map[string][]byte) *computer {
	users := &keytest.Node{KeyName: "HKEY_USERS"}
	for _, name := range []string{".DEFAULT", "S-1-5-18", annaSID, annaSID + "_Classes", brunoSID, brunoSID + "_Classes"} {
		users.Key(name).Key("Software")
	}
	users.Subs[4] = hiveOf(brunoSID, "bruno")
	machine := &keytest.Node{KeyName: "HKEY_LOCAL_MACHINE"}
	for sid, folder := range map[string]string{
		"S-1-5-18": `%systemroot%\system32\config\systemprofile`, "S-1-5-19": `C:\Windows\ServiceProfiles\LocalService`, annaSID: `C:\Users\anna`, brunoSID: `%SystemDrive%\Users\bruno`,
		claraSID: `%SystemDrive%\Users\clara`, ghostSID: `C:\Users\ghost`,
	} {
		machine.Key(profileList+`\`+sid).Set("ProfileImagePath", profile.TypeExpand, keytest.UTF16(folder))
	}
	env := map[string]string{"SYSTEMDRIVE": "C:", "SYSTEMROOT": `C:\Windows`, "LOCALAPPDATA": `C:\Users\anna\AppData\Local`, "USERPROFILE": `C:\Users\anna`}
	return &computer{
		sid: annaSID, current: hiveOf("HKEY_CURRENT_USER", "anna"), users: users, machine: machine,
		getenv: func(name string) string { return env[strings.ToUpper(name)] },
		readFile: func(path string, _ int64) ([]byte, error) {
			if data, ok := files[path]; ok {
				return data, nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
		isFolder: func(path string) bool { return !strings.Contains(path, "ghost") },
		exists: func(path string) (bool, error) {
			for name := range files {
				if strings.EqualFold(name, path) {
					return true, nil
				}
			}
			return false, nil
		},
		list: func(dir string) ([]string, error) {
			return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}
		},
	}
}

// claraHive is where the hive of the user lies who is not logged on.
const claraHive = `C:\Users\clara\NTUSER.DAT`

func open(t *testing.T, c *computer, opts Options) *Registry {
	t.Helper()
	r, err := c.registry(opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, r *Registry) *profile.Inventory {
	t.Helper()
	inv, err := profile.Read(r.Root, profile.Options{Source: Source, Env: r.Env})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// TestCurrentUser: without AllUsers only one user is looked at.
func TestCurrentUser(t *testing.T) {
	c := testComputer(nil)
	c.users = nil // must not be asked
	r := open(t, c, Options{})
	inv := read(t, r)
	if len(inv.Profiles) != 1 || inv.Profiles[0].Name != "anna" || !strings.HasPrefix(inv.Profiles[0].Origin, `HKCU\`+outlook) {
		t.Errorf("profiles %+v; want that of anna in HKCU", inv.Profiles)
	}
	if len(r.Users) != 1 || !r.Users[0].Current || r.Env["LOCALAPPDATA"] == "" || len(r.Notes()) > 0 {
		t.Errorf("users %+v, env %v, notes %v", r.Users, r.Env, r.Notes())
	}
}

// TestAllUsers: each user once, wherever the hive is, with paths of its own.
func TestAllUsers(t *testing.T) {
	c := testComputer(map[string][]byte{claraHive: keytest.HiveFile(hiveOf("ROOT", "clara"))})
	r := open(t, c, Options{AllUsers: true})
	inv := read(t, r)
	type seen struct{ name, user, origin string }
	var got []seen
	for _, p := range inv.Profiles {
		got = append(got, seen{p.Name, p.User, p.Origin[:strings.Index(p.Origin, `\Software`)]})
		for _, problem := range p.Problems {
			t.Errorf("profile %s has a problem: %+v", p.Name, problem)
		}
	}
	want := []seen{{"anna", "", "HKCU"}, {"bruno", brunoSID, `HKU\` + brunoSID}, {"clara", claraSID, `HKU\` + claraSID}}
	if !slices.Equal(got, want) {
		t.Errorf("profiles %v\nwant %v", got, want)
	}
	var sids []string
	for _, u := range r.Users {
		sids = append(sids, u.SID)
	}
	if want := []string{annaSID, "S-1-5-18", brunoSID, claraSID, ghostSID}; !slices.Equal(sids, want) {
		t.Errorf("users %v, want %v", sids, want)
	}
	if u := r.Users[2]; u.Folder != `C:\Users\bruno` || u.Env["LOCALAPPDATA"] != `C:\Users\bruno\AppData\Local` || !u.Loaded || u.Current {
		t.Errorf("bruno is %+v", u)
	}
	if len(r.Notes()) != 1 || r.Notes()[0].Lost || !strings.Contains(r.Notes()[0].Text, "has no NTUSER.DAT") {
		t.Errorf("notes %v; want one about the user without a hive", r.Notes())
	}
	if r.Env["LOCALAPPDATA"] != "" || r.Env["SYSTEMROOT"] == "" {
		t.Errorf("env %v; want what holds for all users", r.Env)
	}
	// All three paths are written with %LOCALAPPDATA%, and are of three users.
	if shared := profile.SharedCaches(inv.Profiles); len(shared) != 0 {
		t.Errorf("shared caches %+v; want none", shared)
	}
}

// TestOwnEnvironmentStays: variables that a hive tells itself are not replaced.
func TestOwnEnvironmentStays(t *testing.T) {
	c := testComputer(nil)
	c.current.(*keytest.Node).Key(volatile).Text("LOCALAPPDATA", `D:\own`)
	subs, err := open(t, c, Options{AllUsers: true}).Root.Subkeys()
	if err != nil {
		t.Fatal(err)
	}
	key, err := profile.Find(subs[0], volatile)
	if key == nil {
		t.Fatal(err)
	}
	values, _ := key.Values()
	if len(values) != 1 || profile.DecodeUTF16(values[0].Data) != `D:\own` {
		t.Errorf("values %v; want the hive's own", values)
	}
}

// TestHiveFiles: what cannot be read of another user's hive is told, and stops nothing.
func TestHiveFiles(t *testing.T) {
	good := keytest.HiveFile(hiveOf("ROOT", "clara"))
	dirty := slices.Clone(good)
	binary.LittleEndian.PutUint32(dirty[4:], 7)
	keytest.Seal(dirty[:4096])
	for _, c := range []struct {
		name     string
		files    map[string][]byte
		err      error // of reading the hive
		profiles int
		note     string
	}{
		{name: "sound", files: map[string][]byte{claraHive: good}, profiles: 3},
		{name: "mandatory", files: map[string][]byte{`C:\Users\clara\NTUSER.MAN`: good}, profiles: 3},
		{name: "dirty", files: map[string][]byte{claraHive: dirty}, profiles: 3, note: "dirty"},
		{name: "dirty with a broken log", files: map[string][]byte{claraHive: dirty, claraHive + ".LOG1": []byte("no log")}, profiles: 3, note: "dirty"},
		{name: "cut", files: map[string][]byte{claraHive: good[:600]}, profiles: 2, note: "read " + claraHive},
		{name: "no hive", files: map[string][]byte{claraHive: []byte("text")}, profiles: 2, note: "read " + claraHive},
		{name: "empty", files: map[string][]byte{claraHive: {}}, profiles: 2, note: "read " + claraHive},
		{name: "refused", err: fs.ErrPermission, profiles: 2, note: "administrators may read"},
		{name: "broken disk", err: errors.New("disk error"), profiles: 2, note: "disk error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			computer := testComputer(c.files)
			if c.err != nil {
				computer.readFile = func(path string, _ int64) ([]byte, error) {
					return nil, &fs.PathError{Op: "open", Path: path, Err: c.err}
				}
			}
			r := open(t, computer, Options{AllUsers: true})
			if inv := read(t, r); len(inv.Profiles) != c.profiles {
				t.Errorf("%d profiles, want %d; notes %v", len(inv.Profiles), c.profiles, r.Notes())
			}
			lost := slices.DeleteFunc(r.Notes(), func(n Note) bool { return !n.Lost || strings.Contains(n.Place, "ghost") })
			if (len(lost) > 0) != (c.note != "") || len(lost) > 0 && !strings.Contains(lost[0].Text, c.note) {
				t.Errorf("notes %v, want one with %q", lost, c.note)
			}
		})
	}
}

// TestOneHiveInMemory: the users' hives are read one at a time, and few times.
func TestOneHiveInMemory(t *testing.T) {
	reads := map[string]int{}
	c := testComputer(nil)
	c.readFile = func(path string, _ int64) ([]byte, error) {
		reads[path]++
		return keytest.HiveFile(hiveOf("ROOT", path[len(path)-14:len(path)-11])), nil
	}
	list, err := profile.Find(c.machine, profileList)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		list.(*keytest.Node).Key(fmt.Sprintf("S-1-5-21-9-%d", i)).Text("ProfileImagePath", fmt.Sprintf(`C:\Users\u%02d`, i))
	}
	r := open(t, c, Options{AllUsers: true})
	if n := len(reads); n > 0 {
		t.Errorf("%d hives were read before they were asked for", n)
	}
	if inv := read(t, r); len(inv.Profiles) < 20 {
		t.Errorf("%d profiles, want one for each user", len(inv.Profiles))
	}
	for path, n := range reads {
		if n > 2 { // once to look whether it is a hive, once to read it
			t.Errorf("%s was read %d times", path, n)
		}
	}
}

// TestRefusedKeys: keys that may not be read are told.
func TestRefusedKeys(t *testing.T) {
	denied := errors.New("access is denied")
	c := testComputer(nil)
	c.users.(*keytest.Node).Subs[4] = &keytest.Node{KeyName: brunoSID, SubkeysErr: denied}
	c.users.(*keytest.Node).SubkeysErr = denied
	list, err := profile.Find(c.machine, profileList)
	if err != nil {
		t.Fatal(err)
	}
	list.(*keytest.Node).SubkeysErr = denied
	list.(*keytest.Node).Key("S-1-5-21-no-folder").ValuesErr = denied
	r := open(t, c, Options{AllUsers: true})
	if inv := read(t, r); len(inv.Profiles) != 1 {
		t.Errorf("%d profiles, want 1", len(inv.Profiles))
	}
	var places []string
	for _, n := range r.Notes() {
		if n.Lost {
			places = append(places, n.Place)
		}
	}
	want := []string{"HKU", `HKU\` + brunoSID, `HKLM\` + profileList, `HKLM\` + profileList + `\S-1-5-21-no-folder`}
	slices.Sort(places)
	slices.Sort(want)
	if !slices.Equal(places, want) {
		t.Errorf("notes about %v\nwant %v", places, want)
	}
	c.current = &keytest.Node{SubkeysErr: denied}
	if _, err := c.registry(Options{}); !errors.Is(err, denied) {
		t.Errorf("error %v; want that of the current user's registry", err)
	}
}

// TestLimits: users and notes beyond the limits are counted, not kept.
func TestLimits(t *testing.T) {
	c := testComputer(nil)
	list, err := profile.Find(c.machine, profileList)
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxUsers + 10 {
		list.(*keytest.Node).Subs = append(list.(*keytest.Node).Subs,
			(&keytest.Node{KeyName: fmt.Sprintf("S-1-5-21-9-%d", i)}).Text("ProfileImagePath", fmt.Sprintf(`C:\Users\u%d`, i)))
	}
	r := open(t, c, Options{AllUsers: true})
	if len(r.Users) != MaxUsers || len(r.Notes()) != 1 || !r.Notes()[0].Lost {
		t.Errorf("%d users, notes %v; want %d, and a note", len(r.Users), r.Notes(), MaxUsers)
	}
	read(t, r)
	if notes := r.Notes(); len(notes) != MaxNotes+1 || !strings.Contains(notes[MaxNotes].Text, "more that could not be read") {
		t.Errorf("%d notes, the last %v; want %d and a count", len(notes), notes[len(notes)-1], MaxNotes)
	}
}

// TestCachePaths: folders of caches whole, of Outlook's folders only the stores.
func TestCachePaths(t *testing.T) {
	folders := map[string][]string{
		`C:\Users\anna\AppData\Local\OXSTORE2`:           {"a1.odb"},
		`C:\Users\anna\AppData\Local\Microsoft\Outlook`:  {"Anna.OST", "~Outlook.ost.tmp", "mapisvc.inf", "old.pst.bak"},
		`C:\Users\bruno\AppData\Local\Microsoft\Outlook`: {"b.nst", "RoamCache.dat"},
		`C:\Users\clara\AppData\Local\OXSTORE2`:          nil,
	}
	c := testComputer(map[string][]byte{claraHive: keytest.HiveFile(hiveOf("ROOT", "clara"))})
	missing := c.list
	c.list = func(dir string) ([]string, error) {
		if strings.HasPrefix(dir, `C:\Users\ghost`) {
			return nil, fs.ErrPermission
		}
		if files, ok := folders[dir]; ok {
			return files, nil
		}
		return missing(dir)
	}
	got := open(t, c, Options{}).CachePaths(&profile.Inventory{})
	const outlookFolder = `C:\Users\anna\AppData\Local\Microsoft\Outlook\`
	own := []string{`C:\Users\anna\AppData\Local\OXSTORE2`, outlookFolder + "Anna.OST", outlookFolder + "~Outlook.ost.tmp", outlookFolder + "old.pst.bak"}
	if !slices.Equal(got, own) {
		t.Errorf("paths %q\nwant  %q", got, own)
	}
	r := open(t, c, Options{AllUsers: true})
	got = r.CachePaths(&profile.Inventory{})
	all := append(own, `C:\Users\bruno\AppData\Local\Microsoft\Outlook\b.nst`, `C:\Users\clara\AppData\Local\OXSTORE2`)
	if !slices.Equal(got, all) {
		t.Errorf("paths of all users %q\nwant %q", got, all)
	}
	if len(r.Notes()) == 0 || !r.Notes()[0].Lost {
		t.Errorf("notes %v; want the folders that may not be listed", r.Notes())
	}
}

func TestExpand(t *testing.T) {
	env := map[string]string{"SYSTEMDRIVE": "C:", "A": "%B%", "B": "no"}
	for path, want := range map[string]string{
		`%SystemDrive%\Users\x`: `C:\Users\x`, `%A%\x`: `%B%\x`, `%none%\x`: `%none%\x`, `100%`: `100%`, `%%`: `%%`, ``: ``, `a%b`: `a%b`,
	} {
		if got := expand(path, env); got != want {
			t.Errorf("expand(%q) = %q, want %q", path, got, want)
		}
	}
}

// TestMadeKeys holds the keys that are made here to the contract of profile.Key.
func TestMadeKeys(t *testing.T) {
	fixture := keytest.Fixture()
	made := &group{name: "Fixture"}
	for _, sub := range fixture.Subs {
		made.subs = append(made.subs, sub)
	}
	keytest.Run(t, made)
	keytest.Run(t, &hiveFile{folder: "C:", shelf: &shelf{}, read: func(string, int64) ([]byte, error) { return keytest.HiveFile(fixture), nil }})
	with := addEnvironment(fixture, map[string]string{"APPDATA": `C:\a`, "TEMP": "no path of profiles"})
	want := keytest.Fixture()
	want.Key(volatile).Text("APPDATA", `C:\a`)
	keytest.Equal(t, with, want)
	if addEnvironment(fixture, maps.Clone(map[string]string{})) != profile.Key(fixture) {
		t.Error("a key of no variables was added")
	}
}

// TestNamedCaches: files that profiles name are found on the drives of this computer,
// wherever they are, and nowhere else.
func TestNamedCaches(t *testing.T) {
	c := testComputer(map[string][]byte{
		`D:\mail\a.ost`: nil, `D:\mail\b.odb`: nil, `D:\mail\b.psz`: nil, `\\server\share\c.ost`: nil, `C:\Users\bruno\AppData\Local\d.ost`: nil,
	})
	refused := errors.New("refused")
	there := c.exists
	c.exists = func(path string) (bool, error) {
		if strings.HasPrefix(path, `E:`) {
			return false, refused
		}
		return there(path)
	}
	r := open(t, c, Options{AllUsers: true})
	var inv profile.Inventory
	for _, file := range []struct {
		user, path, want string
		looked           bool
	}{
		{"", `D:\mail\a.ost`, `D:\mail\a.ost`, true},
		{"", `d:\x\..\mail\A.ost`, `d:\mail\A.ost`, true},
		{"", `D:\mail\b.psz`, `D:\mail\b.psz D:\mail\b.odb`, true},
		{"", `D:\mail\gone.ost`, ``, true},
		{"", `E:\secret.ost`, `E:\secret.ost`, false},
		{"", `\\server\share\c.ost`, ``, false},
		{"", `\\?\UNC\server\share\c.ost`, ``, false},
		{"", `c.ost`, ``, false},
		{"", `D:\mail\a.ost:stream`, ``, false},
		{"", `%NONE%\c.ost`, ``, false},
		{"", `%LOCALAPPDATA%\d.ost`, ``, false},
		{brunoSID, `%LOCALAPPDATA%\d.ost`, `C:\Users\bruno\AppData\Local\d.ost`, false},
		{"", ``, ``, false},
	} {
		p := profile.Profile{User: file.user, Services: []profile.Service{{CacheFiles: []string{file.path}}}}
		if got := strings.Join(r.named(&p), " "); got != file.want {
			t.Errorf("%q of user %q is found as %q, want %q", file.path, file.user, got, file.want)
		}
		if got := r.Looked(file.user, file.path); got != file.looked {
			t.Errorf("Looked(%q, %q) = %v", file.user, file.path, got)
		}
		inv.Profiles = append(inv.Profiles, p)
	}
	if got := r.CachePaths(&inv); !slices.Contains(got, `D:\mail\b.odb`) || len(got) != 5 {
		t.Errorf("paths %q; want the five files", got)
	}
	if got := r.Owners(); got[""] != "anna" || got[annaSID] != "anna" || got[brunoSID] != "bruno" || got["S-1-5-18"] != "" {
		t.Errorf("owners %v", got)
	}
}
