package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// HeaderBytes is how much of a store is read: the longest header, which ends with the full CRC of a Unicode store.
const HeaderBytes = 528 // bytes

// minHeaderBytes is where an ANSI header's last read field ends. A shorter file has no whole header of any kind.
const minHeaderBytes = 512 // bytes

// pageBytes is the page of ANSI and Unicode stores, pageBytes4K that of version 36. Root pages begin at a multiple of it.
const (
	pageBytes   = 512  // bytes
	pageBytes4K = 4096 // bytes
)

// magic begins every store.
const magic = "!BDN"

// Places of fields that all kinds of store share.
const (
	offCRCPartial = 4
	offClient     = 8
	offVersion    = 10
	offCRCBegin   = 8   // both sums begin with the client signature
	offPartialEnd = 479 // the partial sum covers bytes 8–478
	offFullEnd    = 524 // the full sum covers bytes 8–523
	offCRCFull    = 524
)

// places says where the fields stand that moved between ANSI and Unicode.
type places struct {
	eof, nodeRoot, blockRoot, allocation, sentinel, crypt int
	wide                                                  bool // offsets are 8 bytes, not 4
}

// Checksum is one stored CRC of the header beside the computed one.
type Checksum struct {
	Present  bool   // the layout has this sum and the file is long enough to compute it
	Stored   uint32 // as the file says
	Computed uint32 // over the bytes that the sum covers
}

// OK reports whether the sum is present and right.
func (c Checksum) OK() bool { return c.Present && c.Stored == c.Computed }

// Header is what the first bytes of a store say. Numbers are as stored, even when a Problem calls them wrong.
type Header struct {
	Size         int64    // bytes; the real size, as given to ReadHeader
	IsStore      bool     // the file begins with "!BDN"
	Kind         Kind     // by client signature: pst, ost, pab, unknown
	Client       string   // the two bytes of the client signature; "SM", "SO"
	Version      uint16   // wVer
	Layout       Layout   // by version: ansi, unicode, unicode 4k, unknown
	EndOfFile    uint64   // bytes; ibFileEof, which equals Size in a sound file at rest
	NodeRoot     uint64   // offset of the root page of the node tree
	BlockRoot    uint64   // offset of the root page of the block tree
	Allocation   uint8    // fAMapValid: 0 not valid, 1 and 2 valid. 0 and 1 occur in sound files
	Crypt        Crypt    // how block content is encoded
	PartialCRC   Checksum // over bytes 8–478
	FullCRC      Checksum // over bytes 8–523; Unicode and 4K only
	Problems     []Problem
	fieldsParsed bool // version known and header whole: EndOfFile and all after it mean something
}

// Parsed reports whether the header was whole and of a known version, so that EndOfFile, roots, Allocation and Crypt were
// read and are not just zero.
func (h Header) Parsed() bool { return h.fieldsParsed }

// Damaged reports whether a Problem says that the header itself is damaged or the file is no whole store.
func (h Header) Damaged() bool {
	for _, p := range h.Problems {
		if p.Weight == Damage {
			return true
		}
	}
	return false
}

// Content names what the bytes are, in few words: "ost unicode 4k", "pst ansi", "store" when the kind is not known, and ""
// when the file is no store.
func (h Header) Content() string {
	if !h.IsStore {
		return ""
	}
	name := string(h.Kind)
	if h.Kind == KindUnknown {
		name = "store"
	}
	if h.Layout != LayoutUnknown {
		name += " " + string(h.Layout)
	}
	return name
}

// ReadHeader reads the header of a store of size bytes. It never fails: a read error is a Problem like any other, since the
// facts that were read before it still hold.
func ReadHeader(r io.ReaderAt, size int64) Header {
	h := Header{Size: size, Kind: KindUnknown, Layout: LayoutUnknown}
	head, err := readHead(r, size)
	if err != nil {
		h.add(problemRead, 0, "a readable header", err.Error())
	}
	if len(head) == 0 {
		if err == nil {
			h.add(problemEmpty, 0, "a store", "0 bytes")
		}
		return h
	}
	if len(head) < len(magic) || string(head[:len(magic)]) != magic {
		h.add(problemMagic, 0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", head[:min(len(head), len(magic))]))
		return h
	}
	h.IsStore = true
	h.readIdentity(head)
	if len(head) < minHeaderBytes || h.Layout != LayoutANSI && len(head) < HeaderBytes {
		h.add(problemShort, int64(len(head)), fmt.Sprintf("%d bytes", HeaderBytes), fmt.Sprintf("%d bytes", len(head)))
		return h
	}
	h.readChecksums(head)
	if h.Layout == LayoutUnknown {
		return h
	}
	h.readFields(head)
	h.checkSize()
	h.checkRoots()
	return h
}

// readHead returns as much of the header as the file has.
func readHead(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, max(0, min(size, HeaderBytes)))
	n, err := r.ReadAt(head, 0)
	if n < 0 || n > len(head) {
		return nil, fmt.Errorf("reader says it read %d of %d bytes", n, len(head))
	}
	if n == len(head) || errors.Is(err, io.EOF) {
		err = nil // a file that shrank since its size was taken is told as too short
	}
	return head[:n], err
}

