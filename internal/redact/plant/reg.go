package plant

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Reg is an export of mail profiles, in the old or the new form.
func (s *Set) Reg(old bool) string {
	var b strings.Builder
	head := "Windows Registry Editor Version 5.00"
	if old {
		head = "REGEDIT4"
	}
	b.WriteString(head + "\r\n")
	for i, p := range s.People {
		section := fmt.Sprintf("%032x", uint64(0xabcdef0123456)*uint64(i+5))
		fmt.Fprintf(&b, "\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\Outlook\\Profiles\\%s\\%s]\r\n", s.Mail(p), section)
		hexLine(&b, "001f6610", "hex:", wide(`C:\Users\`+p.Login+`\AppData\Local\Microsoft\Outlook\`+s.Mail(p)+".ost"))
		hexLine(&b, "001f6602", "hex:", wide(s.Server+"."+s.Domain))
		hexLine(&b, "001f660b", "hex:", wide(p.First+" "+p.Last))
		hexLine(&b, "001f6603", "hex:", wide("/o=Trullwerk/ou=First Administrative Group/cn=Recipients/cn="+p.Login))
		hexLine(&b, "101f6637", "hex:", many(wide(s.Mail(p)), wide("SMTP:"+s.Mail(p))))
		hexLine(&b, "S0102663a", "hex:", []byte(p.Password+p.Token))
		hexLine(&b, "01026611", "hex:", []byte(p.Password))
		hexLine(&b, "01020fff", "hex:", append([]byte{0, 0, 0, 0, 0x38, 0xa1}, wide(`\\`+p.Host+`\home\`+p.Login+`\x.pst`)...))
		fmt.Fprintf(&b, "\"001e6703\"=\"%s\"\r\n\"IMAP Password\"=\"%s\"\r\n", p.Password, p.Token)
		fmt.Fprintf(&b, "\"Account Name\"=\"%s\"\r\n\"POP3 User\"=\"%s\"\r\n\"POP3 Server\"=\"%s.%s\"\r\n", p.Mailbox(), p.Login, p.Host, s.Domain)
		fmt.Fprintf(&b, "\"Path\"=\"C:\\\\Users\\\\%s\\\\x\"\r\n\"%s\"=dword:00000001\r\n", p.Login, s.Mail(p))
		if old {
			hexLine(&b, "Folder", "hex(2):", append([]byte(`%TEMP%\`+p.Login), 0))
		} else {
			hexLine(&b, "Folder", "hex(2):", wide(`%TEMP%\`+p.Login))
			hexLine(&b, "List", "hex(7):", append(append(wide(p.Mailbox()), wide(p.Host)...), 0, 0))
			hexLine(&b, "Text", "hex(1):", wide("used by "+p.First))
		}
	}
	return b.String()
}

// wide is a text as the registry holds it.
func wide(s string) []byte { return append(UTF16(s, binary.LittleEndian), 0, 0) }

// many is a property with many texts, as 64-bit Outlook writes it.
func many(parts ...[]byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(parts)))
	at := 4 + 8*len(parts)
	for _, p := range parts {
		out = binary.LittleEndian.AppendUint64(out, uint64(at))
		at += len(p)
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// hexLine writes a value as the registry editor does: lines below 80 columns.
func hexLine(b *strings.Builder, name, kind string, data []byte) {
	line := `"` + name + `"=` + kind
	for i, c := range data {
		line += fmt.Sprintf("%02x", c)
		if i+1 == len(data) {
			break
		}
		line += ","
		if len(line) > 76 {
			b.WriteString(line + "\\\r\n")
			line = "  "
		}
	}
	b.WriteString(line + "\r\n")
}
