package profile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"oxtail/parser/hive"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
	"oxtail/parser/regfile"
)

func TestNodeConformance(t *testing.T) { keytest.Run(t, keytest.Fixture()) }

// TestFormsAgree writes one tree in both forms and compares the inventories.
func TestFormsAgree(t *testing.T) {
	user := hiveRoot()
	user.Key(root16).Text("DefaultProfile", "GRÖßE")
	p := addProfile(user, "größe")
	addOX(p, "ox", "https://h/ajax", "eva", `\\srv\share\käse.odb`)
	addProfile(user, "Verk[t~ufer")
	direct := read(t, user, profile.Options{})

	h, err := hive.Open(keytest.HiveFile(user))
	if err != nil {
		t.Fatal(err)
	}
	named := *user
	named.KeyName = "HKEY_CURRENT_USER"
	f, err := regfile.Parse(keytest.RegFileUTF16(&named))
	if err != nil {
		t.Fatal(err)
	}
	for form, root := range map[string]profile.Key{"hive": h.Root(), ".reg": f.Root()} {
		if got, want := string(marshal(t, read(t, root, profile.Options{}))), string(marshal(t, direct)); got != want {
			t.Errorf("%s differs: %s\nwant %s", form, got, want)
		}
	}
	if !direct.Profiles[0].Default || direct.Profiles[0].Name != "größe" {
		t.Errorf("default profile: %+v", direct.Profiles[0])
	}
}

func TestDecodeName(t *testing.T) {
	for stored, want := range map[string]string{
		"Verk[t~ufer": "Verkäufer", "[v\x7f": "ö", "[|\x7f": "ü", "[\x7f}": "ß", "[px": "€",
		"[": "[", "[t": "[t", "a[b]c": "a[b]c", "[ppx": "[ppx", "plain": "plain", "": "",
	} {
		if got := profile.DecodeName(stored); got != want {
			t.Errorf("DecodeName(%q) = %q, want %q", stored, got, want)
		}
	}
}

