package source_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"oxtail/internal/source"
)

const rtfLog = `{\rtf1\ansi\ansicpg1252\deff0{\fonttbl}\plain\f0 14:21:07 Synchronizer Version 16.0.4266\par 14:21:08 \cf2 [80040305-0-0-0]\par}`

var submitted = time.Date(2026, 11, 2, 13, 21, 9, 0, time.UTC)

// syncItem is a stored sync log as Outlook keeps it: RTF only.
func syncItem() message {
	return newMessage().
		wide("", "0037", "Synchronization Log: Überprüfung").
		wide("", "0C1A", "Jürgen Müller").
		raw("", "10090102", packRTF(rtfLog)).
		fixed("", map[uint32]uint64{0x00390040: ticks(submitted)})
}

func TestStoredSyncLog(t *testing.T) {
	root := tree(t, nil)
	write(t, root+"/x.msg", syncItem().c.bytes())
	got, skipped := read(t, source.Options{}, root+"/x.msg")
	if len(got) != 1 || len(skipped) > 0 {
		t.Fatalf("%s%s; want the item", lines(got), told(skipped))
	}
	g := got[0]
	if g.text != rtfLog || g.err != nil || g.Path != root+"/x.msg" || g.Kind != source.KindItem {
		t.Errorf("item %s, kind %s: %q, %v; want the RTF", g.Path, g.Kind, g.text, g.err)
	}
	if g.Subject != "Synchronization Log: Überprüfung" || g.Sender != "Jürgen Müller" || !g.ItemTime.Equal(submitted) || g.ItemTime.Location() != time.UTC {
		t.Errorf("subject %q, sender %q, submitted %v", g.Subject, g.Sender, g.ItemTime)
	}
}

func TestMessageBodies(t *testing.T) {
	long := strings.Repeat("14:21:07 Synchronizer Version 16.0.4266\r\n", 300)
	damaged := packRTF(rtfLog)
	damaged[12] ^= 1
	cases := []struct {
		name, want string
		m          message
		fails      bool
	}{
		{"text", "Überprüft\r\n", newMessage().wide("", "1000", "Überprüft\r\n\x00"), false},
		{"long text", long, newMessage().wide("", "1000", long), false},
		{"text before RTF", "plain\n", syncItem().wide("", "1000", "plain\n"), false},
		{"empty text, RTF", rtfLog, syncItem().wide("", "1000", " \r\n"), false},
		{"8-bit text", "überprüft €", newMessage().raw("", "1000001E", []byte("\xfcberpr\xfcft \x80")).fixed("", map[uint32]uint64{0x3FFD0003: 1252}), false},
		{"8-bit Cyrillic", "Ошибка", newMessage().raw("", "1000001E", []byte("\xce\xf8\xe8\xe1\xea\xe0")).fixed("", map[uint32]uint64{0x3FFD0003: 1251}), false},
		{"HTML", "14:21:07 a <b>\n14:21:08 ü\n", newMessage().raw("", "10130102", []byte("<html><head><style>x{}</style></head><body><p>14:21:07 a &lt;b&gt;</p>\r\n<p>14:21:08&nbsp;&uuml;</p></body></html>")), false},
		{"no body", "", newMessage(), false},
		{"RTF with a wrong checksum", rtfLog, newMessage().raw("", "10090102", damaged), true},
	}
	for _, c := range cases {
		if c.m.c["__properties_version1.0"] == nil {
			c.m.fixed("", nil)
		}
		root := tree(t, nil)
		write(t, root+"/x.msg", c.m.c.bytes())
		got, skipped := read(t, source.Options{}, root+"/x.msg")
		if len(got) != 1 || len(skipped) > 0 || got[0].text != c.want || (got[0].err != nil) != c.fails {
			t.Errorf("%s: %s%s; want %q", c.name, lines(got), told(skipped), c.want)
		}
	}
}

