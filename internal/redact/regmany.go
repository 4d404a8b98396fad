package redact

import (
	"encoding/binary"
	"strings"
)

// many redacts the parts of a property with many values, and writes its offsets anew.
// Offsets have four bytes where 32-bit Outlook wrote them, else eight.
func (g *regText) many(name, prefix string, data []byte) []byte {
	pair := 1
	if prefix == "1102" {
		pair = 2
	}
	parts, width, ok := manyParts(data, pair)
	if !ok {
		return g.s.runs(data)
	}
	for i, p := range parts {
		switch prefix {
		case "101f":
			parts[i] = g.wide(name, p)
		case "101e":
			parts[i] = g.narrow(name, p)
		default:
			parts[i] = g.s.runs(p)
		}
	}
	if g.s.learn != nil {
		return data
	}
	return joinMany(parts, width, pair)
}

// manyParts cuts the values out of a property: count, offsets or pairs of length and
// offset, data.
func manyParts(data []byte, pair int) (parts [][]byte, width int, ok bool) {
	if len(data) < 4 {
		return nil, 0, false
	}
	n := int(binary.LittleEndian.Uint32(data))
	if n < 1 || n > len(data)/4 {
		return nil, 0, false
	}
	read := func(width, i int) int {
		at := 4 + i*width
		if at+width > len(data) {
			return -1
		}
		if width == 8 {
			return int(min(binary.LittleEndian.Uint64(data[at:]), 1<<31))
		}
		return int(binary.LittleEndian.Uint32(data[at:]))
	}
	for _, width = range []int{4, 8} {
		if read(width, pair-1) == 4+n*pair*width {
			break
		}
		if width == 8 {
			return nil, 0, false
		}
	}
	for i := range n {
		at := read(width, i*pair+pair-1)
		end := len(data)
		switch {
		case pair == 2:
			end = at + read(width, i*pair)
		case i+1 < n:
			end = read(width, i+1)
		}
		if at < 0 || at > end || end > len(data) {
			return nil, 0, false
		}
		parts = append(parts, data[at:end])
	}
	return parts, width, true
}

func joinMany(parts [][]byte, width, pair int) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(parts)))
	put := func(n int) {
		if width == 8 {
			out = binary.LittleEndian.AppendUint64(out, uint64(n))
		} else {
			out = binary.LittleEndian.AppendUint32(out, uint32(n))
		}
	}
	at := 4 + len(parts)*pair*width
	for _, p := range parts {
		if pair == 2 {
			put(len(p))
		}
		put(at)
		at += len(p)
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// valueText redacts the text of a registry value. Its name tells what a text without
// a form of its own is.
func (s *scanner) valueText(name string, text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	if s.back != nil || s.strip {
		return s.plain(nil, text)
	}
	text = removeSecrets(text, s.counts)
	s.scan(text)
	if k := regKind(name); k != "" {
		s.value(k, valueAt{0, len(text), true, true})
	} else {
		for _, head := range []string{"Mailbox - ", "Postfach - ", "Public Folders - ", "Öffentliche Ordner - "} {
			if strings.HasPrefix(string(text), head) {
				s.value(Mailbox, valueAt{len(head), len(text), true, true})
			}
		}
	}
	if s.learn != nil {
		return text
	}
	return s.apply(nil)
}

// regKind tells what the text of a value names, by the property or by the name.
func regKind(name string) Kind {
	if len(name) == 8 && allHex([]byte(name)) {
		switch strings.ToLower(name[4:]) {
		case "6602", "6608", "660c", "6622":
			return Host
		case "3d16", "39fe", "3a00":
			return User
		case "3d17":
			return Org
		case "6607", "660b", "6620", "663c", "663d", "6637", "6641", "3001m":
			return Mailbox
		}
		return ""
	}
	switch strings.ToLower(name) {
	case "account name", "display name", "email", "identity", "reply email", "mailbox", "mailbox name", "owner name":
		return Mailbox
	case "pop3 user", "pop3 user name", "imap user", "imap user name", "smtp user", "smtp user name", "http user", "username", "user name", "user", "defaultusername", "lastusedusername",
		"lastloggedonuser", "lastloggedonsamuser", "registeredowner", "logon user name", "ldap user name", "altdefaultusername":
		return User
	case "pop3 server", "imap server", "smtp server", "http server url", "ldap server", "server", "servername", "hostname", "nv hostname", "computername", "activecomputername", "logonserver",
		"proxyserver", "srvcomment":
		return Host
	case "domain", "nv domain", "dhcpdomain", "defaultdomainname", "userdomain", "userdnsdomain", "registeredorganization", "company", "altdefaultdomainname", "searchlist", "primarydomain":
		return Org
	}
	return ""
}
