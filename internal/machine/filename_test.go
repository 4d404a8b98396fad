package machine

import (
	"errors"
	"testing"
)

func TestCheckName(t *testing.T) {
	for path, want := range map[string]bool{
		`C:\Users\Müller\AppData\Local\OXSTORE2\a.odb`: true,
		`\\?\C:\a\b`:          true,
		`\\server\share\a`:    true,
		`c:\COM\CONSOLE\nul1`: true,
		`C:\a b\.hidden`:      true,

		``: false, `C:`: false, `C:\`: false, `a`: false, `\a`: false, `C:a`: false, `C:/a`: false, `\\server\share`: false,
		`\\.\C:\a`: false, `\\?\UNC\s\a`: false, `\\?\Volume{1}\a`: false, `1:\a`: false,
		`C:\a:b`: false, `C:\a.odb::$DATA`: false, `C:\a\..\b`: false, `C:\.\b`: false, `C:\a\\b`: false, `C:\a\`: false,
		`C:\a*`: false, `C:\a?`: false, `C:\a"b`: false, `C:\a|b`: false, "C:\\a\x00b": false, "C:\\a\nb": false,
		`C:\a.`: false, `C:\a \b`: false, `C:\con`: false, `C:\x\NUL.txt`: false, `C:\com1`: false, `C:\LPT9.odb\a`: false, `C:\aux .b`: false,
	} {
		if err := checkName(path); (err == nil) != want || err != nil && !errors.Is(err, errName) {
			t.Errorf("checkName(%q) = %v; want taken %v", path, err, want)
		}
	}
}

func TestLongName(t *testing.T) {
	for path, want := range map[string]string{
		`C:\a`: `\\?\C:\a`, `\\?\C:\a`: `\\?\C:\a`, `\\server\share\a`: `\\?\UNC\server\share\a`,
	} {
		if got := longName(path); got != want {
			t.Errorf("longName(%s) = %s; want %s", path, got, want)
		}
	}
}

func TestBelow(t *testing.T) {
	const folder = `C:\Users\a\AppData\Local\oxtail`
	for path, want := range map[string]bool{
		folder + `\x`: true, `\\?\` + folder + `\x\y`: true, `c:\users\A\appdata\local\OXTAIL\x`: true,
		folder: false, folder + `\`: false, folder + `2\x`: false, `C:\Users\a`: false, ``: false,
	} {
		for _, f := range []string{folder, folder + `\`, `\\?\` + folder} {
			if got := below(f, path); got != want {
				t.Errorf("below(%s, %s) = %v; want %v", f, path, got, want)
			}
		}
	}
}
