package pe

import (
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Layout of the resource tree: directories of three levels (type, name, language), each
// a header and entries of 8 bytes, and data entries at the leaves.
const (
	directoryBytes = 16
	entryBytes     = 8
	dataBytes      = 16
	typeVersion    = 16      // RT_VERSION
	subdirectory   = 1 << 31 // bit of an entry's offset
)

var errOutside = errors.New("an offset leads out of the sections of the file")

// A walker walks the resource tree. Offsets in it count from base.
type walker struct {
	in       io.ReaderAt
	sections []*pe.Section
	base     uint32 // relative virtual address of the tree
}

// version finds the first version resource. The three levels are walked one by one, so
// that no loop of a hostile file is followed.
func (w *walker) version() ([]byte, error) {
	at, isDir, err := w.entry(0, func(id uint32) bool { return id == typeVersion })
	if err != nil {
		return nil, err
	}
	for level := 0; isDir && level < 2; level++ {
		if at, isDir, err = w.entry(at, func(uint32) bool { return true }); err != nil {
			return nil, err
		}
	}
	if isDir {
		return nil, errors.New("the tree is deeper than three levels")
	}
	leaf, err := w.read(uint64(w.base)+uint64(at), dataBytes)
	if err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(leaf[4:])
	if size > maxVersionBytes {
		return nil, fmt.Errorf("a version resource of %d bytes; the limit is %d", size, maxVersionBytes)
	}
	return w.read(uint64(binary.LittleEndian.Uint32(leaf)), int(size))
}

// entry finds the first wanted entry of the directory at an offset.
func (w *walker) entry(offset uint32, wanted func(id uint32) bool) (at uint32, isDir bool, err error) {
	place := uint64(w.base) + uint64(offset)
	head, err := w.read(place, directoryBytes)
	if err != nil {
		return 0, false, err
	}
	named, ids := int(binary.LittleEndian.Uint16(head[12:])), int(binary.LittleEndian.Uint16(head[14:]))
	if named+ids > maxEntries {
		return 0, false, fmt.Errorf("a directory of %d entries; the limit is %d", named+ids, maxEntries)
	}
	table, err := w.read(place+directoryBytes, (named+ids)*entryBytes)
	if err != nil {
		return 0, false, err
	}
	for ; len(table) >= entryBytes; table = table[entryBytes:] {
		id, to := binary.LittleEndian.Uint32(table), binary.LittleEndian.Uint32(table[4:])
		if wanted(id) {
			return to &^ subdirectory, to&subdirectory != 0, nil
		}
	}
	return 0, false, ErrNoVersion
}

// read gives n bytes at a relative virtual address.
func (w *walker) read(rva uint64, n int) ([]byte, error) {
	for _, s := range w.sections {
		start, end := uint64(s.VirtualAddress), uint64(s.VirtualAddress)+uint64(s.Size)
		if rva < start || rva+uint64(n) > end {
			continue
		}
		data := make([]byte, n)
		got, err := w.in.ReadAt(data, int64(s.Offset)+int64(rva-start))
		if got == n {
			return data, nil
		}
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return nil, errOutside
}