func TestMessageAttachments(t *testing.T) {
	const a0, a1, a2 = "__attach_version1.0_#00000000/", "__attach_version1.0_#00000001/", "__attach_version1.0_#00000002/"
	inner := a1 + "__substg1.0_3701000D/"
	big := strings.Repeat("12:00:00 a line of a provider log\n", 1000)
	m := syncItem().
		wide(a0, "3707", `..\oxtstore_1.log`).raw(a0, "37010102", []byte(big)).fixed(a0, nil).
		wide(a1, "3001", "Modification Resolution").fixed(a1, nil).
		wide(inner, "0037", "inner subject").wide(inner, "1000", "inner body\n").
		fixed(inner, map[uint32]uint64{0x00390040: ticks(submitted.Add(time.Hour))}).
		wide(a2, "3704", "LOGS.ZIP").raw(a2, "37010102", zipOf(t, file{"a.log", "in a zip in a mail\n"})).fixed(a2, nil)
	root := tree(t, nil)
	write(t, root+"/x.msg", m.c.bytes())
	got, skipped := read(t, source.Options{}, root)
	want(t, root, got, skipped,
		"ROOT/x.msg item "+rtfLog[:60]+"…\n"+
			"ROOT/x.msg!/__/oxtstore_1.log log "+strings.ReplaceAll(big[:60], "\n", "|")+"…\n"+
			"ROOT/x.msg!/Modification Resolution item inner body|\n"+
			"ROOT/x.msg!/LOGS.ZIP!/a.log log in a zip in a mail|\n", "")
	if got[1].text != big {
		t.Errorf("attachment gave %d bytes; want %d", len(got[1].text), len(big))
	}
	if got[2].Subject != "inner subject" || !got[2].ItemTime.Equal(submitted.Add(time.Hour)) {
		t.Errorf("inner item: subject %q, submitted %v", got[2].Subject, got[2].ItemTime)
	}
}

