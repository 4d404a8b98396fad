package index

import "encoding/binary"

// A filter is a split-block Bloom filter over the identifiers of a block: buckets of
// 32 bytes, of which a lookup reads one. With ten bits a key, one lookup in about a
// hundred is a false alarm, which costs the reading of one block.
const (
	bucketBytes = 32
	bitsPerKey  = 10
)

// newFilter returns the filter of a set of hashes. The salt differs from block to
// block: many keys are in all blocks, and would else make the same key a false alarm
// in all of them.
func newFilter(keys []uint64, salt int64) []byte {
	buckets := max(1, (len(keys)*bitsPerKey+8*bucketBytes-1)/(8*bucketBytes))
	f := make([]byte, buckets*bucketBytes)
	for _, k := range keys {
		k = salted(k, salt)
		b := f[bucketOf(k, buckets):]
		for lane, salt := range salts {
			at := uint32(k) * salt >> 27
			b[lane*4+int(at>>3)] |= 1 << (at & 7)
		}
	}
	return f
}

func salted(k uint64, salt int64) uint64 {
	k = (k ^ uint64(salt)*0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93
	return k ^ k>>32
}

// bucketOf returns the place of the bucket of a key.
func bucketOf(k uint64, buckets int) int {
	return int((k>>32)*uint64(buckets)>>32) * bucketBytes
}

// bucketHas reports whether a key may be in the set whose bucket is given.
func bucketHas(bucket []byte, k uint64) bool {
	for lane, salt := range salts {
		at := uint32(k) * salt >> 27
		if binary.LittleEndian.Uint32(bucket[lane*4:])&(1<<at) == 0 {
			return false
		}
	}
	return true
}

// salts are those of Parquet's filter: odd numbers that spread well.
var salts = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}
