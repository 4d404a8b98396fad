package store

import (
	"bytes"
	"encoding/binary"
)

// synthetic makes a sound header of our own with size bytes behind it, so that tests do not depend on anybody's mail.
func synthetic(client string, version uint16, size int) []byte {
	b := make([]byte, size)
	copy(b, magic)
	copy(b[offClient:], client)
	binary.LittleEndian.PutUint16(b[offVersion:], version)
	layout := layoutOf(version)
	at, page := layout.places(), max(pageBytes, layout.PageBytes())
	put := func(at int, v uint64, wide bool) {
		if wide {
			binary.LittleEndian.PutUint64(b[at:], v)
			return
		}
		binary.LittleEndian.PutUint32(b[at:], uint32(v))
	}
	put(at.eof, uint64(size), at.wide)
	put(at.nodeRoot, uint64(page), at.wide)
	put(at.blockRoot, uint64(2*page), at.wide)
	b[at.allocation], b[at.sentinel], b[at.crypt] = 2, sentinelByte, byte(CryptPermute)
	seal(b)
	return b
}

// seal puts both checksums right.
func seal(b []byte) {
	binary.LittleEndian.PutUint32(b[offCRCFull:], CRC(b[offCRCBegin:offFullEnd]))
	binary.LittleEndian.PutUint32(b[offCRCPartial:], CRC(b[offCRCBegin:offPartialEnd]))
}

func read(b []byte) Header { return ReadHeader(bytes.NewReader(b), int64(len(b))) }

func ids(problems []Problem) []string {
	got := []string{}
	for _, p := range problems {
		got = append(got, p.ID)
	}
	return got
}
