package service

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s\n(-update rewrites it)", name, got, want)
	}
}

func linuxSpec() Spec {
	return Spec{
		Name: "oxtail-watch", Program: "/opt/mail tools/oxtail", State: "/var/lib/oxtail/oxtail-watch", Writable: []string{"/srv/out 100%"},
		Args: []string{"watch", "--state=/var/lib/oxtail/oxtail-watch", "--exec-arg=say \"$HOME\"; \\n 100%", "--", "/home/*/logs/**/*.log", "it's", ""},
	}
}

func windowsSpec() Spec {
	return Spec{
		Name: "oxtail-watch-anna", Program: `C:\Program Files\oxtail\oxtail.exe`, State: `C:\Users\anna\AppData\Local\oxtail\oxtail-watch-anna`,
		User: "S-1-5-21-1-2-3-1001",
		Args: []string{"watch", "service-run", "--as=task", "--", `--state=C:\Users\anna\AppData\Local\oxtail\oxtail-watch-anna`, "--", `C:\Users\anna\Logs & more\oxtstore_*.log`, `D:\ends with\`, `say "hello" <ä>`},
	}
}

// TestGoldens: what is registered, byte for byte, on every system.
func TestGoldens(t *testing.T) {
	user := linuxSpec()
	user.State, user.Args[1], user.Writable = "/home/anna/.local/state/oxtail/oxtail-watch", "--state=/home/anna/.local/state/oxtail/oxtail-watch", nil
	as := linuxSpec()
	as.User, as.State = "mail", "/srv/state"
	for name, make := range map[string]func() (string, error){
		"user.service":      func() (string, error) { return Unit(user, false) },
		"system.service":    func() (string, error) { return Unit(linuxSpec(), true) },
		"system-as.service": func() (string, error) { return Unit(as, true) },
		"task.xml":          func() (string, error) { return Task(windowsSpec()) },
		"service.txt": func() (string, error) {
			c, err := ServiceConfig(windowsSpec())
			return c.Text(), err
		},
	} {
		text, err := make()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, text)
	}
}

// TestUnitIsGood asks systemd itself, where it is installed.
func TestUnitIsGood(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze here")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, system := range map[string]bool{"user.service": false, "system.service": true} {
		s := linuxSpec()
		s.Program, s.Name = program, strings.TrimSuffix(name, ".service")
		text, err := Unit(s, system)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", path).CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, name) && !strings.Contains(line, "world-inaccessible") {
				t.Errorf("systemd-analyze: %s", line)
			}
		}
		t.Logf("systemd-analyze verify %s: %v", name, err)
	}
}

// splitUnit reads a line of ExecStart as systemd.syntax(7) and systemd.service(5) say:
// words in double quotes with escapes of C, %% for %, and in arguments $$ for $.
func splitUnit(line string) (words []string) {
	var word strings.Builder
	inside, quoted := false, false
	flush := func() {
		if inside {
			text := strings.ReplaceAll(word.String(), "%%", "%")
			if len(words) > 0 {
				text = strings.ReplaceAll(text, "$$", "$")
			}
			words = append(words, text)
		}
		word.Reset()
		inside = false
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"':
			inside, quoted = true, !quoted
		case c == ' ' && !quoted:
			flush()
		case c == '\\':
			i++
			inside = true
			switch line[i] {
			case 'n':
				word.WriteByte('\n')
			case 't':
				word.WriteByte('\t')
			case 'x':
				word.WriteByte(unhex(line[i+1])<<4 | unhex(line[i+2]))
				i += 2
			default:
				word.WriteByte(line[i])
			}
		default:
			inside = true
			word.WriteByte(c)
		}
	}
	flush()
	return words
}

func unhex(c byte) byte { return byte(strings.IndexByte("0123456789abcdef", c)) }

// splitWindows splits a command line as CommandLineToArgvW documents it, but for the
// program's name, which has rules of its own.
func splitWindows(line string) (words []string) {
	var word strings.Builder
	inside, quoted := false, false
	for i := 0; i < len(line); i++ {
		slashes := 0
		for i < len(line) && line[i] == '\\' {
			slashes, i = slashes+1, i+1
		}
		if slashes > 0 {
			inside = true
			if i < len(line) && line[i] == '"' {
				word.WriteString(strings.Repeat(`\`, slashes/2))
				if slashes%2 == 1 {
					word.WriteByte('"')
					continue
				}
			} else {
				word.WriteString(strings.Repeat(`\`, slashes))
			}
		}
		switch {
		case i >= len(line):
		case line[i] == '"':
			inside, quoted = true, !quoted
		case (line[i] == ' ' || line[i] == '\t') && !quoted:
			if inside {
				words = append(words, word.String())
			}
			word.Reset()
			inside = false
		default:
			inside = true
			word.WriteByte(line[i])
		}
	}
	if inside {
		words = append(words, word.String())
	}
	return words
}

// hostile are words that have broken quoting before.
func hostile() []string {
	return []string{
		"plain", "", " ", "two words", `"`, `\`, `\\`, `\"`, `\\"`, `end\`, `end \`, `a\\\"b`, "'", "$HOME", "${X}", "$$", "%h", "%%", "100%", ";", "a;b", "\n", "a\nb", "\t", "\x01", "\x7f",
		"ä ö", "日本", "\xff\xfe", "#", "-", "--", "@x", "*", "?", "{a,b}", "~", "|", "&", "<", ">", "!", "`id`", "$(id)", "\\x41", "\u202e", "=", "a=b c",
	}
}

// TestQuoting: each word comes out as it went in, alone and among others.
func TestQuoting(t *testing.T) {
	check := func(args []string) {
		t.Helper()
		line := execStart("/opt/a $b 100%/oxtail", args)
		if strings.ContainsAny(line, "\n\r") {
			t.Errorf("ExecStart %q has a line break", line)
		}
		got := splitUnit(line)
		if want := append([]string{"/opt/a $b 100%/oxtail"}, args...); !equal(got, want) {
			t.Errorf("systemd reads %q as %q; want %q", line, got, want)
		}
		if got := splitWindows(CommandLine(args)); !equal(got, args) {
			t.Errorf("Windows reads %q as %q; want %q", CommandLine(args), got, args)
		}
	}
	check(hostile())
	for _, word := range hostile() {
		check([]string{word})
		check([]string{"x", word, word})
	}
}

func equal(a, b []string) bool {
	return strings.Join(a, "\x00") == strings.Join(b, "\x00") && len(a) == len(b)
}

// FuzzQuoting does the same with any three words.
func FuzzQuoting(f *testing.F) {
	for _, word := range hostile() {
		f.Add(word, "x", word)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		args := []string{a, b, c}
		if strings.ContainsRune(a+b+c, 0) {
			t.Skip("no argument holds a NUL")
		}
		if got := splitUnit(execStart("/oxtail", args))[1:]; !equal(got, args) {
			t.Errorf("systemd reads %q as %q", args, got)
		}
		if got := splitWindows(CommandLine(args)); !equal(got, args) {
			t.Errorf("Windows reads %q as %q", args, got)
		}
	})
}

