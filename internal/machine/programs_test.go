package machine

import (
	"slices"
	"strings"
	"testing"

	"oxtail/parser/codes"
)

func TestKnownPrograms(t *testing.T) {
	list := KnownPrograms()
	if len(list) < 20 {
		t.Fatalf("%d programs are known; want more than 20", len(list))
	}
	seen := map[string]bool{}
	for _, p := range list {
		if name := strings.ToLower(p.Name); !strings.HasSuffix(name, ".exe") || seen[name] || p.Why == "" || p.Close == "" {
			t.Errorf("%+v is twice in the table, or something is missing", p)
		}
		seen[strings.ToLower(p.Name)] = true
	}
	for _, name := range []string{"outlook.exe", "SEARCHPROTOCOLHOST.EXE", "ucmapi.exe"} {
		if _, ok := known(name); !ok {
			t.Errorf("%s is not known", name)
		}
	}
	if p, ok := known("notepad.exe"); ok {
		t.Errorf("notepad.exe is known as %+v", p)
	}
}

func TestMAPIUse(t *testing.T) {
	for modules, want := range map[string]string{
		"ntdll.dll MSMAPI32.dll":               "has msmapi32.dll loaded",
		"olmapi32.dll":                         "has olmapi32.dll loaded",
		"OXSTOR32.DLL":                         "has oxstor32.dll loaded",
		"mapi32.dll EMSMDB32.DLL":              "has mapi32.dll and emsmdb32.dll loaded",
		"contab32.dll mapi32.dll":              "has mapi32.dll and contab32.dll loaded",
		"mapi32.dll ntdll.dll":                 "",
		"emsmdb32.dll":                         "",
		"":                                     "",
		"oxstor.txt xoxstor32.dll mymapi32.dl": "",
	} {
		if got := mapiUse(strings.Fields(modules)); got != want {
			t.Errorf("modules %s: %q; want %q", modules, got, want)
		}
	}
}

// TestRemedies: every code of the table is one that is known or of COM, the special row
// goes before the general one, and codes without a row have the remedy of their own table.
func TestRemedies(t *testing.T) {
	com := []codes.Code{"0x800401F3", "0x800401E3"}
	for _, r := range callRemedies() {
		if _, ok := codes.Lookup(r.code); !ok && !slices.Contains(com, r.code) {
			t.Errorf("%s is in no table", r.code)
		}
		if r.text == "" || strings.HasSuffix(r.text, ".") {
			t.Errorf("%s: remedy %q", r.code, r.text)
		}
	}
	if got := remedyOf("CreateMsgServiceEx", "0x8004010F"); !strings.Contains(got, "MapiSvc.inf") {
		t.Errorf("not found at create: %q", got)
	}
	if got := remedyOf("DeleteMsgService", "0x8004010F"); strings.Contains(got, "MapiSvc.inf") {
		t.Errorf("not found at delete: %q", got)
	}
	if e, _ := codes.Lookup("0x80040305"); e.Remedy == "" || remedyOf("DeleteMsgService", "0x80040305") != e.Remedy {
		t.Errorf("0x80040305: %q", remedyOf("DeleteMsgService", "0x80040305"))
	}
}
