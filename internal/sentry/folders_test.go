package sentry

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/detectors"
	"oxtail/internal/evidence"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// tree is a user's registry with OXtender profiles of one account, and perhaps a limit.
func tree(limitMB uint32, names ...string) *keytest.Node {
	const uid, prov = "0102030405060708090a0b0c0d0e0f10", "1112131415161718191a1b1c1d1e1f20"
	node := func(name string, subs ...*keytest.Node) *keytest.Node {
		return &keytest.Node{KeyName: name, Subs: subs}
	}
	ids := func(from byte) (out []byte) {
		for i := range byte(16) {
			out = append(out, from+i)
		}
		return out
	}
	profiles := node("Profiles")
	for _, name := range names {
		profiles.Subs = append(profiles.Subs, node(name,
			node("9207f3e0a3b11019908b08002b2a56c2").Binary("01023d0e", ids(1)),
			node(uid).Wide("001f3d09", "OXSTOR_SVC").Wide("001f3001", "OX").Binary("01023d00", ids(0x11)),
			node(prov).Binary("01023d0c", ids(1)).Wide("001f300a", "oxstor.dll").Long("00033e03", 0x21).
				Wide("001f6700", odb).Wide("001f6701", "https://ox.example.org/ajax/").Wide("001f6702", "anna")))
	}
	outlook := node("Outlook", profiles)
	if limitMB > 0 {
		outlook.Subs = append(outlook.Subs, node("PST").Dword("MaxLargeFileSize", limitMB))
	}
	return node("HKEY_CURRENT_USER", node("Software", node("Microsoft", node("Office", node("16.0", outlook)))))
}

// A place is a folder with evidence and a thrifty sentry that looks at it.
type place struct {
	*bench
	dir   string
	looks int
}

func newPlace(t *testing.T) *place {
	p := &place{bench: newBench(t), dir: t.TempDir()}
	p.write("profiles.reg", keytest.RegFileUTF16(tree(0, "Outlook")))
	p.write("OXSTORE2/a1.odb", make([]byte, 5000))
	p.write("OXSTORE2/a1.psz", make([]byte, 700))
	full := lookerFunc(func(ctx context.Context, now time.Time) (*Snapshot, error) {
		p.looks++
		return (&Folders{Paths: []string{p.dir}, Options: evidence.Options{}}).Look(ctx, now)
	})
	p.sentry = New(Options{Look: &Thrifty{Full: full, Paths: []string{p.dir}}, Now: func() time.Time { return p.now }, Warn: func(m string) { p.warned = append(p.warned, m) }})
	return p
}

type lookerFunc func(context.Context, time.Time) (*Snapshot, error)

func (f lookerFunc) Look(ctx context.Context, now time.Time) (*Snapshot, error) { return f(ctx, now) }

