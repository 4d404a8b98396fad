package query

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// A node is a piece of a parsed query.
type node interface {
	// need relaxes the node to blocks.
	need() *Need

	// match returns the records of mask that fit. It may cost much for a node of a
	// high cost, so those get small masks.
	match(b Block, mask Bits) Bits

	cost() int
}

// Costs of nodes: columns, text, assembled records.
const (
	costColumn = iota
	costText
	costPattern
	costRecord
)

type everything struct{}

func (everything) need() *Need                   { return nothing() }
func (everything) match(_ Block, mask Bits) Bits { return mask }
func (everything) cost() int                     { return costColumn }

type and struct{ kids []node } // in order of cost

func (n *and) need() *Need {
	var kids []*Need
	for _, k := range n.kids {
		kids = append(kids, k.need())
	}
	return all(kids)
}

func (n *and) match(b Block, mask Bits) Bits {
	for _, k := range n.kids {
		if mask.Empty() {
			return mask
		}
		mask = k.match(b, mask)
	}
	return mask
}

func (n *and) cost() int { return highest(n.kids) }

type or struct{ kids []node }

func (n *or) need() *Need {
	var kids []*Need
	for _, k := range n.kids {
		kids = append(kids, k.need())
	}
	return anyOf(kids)
}

func (n *or) match(b Block, mask Bits) Bits {
	out := NewBits(b.Len())
	for _, k := range n.kids {
		out.or(k.match(b, mask.minus(out)))
	}
	return out
}

func (n *or) cost() int { return highest(n.kids) }

type not struct{ kid node }

func (n *not) need() *Need                   { return nothing() }
func (n *not) match(b Block, mask Bits) Bits { return mask.minus(n.kid.match(b, mask)) }
func (n *not) cost() int                     { return n.kid.cost() }

func highest(kids []node) int {
	c := 0
	for _, k := range kids {
		c = max(c, k.cost())
	}
	return c
}

func byCost(kids []node) []node {
	slices.SortStableFunc(kids, func(a, b node) int { return a.cost() - b.cost() })
	return kids
}

// each returns the records of mask that fit.
func each(b Block, mask Bits, fits func(i int) bool) Bits {
	out := NewBits(b.Len())
	mask.Each(func(i int) bool {
		if fits(i) {
			out.Set(i)
		}
		return true
	})
	return out
}

// A fieldText is a phrase in the value of a field.
type fieldText struct {
	field string
	parts []part
	glob  string // folded pattern of the whole value, when it has wildcards
}

func (n *fieldText) need() *Need {
	switch n.field {
	case "source", "format":
		return &Need{Op: NeedMeta, Source: func(m Meta) bool {
			if n.field == "source" {
				return n.fits(m.Source)
			}
			return n.fits(m.Format)
		}}
	case "time_basis", "problem": // not part of the text
		return nothing()
	case "case", "episode":
		return &Need{Op: NeedLabel}
	}
	if n.glob != "" {
		return nothing()
	}
	if slices.Contains(Judged(), n.field) {
		return anyOf([]*Need{partsNeed(n.parts), {Op: NeedLabel}})
	}
	return partsNeed(n.parts)
}

func (n *fieldText) match(b Block, mask Bits) Bits {
	if n.field == "source" || n.field == "format" {
		if values(b, 0, n.field, n.fits) {
			return mask
		}
		return NewBits(b.Len())
	}
	return each(b, mask, func(i int) bool { return values(b, i, n.field, n.fits) })
}

func (n *fieldText) fits(value string) bool {
	folded := FoldString(value)
	if n.glob != "" && globMatch(n.glob, folded) {
		return true
	}
	return len(n.parts) > 0 && hasPhrase(Tokens(folded), n.parts)
}

func hasPhrase(tokens []string, parts []part) bool {
	for at := 0; at+len(parts) <= len(tokens); at++ {
		if phraseAt(tokens[at:], parts) {
			return true
		}
	}
	return false
}

func phraseAt(tokens []string, parts []part) bool {
	for i, p := range parts {
		if !p.match(tokens[i]) {
			return false
		}
	}
	return true
}

func (n *fieldText) cost() int {
	if Columns(n.field) {
		return costColumn
	}
	return costRecord
}

// An exists holds for records that have a field: "folder:*".
type exists struct{ field string }

func (n *exists) need() *Need { return nothing() }

func (n *exists) match(b Block, mask Bits) Bits {
	return each(b, mask, func(i int) bool {
		return values(b, i, n.field, func(v string) bool { return v != "" })
	})
}

func (n *exists) cost() int {
	if Columns(n.field) {
		return costColumn
	}
	return costRecord
}

// A pattern is a regular expression over a field, or over the entry's text.
type pattern struct {
	field  string // empty for the text
	re     *regexp.Regexp
	needle []byte // folded text that every match holds, empty if there is none
}

func (n *pattern) need() *Need { return nothing() }

func (n *pattern) match(b Block, mask Bits) Bits {
	if n.field != "" {
		return each(b, mask, func(i int) bool { return values(b, i, n.field, n.re.MatchString) })
	}
	fits := func(i int) bool { return n.re.Match(b.Text(i)) }
	if len(n.needle) > 0 {
		return candidates(b, mask, n.needle, fits)
	}
	return each(b, mask, fits)
}

