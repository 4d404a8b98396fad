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
}

func newTerms() *terms {
	return &terms{words: make(map[string]struct{}), stems: make(map[string]struct{}), seen: newHashSet()}
}

// add takes folded text.
func (t *terms) add(folded []byte) {
	for tok, ok := query.NextToken(folded, 0); ok; tok, ok = query.NextToken(folded, tok.End) {
		token := folded[tok.Start:tok.End]
		h := query.Hash(token)
		if tok.Digit || len(token) >= 8 {
			query.SpecialKeys(folded, tok, t.addKey)
		}
		if !t.seen.add(h) {
			continue
		}
		if !tok.Digit && query.IsWord(string(token)) {
			t.words[string(token)] = struct{}{}
			continue
		}
		t.ids = append(t.ids, h)
		if s := query.Stem(string(token)); s != "" {
			t.stems[s] = struct{}{}
		}
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

func newHashSet() hashSet { return hashSet{slots: make([]uint64, 1<<14)} }

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
