package redact

import (
	"cmp"
	"maps"
	"slices"
)

// Counts tells how often something of each kind was replaced or removed.
type Counts map[Kind]int

func (c Counts) add(k Kind, n int) {
	if c != nil {
		c[k] += n
	}
}

// Add adds the counts of another input.
func (c Counts) Add(other Counts) {
	for k, n := range other {
		c[k] += n
	}
}

// Total is the sum over all kinds.
func (c Counts) Total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// Sorted lists the kinds that were met, by name.
func (c Counts) Sorted() []Kind {
	return slices.SortedFunc(maps.Keys(c), func(a, b Kind) int { return cmp.Compare(a, b) })
}
