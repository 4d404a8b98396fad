package query

import "math/bits"

// Bits is a set of the records of a block, by their index.
type Bits []uint64

// NewBits returns an empty set of n records.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// AllBits returns the set of all n records.
func AllBits(n int) Bits {
	b := NewBits(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

// Set adds a record.
func (b Bits) Set(i int) { b[i/64] |= 1 << (i % 64) }

// Has reports whether a record is in the set.
func (b Bits) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Count returns the size of the set.
func (b Bits) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty reports whether the set has no record.
func (b Bits) Empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// Each calls do for each record in rising order until it returns false.
func (b Bits) Each(do func(i int) bool) {
	for n, w := range b {
		for w != 0 {
			if !do(n*64 + bits.TrailingZeros64(w)) {
				return
			}
			w &= w - 1
		}
	}
}

func (b Bits) or(o Bits) {
	for i := range b {
		b[i] |= o[i]
	}
}

// minus returns the records of b that are not in o.
func (b Bits) minus(o Bits) Bits {
	out := make(Bits, len(b))
	for i := range b {
		out[i] = b[i] &^ o[i]
	}
	return out
}

// And returns the records that are in both sets.
func (b Bits) And(o Bits) Bits {
	out := make(Bits, len(b))
	for i := range b {
		out[i] = b[i] & o[i]
	}
	return out
}

// Or returns the records that are in either set.
func (b Bits) Or(o Bits) Bits {
	out := make(Bits, len(b))
	copy(out, b)
	out.or(o)
	return out
}