// TestRefused: what a system would change, or cannot take, is refused with the reason.
func TestRefused(t *testing.T) {
	unit := func(s Spec) error { _, err := Unit(s, true); return err }
	task := func(s Spec) error { _, err := Task(s); return err }
	service := func(s Spec) error { _, err := ServiceConfig(s); return err }
	for name, test := range map[string]struct {
		change func(*Spec)
		make   func(Spec) error
		want   string
	}{
		"a path as name":          {func(s *Spec) { s.Name = "../x" }, unit, "want letters"},
		"no name":                 {func(s *Spec) { s.Name = "" }, task, "want letters"},
		"NUL":                     {func(s *Spec) { s.Args = []string{"a\x00b"} }, unit, "NUL"},
		"relative program":        {func(s *Spec) { s.Program = "oxtail" }, unit, "absolute"},
		"relative state":          {func(s *Spec) { s.State = "x" }, unit, "absolute"},
		"no state":                {func(s *Spec) { s.State = "" }, service, "not named"},
		"variable in a task":      {func(s *Spec) { s.Args = []string{`%TEMP%\a.log`} }, task, "%TEMP%"},
		"variable in a service":   {func(s *Spec) { s.Program = `C:\%x%\o.exe` }, service, "%x%"},
		"argument of a task":      {func(s *Spec) { s.Args = []string{"$(Arg0)"} }, task, "$("},
		"control character":       {func(s *Spec) { s.Args = []string{"a\x01"} }, task, "control character"},
		"task without a user":     {func(s *Spec) { s.User = "" }, task, "not known"},
		"a percent sign is right": {func(s *Spec) { s.Args = []string{"https://h/a%20b", "100% of it"} }, service, ""},
	} {
		s := windowsSpec()
		if strings.HasPrefix(test.want, "abs") || test.want == "NUL" || name == "a path as name" {
			s = linuxSpec()
		}
		test.change(&s)
		err := test.make(s)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v; want %q", name, err, test.want)
		}
	}
}

