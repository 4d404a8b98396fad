package index

import (
	"strings"

	"oxtail/index/query"
	"oxtail/parser"
)

// terms are what a block is found by.
type terms struct {
	words map[string]struct{}
	stems map[string]struct{}
	ids   []uint64
	seen  hashSet // tokens that need not be looked at again

	classes *[256]uint8
}

// newTerms returns the terms of a block of so many bytes of text.
func newTerms(size int) *terms {
	return &terms{words: make(map[string]struct{}), stems: make(map[string]struct{}), seen: newHashSet(size), classes: classes()}
}

// addText takes the text of all records.
func (t *terms) addText(c *columns, text []byte) (buf []byte) {
	for i := range c.times {
		buf = query.Fold(buf[:0], text[c.starts[i]:c.starts[i+1]])
		t.add(buf)
	}
	return buf
}

// Kinds of bytes in folded text.
const (
	letter = 1
	digit  = 2
)

func classes() *[256]uint8 {
	var c [256]uint8
	for i := range c {
		switch {
		case i >= '0' && i <= '9':
			c[i] = digit
		case i >= 'a' && i <= 'z' || i >= 0x80:
			c[i] = letter
		}
	}
	return &c
}

// add takes folded text. It cuts tokens as query.NextToken does; every byte of every
// log goes through here.
func (t *terms) add(folded []byte) {
	for at := 0; at < len(folded); at++ {
		kinds := t.classes[folded[at]]
		if kinds == 0 {
			continue
		}
		from := at
		for at++; at < len(folded); at++ {
			c := t.classes[folded[at]]
			if c == 0 {
				break
			}
			kinds |= c
		}
		if at-from >= 8 {
			query.SpecialKeys(folded, query.Token{Start: from, End: at, Digit: kinds&digit != 0}, t.addKey)
		}
		if at-from == 4 && kinds == letter|digit && query.IsCommonHex(folded[from:at]) {
			continue
		}
		if h := query.HashIn(folded, from, at); t.seen.add(h) {
			t.addToken(folded[from:at], h, kinds&digit != 0)
		}
	}
}

// addToken takes a token that the block did not have before.
func (t *terms) addToken(token []byte, h uint64, hasDigit bool) {
	if !hasDigit && query.IsWord(string(token)) {
		t.words[string(token)] = struct{}{}
		return
	}
	t.ids = append(t.ids, h)
	if s := query.Stem(string(token)); s != "" {
		t.stems[s] = struct{}{}
	}
}

func (t *terms) addKey(k uint64) {
	if t.seen.add(k) {
		t.ids = append(t.ids, k)
	}
}

// addField takes a value of a record that may not be part of its text.
func (t *terms) addField(value string, buf []byte) []byte {
	buf = query.Fold(buf[:0], []byte(value))
	t.add(buf)
	return buf
}

// addRecord takes the values of a record beside its text.
func (t *terms) addRecord(r *parser.Record, buf []byte) []byte {
	for _, f := range r.Fields {
		buf = t.addField(f.Value, buf)
	}
	for _, c := range r.Codes {
		buf = t.addField(string(c), buf)
	}
	return buf
}

func joined(set map[string]struct{}) string {
	var b strings.Builder
	for w := range set {
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return b.String()
}

// A hashSet is an open-addressing set of hashes; a map costs five times as much.
type hashSet struct {
	slots []uint64
	used  int
}

// newHashSet returns a set for the tokens of so many bytes of text, of which a full block
// has some eight thousand.
func newHashSet(size int) hashSet {
	slots := 1 << 8
	for slots < 1<<14 && slots < size/16 {
		slots *= 2
	}
	return hashSet{slots: make([]uint64, slots)}
}

// add reports whether the hash was not in the set.
func (s *hashSet) add(h uint64) bool {
	h |= 1 // zero marks a free slot
	mask := uint64(len(s.slots) - 1)
	for i := h >> 7 & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case h:
			return false
		case 0:
			s.slots[i] = h
			if s.used++; s.used*2 > len(s.slots) {
				s.grow()
			}
			return true
		}
	}
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, 2*len(old))
	s.used = 0
	for _, h := range old {
		if h != 0 {
			s.add(h)
		}
	}
}
