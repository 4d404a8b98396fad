package machine

import (
	"debug/pe"
	"errors"
	"strings"
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

func TestOutlookBits(t *testing.T) {
	const own = `SOFTWARE\Microsoft\Office\16.0\Outlook`
	node := func() *keytest.Node { return &keytest.Node{KeyName: "HKEY_LOCAL_MACHINE"} }
	cases := []struct {
		name    string
		set     func(v64, v32 *keytest.Node)
		machine uint16
		want    int
		path    string
	}{
		{"no Outlook", func(_, _ *keytest.Node) {}, 0, 0, ""},
		{"64-bit says so", func(v64, _ *keytest.Node) { v64.Key(own).Text("Bitness", "x64") }, 0, bits64, ""},
		{"32-bit says so in its view", func(_, v32 *keytest.Node) { v32.Key(own).Text("bitness", "X86") }, 0, bits32, ""},
		{"a newer one counts", func(v64, v32 *keytest.Node) {
			v64.Key(`SOFTWARE\Microsoft\Office\14.0\Outlook`).Text("Bitness", "x86")
			v32.Key(own).Text("Bitness", "x64")
		}, 0, bits64, ""},
		{"Click-to-Run", func(v64, _ *keytest.Node) {
			v64.Key(clickToRun).Text("Platform", "x86").Text("InstallationPath", `C:\Program Files\Office`)
		}, 0, bits32, `C:\Program Files\Office\root\Office16\OUTLOOK.EXE`},
		{"the program's header", func(_, v32 *keytest.Node) { v32.Key(appPaths).Text("", `"C:\O\OUTLOOK.EXE"`) }, pe.IMAGE_FILE_MACHINE_I386, bits32, `C:\O\OUTLOOK.EXE`},
		{"the program's header, 64 bits", func(v64, _ *keytest.Node) { v64.Key(appPaths).Text("", `C:\O\OUTLOOK.EXE`) }, pe.IMAGE_FILE_MACHINE_AMD64, bits64, `C:\O\OUTLOOK.EXE`},
		{"an unknown word", func(v64, _ *keytest.Node) { v64.Key(own).Text("Bitness", "ia64") }, 0, 0, ""},
	}
	for _, c := range cases {
		v64, v32 := node(), node()
		c.set(v64, v32)
		asked := ""
		got := outlookBits([]profile.Key{v64, v32}, func(path string) (uint16, error) {
			asked = path
			if c.machine == 0 {
				return 0, errors.New("no program")
			}
			return c.machine, nil
		})
		if got != c.want {
			t.Errorf("%s: %d bits; want %d", c.name, got, c.want)
		}
		if path := outlookPath([]profile.Key{v64, v32}); path != c.path || asked != "" && asked != c.path {
			t.Errorf("%s: path %q, asked for %q; want %q", c.name, path, asked, c.path)
		}
	}
}

func TestHelperFor(t *testing.T) {
	const own, folder = `C:\oxtail.exe`, `C:\tools`
	cases := []struct {
		name         string
		own, outlook int
		there        bool
		want         string
	}{
		{"same", bits64, bits64, false, own},
		{"no Outlook", bits64, 0, false, own},
		{"32-bit Outlook", bits64, bits32, true, folder + `\oxtail-mapi32.exe`},
		{"64-bit Outlook", bits32, bits64, true, folder + `\oxtail-mapi64.exe`},
		{"helper is missing", bits64, bits32, false, ""},
	}
	for _, c := range cases {
		got, err := helperFor(c.own, c.outlook, own, folder, func(string) (bool, error) { return c.there, nil })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
		if err != nil && !strings.Contains(err.Error(), folder+`\oxtail-mapi32.exe`) {
			t.Errorf("%s: error %v names no file", c.name, err)
		}
	}
}
