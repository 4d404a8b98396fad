package plant

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"oxtail/parser/profile"
)

// An Input is a file with plants.
type Input struct {
	Name string
	Data []byte
}

// Inputs returns a file of every type. Names that one file gives by their places stand in
// others where nothing tells what they are.
func (s *Set) Inputs() []Input {
	log := s.Log()
	return []Input{
		{"profiles-v5.reg", append([]byte{0xff, 0xfe}, UTF16(s.Reg(false), binary.LittleEndian)...)},
		{"profiles-v4.reg", ANSI(s.Reg(true))},
		{"oxtstore_utf8.log", []byte(log)},
		{"oxtstore_bom.log", append([]byte{0xef, 0xbb, 0xbf}, log...)},
		{"oxtstore_le.log", append([]byte{0xff, 0xfe}, UTF16(log, binary.LittleEndian)...)},
		{"oxtstore_be.log", append([]byte{0xfe, 0xff}, UTF16(log, binary.BigEndian)...)},
		{"oxtstore_le_nobom.log", UTF16(log, binary.LittleEndian)},
		{"oxtstore_ansi.log", ANSI(log)},
		{"oxtstore_mixed.log", append(append(ANSI(log), UTF16(log, binary.LittleEndian)...), log...)},
		{"events.json", []byte(s.JSON())},
		{"table.csv", []byte(s.CSV())},
		{"events.xml", []byte(s.XML())},
		{"Sync Issues.txt", ANSI(s.Sync())},
		{"coded.log", []byte(s.Coded())},
		{"item.rtf", []byte(s.RTF())},
	}
}

// Log is a log of the store provider, with names by their places and without.
func (s *Set) Log() string {
	var b strings.Builder
	for i, p := range s.People {
		for _, l := range []string{
			"INFO  GET https://" + s.Server + "." + s.Domain + "/ajax/login?action=login&name=" + p.Login + "&password=" + p.Password + "&session=" + p.Session,
			"DEBUG user=" + p.Login + " computer=" + p.Host + " from " + p.IP,
			"DEBUG cache C:\\Users\\" + p.Login + "\\AppData\\Local\\OXSTORE2\\a1.odb of " + s.NetBIOS + "\\" + p.Login,
			"INFO  mailbox \"" + p.Mailbox() + "\" <" + s.Mail(p) + "> opened",
			"WARN  " + p.First + " " + p.Last + " has no right; ask " + strings.ToUpper(p.Last) + " at \\\\" + p.Host + "\\share$",
			"ERROR item failed, subject: " + p.Subject,
			"DEBUG Authorization: Bearer " + p.Token,
			"DEBUG open-xchange-secret-" + strconv.Itoa(i) + "=" + p.Token + "; JSESSIONID=" + p.Session,
			"DEBUG profile of " + s.Mail(p) + ": Password: " + p.Password,
			"DEBUG login https://" + p.Login + ":" + p.Password + "@" + s.Server + "." + s.Domain + ":8443/",
			"INFO  «" + p.First + "» — ‘" + p.Last + "’ (" + p.Login + ") [" + p.Host + "] <" + p.IP + ">",
		} {
			fmt.Fprintf(&b, "2031-05-06 07:%02d:09.100: %s\r\n", i, l)
		}
	}
	return b.String()
}

// Sync is a synchronization log of Outlook.
func (s *Set) Sync() string {
	var b strings.Builder
	for _, p := range s.People {
		fmt.Fprintf(&b, "7:05:10 Synchronizer Version 16.0.17328\r\n7:05:10 Synchronizing Mailbox '%s'\r\n", p.Mailbox())
		fmt.Fprintf(&b, "7:05:11 Downloading from server 'https://%s.%s/mapi/emsmdb/?MailboxId=%s'\r\n", s.Server, s.Domain, s.Mail(p))
		fmt.Fprintf(&b, "7:05:14 Error synchronizing message '%s'\r\n7:05:14 \t\t [80040119-501-80040119-322]\r\n", p.Subject)
		fmt.Fprintf(&b, "7:05:14 Moved a message that failed synchronization to 'Lokale Fehler'. Message subject -> '%s'. You can view this message in your offline folder only.\r\n", p.Subject)
		fmt.Fprintf(&b, "7:05:15 Synchronizing server changes in folder '%s %s - Kalender'\r\n7:05:15 Local subject: {SU:%s}\r\n7:05:16 Done\r\n", p.First, p.Last, p.Subject)
	}
	return b.String()
}

// JSON is a log of JSON lines.
func (s *Set) JSON() string {
	var b strings.Builder
	for _, p := range s.People {
		fmt.Fprintf(&b, `{"timestamp":"2031-05-06T07:08:09Z","level":"error","message":"login of %s\n%s failed","ctx":{"user":%q,"mailbox":%s,"server":"%s.%s","ip":%q,"password":%q,"session":%q,"access_token":%q}}`+"\n",
			s.Mail(p), p.Login, p.Login, jsonText(p.Mailbox()), s.Server, s.Domain, p.IP, p.Password, p.Session, p.Token)
		fmt.Fprintf(&b, `{"body":"{\"subject\":%s,\"path\":\"C:\\\\Users\\\\%s\\\\x\",\"password\":\"%s\"}"}`+"\n", strings.ReplaceAll(jsonText(p.Subject), `"`, `\"`), p.Login, p.Password)
	}
	return b.String()
}

