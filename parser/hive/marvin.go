package hive

import (
	"encoding/binary"
	"math/bits"
)

// Seed of the log entries' hashes.
const (
	marvinLow  = 0x7a4e55c5
	marvinHigh = 0x82ef4d88
)

// marvin32 is the hash that protects log entries.
func marvin32(data []byte) uint64 {
	low, high := uint32(marvinLow), uint32(marvinHigh)
	for ; len(data) >= 4; data = data[4:] {
		low += binary.LittleEndian.Uint32(data)
		low, high = marvinMix(low, high)
	}
	last := [4]byte{}
	copy(last[:], data)
	last[len(data)] = 0x80
	low += binary.LittleEndian.Uint32(last[:])
	low, high = marvinMix(low, high)
	low, high = marvinMix(low, high)
	return uint64(high)<<32 | uint64(low)
}

// marvinMix is one round.
func marvinMix(low, high uint32) (uint32, uint32) {
	high ^= low
	low = bits.RotateLeft32(low, 20) + high
	high = bits.RotateLeft32(high, 9) ^ low
	low = bits.RotateLeft32(low, 27) + high
	high = bits.RotateLeft32(high, 19)
	return low, high
}
