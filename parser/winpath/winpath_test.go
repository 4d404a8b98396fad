package winpath

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ path, want string }{
		{``, ``},
		{`C:\a\b`, `C:\a\b`},
		{`C:/a//b/`, `C:\a\b`},
		{`\\?\C:\a`, `C:\a`},
		{`\??\C:\a`, `C:\a`},
		{`\\?\UNC\server\share\x`, `\\server\share\x`},
		{`//server/share/x`, `\\server\share\x`},
		{`C:\a\..\b\.\c`, `C:\b\c`},
		{`C:\..\b`, `C:\..\b`},
		{`"C:\Program Files\x.odb"`, `C:\Program Files\x.odb`},
		{` C:\a\b \`, `C:\a\b`},
		{`bundle.zip!/C/Users/alex`, `bundle.zip!\C\Users\alex`},
		{`\AppData\Local`, `\AppData\Local`},
	} {
		if got := Clean(tt.path); got != tt.want {
			t.Errorf("Clean(%q) = %q; want %q", tt.path, got, tt.want)
		}
	}
}

func TestEqual(t *testing.T) {
	const registry = `C:\Users\alex\AppData\Local\OXSTORE2\x.odb`
	for _, tt := range []struct {
		path string
		want bool
	}{
		{`c:/users/ALEX/appdata/local/oxstore2/X.ODB`, true},
		{`\\?\C:\Users\alex\AppData\Local\OXSTORE2\x.odb`, true},
		{`C:\Dokumente und Einstellungen\alex\Lokale Einstellungen\Anwendungsdaten\OXSTORE2\x.odb`, true},
		{`C:\Documents and Settings\alex\Local Settings\Application Data\OXSTORE2\x.odb`, true},
		{`C:\Users\bob\AppData\Local\OXSTORE2\x.odb`, false},
		{`D:\Users\alex\AppData\Local\OXSTORE2\x.odb`, false},
		{`C:\Users\alex\AppData\Roaming\OXSTORE2\x.odb`, false},
		{`\\C\Users\alex\AppData\Local\OXSTORE2\x.odb`, false},
		{`C:\Users\alex\AppData\Local\OXSTORE2\x.psz`, false},
	} {
		if got := Equal(registry, tt.path); got != tt.want {
			t.Errorf("Equal(%q, %q) = %v; want %v", registry, tt.path, got, tt.want)
		}
	}
	if !Equal(`C:\Dokumente und Einstellungen\alex\Anwendungsdaten\x`, `C:\Users\alex\AppData\Roaming\x`) {
		t.Error("the roaming folder of XP is not equal to that of Vista")
	}
	if !Equal(`C:\DATEN\MÜLLER.OST`, `c:\daten\müller.ost`) {
		t.Error("letters beyond ASCII are compared with their case")
	}
}

func TestCommonTail(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{`bundle.zip!/C/Users/alex/AppData/Local/OXSTORE2/x.odb`, `C:\Users\alex\AppData\Local\OXSTORE2\x.odb`, 7},
		{`/home/me/case/OXSTORE2/x.odb`, `C:\Users\alex\AppData\Local\OXSTORE2\x.odb`, 2},
		{`x.odb`, `C:\x.odb`, 1},
		{`y.odb`, `C:\x.odb`, 0},
		{``, ``, 0},
	} {
		if got := CommonTail(tt.a, tt.b); got != tt.want {
			t.Errorf("CommonTail(%q, %q) = %d; want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestUser(t *testing.T) {
	for _, tt := range []struct{ path, want string }{
		{`C:\Users\alex\AppData\Local\OXSTORE2\x.odb`, "alex"},
		{`C:\Dokumente und Einstellungen\Jörg Müller\Lokale Einstellungen\x`, "Jörg Müller"},
		{`/mnt/evidence/Documents and Settings/alex/x`, "alex"},
		{`/Users/reader/case.zip!/C/Users/alex/x.odb`, "alex"},
		{`C:\Users\Public\x`, ""},
		{`C:\Documents and Settings\All Users\x`, ""},
		{`C:\Users\alex`, ""},
		{`C:\OXSTORE2\x.odb`, ""},
		{``, ""},
	} {
		if got := User(tt.path); got != tt.want {
			t.Errorf("User(%q) = %q; want %q", tt.path, got, tt.want)
		}
	}
}

func TestOtherUser(t *testing.T) {
	const alex = `C:\Users\alex\AppData\Local\OXSTORE2\x.odb`
	for _, tt := range []struct {
		path string
		want bool
	}{
		{`b.zip!/C/Users/bob/AppData/Local/OXSTORE2/x.odb`, true},
		{`b.zip!/C/Users/alex/AppData/Local/OXSTORE2/x.odb`, false},
		{`C:\Users\reader\Desktop\case\OXSTORE2\x.odb`, false}, // the reader's own profile says nothing
		{alex, false},
	} {
		if got := OtherUser(alex, tt.path); got != tt.want {
			t.Errorf("OtherUser(%q, %q) = %v; want %v", alex, tt.path, got, tt.want)
		}
	}
}

func TestExpand(t *testing.T) {
	for _, tt := range []struct{ path, user, want string }{
		{`%LOCALAPPDATA%\OXSTORE2\x.odb`, "alex", `\Users\alex\AppData\Local\OXSTORE2\x.odb`},
		{`%localappdata%\OXSTORE2\x.odb`, "", `\AppData\Local\OXSTORE2\x.odb`},
		{`%USERPROFILE%\Lokale Einstellungen\x`, "alex", `\Users\alex\Lokale Einstellungen\x`},
		{`%HOMEDRIVE%%HOMEPATH%\x`, "alex", `\Users\alex\x`},
		{`C:\Users\%USERNAME%\x`, "alex", `C:\Users\alex\x`},
		{`C:\Users\%USERNAME%\x`, "", `C:\Users\%USERNAME%\x`},
		{`%ProgramFiles%\a%TEMP%`, "alex", `%ProgramFiles%\a\Users\alex\AppData\Local\Temp`},
		{`100%`, "alex", `100%`},
		{`%APPDATA%\x`, "alex", `\Users\alex\AppData\Roaming\x`},
	} {
		if got := Expand(tt.path, tt.user); got != tt.want {
			t.Errorf("Expand(%q, %q) = %q; want %q", tt.path, tt.user, got, tt.want)
		}
	}
}

func TestParts(t *testing.T) {
	const path = `C:/Users/alex/Outlook.OST.Old`
	if got := Base(path); got != "Outlook.OST.Old" {
		t.Errorf("Base(%q) = %q", path, got)
	}
	if got := Dir(path); got != `C:\Users\alex` {
		t.Errorf("Dir(%q) = %q", path, got)
	}
	if got := Ext(path); got != ".old" {
		t.Errorf("Ext(%q) = %q", path, got)
	}
	if got := Stem(path); got != `C:\Users\alex\Outlook.OST` {
		t.Errorf("Stem(%q) = %q", path, got)
	}
	if Base("") != "" || Dir("x") != "" || Ext(".odb") != "" || Dir(`\x`) != "" {
		t.Error("edges of Base, Dir, Ext are wrong")
	}
}

func FuzzKey(f *testing.F) {
	seeds := []string{
		`C:\Users\alex\AppData\Local\OXSTORE2\x.odb`, `\\?\UNC\server\share\..\x`, `b.zip!/C/Users/alex/x`, `%TEMP%\%x%%`,
		`C:\Dokumente und Einstellungen\a\Lokale Einstellungen\Anwendungsdaten\x`, `\\\\?\\ " . ..\ `, `c$\..\d`,
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if got := Clean(Clean(path)); got != Clean(path) {
			t.Errorf("Clean(%q) = %q, and again %q", path, Clean(path), got)
		}
		if Key(Clean(path)) != Key(path) {
			t.Errorf("Key(%q) = %q, cleaned %q", path, Key(path), Key(Clean(path)))
		}
		if strings.Contains(Key(path), "/") {
			t.Errorf("Key(%q) = %q holds a slash", path, Key(path))
		}
		if n := CommonTail(path, path); n != len(Elements(path)) {
			t.Errorf("CommonTail of %q with itself = %d; want %d", path, n, len(Elements(path)))
		}
		Expand(path, "alex")
		User(path)
		Stem(path)
	})
}