// jsonText spells a text with escapes for all that is not ASCII.
func jsonText(s string) string { return strconv.QuoteToASCII(s) }

// CSV is a table whose first line tells what its columns hold.
func (s *Set) CSV() string {
	var b strings.Builder
	b.WriteString("Time;User;Mailbox;Computer;Subject;Password;Text\r\n")
	for _, p := range s.People {
		fmt.Fprintf(&b, "2031-05-06;%s;\"%s\";%s;\"%s\";%s;\"two\r\nlines by %s\"\r\n", p.Login, p.Mailbox(), p.Host, p.Subject, p.Password, p.Last)
	}
	return b.String()
}

// XML is an export of an event log.
func (s *Set) XML() string {
	var b strings.Builder
	b.WriteString("<Events>\r\n")
	esc := func(t string) string {
		var e strings.Builder
		if xml.EscapeText(&e, []byte(t)) != nil {
			return ""
		}
		var out strings.Builder
		for i, r := range e.String() {
			if r >= utf8.RuneSelf && i%2 == 0 {
				fmt.Fprintf(&out, "&#x%X;", r)
			} else if r >= utf8.RuneSelf {
				fmt.Fprintf(&out, "&#%d;", r)
			} else {
				out.WriteRune(r)
			}
		}
		return out.String()
	}
	for _, p := range s.People {
		fmt.Fprintf(&b, `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Outlook"/><EventID>27</EventID><Computer>%s.%s</Computer></System>`, p.Host, s.Domain)
		fmt.Fprintf(&b, `<EventData><Data Name="SubjectUserName">%s</Data><Data Name="Password">%s</Data><Data>%s: %s</Data><Subject>%s</Subject><token>%s</token></EventData></Event>`+"\r\n",
			p.Login, esc(p.Password), esc(p.Mailbox()), s.Mail(p), esc(p.Subject), p.Token)
	}
	return b.String() + "</Events>\r\n"
}

// Coded holds names as URLs, mails and programs write them.
func (s *Set) Coded() string {
	var b strings.Builder
	for _, p := range s.People {
		fmt.Fprintf(&b, "q=user%%3D%s%%26mail%%3D%s&n=%s&m=%s\n", p.Login, url.QueryEscape(s.Mail(p)), url.QueryEscape(p.Mailbox()), url.PathEscape(p.First+" "+p.Last))
		fmt.Fprintf(&b, "latin1 %s\n", percentANSI(p.Last))
		fmt.Fprintf(&b, "Authorization: Basic %s\n", base64.StdEncoding.EncodeToString([]byte(p.Login+":"+p.Password)))
		fmt.Fprintf(&b, "blob %s end\n", base64.StdEncoding.EncodeToString([]byte("the mailbox of "+s.Mail(p)+" at "+p.Host)))
		fmt.Fprintf(&b, "wide %s end\n", base64.StdEncoding.EncodeToString(UTF16("opened "+p.Mailbox(), binary.LittleEndian)))
		fmt.Fprintf(&b, "EntryID: 00000000dca740c8c042%sEnd\n", hex.EncodeToString(UTF16("C:\\Users\\"+p.Login+"\\x.pst\x00", binary.LittleEndian))+" ")
		fmt.Fprintf(&b, "hex %X\n", "path of "+p.Login+" and "+s.Mail(p))
		fmt.Fprintf(&b, "entity %s quoted-printable %s\n", entities(p.Last), quoted(p.Last))
	}
	return b.String()
}

func percentANSI(s string) string {
	var b strings.Builder
	for _, c := range ANSI(s) {
		if c >= utf8.RuneSelf {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func entities(s string) string {
	return strings.NewReplacer("ä", "&auml;", "ö", "&ouml;", "ü", "&uuml;", "Ü", "&Uuml;", "Ö", "&Ouml;").Replace(s)
}

func quoted(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= utf8.RuneSelf {
			fmt.Fprintf(&b, "=%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// RTF is a stored item of a synchronization log.
func (s *Set) RTF() string {
	var b strings.Builder
	b.WriteString("{\\rtf1\\ansi\\ansicpg1252{\\colortbl;\\red128\\green0\\blue0;}\r\n")
	for _, p := range s.People {
		var name strings.Builder
		for _, c := range ANSI("7:05:10 Synchronizing Mailbox '" + p.Mailbox() + "'") {
			if c >= utf8.RuneSelf {
				fmt.Fprintf(&name, "\\'%02x", c)
			} else {
				name.WriteByte(c)
			}
		}
		b.WriteString(name.String() + "\\par\r\n")
	}
	return b.String() + "}\r\n"
}

// UTF16 encodes a text.
func UTF16(s string, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// ANSI encodes a text in Windows-1252.
func ANSI(s string) []byte {
	var out []byte
	for _, r := range s {
		b := byte('?')
		for c := range 256 {
			if profile.ANSIRune(byte(c)) == r {
				b = byte(c)
				break
			}
		}
		out = append(out, b)
	}
	return out
}
