package source_test

import (
	"encoding/binary"
	"sort"
	"strings"
	"time"
	"unicode/utf16"

	"oxtail/parser/lzfu"
)

// A compound writes OLE compound files (version 3) for tests: sectors of 512
// bytes, streams below 4,096 bytes in the mini stream, siblings as a list.
type compound map[string][]byte // content by path, "storage/stream"

const (
	endOfChain = 0xFFFFFFFE
	fatSector  = 0xFFFFFFFD
	noStream   = 0xFFFFFFFF
)

// A cfbEntry is one entry of the directory.
type cfbEntry struct {
	name               string
	kind               byte // 1 storage, 2 stream, 5 root
	child, next, start uint32
	size               int
	content            []byte
}

func (c compound) bytes() []byte {
	entries := c.directory()
	var sectors [][]byte
	var fat []uint32
	chain := func(content []byte) uint32 {
		if len(content) == 0 {
			return endOfChain
		}
		first := uint32(len(sectors))
		for len(content) > 0 {
			s := make([]byte, 512)
			n := copy(s, content)
			content = content[n:]
			sectors = append(sectors, s)
			fat = append(fat, uint32(len(sectors)))
		}
		fat[len(fat)-1] = endOfChain
		return first
	}
	var mini []byte
	var miniFAT []uint32
	for i := range entries {
		e := &entries[i]
		if e.kind != 2 {
			continue
		}
		if e.size = len(e.content); e.size >= 4096 {
			e.start = chain(e.content)
			continue
		}
		e.start = endOfChain
		for at := 0; at < len(e.content); at += 64 {
			if at == 0 {
				e.start = uint32(len(miniFAT))
			}
			block := make([]byte, 64)
			copy(block, e.content[at:])
			mini = append(mini, block...)
			miniFAT = append(miniFAT, uint32(len(miniFAT)+1))
		}
		if len(e.content) > 0 {
			miniFAT[len(miniFAT)-1] = endOfChain
		}
	}
	entries[0].size = len(mini)
	entries[0].start = chain(mini)
	for len(miniFAT)%128 != 0 {
		miniFAT = append(miniFAT, noStream)
	}
	miniStart := chain(words(miniFAT))
	var dir []byte
	for _, e := range entries {
		dir = append(dir, e.bytes()...)
	}
	for len(dir)%512 != 0 {
		dir = append(dir, (&cfbEntry{child: noStream, next: noStream}).bytes()...)
	}
	dirStart := chain(dir)
	fatSectors := 1
	for (len(fat)+fatSectors+127)/128 > fatSectors {
		fatSectors++
	}
	fatStart := len(fat)
	for range fatSectors {
		fat = append(fat, fatSector)
	}
	for len(fat)%128 != 0 {
		fat = append(fat, noStream)
	}
	return c.file(sectors, words(fat), fatStart, fatSectors, dirStart, miniStart, len(miniFAT)/128)
}

func (c compound) file(sectors [][]byte, fat []byte, fatStart, fatSectors int, dirStart, miniStart uint32, miniSectors int) []byte {
	le := binary.LittleEndian
	h := make([]byte, 512)
	copy(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(h[24:], 0x3e)
	le.PutUint16(h[26:], 3)
	le.PutUint16(h[28:], 0xfffe)
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], uint32(fatSectors))
	le.PutUint32(h[48:], dirStart)
	le.PutUint32(h[56:], 4096)
	le.PutUint32(h[60:], miniStart)
	le.PutUint32(h[64:], uint32(miniSectors))
	le.PutUint32(h[68:], endOfChain)
	for i := range 109 {
		if i < fatSectors {
			le.PutUint32(h[76+4*i:], uint32(fatStart+i))
		} else {
			le.PutUint32(h[76+4*i:], noStream)
		}
	}
	for _, s := range sectors {
		h = append(h, s...)
	}
	return append(h, fat...)
}

func words(w []uint32) []byte {
	var b []byte
	for _, v := range w {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// directory lists all storages and streams, the root first.
func (c compound) directory() []cfbEntry {
	paths := map[string]bool{}
	for path := range c {
		for p := path; p != ""; p = parent(p) {
			paths[p] = true
		}
	}
	sorted := make([]string, 0, len(paths))
	for p := range paths {
		sorted = append(sorted, p)
	}
	sort.Strings(sorted)
	entries := []cfbEntry{{name: "Root Entry", kind: 5, child: noStream, next: noStream}}
	index := map[string]int{"": 0}
	last := map[string]int{}
	for _, p := range sorted {
		e := cfbEntry{name: p[strings.LastIndex(p, "/")+1:], kind: 1, child: noStream, next: noStream}
		if content, ok := c[p]; ok {
			e.kind, e.content = 2, content
		}
		i := len(entries)
		entries = append(entries, e)
		index[p] = i
		up := parent(p)
		if before, ok := last[up]; ok {
			entries[before].next = uint32(i)
		} else {
			entries[index[up]].child = uint32(i)
		}
		last[up] = i
	}
	return entries
}

func parent(p string) string {
	if i := strings.LastIndex(p, "/"); i >= 0 {
		return p[:i]
	}
	return ""
}

func (e *cfbEntry) bytes() []byte {
	le := binary.LittleEndian
	b := make([]byte, 128)
	for i, u := range utf16.Encode([]rune(e.name)) {
		le.PutUint16(b[2*i:], u)
	}
	if e.name != "" {
		le.PutUint16(b[64:], uint16(2*len(e.name)+2))
	}
	b[66] = e.kind
	b[67] = 1
	le.PutUint32(b[68:], noStream)
	le.PutUint32(b[72:], e.next)
	le.PutUint32(b[76:], e.child)
	le.PutUint32(b[116:], e.start)
	le.PutUint32(b[120:], uint32(e.size))
	return b
}

// A message is a .msg file to be.
type message struct{ c compound }

func newMessage() message { return message{compound{"__nameid_version1.0/__substg1.0_00020102": {0}}} }

// wide sets a property of Unicode text below prefix.
func (m message) wide(prefix, id, text string) message {
	return m.raw(prefix, id+"001F", []byte(utf16Of(text, binary.LittleEndian, false)))
}

func (m message) raw(prefix, tag string, content []byte) message {
	m.c[prefix+"__substg1.0_"+tag] = content
	return m
}

// fixed sets the properties of fixed length below prefix.
func (m message) fixed(prefix string, values map[uint32]uint64) message {
	b := make([]byte, 32)
	if prefix != "" {
		b = b[:24]
	}
	for tag, v := range values {
		b = binary.LittleEndian.AppendUint32(b, tag)
		b = binary.LittleEndian.AppendUint32(b, 6)
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	m.c[prefix+"__properties_version1.0"] = b
	return m
}

// ticks is Windows' time of t.
func ticks(t time.Time) uint64 { return uint64(t.Unix()*1e7 + 116444736000000000) }

// packRTF writes compressed RTF with literals only.
func packRTF(text string) []byte {
	const prefillBytes = 207
	var body []byte
	w := prefillBytes
	for at := 0; at <= len(text); at += 8 {
		piece := text[at:min(at+8, len(text))]
		if len(piece) == 8 {
			body = append(append(body, 0), piece...)
			w += 8
			continue
		}
		w += len(piece)
		body = append(append(body, 1<<len(piece)), piece...)
		w %= 4096
		body = append(body, byte(w>>4), byte(w<<4))
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(body)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	b = append(b, "LZFu"...)
	b = binary.LittleEndian.AppendUint32(b, lzfu.Checksum(body))
	return append(b, body...)
}
