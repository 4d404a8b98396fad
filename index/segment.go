package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"oxtail/index/query"
	"oxtail/parser"
)

// A segment file is: a header; for each block its text and its columns, compressed;
// the filters of all blocks; the table of blocks, compressed; in a small segment the words
// of each block, compressed, in a large one bleve has them; a footer that says where those
// are. Every piece has a checksum.
const (
	segmentMagic = "oxtail segment 2"
	footerBytes  = 52
	maxTable     = 1 << 30 // bytes of a table, against damaged sizes
)

// An entry is a row of a segment's table: one block.
type entry struct {
	at       int64 // byte of the segment file where its text begins; the columns follow
	textLen  int   // compressed
	colsLen  int
	textSize int // not compressed
	textSum  uint32
	colsSum  uint32

	records int
	kind    int
	levels  uint16
	first   int64 // Unix nanoseconds of the earliest and latest time; first > last for none
	last    int64
	untimed bool

	offset int64 // bytes of the source before the block
	size   int64 // bytes of the source in it
	line   int   // 1-based number of its first line
	before int64 // time that stands before the block, for inherited times; 0 for none

	filterAt  int64 // byte of the filter section
	filterLen int
}

func (n *entry) encode(e *encoder) {
	for _, v := range []int64{n.at, int64(n.textLen), int64(n.colsLen), int64(n.textSize), int64(n.textSum), int64(n.colsSum),
		int64(n.records), int64(n.kind), int64(n.levels), n.first, n.last, int64(flag(n.untimed)), n.offset, n.size, int64(n.line), n.before, n.filterAt, int64(n.filterLen)} {
		e.int(v)
	}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func decodeEntry(d *decoder) entry {
	var v [18]int64
	for i := range v {
		v[i] = d.int()
	}
	return entry{
		at: v[0], textLen: int(v[1]), colsLen: int(v[2]), textSize: int(v[3]), textSum: uint32(v[4]), colsSum: uint32(v[5]),
		records: int(v[6]), kind: int(v[7]), levels: uint16(v[8]), first: v[9], last: v[10], untimed: v[11] == 1,
		offset: v[12], size: v[13], line: int(v[14]), before: v[15], filterAt: v[16], filterLen: int(v[17]),
	}
}

// cover notes levels and times of a block's records.
func (n *entry) cover(c *columns) {
	n.first, n.last = 1, 0
	for i, s := range c.states {
		n.levels |= 1 << (s & 15)
		if parser.TimeBasis(s>>4) == parser.TimeNone {
			n.untimed = true
			continue
		}
		if n.first > n.last {
			n.first, n.last = c.times[i], c.times[i]
		}
		n.first, n.last = min(n.first, c.times[i]), max(n.last, c.times[i])
	}
}

// A segmentWriter writes a new segment.
type segmentWriter struct {
	name    string
	file    io.WriteCloser
	sync    func() error
	at      int64
	raw     int64 // bytes of text so far
	table   []entry
	filters []byte
	plain   plainWords   // of the blocks so far, until there is a builder
	words   *wordBuilder // nil while the segment is small
	most    int64        // see plainBytes
	builder func() (*wordBuilder, error)
}

// plainBytes is the text of a segment up to which its words stand in it as they are. For
// a piece of a log that has grown by a little, making files of bleve took as long as all
// the rest; searching these words takes a moment longer.
const plainBytes = 8 << 20

func (s *segmentWriter) write(b []byte) error {
	n, err := s.file.Write(b)
	s.at += int64(n)
	if err != nil {
		return fmt.Errorf("write %s: %w", s.name, err)
	}
	return nil
}

// add appends a packed block and returns its number.
func (s *segmentWriter) add(p *packed) (int, error) {
	n := len(s.table)
	row := p.entry
	row.at = s.at
	row.filterAt, row.filterLen = int64(len(s.filters)), len(p.filter)
	if err := s.write(p.text); err != nil {
		return 0, err
	}
	if err := s.write(p.cols); err != nil {
		return 0, err
	}
	if err := s.addWords(p); err != nil {
		return 0, err
	}
	s.filters = append(s.filters, p.filter...)
	s.table = append(s.table, row)
	s.raw += int64(row.textSize)
	return n, nil
}

// addWords takes the words of a block; those of a small segment are kept together.
func (s *segmentWriter) addWords(p *packed) error {
	if s.words != nil {
		return s.words.add(len(s.table), p.words, p.stems)
	}
	s.plain.words, s.plain.stems = append(s.plain.words, p.words), append(s.plain.stems, p.stems)
	if s.raw+int64(p.entry.textSize) <= s.most {
		return nil
	}
	var err error
	if s.words, err = s.builder(); err != nil {
		return err
	}
	for i := range s.plain.words {
		if err := s.words.add(i, s.plain.words[i], s.plain.stems[i]); err != nil {
			return err
		}
	}
	s.plain = plainWords{}
	return nil
}

// close writes filters, table and footer and brings all to the disk.
func (s *segmentWriter) close(z *zipper) error {
	e := &encoder{}
	e.uint(uint64(len(s.table)))
	for i := range s.table {
		s.table[i].encode(e)
	}
	table := z.pack(e.b)
	var plain []byte
	if s.words == nil {
		plain = z.pack(s.plain.encode())
	}
	f := make([]byte, 0, footerBytes)
	f = binary.LittleEndian.AppendUint64(f, uint64(s.at))
	f = binary.LittleEndian.AppendUint64(f, uint64(len(s.filters)))
	f = binary.LittleEndian.AppendUint64(f, uint64(len(table)))
	f = binary.LittleEndian.AppendUint64(f, uint64(len(plain)))
	f = binary.LittleEndian.AppendUint32(f, checksum(s.filters))
	f = binary.LittleEndian.AppendUint32(f, checksum(table))
	f = binary.LittleEndian.AppendUint32(f, checksum(plain))
	f = binary.LittleEndian.AppendUint32(f, checksum(f))
	f = append(f, "end\n"...)
	for _, piece := range [][]byte{s.filters, table, plain, f} {
		if err := s.write(piece); err != nil {
			return err
		}
	}
	err := s.sync()
	if e := s.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", s.name, err)
	}
	if s.words == nil {
		return nil
	}
	return s.words.close()
}

