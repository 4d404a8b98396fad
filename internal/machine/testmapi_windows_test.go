package machine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows/registry"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// The keys of the test provider, winetest/dll/testmapi.c, and of what it works on.
const (
	outlookKey   = `Software\Microsoft\Office\16.0\Outlook`
	profilesKey  = outlookKey + `\Profiles`
	serviceList  = `9207f3e0a3b11019908b08002b2a56c2`
	providerKey  = `Software\TestMAPI`
	failKey      = providerKey + `\Fail`
	ownBitsWord  = "Bitness"
	testProvider = "TestMAPI"
)

// bitsWords are Microsoft's words for the widths.
var bitsWords = map[int]string{bits32: "x86", bits64: "x64"}

// put64 sets a text in both views of HKEY_LOCAL_MACHINE, as far as there are two.
func setLocal(t *testing.T, path, name, text string) {
	t.Helper()
	for _, view := range []uint32{uint32(View64), uint32(View32)} {
		k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, path, registry.SET_VALUE|view)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.SetStringValue(name, text); err != nil {
			t.Error(err)
		}
		k.Close()
	}
}

// setUser sets a value of the current user.
func setUser(t *testing.T, path string, v profile.Value) {
	t.Helper()
	k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if err := setValue(k, v); err != nil {
		t.Fatal(err)
	}
}

// removeUser removes a key of the current user with all below it.
func removeUser(t *testing.T, path string) {
	t.Helper()
	if k, err := registry.OpenKey(registry.CURRENT_USER, path, registry.ALL_ACCESS); err == nil {
		remove(t, k)
		k.Close()
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil {
			t.Error(err)
		}
	}
}

// provider is this computer with the test provider as its Outlook.
type provider struct {
	*live
	t *testing.T
	// helpers is the folder with the program of the other bitness.
	helpers string
	log     string
}

// useProvider makes the test provider of a width the MAPI of the computer, and gives
// the computer. Profiles and settings of the provider go with the test.
func useProvider(t *testing.T, bits int) *provider {
	t.Helper()
	if !onWine() {
		t.Skip("the test provider is put in the place of Outlook under Wine only")
	}
	if bits == bits32 && os.Getenv("OXTAIL_WINE_NO32") != "" {
		t.Skip("this Wine has no 32-bit DLLs")
	}
	dll := wineWork(t, map[int]string{bits32: "testmapi32.dll", bits64: "testmapi64.dll"}[bits])
	setLocal(t, mailClients, "", testProvider)
	setLocal(t, mailClients+`\`+testProvider, "DLLPathEx", dll)
	setLocal(t, `SOFTWARE\Microsoft\Office\16.0\Outlook`, ownBitsWord, bitsWords[bits])
	removeUser(t, providerKey)
	removeUser(t, profilesKey)
	t.Cleanup(func() {
		removeUser(t, providerKey)
		removeUser(t, profilesKey)
	})
	p := &provider{t: t, helpers: wineWork(t, "helpers"), log: filepath.Join(t.TempDir(), "mapi.log")}
	setUser(t, providerKey, textValue("LogFile", p.log))
	m, err := This(ApplyOptions{Helpers: p.helpers, StateFolder: filepath.Join(t.TempDir(), "state"), Silent: []string{profile.ServiceOXtender}})
	if err != nil {
		t.Fatal(err)
	}
	p.live = m.(*live)
	return p
}

// ownBits is the width of this process.
const ownBits = 8 * int(unsafe.Sizeof(uintptr(0)))

func textValue(name, text string) profile.Value {
	return profile.Value{Name: name, Type: profile.TypeString, Data: encode(text)}
}

// makeProfile makes an empty profile.
func (p *provider) makeProfile(name string) {
	p.t.Helper()
	k, _, err := registry.CreateKey(registry.CURRENT_USER, profilesKey+`\`+name, registry.ALL_ACCESS)
	if err != nil {
		p.t.Fatal(err)
	}
	k.Close()
}

// fail makes a method of the provider return a code from now on, 0 for not any more.
func (p *provider) fail(method string, code uint32) {
	p.t.Helper()
	k, _, err := registry.CreateKey(registry.CURRENT_USER, failKey, registry.ALL_ACCESS)
	if err != nil {
		p.t.Fatal(err)
	}
	defer k.Close()
	if code == 0 {
		k.DeleteValue(method) // it may not be there
		return
	}
	if err := k.SetDWordValue(method, code); err != nil {
		p.t.Fatal(err)
	}
}

// create makes a service without a dialog.
func (p *provider) create(profileName, service, display string) string {
	p.t.Helper()
	uid, err := p.CreateService(p.t.Context(), profileName, service, display, false)
	if err != nil {
		p.t.Fatal(err)
	}
	return uid
}

// services lists the services of a profile.
func (p *provider) services(profileName string) []apply.Service {
	p.t.Helper()
	list, err := p.Services(p.t.Context(), profileName)
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

// logged is what the provider has written down, "" when it was not used yet.
func (p *provider) logged() string {
	p.t.Helper()
	data, err := os.ReadFile(p.log)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Fatal(err)
	}
	return string(data)
}
