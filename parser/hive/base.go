package hive

import (
	"encoding/binary"
	"fmt"
)

// Layout of the base block and its relatives, in bytes.
const (
	baseBytes    = 4096 // base block of a primary file; hive bins follow
	sectorBytes  = 512  // base block of a log; log entries are aligned to it
	binAlign     = 4096 // hive bins are multiples of it
	checksumPos  = 508
	maxHiveBytes = 1<<31 - 1 // offsets beyond it mean volatile cells
)

// Types of files in the base block.
const (
	typePrimary = 0
	typeLogOld  = 1 // DIRT
	typeLogAlt  = 2 // DIRT, as of Windows 2000's SYSTEM.ALT
	typeLogNew  = 6 // HvLE
)

// base is what is used of a base block.
type base struct {
	sequence1, sequence2 uint32
	written              uint64 // FILETIME
	minor                uint32
	kind                 uint32
	root                 uint32 // offset of the root key's cell within the hive bins
	binsBytes            uint32 // size of all hive bins
	checksumOK           bool
}

// Detect reports whether a file that begins with head is a primary hive file
// or one of its logs.
func Detect(head []byte) bool {
	return len(head) >= 4 && string(head[:4]) == "regf"
}

// IsLog reports whether a file that begins with head is a transaction log.
func IsLog(head []byte) bool {
	return Detect(head) && len(head) >= 32 && binary.LittleEndian.Uint32(head[28:]) != typePrimary
}

// readBase reads the base block at the start of a primary file or log.
func readBase(data []byte) (base, error) {
	if !Detect(data) {
		return base{}, fmt.Errorf("no registry hive: it does not begin with %q", "regf")
	}
	if len(data) < sectorBytes {
		return base{}, fmt.Errorf("base block is cut: %d of %d bytes", len(data), sectorBytes)
	}
	at := func(pos int) uint32 { return binary.LittleEndian.Uint32(data[pos:]) }
	return base{
		sequence1: at(4), sequence2: at(8), written: binary.LittleEndian.Uint64(data[12:]), minor: at(24),
		kind: at(28), root: at(36), binsBytes: at(40), checksumOK: checksum(data) == at(checksumPos),
	}, nil
}

// checksum is the XOR of the numbers before it; two results are reserved.
func checksum(block []byte) uint32 {
	var sum uint32
	for pos := 0; pos < checksumPos; pos += 4 {
		sum ^= binary.LittleEndian.Uint32(block[pos:])
	}
	switch sum {
	case 0:
		return 1
	case 0xffffffff:
		return 0xfffffffe
	}
	return sum
}