func TestCompoundFileThatIsNoMessage(t *testing.T) {
	root := tree(t, nil)
	write(t, root+"/old.doc", compound{"WordDocument": []byte("text")}.bytes())
	write(t, root+"/cut.msg", half(syncItem().c.bytes()))
	got, skipped := read(t, source.Options{}, root)
	if len(got) != 1 || got[0].Kind != source.KindOther || got[0].What != "OLE compound file" {
		t.Errorf("streams %s; want the .doc as other", lines(got))
	}
	if len(skipped) != 1 || !strings.Contains(told(skipped), "the compound file (.msg) is damaged") {
		t.Errorf("told %q; want the damaged .msg", told(skipped))
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestMail(t *testing.T) {
	head := "Received: from x by y\nFrom: =?utf-8?Q?J=C3=BCrgen?= <j@x>\nDate: Mon, 2 Nov 2026 14:21:09 +0100\nSubject: =?windows-1252?Q?Fwd:_=DCberpr=FCfung?=\n =?utf-8?B?IMOk?=\nMIME-Version: 1.0\n"
	b64 := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("12:00 line of an attached log\n", 20)))
	wrapped := ""
	for len(b64) > 0 {
		n := min(76, len(b64))
		wrapped, b64 = wrapped+b64[:n]+"\n", b64[n:]
	}
	cases := []struct{ name, mail, want string }{
		{"plain", head + "\n14:21 a\n14:22 b\n", "X item 14:21 a|14:22 b|\n"},
		{"quoted-printable", head + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n14:21 =FCber=\n all\n", "X item 14:21 über all|\n"},
		{"base64", head + "Content-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: BASE64\n\nw7xiZXI=\n", "X item über\n"},
		{"base64 without padding", head + "Content-Transfer-Encoding: base64\n\nw7xi ZXI\n", "X item über\n"},
		{"html", head + "Content-Type: text/html; charset=windows-1252\n\n<p>14:21 \xfcber<br>14:22</p>\n", "X item 14:21 über|14:22|\n"},
		{"alternative", head + "Content-Type: multipart/alternative; boundary=b\n\npreamble\n--b\nContent-Type: text/html\n\n<p>html</p>\n--b\nContent-Type: text/plain\n\nplain\n--b--\nepilogue\n", "X item plain\n"},
		{"attachments", head + "Content-Type: multipart/mixed; boundary=\"=_b\"\n\n--=_b\nContent-Type: multipart/alternative; boundary=\"=_b1\"\n\n--=_b1\n\nbody\n--=_b1\nContent-Type: text/html\n\n<p>body\n--=_b1--\n--=_b\n" +
			"Content-Type: text/plain; name=\"a.log\"\nContent-Disposition: attachment; filename=\"../a.log\"\nContent-Transfer-Encoding: base64\n\n" + wrapped +
			"--=_b\nContent-Type: message/rfc822\n\nFrom: inner@x\nDate: Tue, 3 Nov 2026 10:00:00 +0000\nSubject: inner\n\ninner text\n--=_b--\n",
			"X item body\nX!/__/a.log log 12:00 line of an attached log|12:00 line of an attached log|…\nX!/part4.eml item inner text\n"},
		{"cut off", head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\nContent-Disposition: attachment; filename=a.log\n\n14:21 cut he", "X item body\nX!/a.log log 14:21 cut he\n"},
		{"boundary that never comes", head + "Content-Type: multipart/mixed; boundary=b\n\ntext\n", "X item \n"},
		{"no body", head + "Content-Type: application/pdf\n\n%PDF-1.7", "X item \nX!/part1 other %PDF-1.7\n"},
	}
	for _, c := range cases {
		for ending, mail := range map[string]string{"LF": c.mail, "CRLF": crlf(c.mail)} {
			root := tree(t, map[string]string{"x.eml": mail})
			got, skipped := read(t, source.Options{}, root)
			g := strings.ReplaceAll(strings.ReplaceAll(lines(got), root+"/x.eml", "X"), "\r", "")
			if g != strings.ReplaceAll(c.want, "\r", "") || len(skipped) > 0 {
				t.Errorf("%s, %s:\n%s%s; want\n%s", c.name, ending, g, told(skipped), c.want)
			}
			if len(got) == 0 {
				continue
			}
			if s := got[0]; s.Subject != "Fwd: Überprüfung ä" || s.Sender != "Jürgen <j@x>" || !s.ItemTime.Equal(submitted) {
				t.Errorf("%s: subject %q, sender %q, date %v", c.name, s.Subject, s.Sender, s.ItemTime)
			}
		}
	}
}

func TestMbox(t *testing.T) {
	mail := "From: a@b\nDate: Mon, 2 Nov 2026 14:21:09 +0100\nSubject: one\n\ntext of one\nFrom here on it is still the same mail\n\n"
	two := "From: a@b\nDate: Mon, 2 Nov 2026 15:21:09 +0100\nSubject: two\n\ntext of two\n"
	root := tree(t, map[string]string{"in": "From a@b Mon Nov  2 14:21:09 2026\n" + mail + "From a@b Mon Nov  2 15:21:09 2026\n" + two})
	got, skipped := read(t, source.Options{}, root)
	want(t, root, got, skipped,
		"ROOT/in!/1.eml item text of one|From here on it is still the same mail||\nROOT/in!/2.eml item text of two|\n", "")
	if len(got) == 2 && got[1].Subject != "two" {
		t.Errorf("subject %q", got[1].Subject)
	}
}

func TestDeepMail(t *testing.T) {
	var b strings.Builder
	b.WriteString("From: a@b\nDate: Mon, 2 Nov 2026 14:21:09 +0100\nSubject: deep\n")
	for i := range 200 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	root := tree(t, map[string]string{"x.eml": b.String()})
	_, skipped := read(t, source.Options{}, root)
	if !strings.Contains(told(skipped), "inside more than 16 others") {
		t.Errorf("told %q; want the limit", told(skipped))
	}
}
