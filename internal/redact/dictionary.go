package redact

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A dictionary finds names in text by their first words.
type dictionary struct {
	bits  []uint64           // bit per hash of a first word
	heads map[uint32][]entry // by hash of the first word, longest name first
	odd   []entry            // names that begin with a character beyond ASCII
}

type entry struct {
	folded string
	name   int // index of key.Names
}

const dictBits = 20 // 128 KiB: in the second-level cache, one bit in ten taken at 100,000 names

func newDictionary(key *Key) *dictionary {
	d := &dictionary{bits: make([]uint64, 1<<dictBits/64), heads: map[uint32][]entry{}}
	for i, n := range key.Names {
		if n.Context || n.Kind == IP || n.Kind == SID {
			continue
		}
		if f := fold(n.Text); isWordRune(firstRune(f)) && utf8.RuneCountInString(f) >= minGlobal {
			d.add(f, i)
		}
	}
	for h, list := range d.heads {
		slices.SortStableFunc(list, func(a, b entry) int { return len(b.folded) - len(a.folded) })
		d.heads[h] = list
	}
	slices.SortStableFunc(d.odd, func(a, b entry) int { return len(b.folded) - len(a.folded) })
	return d
}

func (d *dictionary) add(folded string, name int) {
	first := firstWord(folded)
	e := entry{folded, name}
	d.put(hashWord(first), e)
	ascii := strings.IndexFunc(first, func(r rune) bool { return r >= utf8.RuneSelf })
	switch {
	case ascii == 0:
		d.odd = append(d.odd, e)
	case ascii > 0: // the rest of the word may be written in an encoding of its own
		d.put(hashWord(first[:ascii]), e)
	}
}

func (d *dictionary) put(h uint32, e entry) {
	slot := mix(h)
	d.bits[slot/64] |= 1 << (slot % 64)
	d.heads[h] = append(d.heads[h], e)
}

func mix(h uint32) uint32 { return (h * 2654435769) >> (32 - dictBits) }

// firstWord returns the word at the start of a name.
func firstWord(s string) string {
	for i, r := range s {
		if !isWordRune(r) {
			return s[:i]
		}
	}
	return s
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// at returns the longest name that stands at i, where a word with hash h begins.
func (d *dictionary) at(text []byte, i int, h uint32) (end, name int) {
	slot := mix(h)
	if d.bits[slot/64]&(1<<(slot%64)) == 0 {
		return 0, -1
	}
	return longest(text, i, d.heads[h])
}

// longest returns the first of the entries that stands at i.
func longest(text []byte, i int, entries []entry) (end, name int) {
	for _, e := range entries {
		if end := matchName(text, i, e.folded); end > 0 {
			return end, e.name
		}
	}
	return 0, -1
}

// matchName returns the end of a folded name that stands at i as whole words, or 0.
func matchName(text []byte, i int, folded string) int {
	for _, want := range folded {
		if i >= len(text) {
			return 0
		}
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(text[i:])
		}
		if !same(r, want) {
			if n = matchEscaped(text, i, want); n == 0 {
				return 0
			}
		} else if r == '\\' && i+1 < len(text) && text[i+1] == '\\' {
			n = 2
		}
		i += n
	}
	if last, _ := utf8.DecodeLastRuneInString(folded); i < len(text) && isWordRune(last) {
		if r, _ := utf8.DecodeRune(text[i:]); isWordRune(r) {
			return 0
		}
	}
	return i
}
