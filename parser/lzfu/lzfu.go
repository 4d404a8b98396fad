// Package lzfu decompresses the body that Outlook keeps of a mail item
// (PidTagRtfCompressed), as [MS-OXRTFCP] describes it.
//
// It never allocates more than MaxOutput bytes, whatever the header claims, and
// never opens files.
//
// Invariant: Decode returns every byte that could be decompressed. When the
// input is damaged it returns them together with an error, so that a caller can
// use what there is.
package lzfu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Limits and layout of [MS-OXRTFCP].
const (
	// MaxOutput is the largest body, in bytes, that Decode gives: four times the
	// largest sync log seen, so that a forged size field cannot use up memory.
	MaxOutput = 64 << 20

	// HeaderBytes is the length of the header before the first token.
	HeaderBytes = 16

	ringBytes    = 4096 // size of the dictionary
	minReference = 2    // length that a reference of length field 0 stands for

	sizeFieldBytes = 4          // the size field does not count itself
	magicLZFu      = 0x75465a4c // "LZFu": compressed
	magicMELA      = 0x414c454d // "MELA": stored
)

// prefill is the text that the dictionary starts with, section 2.1.2.1.
const prefill = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// Errors that Decode returns, wrapped with the place.
var (
	ErrFormat   = errors.New("not compressed RTF")        // wrong magic or shorter than a header
	ErrChecksum = errors.New("checksum does not match")   // content decoded, but its CRC is wrong
	ErrTooLarge = errors.New("longer than the limit")     // MaxOutput reached
	ErrSize     = errors.New("not the size that it says") // end mark before or after the announced size
)

// Decode returns the text that b holds. With an error it returns what could be
// decompressed before it, which may be all of it (ErrChecksum, ErrSize).
func Decode(b []byte) ([]byte, error) {
	if len(b) < HeaderBytes {
		return nil, fmt.Errorf("read header of %d bytes: %w", len(b), ErrFormat)
	}
	rawSize := binary.LittleEndian.Uint32(b[4:])
	body, cut := content(b)
	switch magic := binary.LittleEndian.Uint32(b[8:]); magic {
	case magicMELA:
		return stored(body, rawSize)
	case magicLZFu:
		return compressed(body, rawSize, binary.LittleEndian.Uint32(b[12:]), cut)
	default:
		return nil, fmt.Errorf("read header with mark %q: %w", b[8:12], ErrFormat)
	}
}

// content returns the tokens of b, without the bytes that the header does not
// count, and whether b ends before the header says so.
func content(b []byte) (body []byte, cut bool) {
	end := uint64(binary.LittleEndian.Uint32(b)) + sizeFieldBytes
	if end < HeaderBytes || end > uint64(len(b)) {
		return b[HeaderBytes:], true
	}
	return b[HeaderBytes:end], false
}

// stored returns the text of a body that is not compressed. Writers leave the
// CRC field 0 there, so it is not compared.
func stored(body []byte, rawSize uint32) ([]byte, error) {
	n := min(uint64(rawSize), uint64(len(body)))
	if n > MaxOutput {
		return body[:MaxOutput], fmt.Errorf("read stored text of %d bytes: %w (%d bytes)", n, ErrTooLarge, MaxOutput)
	}
	if n < uint64(rawSize) {
		return body[:n], fmt.Errorf("read stored text: %d of %d bytes: %w", n, rawSize, io.ErrUnexpectedEOF)
	}
	return body[:n], nil
}

func compressed(body []byte, rawSize, crc uint32, cut bool) ([]byte, error) {
	d := newDecoder(body, rawSize)
	err := d.run()
	switch {
	case err != nil:
		return d.out, err
	case !cut && Checksum(body) != crc:
		return d.out, fmt.Errorf("read compressed text: %w", ErrChecksum)
	case uint64(len(d.out)) != uint64(rawSize):
		return d.out, fmt.Errorf("read compressed text: %d of %d bytes: %w", len(d.out), rawSize, ErrSize)
	}
	return d.out, nil
}

// Checksum is the CRC-32 of the format: start 0, no final inversion.
func Checksum(b []byte) uint32 {
	return ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, b)
}

// A decoder holds the dictionary while a body is decompressed.
type decoder struct {
	in   []byte
	pos  int // next byte of in
	out  []byte
	ring [ringBytes]byte
	w    int // next place to write in ring
}

func newDecoder(body []byte, rawSize uint32) *decoder {
	// A token pair of 2 bytes gives 17 at most, so that the input bounds what can
	// come out of it; the header's size alone is not believed.
	room := min(uint64(rawSize), uint64(len(body))*9, MaxOutput)
	d := &decoder{in: body, out: make([]byte, 0, room)}
	d.w = copy(d.ring[:], prefill)
	return d
}

// run decompresses until the end mark.
func (d *decoder) run() error {
	for {
		flags, err := d.next()
		if err != nil {
			return err
		}
		for bit := range 8 {
			end, err := d.token(flags&(1<<bit) != 0)
			if end || err != nil {
				return err
			}
		}
	}
}

// token handles one literal or reference and tells whether it was the end mark.
func (d *decoder) token(reference bool) (end bool, err error) {
	first, err := d.next()
	if err != nil {
		return false, err
	}
	if !reference {
		return false, d.emit(first)
	}
	second, err := d.next()
	if err != nil {
		return false, err
	}
	from := int(first)<<4 | int(second)>>4
	if from == d.w {
		return true, nil
	}
	for range int(second&0xF) + minReference {
		if err := d.emit(d.ring[from]); err != nil {
			return false, err
		}
		from = (from + 1) % ringBytes
	}
	return false, nil
}

func (d *decoder) next() (byte, error) {
	if d.pos >= len(d.in) {
		return 0, fmt.Errorf("read compressed text: no end mark after %d bytes: %w", len(d.out), io.ErrUnexpectedEOF)
	}
	c := d.in[d.pos]
	d.pos++
	return c, nil
}

func (d *decoder) emit(c byte) error {
	if len(d.out) >= MaxOutput {
		return fmt.Errorf("read compressed text: %w (%d bytes)", ErrTooLarge, MaxOutput)
	}
	d.out = append(d.out, c)
	d.ring[d.w] = c
	d.w = (d.w + 1) % ringBytes
	return nil
}
