package index

import (
	"context"
	"strings"

	"oxtail/index/query"
)

// plainWords are the words of a small segment, joined by blanks for each block.
type plainWords struct{ words, stems []string }

func (p *plainWords) encode() []byte {
	e := &encoder{}
	e.uint(uint64(len(p.words)))
	for i := range p.words {
		e.string(p.words[i])
		e.string(p.stems[i])
	}
	return e.b
}

// openPlain reads the words of a small segment.
func (s *segment) openPlain(z *zipper) (*plainWords, error) {
	b, err := s.read(nil, s.plainAt, int(s.plainLen), s.plainSum, z)
	if err != nil {
		return nil, err
	}
	d := &decoder{b: b}
	p := &plainWords{}
	for range d.count() {
		p.words, p.stems = append(p.words, d.string()), append(p.stems, d.string())
	}
	if d.bad || len(p.words) != len(s.table) {
		return nil, errDamaged
	}
	return p, nil
}

// lookup implements wordSet.
func (p *plainWords) lookup(ctx context.Context, field, word string, like func(string) bool, blocks int) (query.Bits, error) {
	set := query.NewBits(blocks)
	for i, list := range p.of(field) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if like == nil && holdsWord(list, word) || like != nil && holdsLike(list, like) {
			set.Set(i)
		}
	}
	return set, nil
}

func (p *plainWords) of(field string) []string {
	if field == fieldStems {
		return p.stems
	}
	return p.words
}

// holdsWord reports whether a list has a word; blanks stand between the words.
func holdsWord(list, word string) bool {
	for {
		at := strings.Index(list, word)
		if at < 0 {
			return false
		}
		end := at + len(word)
		if (at == 0 || list[at-1] == ' ') && (end == len(list) || list[end] == ' ') {
			return true
		}
		list = list[at+1:]
		if at = strings.IndexByte(list, ' '); at < 0 {
			return false
		}
		list = list[at+1:]
	}
}

func holdsLike(list string, like func(string) bool) bool {
	for w := range strings.SplitSeq(list, " ") {
		if w != "" && like(w) {
			return true
		}
	}
	return false
}

// byBlock implements wordSet.
func (p *plainWords) byBlock(_ context.Context, field string, _ int) ([]string, error) {
	return p.of(field), nil
}

// close implements wordSet.
func (p *plainWords) close() error { return nil }
