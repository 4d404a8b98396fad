package store

import "strconv"

// Kind is what program side a store belongs to, by its client signature.
type Kind string

// The kinds of store. PAB, the personal address book of old Outlook, is known from libpff's description only.
const (
	KindPST     Kind = "pst"     // "SM": personal folders
	KindOST     Kind = "ost"     // "SO": offline folders, also .nst
	KindPAB     Kind = "pab"     // "AB": personal address book
	KindUnknown Kind = "unknown" // none of these, or not read
)

func kindOf(client string) Kind {
	switch client {
	case "SM":
		return KindPST
	case "SO":
		return KindOST
	case "AB":
		return KindPAB
	}
	return KindUnknown
}

// Layout is how a store lays out its pages, by its version.
type Layout string

// The layouts.
const (
	LayoutANSI      Layout = "ansi"       // versions 14 and 15, to Outlook 2002; ends at 2 GB
	LayoutUnicode   Layout = "unicode"    // versions 20–23 and 37, Outlook 2003 and later
	LayoutUnicode4K Layout = "unicode 4k" // version 36, OST of Outlook 2013 and later
	LayoutUnknown   Layout = "unknown"
)

// layoutOf maps versions. 16 to 19 stay unknown: no document describes them and no file had them.
func layoutOf(version uint16) Layout {
	switch version {
	case 14, 15:
		return LayoutANSI
	case 20, 21, 22, 23, 37:
		return LayoutUnicode
	case 36:
		return LayoutUnicode4K
	}
	return LayoutUnknown
}

// PageBytes is the size of a tree page, and 0 for an unknown layout.
func (l Layout) PageBytes() int {
	switch l {
	case LayoutANSI, LayoutUnicode:
		return pageBytes
	case LayoutUnicode4K:
		return pageBytes4K
	}
	return 0
}

func (l Layout) places() places {
	if l == LayoutANSI {
		return places{eof: 168, nodeRoot: 188, blockRoot: 196, allocation: 200, sentinel: 460, crypt: 461}
	}
	return places{eof: 184, nodeRoot: 224, blockRoot: 240, allocation: 248, sentinel: 512, crypt: 513, wide: true}
}

// Crypt is bCryptMethod, how the content of blocks is encoded. None of the methods keeps a secret but the last.
type Crypt uint8

// The crypt methods.
const (
	CryptNone      Crypt = 0
	CryptPermute   Crypt = 1    // "compressible": one table, no key
	CryptCyclic    Crypt = 2    // "high": three tables, the key is the block's own id
	CryptProtected Crypt = 0x10 // Windows Information Protection: the content cannot be read
)

// String names the method.
func (c Crypt) String() string {
	switch c {
	case CryptNone:
		return "none"
	case CryptPermute:
		return "permute"
	case CryptCyclic:
		return "cyclic"
	case CryptProtected:
		return "windows information protection"
	}
	return "unknown (" + strconv.Itoa(int(c)) + ")"
}
