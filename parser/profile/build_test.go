package profile_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

const (
	root16  = `Software\Microsoft\Office\16.0\Outlook`
	rootWMS = `Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem`
	lists   = "9207f3e0a3b11019908b08002b2a56c2"
	outlook = "0a0d020000000000c000000000000046"
	manager = "9375CFF0413111d3B88A00104B2A6676"
)

// uid makes a section id from a word.
func uid(word string) string {
	var raw [16]byte
	copy(raw[:], fmt.Sprintf("%-16s", word))
	return hex.EncodeToString(raw[:])
}

// uidBytes makes a list of section ids.
func uidList(uids ...string) []byte {
	var list []byte
	for _, u := range uids {
		raw, err := hex.DecodeString(u)
		if err != nil {
			panic(err)
		}
		list = append(list, raw...)
	}
	return list
}

// hiveRoot makes an empty user's hive.
func hiveRoot() *keytest.Node {
	root := &keytest.Node{KeyName: "root"}
	root.Key("Software")
	return root
}

// addProfile adds an empty profile of Outlook 2016.
func addProfile(user *keytest.Node, name string) *keytest.Node {
	p := user.Key(root16 + `\Profiles`).Key(name)
	p.Key(lists)
	return p
}

// addService adds a service with one store provider and gives that section.
func addService(p *keytest.Node, word, service string) *keytest.Node {
	s, store := uid(word), uid(word+" st")
	section := p.Key(lists)
	services := []byte{}
	for i, v := range section.Vals {
		if v.Name == "01023d0e" {
			services = v.Data
			section.Vals = append(section.Vals[:i], section.Vals[i+1:]...)
			break
		}
	}
	section.Binary("01023d0e", append(services, uidList(s)...))
	p.Key(s).Wide("001f3d09", service).Wide("001f3d0a", "x.dll").Binary("01023d00", uidList(store))
	return p.Key(store).Wide("001f300a", "x.dll").Long("00033e03", 33).Binary("01023d0c", uidList(s))
}

// addOX adds an OXtender service with ids of its own choice.
func addOX(p *keytest.Node, word, url, user, path string) *keytest.Node {
	return addService(p, word, "OXSTOR_SVC").Wide("001f6745", url).Wide("001f6712", user).Wide("001f6750", path)
}

// mvTexts encodes PT_MV_UNICODE with offsets of 4 or 8 bytes.
func mvTexts(width int, texts ...string) []byte {
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(texts)))
	at := 4 + width*len(texts)
	var body []byte
	for _, text := range texts {
		data = appendOffset(data, width, at+len(body))
		body = append(body, keytest.UTF16(text)...)
	}
	return append(data, body...)
}

// mvBinaries encodes PT_MV_BINARY with offsets of 4 or 8 bytes.
func mvBinaries(width int, items ...[]byte) []byte {
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(items)))
	at := 4 + 2*width*len(items)
	var body []byte
	for _, item := range items {
		data = appendOffset(appendOffset(data, width, len(item)), width, at+len(body))
		body = append(body, item...)
	}
	return append(data, body...)
}

func appendOffset(data []byte, width, n int) []byte {
	if width == 8 {
		return binary.LittleEndian.AppendUint64(data, uint64(n))
	}
	return binary.LittleEndian.AppendUint32(data, uint32(n))
}

// pstEntryID makes the entry id of a PST store.
func pstEntryID(path string) []byte {
	id := make([]byte, 4)
	id = append(id, uidList("38a1bb1005e5101aa1bb08002b2a56c2")...)
	id = append(id, make([]byte, 16)...)
	id = append(id, uidList("4e495441f9bfb80100aa0037d96e0000")...)
	return append(append(id, 0, 0), keytest.UTF16(path)...)
}

// problems gives the problems of one id.
func problems(inv *profile.Inventory, id string) []profile.Problem {
	var found []profile.Problem
	for _, p := range inv.AllProblems() {
		if p.ID == id {
			found = append(found, p)
		}
	}
	return found
}
