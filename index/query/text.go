package query

import "bytes"

// A phrase is a run of tokens in the entry's text.
type phrase struct {
	parts  []part
	anchor int    // index of the part that is searched for
	needle []byte // literal of the anchor; empty when every token must be looked at
}

func newPhrase(parts []part) *phrase {
	p := &phrase{parts: parts}
	for i, part := range parts {
		lit := part.literal
		if part.glob != "" {
			lit = core(part.glob)
		}
		if part.fuzz == 0 && len(lit) > len(p.needle) {
			p.anchor, p.needle = i, []byte(lit)
		}
	}
	return p
}

func (p *phrase) need() *Need { return partsNeed(p.parts) }

func (p *phrase) cost() int {
	if len(p.needle) > 0 {
		return costText
	}
	return costPattern
}

func (p *phrase) match(b Block, mask Bits) Bits {
	if len(p.needle) == 0 {
		return p.matchEach(b, mask)
	}
	if sparse(mask, b.Len()) {
		return each(b, mask, func(i int) bool { return p.inRecord(b.FoldedRecord(i)) })
	}
	text, starts := b.Folded()
	out := NewBits(b.Len())
	rec := 0
	for at := 0; at < len(text); {
		hit := bytes.Index(text[at:], p.needle)
		if hit < 0 {
			break
		}
		at += hit
		for int(starts[rec+1]) <= at {
			rec++
		}
		begin, end := int(starts[rec]), int(starts[rec+1])
		switch {
		case !mask.Has(rec):
			at = end
		case p.around(text, begin, end, at):
			out.Set(rec)
			at = end
		default:
			at++
		}
	}
	return out
}

// sparse reports whether so few records are asked for that they are better looked at
// one by one.
func sparse(mask Bits, n int) bool { return mask.Count()*4 < n }

// inRecord reports whether the phrase is in the folded text of one record.
func (p *phrase) inRecord(rec []byte) bool {
	for at := 0; at < len(rec); at++ {
		hit := bytes.Index(rec[at:], p.needle)
		if hit < 0 {
			return false
		}
		at += hit
		if p.around(rec, 0, len(rec), at) {
			return true
		}
	}
	return false
}

// around reports whether the phrase stands where its anchor's literal was found, in
// the record text[begin:end].
func (p *phrase) around(text []byte, begin, end, at int) bool {
	from, to := at, at+len(p.needle)
	if to > end {
		return false
	}
	if p.parts[p.anchor].glob == "" {
		if from > begin && isToken(text[from-1]) || to < end && isToken(text[to]) {
			return false
		}
	} else {
		for from > begin && isToken(text[from-1]) {
			from--
		}
		for to < end && isToken(text[to]) {
			to++
		}
		if !globMatch(p.parts[p.anchor].glob, string(text[from:to])) {
			return false
		}
	}
	return p.before(text, begin, from) && p.after(text, to, end)
}

func (p *phrase) before(text []byte, begin, at int) bool {
	for i := p.anchor - 1; i >= 0; i-- {
		to := at
		for to > begin && !isToken(text[to-1]) {
			to--
		}
		at = to
		for at > begin && isToken(text[at-1]) {
			at--
		}
		if at == to || !p.parts[i].match(string(text[at:to])) {
			return false
		}
	}
	return true
}

func (p *phrase) after(text []byte, at, end int) bool {
	for _, part := range p.parts[p.anchor+1:] {
		t, ok := NextToken(text[:end], at)
		if !ok || !part.match(string(text[t.Start:t.End])) {
			return false
		}
		at = t.End
	}
	return true
}

// matchEach looks at every token of every record.
func (p *phrase) matchEach(b Block, mask Bits) Bits {
	known := make(map[string]bool)
	few := sparse(mask, b.Len())
	var text []byte
	var starts []int32
	if !few {
		text, starts = b.Folded()
	}
	return each(b, mask, func(i int) bool {
		var rec []byte
		if few {
			rec = b.FoldedRecord(i)
		} else {
			rec = text[starts[i]:starts[i+1]]
		}
		for t, ok := NextToken(rec, 0); ok; t, ok = NextToken(rec, t.End) {
			token := rec[t.Start:t.End]
			if p.parts[0].cannot(token) {
				continue
			}
			fits, seen := known[string(token)]
			if !seen {
				fits = p.parts[0].match(string(token))
				known[string(token)] = fits
			}
			if fits && p.follows(rec, t.End) {
				return true
			}
		}
		return false
	})
}

func (p *phrase) follows(rec []byte, at int) bool {
	for _, part := range p.parts[1:] {
		t, ok := NextToken(rec, at)
		if !ok || !part.match(string(rec[t.Start:t.End])) {
			return false
		}
		at = t.End
	}
	return true
}