// A segment is a complete one, open for reading. It may be used from several goroutines.
type segment struct {
	name      string
	file      *os.File
	table     []entry
	filterAt  int64
	filterLen int64
	filterSum uint32
	plainAt   int64
	plainLen  int64 // 0: bleve has the words
	plainSum  uint32
	words     wordSet // nil until needed
	wordsErr  error
}

// openSegment reads the table of a segment.
func openSegment(name string, z *zipper) (*segment, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	s := &segment{name: name, file: f}
	if err := s.readTable(z); err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return s, nil
}

func (s *segment) readTable(z *zipper) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	f := make([]byte, footerBytes)
	if info.Size() < footerBytes+int64(len(segmentMagic)) {
		return errDamaged
	}
	if _, err := s.file.ReadAt(f, info.Size()-footerBytes); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(f[44:]) != checksum(f[:44]) {
		return errDamaged
	}
	s.filterAt = int64(binary.LittleEndian.Uint64(f))
	s.filterLen = int64(binary.LittleEndian.Uint64(f[8:]))
	s.filterSum = binary.LittleEndian.Uint32(f[32:])
	table := make([]byte, min(binary.LittleEndian.Uint64(f[16:]), maxTable))
	s.plainAt, s.plainLen = s.filterAt+s.filterLen+int64(len(table)), int64(min(binary.LittleEndian.Uint64(f[24:]), maxTable))
	s.plainSum = binary.LittleEndian.Uint32(f[40:])
	if _, err := s.file.ReadAt(table, s.filterAt+s.filterLen); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(f[36:]) != checksum(table) {
		return errDamaged
	}
	b, err := z.unpack(table, maxTable)
	if err != nil {
		return err
	}
	d := &decoder{b: b}
	s.table = make([]entry, d.count())
	for i := range s.table {
		s.table[i] = decodeEntry(d)
	}
	if d.bad {
		return errDamaged
	}
	return nil
}

// wholeFilters is the size in bytes up to which all filters are read at once.
const wholeFilters = 1 << 20

// lookupID returns the blocks whose filters hold an identifier.
func (s *segment) lookupID(key uint64) (query.Bits, error) {
	set := query.NewBits(len(s.table))
	var all []byte
	if s.filterLen <= wholeFilters {
		all = make([]byte, s.filterLen)
		if _, err := s.file.ReadAt(all, s.filterAt); err != nil {
			return nil, fmt.Errorf("read %s: %w", s.name, err)
		}
	}
	var buf [bucketBytes]byte
	for i := range s.table {
		row := &s.table[i]
		key := salted(key, row.offset)
		at := row.filterAt + int64(bucketOf(key, row.filterLen/bucketBytes))
		bucket := buf[:]
		if all != nil {
			bucket = all[at : at+bucketBytes]
		} else if _, err := s.file.ReadAt(bucket, s.filterAt+at); err != nil {
			return nil, fmt.Errorf("read %s: %w", s.name, err)
		}
		if bucketHas(bucket, key) {
			set.Set(i)
		}
	}
	return set, nil
}

// read returns a checked piece of a block, unpacked into buf.
func (s *segment) read(buf []byte, at int64, n int, sum uint32, z *zipper) ([]byte, error) {
	packed := z.buffer(n)
	defer z.recycle(packed)
	b := packed[:n]
	if _, err := s.file.ReadAt(b, at); err != nil {
		return nil, fmt.Errorf("read %s at byte %d: %w", s.name, at, err)
	}
	if checksum(b) != sum {
		return nil, fmt.Errorf("read %s at byte %d: %w", s.name, at, errDamaged)
	}
	return z.unpackInto(buf, b)
}

func (s *segment) readPacked(at int64, n int, sum uint32) ([]byte, error) {
	b := make([]byte, n)
	if _, err := s.file.ReadAt(b, at); err != nil {
		return nil, fmt.Errorf("read %s at byte %d: %w", s.name, at, err)
	}
	if checksum(b) != sum {
		return nil, fmt.Errorf("read %s at byte %d: %w", s.name, at, errDamaged)
	}
	return b, nil
}

func (s *segment) close() error {
	if s.words != nil {
		_ = s.words.close() // opened read-only
	}
	return s.file.Close()
}
