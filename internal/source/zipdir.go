package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The directory of a zip archive is read here and not by archive/zip: that one
// reads all entries into memory before anybody can say that they are too many,
// and gives up where the local headers still lead to the content.

// Records of a zip archive and their lengths without names.
const (
	zipLocalMark   = "PK\x03\x04"
	zipEntryMark   = "PK\x01\x02"
	zipEndMark     = "PK\x05\x06"
	zip64EndMark   = "PK\x06\x06"
	zip64LocMark   = "PK\x06\x07"
	zipDescMark    = "PK\x07\x08"
	zipLocalBytes  = 30
	zipEntryBytes  = 46
	zipEndBytes    = 22
	zip64EndBytes  = 56
	zip64LocBytes  = 20
	zipCommentMost = 1<<16 - 1
	zip64Field32   = 1<<32 - 1 // says that the value is in the zip64 extra field
)

// Extra fields that are understood.
const (
	extraZip64 = 0x0001
	extraNTFS  = 0x000a
	extraTime  = 0x5455
	extraAES   = 0x9901
)

// errNoDirectory is the usual sign of an archive that was cut off.
var errNoDirectory = errors.New("the directory of the zip archive is missing or damaged")

// zipDirectory reads up to most entries of the directory of a zip archive; more
// tells that there are others.
func zipDirectory(ra io.ReaderAt, size int64, most int) (members []zipMember, more bool, err error) {
	start, shift, count, err := findDirectory(ra, size)
	if err != nil {
		return nil, false, err
	}
	in := bufio.NewReaderSize(io.NewSectionReader(ra, start, size-start), decodeBufferBytes)
	for range count {
		m, err := readEntry(in)
		if err != nil {
			return nil, false, fmt.Errorf("%w (after %d entries)", errNoDirectory, len(members))
		}
		if len(members) >= most {
			return members, true, nil
		}
		m.header += shift
		members = append(members, m)
	}
	return members, false, nil
}

// findDirectory returns where the directory starts, what has to be added to the
// offsets in it because something stands before the archive, and how many
// entries it has.
func findDirectory(ra io.ReaderAt, size int64) (start, shift int64, count uint64, err error) {
	tail := make([]byte, min(size, zipEndBytes+zipCommentMost))
	base := size - int64(len(tail))
	if n, err := ra.ReadAt(tail, base); n < len(tail) && err != nil {
		return 0, 0, 0, err
	}
	at := endRecord(tail)
	if at < 0 {
		return 0, 0, 0, errNoDirectory
	}
	end := tail[at:]
	count = uint64(binary.LittleEndian.Uint16(end[10:]))
	length := int64(binary.LittleEndian.Uint32(end[12:]))
	offset := int64(binary.LittleEndian.Uint32(end[16:]))
	stop := base + int64(at)
	if c, l, o, s, ok := zip64End(ra, stop); ok { // some writers add it to small archives too
		count, length, offset, stop = c, l, o, s
	}
	start = stop - length
	if length < 0 || offset < 0 || start < 0 {
		return 0, 0, 0, errNoDirectory
	}
	if start != offset && !hasMark(ra, start, zipEntryMark) && hasMark(ra, offset, zipEntryMark) {
		start = offset // something stands between the directory and its end record
	}
	if start < offset {
		return 0, 0, 0, errNoDirectory
	}
	return start, start - offset, count, nil
}

// hasMark tells whether a record begins at a place.
func hasMark(ra io.ReaderAt, at int64, mark string) bool {
	b := make([]byte, len(mark))
	n, _ := ra.ReadAt(b, at)
	return string(b[:n]) == mark
}

// endRecord finds the last end record whose comment fits.
func endRecord(tail []byte) int {
	for at := len(tail); ; {
		at = bytes.LastIndex(tail[:at], []byte(zipEndMark))
		if at < 0 {
			return -1
		}
		if len(tail)-at >= zipEndBytes {
			return at
		}
	}
}

// zip64End reads the end record of a large archive, which stands before end.
func zip64End(ra io.ReaderAt, end int64) (count uint64, length, offset, at int64, ok bool) {
	var loc [zip64LocBytes]byte
	if _, err := ra.ReadAt(loc[:], end-zip64LocBytes); err != nil || string(loc[:4]) != zip64LocMark {
		return 0, 0, 0, 0, false
	}
	at = int64(binary.LittleEndian.Uint64(loc[8:]))
	var rec [zip64EndBytes]byte
	for _, at := range []int64{at, end - zip64LocBytes - zip64EndBytes} { // the second if something stands before the archive
		if at < 0 {
			continue
		}
		if _, err := ra.ReadAt(rec[:], at); err == nil && string(rec[:4]) == zip64EndMark {
			le := binary.LittleEndian
			return le.Uint64(rec[32:]), int64(le.Uint64(rec[40:])), int64(le.Uint64(rec[48:])), at, true
		}
	}
	return 0, 0, 0, 0, false
}

