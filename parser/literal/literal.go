// Package literal finds any of many short ASCII strings in raw bytes, ignoring case,
// fast enough to be run over every byte of every log.
//
// It looks up four bytes at a time, folded, in a bit table, at every second position;
// only what passes the table is compared. A literal of five bytes has one of its two
// first grams at such a position; shorter ones are entered with every byte that may
// stand beside them. The look-ups do not depend on one another, so the processor
// overlaps them; an Aho-Corasick automaton would read every byte through a chain of
// dependent loads.
//
// It never decodes text: sources in UTF-16 do not go through it.
package literal

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"sort"
	"strings"
)

// MinLen is the shortest literal in bytes that a Set takes.
const MinLen = 3

// A Set is an immutable set of literals. It may be used from several goroutines.
type Set struct {
	lits   []string // folded, sorted
	table  [tableWords]uint64
	chains []int32 // hash of a gram → 1 + index of its first place, 0 for none
	places []place // where grams stand in literals
}

// place says that a gram stands at byte at of literal lit.
type place struct {
	gram uint32
	lit  int32
	at   int32
	next int32 // 1 + index of the next place with the same hash, 0 for none
}

const (
	tableBits  = 18 // 32 KiB of table: fits the first-level cache, and few grams share a bit
	tableWords = 1 << tableBits / 64
	gramBytes  = 4
	foldMask   = 0x20202020
	step       = 2                    // bytes between two looks at the table
	window     = gramBytes + step - 1 // the part of a literal whose grams are entered
)

// New returns the set of the given literals. Literals are ASCII and at least MinLen
// bytes long; repeats and literals that contain another one are dropped.
func New(literals []string) (*Set, error) {
	s := &Set{chains: make([]int32, 1<<tableBits)}
	for _, l := range literals {
		if len(l) < MinLen {
			return nil, fmt.Errorf("literal %q is shorter than %d bytes", l, MinLen)
		}
		for i := 0; i < len(l); i++ {
			if l[i] >= 0x80 {
				return nil, fmt.Errorf("literal %q is not ASCII", l)
			}
		}
		s.lits = append(s.lits, strings.ToLower(l))
	}
	s.lits = minimal(s.lits)
	s.build()
	return s, nil
}

// minimal sorts literals and drops those that contain another one.
func minimal(lits []string) []string {
	sort.Slice(lits, func(i, j int) bool {
		if len(lits[i]) != len(lits[j]) {
			return len(lits[i]) < len(lits[j])
		}
		return lits[i] < lits[j]
	})
	var kept []string
next:
	for _, l := range lits {
		for _, k := range kept {
			if strings.Contains(l, k) {
				continue next
			}
		}
		kept = append(kept, l)
	}
	return kept
}

func (s *Set) build() {
	for i, l := range s.lits {
		if len(l) < window {
			s.enterShort(int32(i), l)
			continue
		}
		from := rarestWindow(l)
		for at := from; at < from+step; at++ {
			s.enter(gramOf(l, at), int32(i), int32(at))
		}
	}
}

// enter notes that a gram stands at byte at of a literal, once.
func (s *Set) enter(g uint32, lit, at int32) {
	h := hash(g)
	for i := s.chains[h]; i > 0; i = s.places[i-1].next {
		if p := s.places[i-1]; p.gram == g && p.lit == lit && p.at == at {
			return
		}
	}
	s.table[h/64] |= 1 << (h % 64)
	s.places = append(s.places, place{g, lit, at, s.chains[h]})
	s.chains[h] = int32(len(s.places))
}

// enterShort enters a literal of three or four bytes for steps of two: as it is,
// and behind every byte that may stand before it.
func (s *Set) enterShort(number int32, l string) {
	for other := range 256 {
		beside := string([]byte{byte(other)})
		s.enter(gramOf(beside+l, 0), number, -1)
		s.enter(gramOf(l+beside, 0), number, 0)
	}
}

