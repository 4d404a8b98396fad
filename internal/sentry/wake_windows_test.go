//go:build windows

package sentry

import (
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// TestListen: a change deep below a key rings, one beside it does not; a key that is not
// there is no fault.
func TestListen(t *testing.T) {
	path := `Software\oxtail-test-` + strconv.Itoa(os.Getpid())
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path+`\Profiles\Outlook`, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		key.Close()
		for _, below := range []string{`\Profiles\Outlook`, `\Profiles`, ""} {
			if err := registry.DeleteKey(registry.CURRENT_USER, path+below); err != nil {
				t.Errorf("remove %s: %v", path+below, err)
			}
		}
	})
	b := NewBell()
	if err := b.listen(registry.CURRENT_USER, []string{path + `\Profiles`, path + `\None`}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if b.Changed() {
			t.Errorf("round %d: it rang before anything changed", i)
		}
		if err := key.SetDWordValue("a", uint32(i)); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		b.Wait(t.Context(), 30*time.Second)
		if !b.Changed() || time.Since(began) > 20*time.Second {
			t.Errorf("round %d: it did not ring", i)
		}
	}
	b.Close()
	if err := key.SetDWordValue("a", 99); err != nil {
		t.Fatal(err)
	}
	b.Wait(t.Context(), time.Second)
	if b.Changed() {
		t.Error("it rang after it was closed")
	}
}

// TestComputer: a second profile in the live registry is said. It writes profiles, so it
// runs under Wine only.
func TestComputer(t *testing.T) {
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		t.Skip("this is somebody's Windows: its profiles are left alone")
	}
	const roots = `Software\Microsoft\Office\16.0\Outlook`
	root := tree(10240, "oxtail-one", "oxtail-two").Key(roots)
	plant := func(node *keytest.Node, path string) { plantKey(t, node, path) }
	b := newBench(t)
	bell := NewBell()
	defer bell.Close()
	one := root.Key(`Profiles\oxtail-one`)
	plant(one, roots+`\Profiles\oxtail-one`)
	if err := bell.ListenRegistry(); err != nil {
		t.Fatal(err)
	}
	b.sentry = New(Options{Look: &Thrifty{Full: &Computer{}, Changed: bell.Changed}, Now: func() time.Time { return b.now }})
	b.want(0)
	plant(root.Key("PST"), roots+`\PST`)
	plant(root.Key(`Profiles\oxtail-two`), roots+`\Profiles\oxtail-two`)
	bell.Wait(t.Context(), 10*time.Second)
	b.want(time.Minute, RuleSharedCache)
	snap, err := (&Computer{}).Look(t.Context(), b.now)
	if err != nil || len(snap.Limits) != 1 || snap.Limits[0].Value != 10240 || len(snap.Read) != 1 {
		t.Errorf("look %+v, %v; want one limit of 10240 MB, and the registry read", snap, err)
	}
}

// plantKey writes a key with all below it, and removes it after the test.
func plantKey(t *testing.T, node *keytest.Node, path string) {
	t.Helper()
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		key.Close()
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil {
			t.Errorf("remove %s: %v", path, err)
		}
	})
	for _, v := range node.Vals {
		switch v.Type {
		case profile.TypeDword:
			err = key.SetDWordValue(v.Name, uint32(v.Data[0])|uint32(v.Data[1])<<8|uint32(v.Data[2])<<16|uint32(v.Data[3])<<24)
		case profile.TypeBinary:
			err = key.SetBinaryValue(v.Name, v.Data)
		default:
			t.Fatalf("value %s has type %d, which this test does not write", v.Name, v.Type)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range node.Subs {
		plantKey(t, sub, path+`\`+sub.KeyName)
	}
}
