package regfile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func fixture() *keytest.Node {
	root := keytest.Fixture()
	root.KeyName = `HKEY_CURRENT_USER\Fixture`
	return root
}

func TestConformance(t *testing.T) {
	for name, data := range map[string][]byte{
		"utf-8":                      keytest.RegFile(fixture()),
		"utf-16le":                   keytest.RegFileUTF16(fixture()),
		"utf-8 with byte order mark": append([]byte{0xef, 0xbb, 0xbf}, keytest.RegFile(fixture())...),
		"utf-16le without mark":      keytest.RegFileUTF16(fixture())[2:],
		"utf-16be":                   swapped(keytest.RegFileUTF16(fixture())),
		"unix line ends":             bytes.ReplaceAll(keytest.RegFile(fixture()), []byte("\r\n"), []byte("\n")),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Problems) != 0 {
				t.Errorf("problems %v", f.Problems)
			}
			key, err := profile.Find(f.Root(), `HKEY_CURRENT_USER\Fixture`)
			if key == nil {
				t.Fatal(err)
			}
			keytest.Run(t, key)
			keytest.Places(t, f.root, data)
			if !Detect(data[:200]) {
				t.Error("Detect does not know the file")
			}
		})
	}
}

func swapped(data []byte) []byte {
	data = bytes.Clone(data)
	for i := 0; i+1 < len(data); i += 2 {
		data[i], data[i+1] = data[i+1], data[i]
	}
	return data
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		line string
		kind uint32
		want string // hexadecimal
	}{
		{`@="d"`, 1, "64000000"},
		{`"a"="x\\y\"z"`, 1, "78005c00790022007a000000"},
		{`"a"="C:\new"`, 1, "43003a005c006e00650077000000"},
		{`"a" = "x" ; comment`, 1, "78000000"},
		{`"a"="; none"`, 1, "3b0020006e006f006e0065000000"},
		{"\"a\"=\"1\n2\"", 1, "31000d000a0032000000"},
		{`"a"=dword:0000000a`, 4, "0a000000"},
		{`"a"=DWORD:A`, 4, "0a000000"},
		{`"a"=hex:`, 3, ""},
		{`"a"=hex:01,2,fF`, 3, "0102ff"},
		{"\"a\"=hex:01,\\\n  02,03,\\\n  04", 3, "01020304"},
		{"\"a\"=hex:01,\\ ; comment\n  02", 3, "0102"},
		{"\"a\"=hex:01,\\\n  02 ; comment", 3, "0102"},
		{`"a"=hex(0):01`, 0, "01"},
		{`"a"=hex(1):61,00`, 1, "6100"},
		{`"a"=hex(2):61,00,00,00`, 2, "61000000"},
		{`"a"=hex(4):01,00`, 4, "0100"},
		{`"a"=hex(5):00,00,00,01`, 5, "00000001"},
		{`"a"=hex(7):61,00,00,00,00,00`, 7, "610000000000"},
		{`"a"=hex(b):01,00,00,00,00,00,00,00`, 11, "0100000000000000"},
		{`"a"=hex(ffff0012):01`, 0xffff0012, "01"},
	} {
		f := parse(t, header5+"\n\n[HKEY_CURRENT_USER\\k]\n"+c.line+"\n\"after\"=\"x\"\n")
		values := valuesOf(t, f, `HKEY_CURRENT_USER\k`)
		if len(values) != 2 {
			t.Errorf("%s: %d values, problems %v", c.line, len(values), f.Problems)
			continue
		}
		if got := hex.EncodeToString(values[0].Data); values[0].Type != c.kind || got != c.want {
			t.Errorf("%s: type %d, data %s; want %d, %s", c.line, values[0].Type, got, c.kind, c.want)
		}
	}
}

