package profile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"oxtail/parser/hive"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
	"oxtail/parser/regfile"
)

// ownSamples belong to the project; sharedSamples may be absent.
const (
	ownSamples    = "../../samples/profiles"
	sharedSamples = "../../../shared/samples/profiles"
)

// TestExpected meets every expected.json through each form of the sample.
func TestExpected(t *testing.T) {
	for _, dir := range []string{ownSamples, sharedSamples} {
		files, _ := filepath.Glob(filepath.Join(dir, "*_ol*.expected.json"))
		if len(files) == 0 && dir == ownSamples {
			t.Fatal("the project's own profile samples are missing")
		}
		for _, file := range files {
			base := strings.TrimSuffix(file, ".expected.json")
			t.Run(filepath.Base(dir)+"/"+filepath.Base(base), func(t *testing.T) { checkSample(t, base) })
		}
	}
	if _, err := os.Stat(sharedSamples); err != nil {
		t.Skip("the real profiles are not here: ", err)
	}
}

func checkSample(t *testing.T, base string) {
	var want any
	unmarshal(t, readFile(t, base+".expected.json"), &want)
	reg := readReg(t, base+".reg")
	fromHive := readHive(t, base+".NTUSER.DAT")
	for form, inv := range map[string]*profile.Inventory{".reg": reg, "hive": fromHive} {
		var got any
		unmarshal(t, marshal(t, inv.Profiles), &got)
		if diff := missing("", want, got); diff != "" {
			t.Errorf("%s: %s", form, diff)
		}
		checkAbsent(t, form, want, got)
	}
	if a, b := marshal(t, reg), marshal(t, fromHive); string(a) != string(b) {
		t.Errorf("the two forms give different inventories:\n.reg: %s\nhive: %s", a, b)
	}
	if text := string(marshal(t, reg)); strings.Contains(text, "Password") {
		t.Error("the inventory names a password value")
	}
}