// readEntry reads one entry of the directory.
func readEntry(in *bufio.Reader) (zipMember, error) {
	var b [zipEntryBytes]byte
	if _, err := io.ReadFull(in, b[:]); err != nil {
		return zipMember{}, err
	}
	if string(b[:4]) != zipEntryMark {
		return zipMember{}, errNoDirectory
	}
	le := binary.LittleEndian
	m := common(b[8:])
	m.packed, m.unpacked = int64(le.Uint32(b[20:])), int64(le.Uint32(b[24:]))
	m.header, m.offset = int64(le.Uint32(b[42:])), -1
	if madeBy := b[5]; madeBy == 3 || madeBy == 19 { // Unix, macOS
		m.mode = unixMode(le.Uint32(b[38:]) >> 16)
	}
	rest := make([]byte, int(le.Uint16(b[28:]))+int(le.Uint16(b[30:]))+int(le.Uint16(b[32:])))
	if _, err := io.ReadFull(in, rest); err != nil {
		return zipMember{}, err
	}
	nameBytes := le.Uint16(b[28:])
	m.raw = string(rest[:nameBytes])
	m.extra(rest[nameBytes : nameBytes+le.Uint16(b[30:])])
	if m.packed < 0 || m.unpacked < 0 || m.header < 0 {
		return zipMember{}, errNoDirectory
	}
	return m, nil
}

// common reads the fields that a directory entry and a local header share, from
// the flags to the CRC.
func common(b []byte) zipMember {
	le := binary.LittleEndian
	m := zipMember{flags: le.Uint16(b), method: le.Uint16(b[2:]), dosTime: le.Uint16(b[4:]), crc: le.Uint32(b[8:])}
	m.modTime = dosTime(m.dosTime, le.Uint16(b[6:]))
	return m
}

// dosTime is in the local time of the writer, which is not known: it is taken as
// UTC unless an extra field says more.
func dosTime(clock, day uint16) time.Time {
	if day == 0 {
		return time.Time{}
	}
	return time.Date(int(day>>9)+1980, time.Month(day>>5&0xf), int(day&0x1f),
		int(clock>>11), int(clock>>5&0x3f), int(clock&0x1f)*2, 0, time.UTC)
}

// Types of files in Unix modes.
const (
	unixTypeMask = 0xf000
	unixLink     = 0xa000
)

func unixMode(mode uint32) fs.FileMode {
	if mode&unixTypeMask == unixLink {
		return fs.ModeSymlink
	}
	return 0
}

// extra reads the extra fields of a member.
func (m *zipMember) extra(b []byte) {
	le := binary.LittleEndian
	for len(b) >= 4 {
		id, n := le.Uint16(b), int(le.Uint16(b[2:]))
		b = b[4:]
		if n > len(b) {
			return
		}
		field := b[:n]
		b = b[n:]
		switch {
		case id == extraZip64:
			m.zip64(field)
		case id == extraTime && n >= 5 && field[0]&1 != 0:
			m.modTime = time.Unix(int64(int32(le.Uint32(field[1:]))), 0).UTC()
		case id == extraNTFS && n >= 16 && le.Uint16(field[4:]) == 1:
			m.modTime = fileTime(le.Uint64(field[8:]))
		case id == extraAES && m.method == zipMethodAES:
			m.aes = parseAES(field)
		}
	}
}

// zip64 reads the values that do not fit into 32 bits, in their fixed order.
func (m *zipMember) zip64(b []byte) {
	for _, v := range []*int64{&m.unpacked, &m.packed, &m.header} {
		if *v == zip64Field32 && len(b) >= 8 {
			*v = int64(binary.LittleEndian.Uint64(b))
			b = b[8:]
		}
	}
}

// name decodes the stored name: UTF-8 where it is, else the code page of DOS.
func (m *zipMember) name() string {
	if m.flags&zipFlagUTF8 != 0 || utf8.ValidString(m.raw) {
		return m.raw
	}
	s, err := charmap.CodePage437.NewDecoder().String(m.raw)
	if err != nil {
		return m.raw
	}
	return s
}

// readLocal reads the local header at offset.
func readLocal(ra io.ReaderAt, offset, size int64) (zipMember, error) {
	var b [zipLocalBytes]byte
	if offset < 0 || offset > size-zipLocalBytes {
		return zipMember{}, io.ErrUnexpectedEOF
	}
	if _, err := ra.ReadAt(b[:], offset); err != nil && err != io.EOF {
		return zipMember{}, err
	}
	if string(b[:4]) != zipLocalMark {
		return zipMember{}, errors.New("its local header is damaged")
	}
	le := binary.LittleEndian
	m := common(b[6:])
	m.packed, m.unpacked = int64(le.Uint32(b[18:])), int64(le.Uint32(b[22:]))
	rest := make([]byte, int(le.Uint16(b[26:]))+int(le.Uint16(b[28:])))
	if n, err := ra.ReadAt(rest, offset+zipLocalBytes); n < len(rest) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return zipMember{}, err
	}
	m.raw = string(rest[:le.Uint16(b[26:])])
	m.extra(rest[le.Uint16(b[26:]):])
	m.header, m.offset = offset, offset+zipLocalBytes+int64(len(rest))
	return m, nil
}

// fileTime is Windows' count of 100 ns since 1601.
func fileTime(ticks uint64) time.Time {
	const unixEpoch = 116444736000000000 // 1970 in ticks
	if ticks == 0 || ticks > 1<<62 {
		return time.Time{}
	}
	t := int64(ticks) - unixEpoch
	return time.Unix(t/1e7, t%1e7*100).UTC()
}