func valuesOf(t *testing.T, f *File, path string) []profile.Value {
	t.Helper()
	key, err := profile.Find(f.Root(), path)
	if key == nil {
		t.Fatalf("no key %s (%v), problems %v", path, err, f.Problems)
	}
	values, err := key.Values()
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		lines   string
		problem string
		line    int
		values  int // that are left, "after" among them
	}{
		{`"a"=hex:01,zz,03`, "no hexadecimal digit at byte 1", 4, 1},
		{`"a"=hex:01,234,03`, "no comma", 4, 1},
		{"\"a\"=hex:01,\\\n  zz,\\\n  03", "no hexadecimal digit at byte 1", 4, 1},
		{"\"a\"=hex:01,\\", "continuation line is missing", 4, 1},
		{`"a"=hex(x):01`, "unknown type", 4, 1},
		{`"a"=hex(1:01`, "unknown type", 4, 1},
		{`"a"=hex`, "without colon", 4, 1},
		{`"a"=dword:xyz`, "no number", 4, 1},
		{`"a"=dword:123456789`, "no number", 4, 1},
		{`"a"=qword:1`, "unknown kind", 4, 1},
		{`"a"`, "without =", 4, 1},
		{`"a`, "without", 4, 1},
		{`"a"="b" c`, "follows the closing quote", 4, 1},
		{`"a"="b`, "follows the closing quote", 4, 1},
		{`nonsense`, "neither a key", 4, 1},
		{"[HKEY_CURRENT_USER\\k\n\"b\"=\"c\"\n[HKEY_CURRENT_USER\\k]", "key without ]", 4, 1},
		{"[HKEY_CURRENT_USER\\\\k]\n\"b\"=\"c\"\n[HKEY_CURRENT_USER\\k]", "empty name", 4, 1},
		{"[HKEY_NOWHERE\\k]\n[HKEY_CURRENT_USER\\k]", "unknown root key", 4, 1},
	} {
		f := parse(t, header5+"\n\n[HKEY_CURRENT_USER\\k]\n"+c.lines+"\n\"after\"=\"x\"\n")
		if len(f.Problems) == 0 || f.Problems[0].Line != c.line || !strings.Contains(f.Problems[0].Detail, c.problem) {
			t.Errorf("%q: problems %v, want line %d: %q", c.lines, f.Problems, c.line, c.problem)
		}
		if got := len(valuesOf(t, f, `HKEY_CURRENT_USER\k`)); got != c.values {
			t.Errorf("%q: %d values are left, want %d", c.lines, got, c.values)
		}
	}
}

func TestProblemsHoldNoData(t *testing.T) {
	f := parse(t, header5+"\n[HKEY_CURRENT_USER\\k]\n\"Password\"=\"geheim\" geheim\n\"POP3 Password\"=hex:01,\\\n  67,65,68,geheim\ngeheim,\\\n")
	if len(f.Problems) < 3 {
		t.Fatalf("problems %v, want three", f.Problems)
	}
	for _, p := range f.Problems {
		if strings.Contains(p.Detail, "geheim") {
			t.Errorf("problem shows data: %s", p.Detail)
		}
	}
}

func TestMergeAndDelete(t *testing.T) {
	f := parse(t, header5+`
[HKCU\K\one]
"a"="1"
"b"="1"
[HKEY_CURRENT_USER\k\ONE]
"A"="2"
"b"=-
@=-
[HKEY_CURRENT_USER\k\gone\below]
"x"="1"
[-HKEY_CURRENT_USER\K\Gone]
[-HKEY_CURRENT_USER\k\never]
"stray"="1"
[HKEY_CURRENT_USER\k\one]
"b"="3"
`)
	values := valuesOf(t, f, `HKEY_CURRENT_USER\k\one`)
	if len(values) != 2 || values[0].Name != "a" || values[0].Data[0] != '2' || values[1].Data[0] != '3' {
		t.Errorf("values %v, want a=2, b=3", values)
	}
	if key, _ := profile.Find(f.Root(), `HKEY_CURRENT_USER\k\gone`); key != nil {
		t.Error("a deleted key is still there")
	}
	if got := fmt.Sprint(f.Deletions); len(f.Deletions) != 4 || !strings.Contains(got, `{7 HKEY_CURRENT_USER\k\ONE b}`) {
		t.Errorf("deletions %s, want four", got)
	}
	if len(f.Problems) != 1 || f.Problems[0].Line != 13 {
		t.Errorf("problems %v, want one in line 13", f.Problems)
	}
	if f.Keys != 3 {
		t.Errorf("%d keys, want 3", f.Keys)
	}
}

