package source_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"oxtail/internal/source"
)

func utf16Of(s string, order binary.AppendByteOrder, mark bool) string {
	var b []byte
	if mark {
		b = order.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestSniff(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	log := "14:21:07 Synchronizer Version 16.0.4266\r\n14:21:08 Ordner überprüft\r\n"
	reg := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER]\r\n"
	mail := "Received: from a by b\r\nFrom: a@b\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nSubject: x\r\n\r\n" + log
	cases := []struct {
		name, in string
		want     source.Kind
	}{
		{"empty", "", source.KindLog},
		{"one byte", "x", source.KindLog},
		{"ascii", "hello\n", source.KindLog},
		{"utf-8", log, source.KindLog},
		{"utf-8 with mark", "\xef\xbb\xbf" + log, source.KindLog},
		{"utf-8 cut inside a character", log[:len(log)-11], source.KindLog},
		{"cp1252", "14:21:08 Ordner \xfcberpr\xfcft \x96 l\xe4uft\r\n", source.KindLog},
		{"invalid utf-8 all over", strings.Repeat("\xff\xfebad \xc3\x28 line\n", 20)[2:], source.KindLog},
		{"shift_jis", "14:21:08 \x93\xfa\x96\x7b\x8c\xea\x83\x8d\x83O\n", source.KindLog},
		{"utf-16le with mark", utf16Of(log, le, true), source.KindLog},
		{"utf-16be with mark", utf16Of(log, be, true), source.KindLog},
		{"utf-16le", utf16Of(log, le, false), source.KindLog},
		{"utf-16be", utf16Of(log, be, false), source.KindLog},
		{"utf-16le in Cyrillic", utf16Of("12:00 Ошибка синхронизации папки 0x8004010F\r\n", le, false), source.KindLog},
		{"utf-16le of odd length", utf16Of(log, le, true) + "x", source.KindLog},
		{"only a utf-16 mark", "\xff\xfe", source.KindLog},
		{"NULs", strings.Repeat("\x00", 4096), source.KindOther},
		{"NULs then text", strings.Repeat("\x00", 4096) + log, source.KindLog},
		{"text then NULs", log + strings.Repeat("\x00", 4096), source.KindLog},
		{"text with NULs in lines", strings.Repeat("a line of a log\x00 with one\n", 9), source.KindLog},
		{"colours", "\x1b[31merror\x1b[0m\n", source.KindLog},
		{"control characters", "\x01\x02\x03\x04\x05\x06\x07\x0e", source.KindOther},
		{"random", string(pseudoRandom(4096)), source.KindOther},
		{"rtf", `{\rtf1\ansi hello}`, source.KindItem},
		{"mail", mail, source.KindItem},
		{"mail with LF", strings.ReplaceAll(mail, "\r\n", "\n"), source.KindItem},
		{"printed mail", "From:\tA\r\nSent:\tMonday\r\nTo:\tB\r\nSubject:\tSynchronization Log:\r\n\r\n" + log, source.KindLog},
		{"saved headers", "Client submit time: Nov 2\nSubject: x\n", source.KindLog},
		{"logfmt that looks like fields", "level: info\nDate: today\n12:00 hello\n", source.KindLog},
		{"reg", reg, source.KindProfile},
		{"reg, utf-16", utf16Of(reg, le, true), source.KindProfile},
		{"reg, old", "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER]\r\n", source.KindProfile},
		{"hive", "regf\x01\x00\x00\x00\x01\x00\x00\x00" + strings.Repeat("\x00", 500), source.KindHive},
		{"word regf in a text", "regf is the magic of hives\n", source.KindLog},
		{"store", "!BDN\x01\x02\x03\x04SM\x17\x00" + strings.Repeat("\x00", 500), source.KindStore},
		{"event log", "ElfFile\x00" + strings.Repeat("\x00", 100), source.KindEvtx},
		{"program", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00", source.KindOther},
		{"text that begins with MZ", "MZ is the mark of programs\n", source.KindLog},
		{"findings of oxtail", `{"schema":"oxtail.finding/v1","text":"ERROR UUID already in use"}`, source.KindOther},
		{"manifest of oxtail", "\xef\xbb\xbf{\r\n  \"schema\": \"oxtail.manifest/v1\"\r\n}", source.KindOther},
		{"JSON of others", `{"schema":"other/v1","text":"ERROR UUID already in use"}`, source.KindLog},
		{"png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", source.KindOther},
		{"jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", source.KindOther},
		{"pdf", "%PDF-1.7\n", source.KindOther},
		{"sqlite", "SQLite format 3\x00\x10\x00", source.KindOther},
		{"zip", "PK\x03\x04\x14\x00", source.KindArchive},
		{"gzip", "\x1f\x8b\x08\x00", source.KindArchive},
		{"text about bzip2", "BZh is the mark of bzip2\n", source.KindLog},
		{"tar", string(tarOf(t, file{"a", "b"})), source.KindArchive},
		{"old tar", oldTar(), source.KindArchive},
	}
	for _, c := range cases {
		if got, what := source.Sniff([]byte(c.in)); got != c.want {
			t.Errorf("Sniff(%s) = %s (%s); want %s", c.name, got, what, c.want)
		}
	}
}

// oldTar is a header without the mark "ustar".
func oldTar() string {
	b := []byte(tarHeader())
	for i := 257; i < 512; i++ {
		b[i] = 0
	}
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], []byte{'0' + byte(sum>>15&7), '0' + byte(sum>>12&7), '0' + byte(sum>>9&7), '0' + byte(sum>>6&7), '0' + byte(sum>>3&7), '0' + byte(sum&7), 0, ' '})
	return string(b)
}

