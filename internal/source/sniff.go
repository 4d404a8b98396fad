package source

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"oxtail/parser/evtx"
)

const (
	// sniffBytes of a stream are looked at to find out what it holds.
	sniffBytes = 64 << 10

	// nulScanBytes of NULs at the start of a file are passed over in search of text.
	nulScanBytes = 16 << 20
)

// A form is what the content of a stream looks like, finer than its kind.
type form uint8

const (
	formOther form = iota // What says what it is
	formText
	formNuls
	formPass // a kind that another package reads: hive, store, .reg, .rtf
	formZip
	formSevenZip
	formTar
	formGzip
	formZstd
	formXz
	formBzip2
	formCompound // OLE compound file: a .msg, or an old Office document
	formMail     // RFC 822
	formMbox
	formEvtx // Windows event log
)

// layer is how many levels of archives the form adds; tar in a compressed file
// adds none.
func (f form) layer(coded bool) int {
	switch f {
	case formZip, formSevenZip, formGzip, formZstd, formXz, formBzip2, formMbox:
		return 1
	case formTar:
		if !coded {
			return 1
		}
	}
	return 0
}

// A look is what was found out about a stream from its first bytes.
type look struct {
	form form
	kind Kind
	what string // in words
}

// A signature is bytes that only one thing begins with.
type signature struct {
	at    int
	bytes string
	look  look
}

// signatures returns the table of what is known by its first bytes.
func signatures() []signature {
	archive := func(f form, what string) look { return look{f, KindArchive, what} }
	pass := func(k Kind, what string) look { return look{formPass, k, what} }
	other := func(what string) look { return look{formOther, KindOther, what} }
	return []signature{
		{0, "PK\x03\x04", archive(formZip, "zip archive")},
		{0, "PK\x05\x06", archive(formZip, "empty zip archive")},
		{0, "PK\x07\x08PK\x03\x04", archive(formZip, "part of a zip archive")},
		{0, "7z\xbc\xaf\x27\x1c", archive(formSevenZip, "7z archive")},
		{0, "\x1f\x8b\x08", archive(formGzip, "gzip file")},
		{0, "\x28\xb5\x2f\xfd", archive(formZstd, "zstd file")},
		{0, "\xfd7zXZ\x00", archive(formXz, "xz file")},
		{0, "BZh", archive(formBzip2, "bzip2 file")},
		{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", look{formCompound, KindOther, "OLE compound file"}},
		{0, `{\rtf`, pass(KindItem, "rich text")},
		{0, "\xef\xbb\xbf" + `{\rtf`, pass(KindItem, "rich text")},
		{0, evtx.Magic, look{formEvtx, KindEvtx, "Windows event log"}},
		{evtx.FirstChunkAt, evtx.ChunkMagic, look{formEvtx, KindEvtx, "Windows event log with a damaged header"}},
		{0, "regf", pass(KindHive, "registry hive")},
		{0, "!BDN", pass(KindStore, "Outlook data file")},
		{0, "SQLite format 3\x00", other("SQLite database")},
		{0, "MZ", other("Windows program")},
		{0, "\x7fELF", other("Linux program")},
		{0, "\x89PNG\r\n\x1a\n", other("PNG image")},
		{0, "\xff\xd8\xff", other("JPEG image")},
		{0, "GIF87a", other("GIF image")},
		{0, "GIF89a", other("GIF image")},
		{0, "%PDF-", other("PDF document")},
		{0, "MDMP", other("crash dump")},
		{0, "PAGEDU", other("kernel dump")},
		{0, "MSCF", other("cabinet archive (.cab), which oxtail cannot open: unpack it first")},
		{0, "Rar!\x1a\x07", other("RAR archive, which oxtail cannot open: unpack it first")},
		{0, "LfLe", other("event log of Windows XP (.evt), which oxtail cannot read")},
		{0, "\x4c\x00\x00\x00\x01\x14\x02\x00", other("Windows shortcut")},
		{0, "\x0d\xf0\xad\xba", other("Outlook nickname cache")},
		{0, "\x78\x9f\x3e\x22", other("TNEF attachment (winmail.dat)")},
		{0, "PMOCCMOC", other("network trace (.etl)")},
		{0, "\xd4\xc3\xb2\xa1", other("network capture")},
		{0, "\x0a\x0d\x0d\x0a", other("network capture")},
		{4, "Standard Jet DB", other("Jet database")},
		{4, "Standard ACE DB", other("Access database")},
		{4, "\xef\xcd\xab\x89", other("ESE database")},
		{12, "\x62\x31\x05\x00", other("Berkeley DB database")},
		{12, "\x61\x15\x06\x00", other("Berkeley DB database")},
	}
}

// Sniff tells the kind of a stream from its first bytes (64 KiB are enough), and
// what it looks like in words.
func Sniff(head []byte) (Kind, string) {
	l := sniff(head)
	return l.kind, l.what
}

func sniff(head []byte) look {
	if len(head) == 0 {
		return look{formText, KindLog, "empty"}
	}
	for _, s := range signatures() {
		if len(head) >= s.at && bytes.HasPrefix(head[s.at:], []byte(s.bytes)) && confirmed(head, s) {
			return s.look
		}
	}
	if isTar(head) {
		return look{formTar, KindArchive, "tar archive"}
	}
	return sniffText(head)
}

// confirmed looks closer where a signature is short enough to begin a text.
func confirmed(head []byte, s signature) bool {
	switch s.bytes {
	case "BZh":
		return len(head) > 9 && head[3] >= '1' && head[3] <= '9' &&
			(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90")
	case "MZ", "regf", "MSCF", "MDMP", "PAGEDU", "LfLe", "!BDN":
		return sniffText(head).form != formText
	case "PK\x03\x04":
		return len(head) < 8 || binary.LittleEndian.Uint16(head[4:]) < 256 // version needed
	}
	return true
}

// Layout of a tar header.
const (
	tarBlockBytes  = 512
	tarChecksumAt  = 148
	tarChecksumEnd = 156
)

// isTar tells whether head begins with a tar header, old or new: its checksum is
// right. A file of NULs has none.
func isTar(head []byte) bool {
	if len(head) < tarBlockBytes || head[0] == 0 {
		return false
	}
	field := strings.Trim(string(head[tarChecksumAt:tarChecksumEnd]), " \x00")
	want, err := strconv.ParseInt(field, 8, 32)
	if err != nil {
		return false
	}
	var unsigned, signed int64
	for i, c := range head[:tarBlockBytes] {
		if i >= tarChecksumAt && i < tarChecksumEnd {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return want == unsigned || want == signed
}
