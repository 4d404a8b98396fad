package applytest

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"oxtail/actions/apply"
	"oxtail/parser/profile/keytest"
)

// A Fixture is what a computer has to hold before a case begins: this content of the
// profiles, and these files, and nothing of an earlier case.
type Fixture struct {
	// Registry is a .reg file below HKEY_CURRENT_USER, with all profiles that there are.
	Registry []byte
	// Files are the contents of files by their full Windows path.
	Files map[string][]byte
}

// A Probe looks at a machine and disturbs it behind the back of the engine.
type Probe interface {
	// Registry is an export of all profiles, for comparison.
	Registry(t testing.TB) []byte
	// Files are the files below the folder of Options, by full path.
	Files(t testing.TB) map[string][]byte
	// Import changes the registry as another program would, by the text of a .reg file.
	Import(t testing.TB, reg []byte)
	// Put writes a file as another program would.
	Put(t testing.TB, path string, data []byte)
	// Hold opens a file, as a second process, until it is released.
	Hold(t testing.TB, path string) (release func())
	// Points are the calls of MAPI that can be made to fail.
	Points() []string
	// Fail makes a call of MAPI fail after so many have passed; Heal takes that back.
	Fail(t testing.TB, point string, code uint32, after int)
	Heal(t testing.TB)
	// Quota lets only so many bytes be written, and reports whether it can.
	Quota(t testing.TB, bytes int64) bool
}

// Options say how a machine is tested.
type Options struct {
	// Folder is where the cache files of the fixtures lie. Below C:\Users\NAME only when
	// NAME is the user of the machine.
	Folder string
	// Root is the key of the profiles.
	Root string
	// Service is a service that the machine can create and configure.
	Service string
	// Slow leaves out most of the places at which a run is broken off.
	Slow bool
}

// An Opener makes a machine that holds a fixture. The machine and the probe see the same
// computer; another machine of the same fixture is opened by the next call.
type Opener func(t *testing.T, f Fixture) (apply.Machine, Probe)

// DefaultOptions are those of the twin.
func DefaultOptions() Options {
	return Options{Folder: `C:\Users\anna\AppData\Local\OXSTORE2`, Root: `Software\Microsoft\Office\16.0\Outlook\Profiles`, Service: "OXSTOR_SVC"}
}

// account is the account of all fixtures.
const (
	server = "https://ox.example.org/ajax/"
	user   = "anna@example.org"
)

// uid makes the UID of a section.
func uid(kind byte, n int) []byte {
	out := make([]byte, 16)
	for i := range out {
		out[i] = kind ^ byte(i*17)
	}
	out[0], out[15] = kind, byte(n)
	return out
}

// A profileSpec describes a profile of a fixture.
type profileSpec struct {
	name    string
	number  int
	cache   string // path of the .odb or .ost
	flags   uint32
	ost     bool
	user    string
	account bool // with an entry in the account manager
}

// registry builds the tree of some profiles.
func (o Options) registry(specs ...profileSpec) []byte {
	root := &keytest.Node{KeyName: "HKEY_CURRENT_USER"}
	root.Key(strings.TrimSuffix(o.Root, `\Profiles`)).Text("DefaultProfile", specs[0].name)
	for _, s := range specs {
		o.addProfile(root.Key(o.Root+`\`+s.name), s)
	}
	return keytest.RegFileUTF16(root)
}

// addProfile writes one profile with one service and its provider.
func (o Options) addProfile(p *keytest.Node, s profileSpec) {
	service, provider := uid(0xa0, s.number), uid(0xb0, s.number)
	p.Key("8503020000000000c000000000000046").Binary("0102300b", uid(0xc0, s.number))
	p.Key("9207f3e0a3b11019908b08002b2a56c2").Binary("01023d0e", service).Binary("01023d00", provider)
	name, dll := o.Service, "oxstor.dll"
	if s.ost {
		name, dll = "MSEMS", "emsmdb.dll"
	}
	section := p.Key(hex.EncodeToString(service))
	section.Wide("001f3d09", name).Wide("001f3001", "OX "+user).Wide("001f3d0a", dll).Wide("001f3d0b", "ServiceEntry")
	section.Long("00033009", s.flags).Binary("01023d00", provider)
	below := p.Key(hex.EncodeToString(provider))
	below.Binary("01023d0c", service).Wide("001f300a", dll).Long("00033e03", 33).Long("00033009", 0).Wide("001f3001", "OX "+user)
	if s.ost {
		ems := uid(0xd0, s.number)
		section.Binary("01023d15", ems)
		p.Key(hex.EncodeToString(ems)).Wide("001f6610", s.cache).Long("00036601", 0x180).Wide("001f6603", "/o=x/cn="+user).Binary("01026611", []byte("key material"))
		return
	}
	login := s.user
	if login == "" {
		login = user
	}
	below.Wide("001f6700", s.cache).Wide("001f6701", server).Wide("001f6702", login).Long("00036703", 7).Binary("S01026704", []byte("a secret"))
	if s.account {
		manager := p.Key("9375CFF0413111d3B88A00104B2A6676")
		manager.Binary("{ED475418-B0D6-11D2-8C3B-00104B2A6676}", []byte{1, 0, 0, 0}).Dword("NextAccountID", 2)
		manager.Key("00000001").Text("clsid", "{ED475414-B0D6-11D2-8C3B-00104B2A6676}").Text("Account Name", user).Binary("Service UID", service)
	}
}

// single is one profile with its cache.
func (o Options) single() Fixture {
	odb := o.Folder + `\a1.odb`
	return Fixture{o.registry(profileSpec{name: "Outlook", number: 1, cache: odb, account: true}), o.cacheFiles()}
}

// double has two profiles on one cache.
func (o Options) double() Fixture {
	odb := o.Folder + `\a1.odb`
	return Fixture{o.registry(profileSpec{name: "Outlook", number: 1, cache: odb}, profileSpec{name: "Second", number: 2, cache: odb}), o.cacheFiles()}
}

// exchange has an .ost.
func (o Options) exchange() Fixture {
	ost := o.Folder + `\anna.ost`
	return Fixture{o.registry(profileSpec{name: "Outlook", number: 1, cache: ost, ost: true}), map[string][]byte{ost: content("ost", 90_000), ost + ".old": content("older", 100)}}
}

// cacheFiles are a pair, the journal of a data base, and files that nobody may touch.
func (o Options) cacheFiles() map[string][]byte {
	return map[string][]byte{
		o.Folder + `\a1.odb`: content("odb", 70_000), o.Folder + `\a1.psz`: content("psz", 3000), o.Folder + `\a1.odb-wal`: content("wal", 10),
		o.Folder + `\b7.odb`: content("other", 500), o.Folder + `\a1.odb.old`: content("older", 20),
	}
}

// content makes bytes that show what they belong to.
func content(name string, size int) []byte {
	out := make([]byte, 0, size)
	for i := 0; len(out) < size; i++ {
		out = append(out, fmt.Sprintf("%s %d\n", name, i)...)
	}
	return out[:size]
}
