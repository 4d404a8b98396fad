package profile_test

import (
	"strings"
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

func TestLocate(t *testing.T) {
	const text = "REGEDIT4\n\n[HKEY_CURRENT_USER\\Software\\A]\n\"one\"=\"1\"\n\"hex\"=hex:01,\\\n  02\n\n[HKEY_CURRENT_USER\\Software\\A\\B\\C]\n\"a\\\\b\"=\"2\"\n"
	f, err := regfile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		path string
		want string // the bytes there
	}{
		{`HKCU\Software\A`, "[HKEY_CURRENT_USER\\Software\\A]\n"},
		{`HKCU\SOFTWARE\a\ONE`, "\"one\"=\"1\"\n"},
		{`HKCU\Software\A\hex`, "\"hex\"=hex:01,\\\n  02\n"},
		{`HKCU\Software\A\B`, "[HKEY_CURRENT_USER\\Software\\A\\B\\C]\n"}, // it only leads to a key
		{`HKCU\Software\A\B\C\a\b`, "\"a\\\\b\"=\"2\"\n"},
		{`HKCU\Software\A\B\missing\x`, "[HKEY_CURRENT_USER\\Software\\A\\B\\C]\n"},
		{`HKCU\Elsewhere`, ""},
		{`HKLM\Software\A`, ""},
		{`HKCU`, ""},
		{``, ""},
	}
	for _, c := range cases {
		at, ok := profile.Locate(f.Root(), c.path)
		got := text[at.Offset:][:at.Length]
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Locate(%q) = %q, %v; want %q", c.path, got, ok, c.want)
		}
		if want := 1 + strings.Count(text[:at.Offset], "\n"); ok && at.Line != want {
			t.Errorf("Locate(%q) is in line %d; want %d", c.path, at.Line, want)
		}
	}
}