// common lists letters from the most frequent in log text; what is not listed is rare.
const common = "e0tia12nors-345:.6789clduhfmpg ybw"

// rarestWindow returns where in l the window with the least frequent bytes begins.
func rarestWindow(l string) int {
	best, bestCost := 0, 1<<30
	for from := 0; from+window <= len(l); from++ {
		cost := 0
		for _, c := range []byte(l[from : from+window]) {
			if at := strings.IndexByte(common, c); at >= 0 {
				cost += len(common) - at
			}
		}
		for _, w := range commonGrams {
			if strings.Contains(l[from:from+window], w) {
				cost += commonCost
			}
		}
		if cost < bestCost {
			best, bestCost = from, cost
		}
	}
	return best
}

// commonGrams stand in lines of every log; a window with one of them is compared too
// often, whatever its letters.
var commonGrams = [...]string{
	"http", "fold", "obje", "bjec", "sync", "sess", "conn", "erro", "serv", "user", "mess", "ache", "stat", "item", "requ", "tion", "ing ", " the", "der ", "inbo",
}

// commonCost outweighs all that the letters of a window can cost.
const commonCost = 1000

func gramOf(l string, at int) uint32 {
	return (uint32(l[at]) | uint32(l[at+1])<<8 | uint32(l[at+2])<<16 | uint32(l[at+3])<<24) | foldMask
}

func hash(gram uint32) uint32 { return gram * 0x9E3779B1 >> (32 - tableBits) }

// Len returns the number of literals that are searched for.
func (s *Set) Len() int { return len(s.lits) }

// Index returns the index in buf, at or after from, of the first byte of a literal,
// or -1 if there is none. The literal found is one of the first in buf, not
// necessarily the very first: two that overlap may be told in either order.
func (s *Set) Index(buf []byte, from int) int {
	at, _ := s.Find(buf, from)
	return at
}

// Find is like Index and also returns the literal.
func (s *Set) Find(buf []byte, from int) (int, string) {
	if len(s.lits) == 0 {
		return -1, ""
	}
	i := from
	for ; i+gramBytes <= len(buf); i += step {
		g := binary.LittleEndian.Uint32(buf[i:]) | foldMask
		if s.bit(hash(g))&1 == 0 {
			continue
		}
		if at, lit := s.verify(buf, from, i, g); at >= 0 {
			return at, lit
		}
	}
	return s.findTail(buf, from, i)
}

// bit returns the table's bit of a hash in its lowest place.
func (s *Set) bit(h uint32) uint64 { return s.table[h>>6%tableWords] >> (h & 63) }

// findTail looks at every position of the end of buf, where no whole word can be read.
func (s *Set) findTail(buf []byte, from, tail int) (int, string) {
	for i := tail; i < len(buf); i++ {
		var padded [gramBytes]byte
		copy(padded[:], buf[i:])
		if at, lit := s.verify(buf, from, i, binary.LittleEndian.Uint32(padded[:])|foldMask); at >= 0 {
			return at, lit
		}
	}
	return -1, ""
}

// verify compares the literals that have gram g with the text around i.
func (s *Set) verify(buf []byte, from, i int, g uint32) (int, string) {
	for n := s.chains[hash(g)]; n > 0; {
		p := &s.places[n-1]
		n = p.next
		if p.gram != g {
			continue
		}
		lit := s.lits[p.lit]
		at := i - int(p.at)
		if at >= from && at+len(lit) <= len(buf) && equalFold(buf[at:at+len(lit)], lit) {
			return at, lit
		}
	}
	return -1, ""
}

func equalFold(raw []byte, lower string) bool {
	for i, c := range raw {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// Density returns the share of the table's bits that are set: the chance that
// random text has to be compared.
func (s *Set) Density() float64 {
	n := 0
	for _, w := range s.table {
		n += bits.OnesCount64(w)
	}
	return float64(n) / (tableWords * 64)
}