func (p *place) write(name string, data []byte) {
	p.t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// TestFolders: a changed export, a vanished and a grown cache file, on a real file system.
func TestFolders(t *testing.T) {
	p := newPlace(t)
	p.want(0)
	p.write("profiles.reg", keytest.RegFileUTF16(tree(0, "Outlook", "Neu")))
	f := p.want(time.Minute, RuleSharedCache)[0]
	if f.Account == nil || f.Account.User != "anna" || !strings.Contains(f.Evidence[1].Text, `Profiles\Neu\`) || filepath.Base(f.Evidence[1].Source) != "profiles.reg" {
		t.Errorf("account %v, evidence %+v; want anna, and where the new profile stands", f.Account, f.Evidence)
	}
	p.write("profiles.reg", []byte("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software]\r\n\"a\"=hex:zz\r\n")) // half written
	p.want(time.Minute)
	p.want(time.Minute)
	p.write("profiles.reg", keytest.RegFileUTF16(tree(0, "Outlook")))
	p.want(time.Minute)
	p.want(recheckAfter, RuleSharedCache+" gone")

	if err := os.Remove(filepath.Join(p.dir, "OXSTORE2", "a1.psz")); err != nil {
		t.Fatal(err)
	}
	p.want(time.Minute)
	looks := p.looks
	gone := p.want(recheckAfter, RuleCacheVanished)[0]
	if p.looks != looks+1 {
		t.Error("the file was said to be gone after one full look; want two")
	}
	if gone.Severity != detectors.SeverityHigh || gone.Account == nil || gone.Account.User != "anna" || len(gone.Profiles) != 1 || !strings.Contains(gone.Because[0], "700 bytes") {
		t.Errorf("finding %+v; want high, with account, profile and the last size", gone)
	}
	if err := os.Truncate(filepath.Join(p.dir, "OXSTORE2", "a1.odb"), 600<<20); err != nil { // sparse
		t.Fatal(err)
	}
	p.want(time.Minute, RuleCacheJump)
	if err := os.RemoveAll(filepath.Join(p.dir, "OXSTORE2")); err != nil {
		t.Fatal(err)
	}
	p.want(time.Minute)
	p.want(recheckAfter, RuleCacheJump+" gone", RuleCacheVanished)
	if len(p.warned) != 1 || !strings.Contains(p.warned[0], "profiles.reg could not be read") {
		t.Errorf("warnings %q; want one about the half written export", p.warned)
	}
}

// TestThrifty: while only sizes change, nothing is walked and parsed again.
func TestThrifty(t *testing.T) {
	p := newPlace(t)
	p.write("OXSTORE2/oxtstore_1.log", []byte("a line\n"))
	p.want(0)
	for i := range 5 {
		p.write("OXSTORE2/a1.odb", make([]byte, 6000+i))
		p.write("OXSTORE2/oxtstore_1.log", make([]byte, i))
		p.want(10 * time.Second)
	}
	if p.looks != 2 { // the second, since the first showed which folders hold caches
		t.Errorf("%d full looks; want 2", p.looks)
	}
	if got := p.sentry.files[filepath.Join(p.dir, "OXSTORE2", "a1.odb")].Bytes; got != 6004 {
		t.Errorf("size %d; want that of the last look, 6004", got)
	}
	p.want(fullEvery)
	p.write("OXSTORE2/b2.odb", nil)
	p.want(time.Minute)
	p.write("more.reg", keytest.RegFileUTF16(tree(0, "Outlook")))
	p.want(time.Minute)
	if p.looks != 5 {
		t.Errorf("%d full looks; want 5: two as said, one by age, one for each new file", p.looks)
	}
}

// TestFoldersGone: a folder that is gone with its parent is not judged; the first look at
// nothing is an error.
func TestFoldersGone(t *testing.T) {
	p := newPlace(t)
	p.want(0)
	above := t.TempDir()
	f := &Folders{Paths: []string{filepath.Join(above, "no", "such")}}
	if _, err := f.Look(t.Context(), p.now); err == nil || !strings.Contains(err.Error(), "such") {
		t.Errorf("error %v; want one that names the path", err)
	}
	f.Paths = []string{filepath.Join(above, "none"), p.dir}
	s, err := f.Look(t.Context(), p.now)
	if err != nil || len(s.Unsure) != 0 || len(s.Read) != 1 || len(s.files()) != 2 {
		t.Errorf("look %+v, error %v; want one registry file and two caches, nothing unsure", s, err)
	}
}

// TestReadLimits: of one hive, of a tree of users, by policy; numbers and texts.
func TestReadLimits(t *testing.T) {
	one := tree(10240)
	policies := &keytest.Node{KeyName: "Policies", Subs: []*keytest.Node{one.Key(`Software`).Subs[0]}}
	one.Key("Software").Subs = append(one.Key("Software").Subs, policies)
	one.Key(`Software\Microsoft\Office\16.0\Outlook\PST`).Text("WarnFileSize", "1000000000").Text("MaxFileSize", "many").Dword("Other", 1)
	users := &keytest.Node{KeyName: "ROOT", Subs: []*keytest.Node{
		one,
		{KeyName: "HKEY_USERS", Subs: []*keytest.Node{{KeyName: "S-1-5-21-1", Subs: tree(20480).Subs}, {KeyName: "S-1-5-18"}}},
		{KeyName: "HKEY_LOCAL_MACHINE", Subs: tree(1).Subs},
	}}
	got := map[string]int64{}
	for _, l := range ReadLimits(users) {
		got[l.Origin] = l.Value
		if l.Policy != strings.Contains(l.Origin, "Policies") || l.Major != 16 {
			t.Errorf("%+v", l)
		}
	}
	want := map[string]int64{
		`HKCU\Software\Microsoft\Office\16.0\Outlook\PST\MaxLargeFileSize`:           10240,
		`HKCU\Software\Microsoft\Office\16.0\Outlook\PST\WarnFileSize`:               1000000000,
		`HKCU\Software\Policies\Microsoft\Office\16.0\Outlook\PST\MaxLargeFileSize`:  10240,
		`HKCU\Software\Policies\Microsoft\Office\16.0\Outlook\PST\WarnFileSize`:      1000000000,
		`HKU\S-1-5-21-1\Software\Microsoft\Office\16.0\Outlook\PST\MaxLargeFileSize`: 20480,
	}
	if len(got) != len(want) {
		t.Errorf("limits %v; want %v", got, want)
	}
	for origin, n := range want {
		if got[origin] != n {
			t.Errorf("%s = %d; want %d", origin, got[origin], n)
		}
	}
	if n := len(ReadLimits(tree(5))); n != 1 {
		t.Errorf("%d limits of a single hive; want 1", n)
	}
	var _ profile.Key = one
}

// TestBell: a ring ends the pause and is asked for once; a closed bell is silent.
func TestBell(t *testing.T) {
	b := NewBell()
	defer b.Close()
	b.Ring()
	b.Ring()
	b.Wait(t.Context(), time.Hour)
	if !b.Changed() || b.Changed() {
		t.Error("want the bell to have rung once")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b.Wait(ctx, time.Hour)
	var _ detectors.Finding
}

// BenchmarkLook is one look at 200 cache files of which nothing but sizes changed.
func BenchmarkLook(b *testing.B) {
	dir := b.TempDir()
	for i := range 200 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("a%d.odb", i)), []byte("cache"), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "profiles.reg"), keytest.RegFileUTF16(tree(0, "Outlook", "Neu")), 0o666); err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	s := New(Options{Look: &Thrifty{Full: &Folders{Paths: []string{dir}}, Paths: []string{dir}}, Now: func() time.Time { return now }})
	for b.Loop() {
		if err := s.Step(b.Context(), func(detectors.Finding) {}); err != nil {
			b.Fatal(err)
		}
	}
}