func TestOldFormat(t *testing.T) {
	f, err := Parse([]byte("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Gr\xf6\xdfe]\r\n\"\x80\"=\"\xfc\"\r\n\"e\"=hex(2):25,e4,00\r\n\"b\"=hex:e4\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	values := valuesOf(t, f, `HKEY_CURRENT_USER\Größe`)
	if f.Encoding != ANSI || f.Version != "REGEDIT4" || values[0].Name != "€" || hex.EncodeToString(values[0].Data) != "fc000000" {
		t.Errorf("%s, %s, %v", f.Encoding, f.Version, values)
	}
	if got := hex.EncodeToString(values[1].Data) + " " + hex.EncodeToString(values[2].Data); got != "2500e4000000 e4" {
		t.Errorf("hex(2) and hex: %s, want widened and plain", got)
	}
}

func TestNotReg(t *testing.T) {
	for _, data := range []string{"", "hello\nworld\n", "regf\x00\x00", "[section]", "{\"a\":1}"} {
		f, err := Parse([]byte(data))
		if data == "[section]" { // a key, though of an unknown root
			if err != nil || len(f.Problems) != 2 {
				t.Errorf("Parse(%q) = %v, %v", data, f, err)
			}
		} else if err != ErrNotReg {
			t.Errorf("Parse(%q): %v, want ErrNotReg", data, err)
		}
		if Detect([]byte(data)) {
			t.Errorf("Detect(%q) is true", data)
		}
	}
}

// TestHostile makes files whose naive reading costs the square of their size.
func TestHostile(t *testing.T) {
	const n = 20_000
	var deletions strings.Builder
	for i := range n {
		fmt.Fprintf(&deletions, "\"v%d\"=\"\"\r\n", i)
	}
	for i := range n {
		fmt.Fprintf(&deletions, "\"v%d\"=-\r\n", i)
	}
	for name, body := range map[string]string{
		"deletions":      deletions.String(),
		"open quotes":    strings.Repeat("\"a\"=\"b\r\n\r\n\r\n\r\n", n),
		"one long line":  `"a"=hex:` + strings.Repeat("00,", 40*n),
		"continuations":  `"a"=hex:` + strings.Repeat("00,\\\r\n", 10*n),
		"deep key":       "[HKEY_CURRENT_USER" + strings.Repeat(`\k`, n) + "]",
		"deep keys":      strings.Repeat("[HKEY_CURRENT_USER"+strings.Repeat(`\k`, 500)+"]\r\n", 100),
		"many broken":    strings.Repeat("x\r\n", n),
		"same key again": strings.Repeat("[HKEY_CURRENT_USER\\k]\r\n\"a\"=\"b\"\r\n", n),
	} {
		start := time.Now()
		if _, err := Parse([]byte(header5 + "\r\n[HKEY_CURRENT_USER\\k]\r\n" + body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func FuzzRegfile(f *testing.F) {
	small := &keytest.Node{KeyName: "HKEY_CURRENT_USER"}
	small.Key("a").Text("v", `x\y"z`).Binary("b", []byte{1, 2, 3}).Dword("", 5)
	seeds := [][]byte{
		keytest.RegFile(small), keytest.RegFileUTF16(small), swapped(keytest.RegFileUTF16(small)),
		[]byte("REGEDIT4\n[HKCU\\a]\n\"x\"=hex(2):e4,\\\n  00\n[-HKCU\\b]\n\"x\"=-\n\"m\"=\"1\n2\"\n"),
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		checkTree(t, file.root, file, 0)
	})
}

// checkTree holds the promises of the tree: depth, unique names.
func checkTree(t *testing.T, n *node, file *File, depth int) {
	if depth > MaxDepth {
		t.Fatal("too deep")
	}
	names := map[string]bool{}
	for _, v := range n.values {
		if names["v"+profile.FoldName(v.Name)] {
			t.Errorf("two values %q", v.Name)
		}
		names["v"+profile.FoldName(v.Name)] = true
	}
	for _, sub := range n.subkeys {
		if names["k"+profile.FoldName(sub.name)] {
			t.Errorf("two keys %q", sub.name)
		}
		names["k"+profile.FoldName(sub.name)] = true
		checkTree(t, sub, file, depth+1)
	}
}

// TestListed: an export covers the keys that have a line of their own, and not those
// that only lead to them.
func TestListed(t *testing.T) {
	file, err := Parse([]byte("REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Clients\\Mail]\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		`HKEY_LOCAL_MACHINE`: false, `HKEY_LOCAL_MACHINE\SOFTWARE\Clients`: false, `HKEY_LOCAL_MACHINE\SOFTWARE\Clients\Mail`: true,
	} {
		key, err := profile.Find(file.Root(), path)
		if err != nil || key == nil {
			t.Fatalf("%s: %v, %v", path, key, err)
		}
		if got := Listed(key); got != want {
			t.Errorf("Listed(%s) = %v; want %v", path, got, want)
		}
	}
}
