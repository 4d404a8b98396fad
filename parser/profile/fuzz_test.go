package profile_test

import (
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
	"oxtail/parser/regfile"
)

// FuzzProfile feeds one value of any name, type and content into every kind of
// section, and once a whole .reg file.
func FuzzProfile(f *testing.F) {
	seeds := []struct {
		name string
		kind uint32
		data []byte
	}{
		{"01023d0e", 3, uidList(uid("ox"), uid("ghost"))},
		{"1102039b", 3, mvBinaries(8, pstEntryID(`C:\a.pst`))},
		{"1102044e", 3, mvBinaries(4, pstEntryID(`C:\a.pst`))},
		{"101f6701", 3, mvTexts(8, "https://ox", "anna")},
		{"101e6701", 3, []byte{1, 0, 0, 0, 8, 0, 0, 0, 'a', 0}},
		{"001f6610", 3, keytest.UTF16(`%LOCALAPPDATA%\a.ost`)},
		{"001e6601", 1, keytest.UTF16("https://u:p@ox:443/?q#f")},
		{"Service UID", 3, uidList(uid("ox"))},
		{"{ED475418-B0D6-11D2-8C3B-00104B2A6676}", 3, []byte{1, 0, 0}},
		{"2024-02-16-06:29::59.0609", 3, []byte{1, 0, 2, 0, 'a', 0}},
		{"DefaultProfile", 5, []byte{1, 2, 3}},
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		f.Add(seed.name, seed.kind, seed.data)
	}
	f.Fuzz(func(t *testing.T, name string, kind uint32, data []byte) {
		user := hiveRoot()
		p := addProfile(user, name)
		store := addOX(p, "ox", "https://h", "anna", `C:\a.odb`)
		addService(p, "ex", "MSEMS")
		p.Key(uid("ex")).Binary("01023d15", uidList(uid("emsmdb")))
		account := p.Key(manager).Key("00000001")
		for _, key := range []*keytest.Node{
			store, account, p.Key(lists), p.Key(outlook), p.Key(uid("ox")), p.Key(uid("emsmdb")), p.Key(manager), user.Key(root16),
			user.Key(`Software\Microsoft\Office\16.0\MAPI\Stores\CorruptFiles`), user.Key("Volatile Environment"),
		} {
			// The fuzzed value goes first, so that it hides a good one.
			key.Vals = append([]profile.Value{{Name: name, Type: kind, Data: data}}, key.Vals...)
		}
		inv := read(t, user, profile.Options{Env: map[string]string{name: string(data)}})
		if string(marshal(t, inv)) != string(marshal(t, read(t, user, profile.Options{Env: map[string]string{name: string(data)}}))) {
			t.Error("two runs differ")
		}
		profile.UsesOfCache(inv.Profiles, string(data), nil)
		profile.UsesOfAccount(inv.Profiles, string(data), name)
		if file, err := regfile.Parse(data); err == nil {
			read(t, file.Root(), profile.Options{})
		}
	})
}