// readIdentity reads client signature and version, as far as the file goes.
func (h *Header) readIdentity(head []byte) {
	if len(head) < offVersion+2 {
		return
	}
	h.Client = string(head[offClient : offClient+2])
	h.Kind = kindOf(h.Client)
	if h.Kind == KindUnknown {
		h.add(problemClient, offClient, `"SM" (pst) or "SO" (ost)`, fmt.Sprintf("%q", h.Client))
	}
	h.Version = binary.LittleEndian.Uint16(head[offVersion:])
	h.Layout = layoutOf(h.Version)
	if h.Layout == LayoutUnknown {
		h.add(problemVersion, offVersion, "14, 15, 20–23, 36 or 37", fmt.Sprint(h.Version))
	}
}

// readChecksums compares both sums. The sums of an unknown version are computed too: a right one says that the file is newer or
// foreign rather than damaged.
func (h *Header) readChecksums(head []byte) {
	h.PartialCRC = checksum(head, offCRCPartial, offPartialEnd)
	if !h.PartialCRC.OK() {
		h.add(problemPartialCRC, offCRCPartial, fmt.Sprintf("%08X", h.PartialCRC.Computed), fmt.Sprintf("%08X", h.PartialCRC.Stored))
	}
	if h.Layout == LayoutANSI || h.Layout == LayoutUnknown {
		return
	}
	h.FullCRC = checksum(head, offCRCFull, offFullEnd)
	if !h.FullCRC.OK() {
		h.add(problemFullCRC, offCRCFull, fmt.Sprintf("%08X", h.FullCRC.Computed), fmt.Sprintf("%08X", h.FullCRC.Stored))
	}
}

func checksum(head []byte, stored, end int) Checksum {
	return Checksum{
		Present:  true,
		Stored:   binary.LittleEndian.Uint32(head[stored:]),
		Computed: CRC(head[offCRCBegin:end]),
	}
}

// CRC is the checksum of stores, for header, pages, blocks and compressed RTF alike: CRC-32 that starts at 0 and is not
// inverted at the end ([MS-PST] 5.3).
func CRC(b []byte) uint32 { return ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, b) }

// sentinelByte stands before the crypt method in every layout.
const sentinelByte = 0x80

// readFields reads what stands at the places of the layout.
func (h *Header) readFields(head []byte) {
	at := h.Layout.places()
	h.fieldsParsed = true
	h.EndOfFile = at.offset(head, at.eof)
	h.NodeRoot = at.offset(head, at.nodeRoot)
	h.BlockRoot = at.offset(head, at.blockRoot)
	h.Allocation = head[at.allocation]
	h.Crypt = Crypt(head[at.crypt])
	if head[at.sentinel] != sentinelByte {
		h.add(problemSentinel, int64(at.sentinel), "80", fmt.Sprintf("%02X", head[at.sentinel]))
	}
	if h.Allocation > 2 {
		h.add(problemAllocation, int64(at.allocation), "0, 1 or 2", fmt.Sprint(h.Allocation))
	}
	switch h.Crypt {
	case CryptNone, CryptPermute, CryptCyclic:
	case CryptProtected:
		h.add(problemProtected, int64(at.crypt), "readable content", h.Crypt.String())
	default:
		h.add(problemCrypt, int64(at.crypt), "0, 1, 2 or 16", fmt.Sprint(uint8(h.Crypt)))
	}
}

func (p places) offset(head []byte, at int) uint64 {
	if p.wide {
		return binary.LittleEndian.Uint64(head[at:])
	}
	return uint64(binary.LittleEndian.Uint32(head[at:]))
}

// checkSize compares the end of file that the header tells with the real one. A difference alone is no damage: a store in use
// is copied between two writes.
func (h *Header) checkSize() {
	real := uint64(max(0, h.Size))
	switch {
	case real < h.EndOfFile:
		h.add(problemCut, h.Size, fmt.Sprintf("%d bytes", h.EndOfFile), fmt.Sprintf("%d bytes", real))
	case real > h.EndOfFile:
		h.add(problemGrown, int64(h.EndOfFile), fmt.Sprintf("%d bytes", h.EndOfFile), fmt.Sprintf("%d bytes", real))
	}
}

// checkRoots tells root pages that cannot be there, in a file that was cut too: without them nothing can be read. Whether the pages are sound is not this package's business.
func (h *Header) checkRoots() {
	at, page := h.Layout.places(), h.Layout.PageBytes()
	for _, root := range []struct {
		at    int
		value uint64
	}{{at.nodeRoot, h.NodeRoot}, {at.blockRoot, h.BlockRoot}} {
		end := uint64(max(0, h.Size))
		inside := root.value >= uint64(page) && end >= uint64(page) && root.value <= end-uint64(page)
		if !inside || root.value%uint64(page) != 0 {
			h.add(problemRoot, int64(root.at), fmt.Sprintf("a multiple of %d inside the file", page), fmt.Sprint(root.value))
		}
	}
}