func tarHeader() string {
	return "a.log" + strings.Repeat("\x00", 95) + "0000644\x000000000\x000000000\x0000000000000\x0000000000000\x00        0" + strings.Repeat("\x00", 355)
}

func TestNulsBeforeTextOnDisk(t *testing.T) {
	root := tree(t, map[string]string{
		"late.log": strings.Repeat("\x00", 200<<10) + "14:21:07 the file was cut while it was written\n",
		"nul.bin":  strings.Repeat("\x00", 200<<10),
		"late.bin": strings.Repeat("\x00", 200<<10) + "\x01\x02\x03\x04\x80\x05\x06\x07",
	})
	got, _ := read(t, source.Options{}, root)
	kinds := ""
	for _, g := range got {
		kinds += filepath.Base(g.Path) + " " + string(g.Kind) + "; "
	}
	if kinds != "late.bin other; late.log log; nul.bin other; " {
		t.Errorf("kinds %q", kinds)
	}
}

func TestOfficeDocumentIsNoArchive(t *testing.T) {
	root := tree(t, nil)
	write(t, root+"/a.docx", zipOf(t, file{"[Content_Types].xml", "<x/>"}, file{"word/document.xml", "<x/>"}))
	write(t, root+"/b.xlsx", zipOf(t, file{"xl/workbook.xml", "<x/>"}, file{"[Content_Types].xml", "<x/>"}))
	write(t, root+"/c.odt", zipOf(t, file{"mimetype", "application/vnd.oasis"}, file{"content.xml", "<x/>"}))
	got, skipped := read(t, source.Options{}, root)
	for _, g := range got {
		if g.Kind != source.KindOther || g.What != "Office document" {
			t.Errorf("%s is %s, %s", g.Path, g.Kind, g.What)
		}
	}
	if len(got) != 3 || len(skipped) > 0 {
		t.Errorf("%d streams, told %q; want 3", len(got), told(skipped))
	}
}

// Every sample of real logs is read, and none is taken for something else.
func TestSamples(t *testing.T) {
	const root = "../../../shared/samples"
	if _, err := os.Stat(root); err != nil {
		t.Skip("no ../shared/samples beside the project")
	}
	got, skipped := read(t, source.Options{}, root)
	for _, s := range skipped {
		t.Errorf("skipped %v", s.Err)
	}
	for _, g := range got {
		if g.err != nil {
			t.Errorf("%s: %v", g.Path, g.err)
		}
		ext := strings.ToLower(filepath.Ext(g.Path))
		if wantKind := map[string]source.Kind{".txt": source.KindLog, ".rtf": source.KindItem, ".evtx": source.KindEvtx, ".reg": source.KindProfile}[ext]; wantKind != "" && wantKind != g.Kind {
			t.Errorf("%s is %s (%s); want %s", g.Path, g.Kind, g.What, wantKind)
		}
	}
}