// missing names the first thing of want that got does not have. got may have
// more fields than want, but no other items.
func missing(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for name, value := range w {
			if diff := missing(path+"."+name, value, g[name]); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		g, _ := got.([]any)
		if len(g) != len(w) {
			return path + ": wrong number of items"
		}
		for i := range w {
			if diff := missing(path+"[]", w[i], g[i]); diff != "" {
				return diff
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return path + ": got " + toString(got) + ", want " + toString(want)
	}
	return ""
}

func toString(v any) string { data, _ := json.Marshal(v); return string(data) }

// checkAbsent makes sure that the fields that expected.json leaves out where
// they are empty are left out.
func checkAbsent(t *testing.T, form string, want, got any) {
	for i, w := range want.([]any) {
		g := got.([]any)[i].(map[string]any)
		for _, name := range []string{"unreferenced_service_or_provider_sections", "accounts"} {
			if _, ok := w.(map[string]any)[name]; !ok && g[name] != nil {
				t.Errorf("%s: profile %d has %s: %v", form, i, name, g[name])
			}
		}
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unmarshal(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t testing.TB, root profile.Key, opts profile.Options) *profile.Inventory {
	t.Helper()
	inv, err := profile.Read(root, opts)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func readReg(t testing.TB, path string) *profile.Inventory {
	t.Helper()
	f, err := regfile.Parse(readFile(t, path))
	if err != nil || len(f.Problems) > 0 {
		t.Fatalf("%v, %v", err, f)
	}
	return read(t, f.Root(), profile.Options{})
}

func readHive(t testing.TB, path string) *profile.Inventory {
	t.Helper()
	h, err := hive.Open(readFile(t, path))
	if err != nil || len(h.Problems) > 0 {
		t.Fatalf("%v, %v", err, h)
	}
	return read(t, h.Root(), profile.Options{})
}

// TestSameTree compares the two forms of a sample key by key.
func TestSameTree(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(ownSamples, "*.NTUSER.DAT"))
	if len(files) == 0 {
		t.Fatal("no samples")
	}
	for _, file := range files {
		h, err := hive.Open(readFile(t, file))
		if err != nil {
			t.Fatal(err)
		}
		f, err := regfile.Parse(readFile(t, strings.TrimSuffix(file, "NTUSER.DAT")+"reg"))
		if err != nil {
			t.Fatal(err)
		}
		key, err := profile.Find(f.Root(), "HKEY_CURRENT_USER")
		if key == nil {
			t.Fatal(err)
		}
		keytest.Equal(t, key, h.Root())
	}
}

// ids counts the problems by id.
func ids(problems []profile.Problem) map[string]int {
	count := map[string]int{}
	for _, p := range problems {
		count[p.ID]++
	}
	return count
}

// TestBrokenSample raises what the sample's README asks for, and no more.
func TestBrokenSample(t *testing.T) {
	inv := readReg(t, ownSamples+"/synthetic_ol16_broken_profile.reg")
	want := map[string]int{
		profile.DefaultMissing: 1, profile.ServiceGhost: 1, profile.ProviderMissing: 1, profile.OrphanSection: 3,
		profile.BacklinkWrong: 1, profile.AccountGhost: 1, profile.AccountUnlisted: 1, profile.CacheShared: 1,
		profile.AccountUnclear: 1, // the first service has neither URL nor user
	}
	if got := ids(inv.AllProblems()); !reflect.DeepEqual(got, want) {
		t.Errorf("problems %v, want %v\n%v", got, want, inv.AllProblems())
	}
	for _, p := range inv.AllProblems() {
		if !strings.HasPrefix(p.Origin, `HKCU\Software\Microsoft\Office\16.0\Outlook`) || p.Detail == "" {
			t.Errorf("problem without place or detail: %+v", p)
		}
	}
}

// TestSoundSamples raises nothing.
func TestSoundSamples(t *testing.T) {
	if got := ids(readReg(t, ownSamples+"/synthetic_ol16_exchange_cached.reg").AllProblems()); len(got) != 0 {
		t.Errorf("a sound profile has problems %v", got)
	}
	for _, name := range []string{"real_ol2010_x64_pop3_plaso", "real_ol2016_pst_regipy"} {
		if _, err := os.Stat(filepath.Join(sharedSamples, name+".reg")); err != nil {
			t.Skip("the real profiles are not here: ", err)
		}
		if got := readReg(t, filepath.Join(sharedSamples, name+".reg")).AllProblems(); len(got) != 0 {
			t.Errorf("%s has problems %v", name, got)
		}
	}
}

func TestSharedSample(t *testing.T) {
	inv := readHive(t, ownSamples+"/synthetic_ol16_oxtender2_two_profiles_shared_cache.NTUSER.DAT")
	accounts, caches := profile.SharedAccounts(inv.Profiles), profile.SharedCaches(inv.Profiles)
	if len(accounts) != 1 || len(caches) != 1 || accounts[0].Profiles != 2 || caches[0].Profiles != 2 {
		t.Fatalf("accounts %+v, caches %+v; want one each, in two profiles", accounts, caches)
	}
	const origin = `HKCU\Software\Microsoft\Office\16.0\Outlook\Profiles\Verk[t~ufer\19d3c25810614d3fbe9540a606e50afe\001f6702`
	if got := accounts[0].Refs[1].Origin; got != origin {
		t.Errorf("origin %s, want %s", got, origin)
	}
	second := inv.Profiles[1]
	if second.Display != "Verkäufer" || *second.Services[1].Account != (profile.Account{Server: "https://ox.example.org/ajax/", User: "anna@example.org"}) {
		t.Errorf("%q, %+v", second.Display, second.Services[1].Account)
	}
	for _, spelling := range []string{"HTTPS://OX.example.org:443/ajax", "https://ox.example.org/ajax/"} {
		if refs := profile.UsesOfAccount(inv.Profiles, spelling, "ANNA@example.org"); len(refs) != 2 {
			t.Errorf("UsesOfAccount(%s): %d uses, want 2", spelling, len(refs))
		}
	}
	for _, spelling := range []string{
		`c:/users/ANNA/AppData/Local/oxstore2/ox.example.org_anna@example.org.psz`,
		`\\?\C:\Users\anna\AppData\Local\OXSTORE2\ox.example.org_anna@example.org.odb`,
	} {
		if refs := profile.UsesOfCache(inv.Profiles, spelling, nil); len(refs) != 2 {
			t.Errorf("UsesOfCache(%s): %d uses, want 2", spelling, len(refs))
		}
	}
}

func TestExchangeSample(t *testing.T) {
	s := readHive(t, ownSamples+"/synthetic_ol16_exchange_cached.NTUSER.DAT").Profiles[0].Services[1]
	if s.Server != "a1b2c3d4-0000-4444-8888-aaaabbbbcccc@example.org" || s.SMTPAddress != "anna@example.org" ||
		s.ServerVersion != "15.2.1118.40" || s.SyncWindow != "1 year" || len(s.CacheFiles) != 1 || s.CacheFiles[0] != s.OSTPath {
		t.Errorf("%+v", s)
	}
	if got := s.Facts[0].Origin; !strings.HasSuffix(got, `\Outlook\0e910723833dc3e46ef783d15ea996a0\001f6610`) {
		t.Errorf("origin of the OST path is %s", got)
	}
}
