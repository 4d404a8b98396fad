package places

import (
	"slices"
	"testing"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func paths(list []Place, purpose Purpose) []string {
	var got []string
	for _, p := range list {
		if p.Purpose == purpose && !slices.Contains(got, p.Path) {
			got = append(got, p.Path)
		}
	}
	return got
}

func TestKnownPlaces(t *testing.T) {
	for _, tt := range []struct {
		name         string
		env          map[string]string
		logs, caches []string
	}{
		{"Windows 10", map[string]string{
			"LOCALAPPDATA": `C:\Users\alex\AppData\Local`, "APPDATA": `C:\Users\alex\AppData\Roaming`, "USERPROFILE": `C:\Users\alex`,
			"TEMP": `C:\Users\alex\AppData\Local\Temp`, "ProgramFiles": `C:\Program Files`, "ProgramFiles(x86)": `C:\Program Files (x86)`,
			"ProgramW6432": `C:\Program Files`, "windir": `C:\Windows`,
		}, []string{
			`C:\Users\alex\AppData\Local\OXSTORE2`, `C:\Users\alex\AppData\Local\Open-Xchange`, `C:\Users\alex\AppData\Roaming\Open-Xchange`,
			`C:\Users\alex\AppData\Local\Temp`, `C:\Program Files (x86)\Open-Xchange\Oxtender 2`, `C:\Program Files\Open-Xchange\Oxtender 2`,
			`C:\Users\alex\AppData\Local\Temp\Outlook Logging`, `C:\Users\alex\AppData\Local\Temp\OLC Logging`, `C:\Users\alex\AppData\Local\Temp\OLkAS`,
		}, []string{
			`C:\Users\alex\AppData\Local\OXSTORE2`, `C:\Users\alex\AppData\Local\Microsoft\Outlook`,
			`C:\Users\alex\AppData\Local\Microsoft\Outlook\EasCache`, `C:\Users\alex\Documents\Outlook Files`,
		}},
		{"German XP", map[string]string{"USERPROFILE": `C:\Dokumente und Einstellungen\alex`, "TEMP": `C:\Temp\`}, []string{
			// both languages are one place to Windows' later versions, but on XP's disk only one exists: both are probed
			`C:\Dokumente und Einstellungen\alex\Local Settings\Application Data\OXSTORE2`,
			`C:\Dokumente und Einstellungen\alex\Lokale Einstellungen\Anwendungsdaten\OXSTORE2`,
			`C:\Temp`, `C:\Temp\Outlook Logging`, `C:\Temp\OLC Logging`, `C:\Temp\OLkAS`,
		}, []string{
			`C:\Dokumente und Einstellungen\alex\Local Settings\Application Data\OXSTORE2`,
			`C:\Dokumente und Einstellungen\alex\Lokale Einstellungen\Anwendungsdaten\OXSTORE2`,
			`C:\Dokumente und Einstellungen\alex\Local Settings\Application Data\Microsoft\Outlook`,
			`C:\Dokumente und Einstellungen\alex\Lokale Einstellungen\Anwendungsdaten\Microsoft\Outlook`,
			`C:\Dokumente und Einstellungen\alex\Documents\Outlook Files`,
		}},
		{"no Windows", nil, nil, nil},
	} {
		got := KnownPlaces(environment(tt.env))
		if logs := paths(got, Logs); !slices.Equal(logs, tt.logs) {
			t.Errorf("%s, logs:\ngot  %q\nwant %q", tt.name, logs, tt.logs)
		}
		if caches := paths(got, Caches); !slices.Equal(caches, tt.caches) {
			t.Errorf("%s, caches:\ngot  %q\nwant %q", tt.name, caches, tt.caches)
		}
	}
}

func TestEveryPlaceIsExplained(t *testing.T) {
	rules := append(logRules(), cacheRules()...)
	if len(rules) == 0 {
		t.Fatal("no rules")
	}
	for _, r := range rules {
		if r.variable == "" || r.place.Why == "" || r.place.Basis == "" || len(r.place.Patterns) == 0 {
			t.Errorf("%+v: incomplete", r)
		}
	}
}