// TestUTF16: the file of a task is UTF-16 with its mark, also beyond the basic plane.
func TestUTF16(t *testing.T) {
	got := utf16File("a😀")
	want := []byte{0xff, 0xfe, 'a', 0, 0x3d, 0xd8, 0x00, 0xde}
	if string(got) != string(want) {
		t.Errorf("utf16File = % x; want % x", got, want)
	}
}

// TestPlaces: state folders, unit folders and names, from the variables of the user.
func TestPlaces(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, test := range []struct {
		kind Kind
		env  func(string) string
		want string
	}{
		{SystemUnit, env(), "/var/lib/oxtail/n"},
		{UserUnit, env("HOME", "/home/a"), "/home/a/.local/state/oxtail/n"},
		{UserUnit, env("HOME", "/home/a", "XDG_STATE_HOME", "/s"), "/s/oxtail/n"},
		{UserUnit, env("HOME", "/home/a", "XDG_STATE_HOME", "relative"), "/home/a/.local/state/oxtail/n"},
		{UserUnit, env(), ""},
		{UserTask, env("LOCALAPPDATA", `C:\Users\a\AppData\Local`), `C:\Users\a\AppData\Local\oxtail\n`},
		{WinService, env("ProgramData", `C:\ProgramData\`), `C:\ProgramData\oxtail\n`},
		{WinService, env(), ""},
	} {
		got, err := DefaultState(test.kind, "n", test.env)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("DefaultState(%s) = %q, %v; want %q", test.kind, got, err, test.want)
		}
	}
	for want, user := range map[string]string{"oxtail-watch": "", "oxtail-watch-anna": "anna", "oxtail-watch-J_rg_M_ller": "Jörg Müller", "oxtail-watch-.._x": `..\x`} {
		if got := NameFor(UserTask, env("USERNAME", user)); got != want || !namePattern.MatchString(got) {
			t.Errorf("NameFor(%q) = %q; want %q", user, got, want)
		}
	}
	if got, err := UnitFolder(false, env("XDG_CONFIG_HOME", "/c")); got != "/c/systemd/user" || err != nil {
		t.Errorf("UnitFolder = %q, %v", got, err)
	}
	if _, err := UnitFolder(false, env()); err == nil {
		t.Error("a unit folder without a home")
	}
}

// TestExposed: a service must not run a program that everybody may replace.
func TestExposed(t *testing.T) {
	for program, want := range map[string]bool{
		`C:\Program Files\oxtail\oxtail.exe`: false, `c:/program files (x86)/o.exe`: false, `C:\Windows\System32\o.exe`: false,
		`C:\Users\anna\Downloads\o.exe`: true, `C:\Windows\Temp\o.exe`: true, `C:\tools\o.exe`: true, `\\server\share\o.exe`: true,
		`C:\Program Files\..\Users\o.exe`: true, `oxtail.exe`: true,
	} {
		if got := Exposed(program); got != want {
			t.Errorf("Exposed(%s) = %v; want %v", program, got, want)
		}
	}
}