func TestCacheKey(t *testing.T) {
	env := map[string]string{"LOCALAPPDATA": `C:\Users\Anna\AppData\Local`}
	const want = `c:\users\anna\appdata\local\oxstore2\a`
	for _, path := range []string{
		`%LOCALAPPDATA%\OXSTORE2\a.odb`, `%localappdata%/OXSTORE2//a.PSZ`, `\\?\C:\Users\anna\AppData\Local\OXSTORE2\A.odb`,
		`\??\c:\users\anna\x\..\AppData\.\Local\OXSTORE2\a.odb`, ` "C:\Users\anna\AppData\Local\OXSTORE2\a.odb" `,
	} {
		if got := profile.CacheKey(path, env); got != want {
			t.Errorf("CacheKey(%q) = %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]string{
		`\\?\UNC\Srv\Share\a.ost`: `\\srv\share\a.ost`, `\\srv\share\A.OST\`: `\\srv\share\a.ost`, `//srv/share/a.pst`: `\\srv\share\a.pst`,
		`%UNKNOWN%\a.pst`: `%unknown%\a.pst`, `100%`: `100%`, `a.ost`: `a.ost`, ``: ``, `C:\Größe\Ä.pst`: `c:\größe\ä.pst`,
	} {
		if got := profile.CacheKey(path, nil); got != want {
			t.Errorf("CacheKey(%q) = %q, want %q", path, got, want)
		}
	}
	if profile.CacheKey(`c:\a.ost`, nil) == profile.CacheKey(`c:\a.pst`, nil) {
		t.Error("an OST and a PST of one name are not one cache")
	}
}

func TestAccountKey(t *testing.T) {
	want := profile.AccountKey("https://ox.example.org/ajax", "anna")
	for _, c := range [][2]string{
		{"HTTPS://OX.Example.ORG/ajax/", "ANNA"}, {"https://ox.example.org:443/ajax//", " anna "},
		{"https://anna:geheim@ox.example.org/ajax?x=1#y", "Anna"}, {"https://ox.example.org./ajax", "anna"},
	} {
		if got := profile.AccountKey(c[0], c[1]); got != want {
			t.Errorf("AccountKey(%q, %q) = %q, want %q", c[0], c[1], got, want)
		}
	}
	for _, c := range [][2]string{
		{"http://ox.example.org/ajax", "anna"}, {"https://ox.example.org:8443/ajax", "anna"},
		{"https://ox.example.org/other", "anna"}, {"https://ox.example.org/ajax", "anna2"}, {"https://ox.example.org/ajax", ""}, {"", "anna"},
	} {
		if got := profile.AccountKey(c[0], c[1]); got == want {
			t.Errorf("AccountKey(%q, %q) is the same account", c[0], c[1])
		}
	}
}

func TestSecret(t *testing.T) {
	for _, c := range []struct {
		name, service string
		want          bool
	}{
		{"S01026601", "", true}, {"s001f6700", "OXSTOR_SVC", true}, {"S001f6700 ", "", true}, {"01026611", "MSEMS", true}, {"010267f0", "", true},
		{"001e6703", "", true}, {"001e6703", "MSUPST MS", true}, {"001f6703", "OXSTOR_SVC", false}, {"001e6704", "", true},
		{"POP3 Password", "", true}, {"IMAP password", "", true}, {"Kennwort", "", true}, {"AccessToken", "", true},
		{"001f6700", "MSUPST MS", false}, {"001f3001", "", false}, {"Service UID", "", false}, {"SMTP Server", "", false}, {"", "", false},
	} {
		if got := profile.Secret(c.name, c.service); got != c.want {
			t.Errorf("Secret(%q, %q) = %v, want %v", c.name, c.service, got, c.want)
		}
	}
}

// TestSecretsLeaveNoTrace puts a marker into every kind of secret value, in
// sound and damaged form, and looks for it in the whole inventory.
func TestSecretsLeaveNoTrace(t *testing.T) {
	const marker = `geheim@secret.example`
	user := hiveRoot()
	p := addProfile(user, "P")
	store := addOX(p, "ox", "https://anna:"+marker+"@ox.example.org/ajax?token="+marker, "anna@example.org", `C:\a.odb`)
	for _, name := range []string{"S001f6712", "S001e6713", "001f6611", "001f67f0", "S101f6714", "Password", "OX Token"} {
		store.Wide(name, marker).Text(name+" ", `C:\`+marker)
	}
	pst := addService(p, "pst", "MSUPST MS").Wide("001f6703", `C:\`+marker).Wide("001e6704", marker).Wide("001f6700", `C:\b.pst`)
	pst.Wide("S001f6799", `C:\`+marker)
	account := p.Key(manager).Key("00000001").Text("clsid", "{x}").Text("Account Name", "a")
	account.Wide("POP3 Password", marker).Text("IMAP Password", marker).Wide("SMTP Password", marker)
	user.Key(`Software\Policies\Microsoft\Office\16.0\outlook\ost`).Text("AdminPassword", marker)
	inv := read(t, user, profile.Options{Mappings: []profile.Mapping{{Service: "*", Property: "*", Shape: "any", Kind: "mailbox"}}})
	text := string(marshal(t, inv))
	if strings.Contains(text, "geheim") {
		t.Errorf("a secret shows: %s", text)
	}
	inv = read(t, user, profile.Options{})
	if got := inv.Profiles[0].Services[0].Account; *got != (profile.Account{Server: "https://ox.example.org/ajax", User: "anna@example.org"}) {
		t.Errorf("account %+v", got)
	}
}

func TestOXtenderFacts(t *testing.T) {
	for _, c := range []struct {
		name  string
		add   func(store *keytest.Node)
		want  profile.Account
		files []string
		doubt bool
	}{
		{"plain login", func(s *keytest.Node) {
			s.Wide("001f6601", "http://ox/ajax").Wide("001f67ff", `DOM\anna`).Wide("001f6602", `\\srv\s\a.psz`)
		}, profile.Account{Server: "http://ox/ajax", User: `DOM\anna`}, []string{`\\srv\s\a.psz`}, false},
		{"ANSI texts", func(s *keytest.Node) {
			s.Text("001e6601", "https://ox/ajax").Text("001e6602", "anna").Binary("001e6603", []byte("c:\\\xe4.odb\x00"))
		}, profile.Account{Server: "https://ox/ajax", User: "anna"}, []string{`c:\ä.odb`}, false},
		{"relative cache name", func(s *keytest.Node) {
			s.Wide("001f6601", "https://ox").Wide("001f6602", "anna").Wide("001f6603", "anna.odb")
		}, profile.Account{Server: "https://ox", User: "anna"}, []string{"anna.odb"}, false},
		{"mail address wins", func(s *keytest.Node) {
			s.Wide("001f6601", "https://ox").Wide("001f6602", "hunter2").Wide("001f6603", "anna@example.org")
		}, profile.Account{Server: "https://ox", User: "anna@example.org"}, nil, false},
		{"two logins could be a password", func(s *keytest.Node) {
			s.Wide("001f6601", "https://ox").Wide("001f6602", "hunter2").Wide("001f6603", "anna")
		}, profile.Account{Server: "https://ox"}, nil, true},
		{"one login twice", func(s *keytest.Node) {
			s.Wide("001f6601", "https://ox").Wide("001f6602", "Anna").Wide("001f6603", "anna")
		}, profile.Account{Server: "https://ox", User: "Anna"}, nil, false},
		{"no url", func(s *keytest.Node) { s.Wide("001f6602", "anna") }, profile.Account{User: "anna"}, nil, true},
		{"login outside of the provider's ids", func(s *keytest.Node) {
			s.Wide("001f6601", "https://ox").Wide("001f0e01", "anna")
		}, profile.Account{Server: "https://ox"}, nil, true},
		{"list of texts, 8 bytes", func(s *keytest.Node) {
			s.Binary("101f6601", mvTexts(8, "https://ox", "anna", `C:\x.odb`, `C:\x.psz`))
		}, profile.Account{Server: "https://ox", User: "anna"}, []string{`C:\x.odb`, `C:\x.psz`}, false},
		{"other paths are no caches", func(s *keytest.Node) {
			s.Wide("001f6601", "https://ox").Wide("001f6602", "anna").Wide("001f6603", `C:\p\oxstor32.dll`).Wide("001f6604", `C:\a.odb`).Wide("001f6605", `C:\logs`)
		}, profile.Account{Server: "https://ox", User: "anna"}, []string{`C:\a.odb`}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			user := hiveRoot()
			c.add(addService(addProfile(user, "P"), "ox", "OXSTOR_SVC"))
			inv := read(t, user, profile.Options{})
			s := inv.Profiles[0].Services[0]
			if s.Account == nil || *s.Account != c.want || !reflect.DeepEqual(s.CacheFiles, c.files) {
				t.Errorf("account %+v, files %q; want %+v, %q", s.Account, s.CacheFiles, c.want, c.files)
			}
			unclear := problems(inv, profile.AccountUnclear)
			if strings.Contains(c.name, "password") && !strings.HasPrefix(unclear[0].Detail, "2 values look like a user name") {
				t.Errorf("detail %q", unclear[0].Detail)
			}
			if got := len(unclear) > 0; got != c.doubt {
				t.Errorf("problem raised: %v, want %v; %v", got, c.doubt, inv.AllProblems())
			}
		})
	}
}

func TestMappings(t *testing.T) {
	rows, err := profile.ParseMappings([]byte(`[{"service":"OXSTOR_SVC","property":"6650","shape":"any","kind":"server"},
		{"service":"OTHER","property":"001f6601","kind":"cache"},{"service":"oxstor_svc","property":"6660-6670","shape":"","kind":"ignore"}]`))
	if err != nil {
		t.Fatal(err)
	}
	user := hiveRoot()
	p := addProfile(user, "P")
	addService(p, "ox", "OXSTOR_SVC").Wide("001f6650", "ox.example.org").Wide("001f6601", "anna").Wide("001f6665", "bert")
	addService(p, "other", "OTHER").Wide("001f6601", "store.bin")
	s := read(t, user, profile.Options{Mappings: rows}).Profiles[0].Services
	if *s[0].Account != (profile.Account{Server: "ox.example.org", User: "anna"}) || !reflect.DeepEqual(s[1].CacheFiles, []string{"store.bin"}) {
		t.Errorf("%+v, %q", s[0].Account, s[1].CacheFiles)
	}
	for _, bad := range []string{`{}`, `[{"service":"a"}]`, `[{"service":"a","property":"*","kind":"user","shape":"round"}]`, `[{"kind":"user"}]`, `[{"colour":"red"}]`} {
		if _, err := profile.ParseMappings([]byte(bad)); err == nil {
			t.Errorf("ParseMappings(%s) accepts it", bad)
		}
	}
}

func TestListLayouts(t *testing.T) {
	a, b := pstEntryID(`C:\a.pst`), pstEntryID(`C:\Größe\b.pst`)
	bend := func(data []byte, at int, to byte) []byte { data[at] = to; return data }
	for _, c := range []struct {
		name  string
		data  []byte
		paths []string
		bad   bool
	}{
		{"4 bytes", mvBinaries(4, a, b), []string{`C:\a.pst`, `C:\Größe\b.pst`}, false},
		{"8 bytes", mvBinaries(8, a, b), []string{`C:\a.pst`, `C:\Größe\b.pst`}, false},
		{"none", []byte{0, 0, 0, 0}, nil, false},
		{"empty value", nil, nil, true},
		{"cut in the count", []byte{1, 0}, nil, true},
		{"cut in the table", mvBinaries(8, a, b)[:9], nil, true},
		{"cut in the data", mvBinaries(4, a, b)[:120], []string{`C:\a.pst`}, true},
		{"offset beyond the end", bend(mvBinaries(4, a, b), 17, 0x7f), []string{`C:\a.pst`}, true},
		{"length beyond the end", bend(mvBinaries(8, a, b), 7, 0x7f), []string{`C:\Größe\b.pst`}, true},
		{"first offset fits nothing", bend(mvBinaries(4, a), 8, 13), nil, true},
		{"4 billion items", []byte{255, 255, 255, 255, 0, 0, 0, 0}, nil, true},
		{"another provider", mvBinaries(4, bend(pstEntryID(`C:\c.pst`), 40, 1)), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			user := hiveRoot()
			addProfile(user, "P").Key(outlook).Binary("1102039b", c.data)
			inv := read(t, user, profile.Options{})
			var got []string
			for _, f := range inv.Profiles[0].KnownStores {
				got = append(got, f.Value)
			}
			if !reflect.DeepEqual(got, c.paths) {
				t.Errorf("paths %q, want %q", got, c.paths)
			}
			if bad := len(problems(inv, profile.ValueUnreadable)) > 0; bad != c.bad {
				t.Errorf("problem raised: %v, want %v", bad, c.bad)
			}
			if n := len(problems(inv, profile.StoreForgotten)); n != len(c.paths) {
				t.Errorf("%d forgotten stores, want %d", n, len(c.paths))
			}
		})
	}
}

func TestConsistency(t *testing.T) {
	for _, c := range []struct {
		id   string
		make func(user, p *keytest.Node)
		want int
	}{
		{profile.DefaultMissing, func(user, _ *keytest.Node) { user.Key(root16).Text("DefaultProfile", "nobody") }, 1},
		{profile.DefaultMissing, func(user, _ *keytest.Node) { user.Key(root16).Text("DefaultProfile", "p") }, 0},
		{profile.ProviderStray, func(_, p *keytest.Node) { p.Key(lists).Binary("01023d01", uidList(uid("stray"))) }, 1},
		{profile.OrphanSection, func(_, p *keytest.Node) { p.Key(uid("lost")).Wide("001f300a", "x.dll") }, 1},
		{profile.OrphanSection, func(_, p *keytest.Node) { p.Key(uid("empty")) }, 0},
		{profile.UIDListCut, func(_, p *keytest.Node) { p.Key(lists).Binary("01023d02", make([]byte, 17)) }, 1},
		{profile.WidthsMixed, func(_, p *keytest.Node) {
			p.Key(outlook).Binary("1102039b", mvBinaries(4, pstEntryID(`C:\a`))).Binary("1102044e", mvBinaries(8, pstEntryID(`C:\a`)))
		}, 1},
		{profile.StoreForgotten, func(_, p *keytest.Node) {
			addService(p, "pst", "MSUPST MS").Wide("001f6700", `c:/DATA/a.pst`)
			p.Key(outlook).Binary("1102039b", mvBinaries(4, pstEntryID(`C:\Data\a.pst`)))
		}, 0},
		{profile.DeletedLeftover, func(user, _ *keytest.Node) { user.Key(root16 + `\Deleted Profiles\old\` + lists) }, 1},
		{profile.AddressBookEmpty, func(_, p *keytest.Node) {
			addService(p, "ex", "MSEMS")
			p.Key(uid("ex")).Binary("01023d15", uidList(uid("emsmdb")))
			p.Key(uid("emsmdb")).Binary("001f660e", []byte{0, 0}).Wide("001f6610", `C:\a.ost`)
		}, 1},
		{profile.ProviderMissing, func(_, p *keytest.Node) {
			addService(p, "ex", "MSEMS")
			p.Key(uid("ex")).Binary("01023d15", uidList(uid("gone")))
		}, 1},
		{profile.PathForeign, func(user, p *keytest.Node) {
			user.Key(`Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders`).Text("Local AppData", `C:\Users\anna\AppData\Local`)
			addService(p, "one", "MSUPST MS").Wide("001f6700", `C:\Users\bert\b.pst`)
			addService(p, "two", "MSUPST MS").Wide("001f6700", `%LOCALAPPDATA%\a.pst`)
			addService(p, "three", "MSUPST MS").Wide("001f6700", `D:\c.pst`)
		}, 1},
		{profile.PathForeign, func(user, p *keytest.Node) { // Windows XP, German
			user.Key("Volatile Environment").Text("USERPROFILE", `C:\Dokumente und Einstellungen\anna`)
			addOX(p, "ox", "https://h", "anna", `C:\Dokumente und Einstellungen\bert\Lokale Einstellungen\Anwendungsdaten\OXSTORE2\a.odb`)
		}, 1},
		{profile.PathUnresolved, func(_, p *keytest.Node) { addOX(p, "ox", "https://h", "anna", `%LOCALAPPDATA%\OXSTORE2\a.odb`) }, 1},
		{profile.StoreCorrupt, func(user, _ *keytest.Node) {
			user.Key(`Software\Microsoft\Office\16.0\MAPI\Stores\CorruptFiles`).
				Binary("2024-02-16-06:29::59.0609", append([]byte{1, 0, 2, 0}, keytest.UTF16(`C:\a.ost`)...))
		}, 1},
		{profile.CacheShared, func(_, p *keytest.Node) {
			addOX(p, "one", "https://h/ajax", "anna", `C:\a.odb`)
			addOX(p, "two", "https://H:443/ajax/", "Anna", `C:\b.odb`)
		}, 1},
		{profile.CacheShared, func(_, p *keytest.Node) { // .odb and .psz are one cache
			addOX(p, "one", "https://h", "anna", `C:\a.odb`)
			addOX(p, "two", "https://h", "bert", `\\?\c:\A.PSZ`)
		}, 1},
		{profile.CacheShared, func(_, p *keytest.Node) { // the pair of one service is no sharing
			addOX(p, "one", "https://h", "anna", `C:\a.odb`).Wide("001f6751", `C:\a.psz`)
		}, 0},
		{profile.KeyUnreadable, func(_, p *keytest.Node) { p.Key(lists).ValuesErr = errors.New("access is denied") }, 1},
		{profile.KeyUnreadable, func(user, _ *keytest.Node) {
			user.Key(root16 + `\Profiles`).SubkeysErr = errors.New("access is denied")
		}, 1},
	} {
		user := hiveRoot()
		c.make(user, addProfile(user, "P"))
		inv := read(t, user, profile.Options{})
		if got := problems(inv, c.id); len(got) != c.want {
			t.Errorf("%s: %d problems, want %d; all: %v", c.id, len(got), c.want, inv.AllProblems())
		}
	}
}

func TestServiceListLost(t *testing.T) {
	user := hiveRoot()
	user.Key(rootWMS + `\Profiles\Leer`)
	inv := read(t, user, profile.Options{})
	if len(inv.Profiles) != 1 || len(problems(inv, profile.ServiceListLost)) != 1 {
		t.Errorf("%+v", inv)
	}
	if text := string(marshal(t, inv.Profiles)); !strings.Contains(text, `"services": []`) {
		t.Errorf("services of an empty profile: %s", text)
	}
}

func TestRootsAndUsers(t *testing.T) {
	tree := &keytest.Node{}
	hkcu := tree.Key("HKEY_CURRENT_USER")
	anna, bert := tree.Key(`HKEY_USERS`).Key("S-1-5-21-1-1001"), tree.Key(`HKEY_USERS`).Key("S-1-5-21-1-1002")
	for _, user := range []*keytest.Node{hkcu, anna, bert} {
		p := addProfile(user, "Outlook")
		id := "instance anna"
		if user == bert {
			id = "instance bert"
		}
		p.Key("8503020000000000c000000000000046").Binary("0102300b", uidList(uid(id)))
		addOX(p, id, "https://h", "team", `%LOCALAPPDATA%\OXSTORE2\a.odb`)
		user.Key(rootWMS + `\Profiles\Alt`)
	}
	loaded := tree.Key(`HKEY_LOCAL_MACHINE\Geladen`)
	addProfile(loaded, "Cäsar")
	inv := read(t, tree, profile.Options{Source: "x.reg"})
	var got []string
	for _, p := range inv.Profiles {
		got = append(got, fmt.Sprint(p.User, " ", p.Name, " ", p.Source))
	}
	want := []string{" Alt x.reg", "S-1-5-21-1-1001 Outlook x.reg", "S-1-5-21-1-1001 Alt x.reg", "S-1-5-21-1-1002 Alt x.reg",
		"S-1-5-21-1-1002 Outlook x.reg", "Geladen Cäsar x.reg"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("profiles %q, want %q", got, want)
	}
	if accounts := profile.SharedAccounts(inv.Profiles); len(accounts) != 1 || accounts[0].Profiles != 2 {
		t.Errorf("shared accounts %+v, want one of two users", accounts)
	}
	if caches := profile.SharedCaches(inv.Profiles); len(caches) != 0 {
		t.Errorf("%%LOCALAPPDATA%% of two users is one cache: %+v", caches)
	}
	if origin := inv.Profiles[5].Origin; origin != `HKLM\Geladen\`+root16+`\Profiles\Cäsar` {
		t.Errorf("origin %s", origin)
	}
}

func TestEnvExpandsPaths(t *testing.T) {
	user := hiveRoot()
	addOX(addProfile(user, "A"), "a", "https://h", "anna", `%LOCALAPPDATA%\OXSTORE2\a.odb`)
	addOX(addProfile(user, "B"), "b", "https://h", "anna2", `C:\Users\anna\AppData\Local\OXSTORE2\a.odb`)
	inv := read(t, user, profile.Options{Env: map[string]string{"LocalAppData": `C:\Users\anna\AppData\Local`}})
	if caches := profile.SharedCaches(inv.Profiles); len(caches) != 1 || len(problems(inv, profile.PathUnresolved)) != 0 {
		t.Errorf("caches %+v, problems %v", caches, inv.AllProblems())
	}
}

func TestCorruptAndSettings(t *testing.T) {
	user := hiveRoot()
	user.Key(`Software\Microsoft\Office\15.0\MAPI\Stores\CorruptFiles`).
		Binary("2024-02-16-06:29::59.0609", append([]byte{3, 0, 2, 0}, keytest.UTF16(`C:\a.ost`)...)).Binary("morgen", []byte{1})
	user.Key(`Software\Policies\Microsoft\Office\16.0\outlook\cached mode`).Dword("Enable", 1)
	user.Key(`Software\Microsoft\Exchange\Client\Options`).Text("PickLogonProfile", "1")
	inv := read(t, user, profile.Options{})
	want := profile.CorruptStore{Recorded: "2024-02-16-06:29::59.0609", LocalTime: "2024-02-16T06:29:59.0609", Path: `C:\a.ost`, Kind: "tardis", Action: 2,
		Origin: `HKCU\Software\Microsoft\Office\15.0\MAPI\Stores\CorruptFiles\2024-02-16-06:29::59.0609`}
	if len(inv.Corrupt) != 1 || inv.Corrupt[0] != want {
		t.Errorf("%+v, want %+v", inv.Corrupt, want)
	}
	if len(inv.Settings) != 2 || inv.Settings[0].Value != "1" || inv.Settings[1].Name != "Enable" {
		t.Errorf("settings %+v", inv.Settings)
	}
	if len(problems(inv, profile.ValueUnreadable)) != 1 {
		t.Errorf("problems %v", inv.AllProblems())
	}
}

// TestManyProfiles bounds memory and output for 500 profiles on one account.
func TestManyProfiles(t *testing.T) {
	user := hiveRoot()
	profiles := user.Key(root16 + `\Profiles`)
	for i := range 500 {
		p := &keytest.Node{KeyName: fmt.Sprintf("Profil %03d", i)}
		addOX(p, "ox", "https://h", "anna", `C:\a.odb`)
		for j := range 40 {
			p.Key(uid(fmt.Sprint("empty", j)))
		}
		profiles.Subs = append(profiles.Subs, p)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	inv := read(t, user, profile.Options{})
	runtime.ReadMemStats(&after)
	if got := len(profile.SharedAccounts(inv.Profiles)[0].Refs); got != 500 {
		t.Errorf("%d uses, want 500", got)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 128 {
		t.Errorf("Read allocated %d MiB", used)
	}
	if size := len(marshal(t, inv)); size > 8<<20 {
		t.Errorf("the inventory has %d bytes", size)
	}
}

func TestJSONRoundTrip(t *testing.T) {
	inv := readReg(t, ownSamples+"/synthetic_ol16_exchange_cached.reg")
	var back profile.Inventory
	if err := json.Unmarshal(marshal(t, inv), &back); err != nil {
		t.Fatal(err)
	}
	if string(marshal(t, back)) != string(marshal(t, inv)) {
		t.Error("the inventory does not survive JSON")
	}
	if refs := profile.UsesOfCache(back.Profiles, `c:\users\ANNA\AppData\Local\Microsoft\Outlook\anna@example.org.ost`, nil); len(refs) != 1 {
		t.Errorf("lookup after JSON: %d uses, want 1", len(refs))
	}
}

func TestMerge(t *testing.T) {
	const base = ownSamples + "/synthetic_ol16_oxtender2_two_profiles_shared_cache"
	one := readReg(t, base+".reg")
	for i := range one.Profiles {
		one.Profiles[i].Source = "a.reg"
	}
	two := readHive(t, base+".NTUSER.DAT")
	before := string(marshal(t, one))
	user := hiveRoot()
	addOX(addProfile(user, "Drittes"), "ox", "https://ox.example.org/ajax", "Anna@example.org", `C:\other.odb`)
	three := read(t, user, profile.Options{Source: "c.reg"})
	all := profile.Merge(one, two, three)
	if len(all.Profiles) != 3 || len(all.Profiles[0].AlsoIn) != 1 {
		t.Fatalf("%d profiles, want 3: %s", len(all.Profiles), marshal(t, all))
	}
	if accounts := profile.SharedAccounts(all.Profiles); len(accounts) != 1 || accounts[0].Profiles != 3 {
		t.Errorf("shared accounts %+v, want one in three profiles", accounts)
	}
	if got := problems(all, profile.CacheShared); len(got) != 5 { // account in three, cache in two
		t.Errorf("%d problems, want 5: %v", len(got), got)
	}
	if string(marshal(t, one)) != before {
		t.Error("Merge changed an inventory")
	}
	if again := profile.Merge(all); string(marshal(t, again)) != string(marshal(t, all)) {
		t.Error("merging again changes something")
	}
}

// TestDeployedProfile has one profile with equal ids for two users, as scripts
// hand it out: two profiles, not one seen twice.
func TestDeployedProfile(t *testing.T) {
	var invs []*profile.Inventory
	for _, name := range []string{"anna", "bert"} {
		user := hiveRoot()
		addOX(addProfile(user, "P"), "ox", "https://h", name, `%LOCALAPPDATA%\OXSTORE2\a.odb`)
		invs = append(invs, read(t, user, profile.Options{Source: name + ".DAT"}))
	}
	all := profile.Merge(invs...)
	if len(all.Profiles) != 2 || len(problems(all, profile.CacheShared)) != 0 {
		t.Errorf("%s", marshal(t, all))
	}
}

func TestSectionNames(t *testing.T) {
	want := []string{"9207f3e0a3b11019908b08002b2a56c2", "e0f30792b1a31910908b08002b2a56c2"}
	for _, id := range []string{"9207f3e0a3b11019908b08002b2a56c2", "{9207F3E0-A3B1-1019-908B-08002B2A56C2}"} {
		if got := profile.SectionNames(id); !reflect.DeepEqual(got, want) {
			t.Errorf("SectionNames(%q) = %q, want %q", id, got, want)
		}
	}
	for _, id := range []string{"", "9207", "9207f3e0a3b11019908b08002b2a56cX"} {
		if got := profile.SectionNames(id); got != nil {
			t.Errorf("SectionNames(%q) = %q, want none", id, got)
		}
	}
}

// TestWholeHive reads the profile out of a complete real hive: the same as out
// of the extract, and never its password.
func TestWholeHive(t *testing.T) {
	const whole = "../../../shared/samples/hives/NTUSER-win7-outlook2010-profile.DAT"
	if _, err := os.Stat(whole); err != nil {
		t.Skip("the real hive is not here: ", err)
	}
	inv := readHive(t, whole)
	extract := readHive(t, sharedSamples+"/real_ol2010_x64_pop3_plaso.NTUSER.DAT")
	if got, want := string(marshal(t, inv.Profiles)), string(marshal(t, extract.Profiles)); got != want {
		t.Errorf("profiles of the whole hive: %s\nwant %s", got, want)
	}
	if got := ids(inv.AllProblems()); len(got) != 0 {
		t.Errorf("problems %v", inv.AllProblems())
	}
}

// TestUpgradedProfile keeps a stale copy in the old root visible, but says so.
func TestUpgradedProfile(t *testing.T) {
	user := hiveRoot()
	addOX(addProfile(user, "P"), "ox", "https://h", "anna", `C:\a.odb`)
	user.Key(rootWMS + `\Profiles`).Subs = user.Key(root16 + `\Profiles`).Subs
	inv := read(t, user, profile.Options{})
	got := problems(inv, profile.CacheShared)
	if len(inv.Profiles) != 2 || len(got) != 4 || !strings.Contains(got[0].Detail, "left over") {
		t.Errorf("%d profiles, problems %v", len(inv.Profiles), got)
	}
}

func TestRulesAreComplete(t *testing.T) {
	for i, r := range profile.Rules() {
		if r.ID != fmt.Sprintf("PRF%03d", i+1) || !strings.HasPrefix(r.Name, "profile.") || r.Title == "" || r.Remedy == "" {
			t.Errorf("rule %d: %+v", i, r)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	if _, err := profile.Read(nil, profile.Options{}); err == nil {
		t.Error("Read(nil) gives no error")
	}
	denied := &keytest.Node{SubkeysErr: errors.New("access is denied")}
	if _, err := profile.Read(denied, profile.Options{}); err == nil {
		t.Error("a root that cannot be listed gives no error")
	}
	if inv := read(t, &keytest.Node{}, profile.Options{}); len(inv.Profiles) != 0 || inv.Profiles == nil {
		t.Errorf("an empty tree: %+v", inv)
	}
}
