package redact

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// The classes of bytes that a scan tells apart.
const (
	clOther uint8 = iota
	clWord        // ASCII letter or digit
	clHigh        // first byte of a character beyond ASCII
	clAt
	clBackslash
	clEscape // % & =: something encoded may follow
	clLine
)

// A table maps bytes to classes and to lower case.
type table struct {
	class [256]uint8
	lower [256]byte
}

var tables = sync.OnceValue(func() *table {
	t := &table{}
	for i := range t.class {
		c := byte(i)
		t.lower[i] = c
		switch {
		case c >= 'A' && c <= 'Z':
			t.lower[i] = c + 'a' - 'A'
			t.class[i] = clWord
		case isAlnum(c):
			t.class[i] = clWord
		case c >= utf8.RuneSelf:
			t.class[i] = clHigh
		}
	}
	t.class['@'], t.class['\\'], t.class['\n'] = clAt, clBackslash, clLine
	t.class['%'], t.class['&'], t.class['='] = clEscape, clEscape, clEscape
	return t
})

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

// Words are hashed as they are scanned, folded.
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

// wordEnd returns the end of the word that begins at i, and its hash.
func (t *table) wordEnd(text []byte, i int) (int, uint32) {
	h := uint32(hashStart)
	for i < len(text) {
		c := text[i]
		switch t.class[c] {
		case clWord:
			h = (h ^ uint32(t.lower[c])) * hashPrime
			i++
			continue
		case clHigh:
			r, n := utf8.DecodeRune(text[i:])
			if !isWordRune(r) {
				return i, h
			}
			h = (h ^ uint32(unicode.ToLower(r))) * hashPrime
			i += n
			continue
		}
		break
	}
	return i, h
}

// hashWord is the hash of a folded word, as wordEnd computes it.
func hashWord(word string) uint32 {
	h := uint32(hashStart)
	for _, r := range word {
		h = (h ^ uint32(r)) * hashPrime
	}
	return h
}

// wordSpan returns where the word at i begins and ends, with hyphens and apostrophes in it.
func (t *table) wordSpan(text []byte, i int) (start, end int) {
	end, _ = t.wordEnd(text, i)
	for end+1 < len(text) && (text[end] == '-' || text[end] == '\'') {
		next, _ := t.wordEnd(text, end+1)
		if next == end+1 {
			break
		}
		end = next
	}
	return i, end
}