// literalOf returns the longest ASCII text that every match of an expression holds,
// folded. Accents are no matter: they fold to ASCII, but do not match it.
func literalOf(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= utf8.RuneSelf || r < ' ' { // line ends differ between the text and the source
				return ""
			}
		}
		return strings.ToLower(string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return literalOf(re.Sub[0])
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if l := literalOf(sub); len(l) > len(best) {
				best = l
			}
		}
		return best
	}
	return ""
}

func (n *pattern) cost() int { return costRecord }

// A levels holds for records of some levels.
type levels struct{ set uint16 }

func (n *levels) need() *Need {
	return &Need{Op: NeedMeta, Source: func(m Meta) bool { return m.Levels&n.set != 0 }}
}

func (n *levels) match(b Block, mask Bits) Bits {
	return each(b, mask, func(i int) bool { return n.set&(1<<b.Level(i)) != 0 })
}

func (n *levels) cost() int { return costColumn }

// A span holds for records with a time in [from, to).
type span struct{ from, to int64 } // Unix nanoseconds

func (n *span) need() *Need {
	return &Need{Op: NeedMeta, Source: func(m Meta) bool { return m.First <= m.Last && m.Last >= n.from && m.First < n.to }}
}

func (n *span) match(b Block, mask Bits) Bits {
	return each(b, mask, func(i int) bool {
		t, basis := b.Time(i)
		return basis != parser.TimeNone && t >= n.from && t < n.to
	})
}

func (n *span) cost() int { return costColumn }

// A number compares the numeric values of a field.
type number struct {
	field string
	op    string
	limit float64
}

func (n *number) need() *Need { return nothing() }

func (n *number) match(b Block, mask Bits) Bits {
	return each(b, mask, func(i int) bool { return values(b, i, n.field, n.fits) })
}

func (n *number) fits(value string) bool {
	v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return false
	}
	switch n.op {
	case ">":
		return v > n.limit
	case ">=":
		return v >= n.limit
	case "<":
		return v < n.limit
	case "<=":
		return v <= n.limit
	}
	return v == n.limit
}

func (n *number) cost() int { return costRecord }

// A uuid is found in any spelling.
type uuid struct{ id parser.UUID }

// uuidKeyPair are the identifiers under which the filters hold a UUID.
func uuidKeyPair(digits []byte) [2]uint64 {
	h := Hash(digits)
	return [2]uint64{h ^ 0x5555_5555_5555_5555, mix(h, 0x5555_5555_5555_5555)}
}

func (n *uuid) need() *Need {
	keys := uuidKeyPair([]byte(strings.ReplaceAll(string(n.id), "-", "")))
	return all([]*Need{{Op: NeedID, Hash: keys[0]}, {Op: NeedID, Hash: keys[1]}})
}

func (n *uuid) match(b Block, mask Bits) Bits {
	last := []byte(n.id[len(n.id)-12:]) // together in every spelling
	return candidates(b, mask, last, func(i int) bool { return slices.Contains(b.Record(i).UUIDs, n.id) })
}

func (n *uuid) cost() int { return costText }

// candidates returns the records of mask whose folded text holds a piece and that fit.
func candidates(b Block, mask Bits, piece []byte, fits func(i int) bool) Bits {
	out := NewBits(b.Len())
	text, starts := b.Folded()
	rec := 0
	for at := 0; at < len(text); {
		hit := bytes.Index(text[at:], piece)
		if hit < 0 {
			break
		}
		at += hit
		for int(starts[rec+1]) <= at {
			rec++
		}
		if mask.Has(rec) && fits(rec) {
			out.Set(rec)
		}
		at = int(starts[rec+1])
	}
	return out
}

// A code is an HRESULT in any spelling.
type code struct{ code codes.Code }

// codeKey is the identifier under which the filters hold codes: object-model codes
// share only their low word with the code that they stand for.
func codeKey(low uint16) uint64 { return uint64(low)*0x9e3779b97f4a7c15 ^ 0x3333_3333_3333_3333 }

func (n *code) need() *Need {
	v, _ := n.code.HRESULT()
	return &Need{Op: NeedID, Hash: codeKey(uint16(v))}
}

func (n *code) match(b Block, mask Bits) Bits {
	v, _ := n.code.HRESULT()
	low := []byte(strings.ToLower(strconv.FormatUint(uint64(v)|1<<32, 16)[5:]))
	text, starts := b.Folded()
	return each(b, mask, func(i int) bool {
		rec := text[starts[i]:starts[i+1]]
		return (bytes.Contains(rec, low) || hasDecimal(rec)) && slices.Contains(b.Record(i).Codes, n.code)
	})
}

func (n *code) cost() int { return costPattern }

// hasDecimal reports whether a text holds a negative number of nine or ten digits.
func hasDecimal(text []byte) bool {
	for {
		at := bytes.IndexByte(text, '-')
		if at < 0 {
			return false
		}
		text = text[at+1:]
		n := 0
		for n < len(text) && text[n]-'0' < 10 {
			n++
		}
		if n == 9 || n == 10 {
			return true
		}
	}
}
