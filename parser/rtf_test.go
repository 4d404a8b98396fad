package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const rtfHead = `{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}{\colortbl\red0\green0\blue0;\red128\green0\blue0;\red255\green0\blue0;}\plain\fs18` + "\r\n" + `\uc1 `

func TestDecodeRTFText(t *testing.T) {
	cases := []struct{ name, rtf, want string }{
		{"paragraphs", rtfHead + "one\\par\r\ntwo\\line three\\par\r\n}", "one|two|three"},
		{"tab, source line end ignored", rtfHead + "1:00:00 \\tab\r\n   4 item(s)\\par\r\n}", "1:00:00 \t   4 item(s)"},
		{"code page 1252", rtfHead + `Gr\'f6\'dfe\par}`, "Größe"},
		{"code page 1251", `{\rtf1\ansi\ansicpg1251 \'cf\'f0\par}`, "Пр"},
		{"code page 932, two bytes a character", `{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b\par}`, "日本"},
		{"code page UTF-8", `{\rtf1\ansi\ansicpg65001 a\'c3\'b6\'e2\'82\'ac\par}`, "aö€"},
		{"unknown code page", `{\rtf1\ansi\ansicpg99999 \'e9\par}`, "é"},
		{"unicode with fallback", rtfHead + `\u8217?s \u-10179?\u-8704?!\par}`, "’s 😀!"},
		{"two fallback characters", `{\rtf1\uc2 \u8364\'80\'80x{\uc0 \u228 y}\par}`, "€xäy"},
		{"quoted line feed", rtfHead + `end.\'0A\par next\par}`, "end.||next"},
		{"symbols", rtfHead + `\{a\}\\\~b\_c\lquote d\rquote\par}`, `{a}\ b-c‘d’`},
		{"annotations are left out", rtfHead + `{\*\generator Riched20;}a{\pict 00ff}b{\*\x {y}}\par}`, "ab"},
		{"hyperlink field", rtfHead + `{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}\par}`, "link"},
		{"HTML in RTF", `{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}one\htmlrtf\par\htmlrtf0 two{\*\htmltag72 </p>}}`, "one|two"},
		{"UTF-8 bytes", rtfHead + "Größe\\par}", "Größe"},
		{"no final paragraph", rtfHead + `one\par two`, "one|two"},
		{"colour table cut off", `{\rtf1{\colortbl\red0\green0\blue0;\red128\green\uc1 1:00:00 Done\par`, "1:00:00 Done"},
		{"font table cut off", `{\rtf1{\fonttbl{\f0 Ari\uc1 1:00:00 Done\par`, "1:00:00 Done"},
		{"annotation cut off", `{\rtf1{\*\generator Ri 1:00:00 Version\par 1:00:01 Done\par`, "Ri 1:00:00 Version|1:00:01 Done"},
		{"cut inside a word", `{\rtf1 a\par b\pa`, "a|b"},
		{"cut inside \\'", `{\rtf1 a\par b\'f`, "a|bf"},
		{"too many ends", `{\rtf1 a}}}b\par}`, "ab"},
		{"binary", "{\\rtf1 a{\\pict\\bin5 }}{\\\\}b\\par}", "ab"},
		{"empty", `{\rtf1}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			lines := decodeRTF([]byte(c.rtf))
			checkTiles(t, []byte(c.rtf), lines)
			if got := joinText(lines); got != c.want {
				t.Errorf("decodeRTF(%q) = %q; want %q", c.rtf, got, c.want)
			}
		})
	}
}

func TestDecodeRTFMarks(t *testing.T) {
	other := `{\rtf1{\colortbl;\red0\green0\blue255;\red0\green0\blue0;\red230\green10\blue10;\red139\green0\blue0;}`
	cases := []struct {
		name, rtf string
		want      Mark
	}{
		{"error", rtfHead + `\cf2 1:00:00 x\plain\fs18 \par}`, MarkError},
		{"warning", rtfHead + `\cf1 1:00:00 x\plain\fs18 \par}`, MarkWarning},
		{"none", rtfHead + `1:00:00 x\par}`, MarkNone},
		{"only a blank is red", rtfHead + `x\cf2  \plain\par}`, MarkNone},
		{"by colour, not by number: blue", other + `\cf1 x\par}`, MarkNone},
		{"by colour, not by number: black", other + `\cf2 x\par}`, MarkNone},
		{"by colour, not by number: red", other + `\cf3 x\par}`, MarkError},
		{"by colour, not by number: dark red", other + `\cf4 x\par}`, MarkWarning},
		{"the group's end ends the colour", rtfHead + `{\cf2 }x\par}`, MarkNone},
		{"without a table", `{\rtf1\cf2 x\par}`, MarkError},
		{"table cut off", `{\rtf1{\colortbl\red0\green0\blue0;\red128\green\uc1 \cf2 x\par}`, MarkError},
	}
	for _, c := range cases {
		lines := decodeRTF([]byte(c.rtf))
		if got := lines[0].Mark; got != c.want {
			t.Errorf("%s: mark of %q is %d; want %d", c.name, c.rtf, got, c.want)
		}
	}
}

// A cut must find the raw place of the character that it cuts before.
func TestDecodeRTFCut(t *testing.T) {
	rtf := `{\rtf1 \cf2 \'e4\u8217?1:00:00\par}`
	line := decodeRTF([]byte(rtf))[0]
	if line.Text != "ä’1:00:00" {
		t.Fatalf("text is %q", line.Text)
	}
	head, tail := line.Cut(strings.Index(line.Text, "1:"))
	if got, want := string(head.Raw), `{\rtf1 \cf2 \'e4\u8217?`; got != want {
		t.Errorf("raw of the head is %q; want %q", got, want)
	}
	if got, want := string(tail.Raw), `1:00:00\par`; !strings.HasPrefix(got, want) || tail.Offset != int64(len(head.Raw)) {
		t.Errorf("raw of the tail is %q at %d; want %q at %d", got, tail.Offset, want, len(head.Raw))
	}
}

func TestDecodeRTFLimits(t *testing.T) {
	deep := strings.Repeat("{", 100_000) + "x" + strings.Repeat("}", 100_000) + `y\par`
	lines := decodeRTF([]byte(`{\rtf1 ` + deep))
	if got := joinText(lines); got != "xy" {
		t.Errorf("deep nesting gives %q; want %q", got, "xy")
	}
	long := `{\rtf1 ` + strings.Repeat("ä", MaxLine) + `\par}`
	lines = decodeRTF([]byte(long))
	checkTiles(t, []byte(long), lines)
	if len(lines) != 2 || !lines[0].Split || lines[1].Split {
		t.Errorf("a line of 2 MiB became %d lines; want 2, the first marked Split", len(lines))
	}
}

func checkTiles(t *testing.T, raw []byte, lines []Line) {
	t.Helper()
	var got []byte
	for i, l := range lines {
		if l.Offset != int64(len(got)) || l.Number != i+1 {
			t.Fatalf("line %d has number %d and offset %d; want %d", i+1, l.Number, l.Offset, len(got))
		}
		if l.pos != nil && len(l.pos) != len(l.Text) {
			t.Fatalf("line %d maps %d bytes; its text has %d", i+1, len(l.pos), len(l.Text))
		}
		for j, p := range l.pos {
			if p < 0 || int(p) >= len(l.Raw) || j > 0 && p < l.pos[j-1] {
				t.Fatalf("line %d: byte %d of %q maps to %d of %d", i+1, j, l.Text, p, len(l.Raw))
			}
		}
		got = append(got, l.Raw...)
	}
	if !bytes.Equal(got, raw) {
		t.Fatalf("lines have %d bytes; the document %d", len(got), len(raw))
	}
}

// Each stored item of the samples exists as RTF and as text: the same lines.
func TestDecodeRTFSamples(t *testing.T) {
	files, _ := filepath.Glob("../../shared/samples/outlook/*/*.rtf")
	if len(files) == 0 {
		t.Skip("../shared/samples is not here")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(strings.TrimSuffix(file, ".rtf") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		lines := decodeRTF(raw)
		checkTiles(t, raw, lines)
		want, _ := readLines(t, bytes.NewReader(text))
		if got := joinText(lines); got != joinText(want) {
			t.Errorf("%s: lines are %q; want %q", filepath.Base(file), got, joinText(want))
		}
	}
}

func FuzzRTF(f *testing.F) {
	for _, seed := range []string{
		rtfHead + `\cf2 16:40:47 Microsoft Exchange offline address book\plain\fs18 \par` + "\r\n}",
		`{\rtf1\ansi\ansicpg932 \'93\'fa\u8217?{\*\x \bin3 }}}\pict\par`,
		`{\rtf1{\colortbl\red0\green0\blue0;\red128\green\uc1 x\par{\fonttbl{\f0 a\par`,
		`{\rtf1\uc2\u-10179?`, `{\rtf1 \'`, `{\rtf`, `\`, `}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines := decodeRTF(raw)
		checkTiles(t, raw, lines)
		for _, l := range lines {
			if strings.ContainsAny(l.Text, "\n\r\x00") {
				t.Fatalf("line %d holds a line end: %q", l.Number, l.Text)
			}
		}
	})
}
