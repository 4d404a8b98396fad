package lnav

import "regexp/syntax"

// A shape is a matcher for the same lines as a pattern, on text or raw bytes, that
// allocates nothing. Most patterns of log heads are simple enough for it: fixed
// templates such as a timestamp, runs of a class that end where the next part begins,
// optional groups. For the others there is no shape.
//
// It backtracks over optional groups and alternatives only (maxChoices), never over
// runs, so its cost is that of one look at the head.
type shape struct {
	first *shapeNode
}

const (
	// maxChoices bounds the alternatives of a shape and with them its backtracking.
	maxChoices = 24

	// maxUnroll bounds the copies that a counted group is written out to.
	maxUnroll = 8

	// maxTemplate bounds the bytes of one fixed part.
	maxTemplate = 64

	// maxGroups bounds the groups of a pattern whose places a shape reports.
	maxGroups = 24
)

type shapeOp uint8

const (
	opFixed  shapeOp = iota // one byte of each set of the template
	opRun                   // min to max bytes of a set
	opChoice                // one of several continuations, in order
	opMark                  // remember the position as start or end of a group
	opTail                  // the rest of the line
	opEnd                   // end of the line
	opAccept                // the rest does not matter
)

type shapeNode struct {
	op       shapeOp
	template []*byteSet
	set      *byteSet
	min, max int // max < 0: no limit
	choices  []*shapeNode
	mark     int // 2*group for its start, 2*group+1 for its end
	next     *shapeNode
}

// A byteSet holds bytes; all bytes of non-ASCII characters are in it, or none is.
type byteSet [256]bool

func (s *byteSet) union(o *byteSet) {
	for i, in := range o {
		s[i] = s[i] || in
	}
}

func (s *byteSet) meets(o *byteSet) bool {
	for i, in := range o {
		if in && s[i] {
			return true
		}
	}
	return false
}

// beyondASCII reports whether the set holds the bytes of non-ASCII characters.
func (s *byteSet) beyondASCII() bool { return s[0x80] }

// places holds the start and end of each group; -1 if the group took no part.
type places [2 * maxGroups]int

// shapeOf derives the shape of a pattern, nil if the pattern has none.
func shapeOf(pattern string) *shape {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || re.MaxCap() >= maxGroups {
		return nil
	}
	b := &shapeBuilder{}
	re = withoutStart(re)
	if re == nil {
		return nil // not anchored: it may match anywhere in a line
	}
	first := b.build(re, &shapeNode{op: opAccept})
	if b.failed {
		return nil
	}
	return &shape{first}
}

// withoutStart removes the leading ^. It returns nil if there is none.
func withoutStart(re *syntax.Regexp) *syntax.Regexp {
	if re.Op != syntax.OpConcat || len(re.Sub) < 2 || re.Sub[0].Op != syntax.OpBeginText {
		return nil
	}
	rest := *re
	rest.Sub = re.Sub[1:]
	return &rest
}

type shapeBuilder struct {
	choices int
	failed  bool
}

func (b *shapeBuilder) fail(next *shapeNode) *shapeNode {
	b.failed = true
	return next
}

// build returns the node that matches re and goes on with next.
func (b *shapeBuilder) build(re *syntax.Regexp, next *shapeNode) *shapeNode {
	if b.failed {
		return next
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return next
	case syntax.OpLiteral:
		return b.literal(re, next)
	case syntax.OpCharClass, syntax.OpAnyCharNotNL, syntax.OpAnyChar:
		return b.run(re, 1, 1, next)
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0; i-- {
			next = b.build(re.Sub[i], next)
		}
		return next
	case syntax.OpCapture:
		return b.capture(re, next)
	case syntax.OpAlternate:
		return b.alternate(re.Sub, next)
	case syntax.OpStar:
		return b.repeat(re, 0, -1, next)
	case syntax.OpPlus:
		return b.repeat(re, 1, -1, next)
	case syntax.OpQuest:
		return b.repeat(re, 0, 1, next)
	case syntax.OpRepeat:
		return b.repeat(re, re.Min, re.Max, next)
	case syntax.OpEndText:
		return &shapeNode{op: opEnd, next: next}
	}
	return b.fail(next)
}

func (b *shapeBuilder) literal(re *syntax.Regexp, next *shapeNode) *shapeNode {
	fold := re.Flags&syntax.FoldCase != 0
	var template []*byteSet
	for _, r := range re.Rune {
		if fold && (r >= 0x80 || r|0x20 == 'k' || r|0x20 == 's') {
			return b.fail(next) // k and s fold to characters beyond ASCII
		}
		if r >= 0x80 {
			return b.fail(next) // raw bytes may have another encoding
		}
		set := &byteSet{}
		set[byte(r)] = true
		if fold && (r|0x20 >= 'a' && r|0x20 <= 'z') {
			set[byte(r)^0x20] = true
		}
		template = append(template, set)
	}
	return fixed(template, next)
}

// fixed puts a template before next, joining it with one that next begins with.
func fixed(template []*byteSet, next *shapeNode) *shapeNode {
	if next.op == opFixed && len(template)+len(next.template) <= maxTemplate {
		return &shapeNode{op: opFixed, template: append(template, next.template...), next: next.next}
	}
	return &shapeNode{op: opFixed, template: template, next: next}
}

func (b *shapeBuilder) capture(re *syntax.Regexp, next *shapeNode) *shapeNode {
	end := &shapeNode{op: opMark, mark: 2*re.Cap + 1, next: next}
	return &shapeNode{op: opMark, mark: 2 * re.Cap, next: b.build(re.Sub[0], end)}
}

func (b *shapeBuilder) alternate(subs []*syntax.Regexp, next *shapeNode) *shapeNode {
	n := &shapeNode{op: opChoice}
	for _, sub := range subs {
		n.choices = append(n.choices, b.build(sub, next))
	}
	return b.choice(n)
}

func (b *shapeBuilder) choice(n *shapeNode) *shapeNode {
	b.choices += len(n.choices)
	if b.choices > maxChoices {
		b.failed = true
	}
	return n
}

// repeat handles runs of a class, and groups that are repeated a few times.
func (b *shapeBuilder) repeat(re *syntax.Regexp, least, most int, next *shapeNode) *shapeNode {
	sub := re.Sub[0]
	if _, ok := setOf(sub); ok {
		return b.run(sub, least, most, next)
	}
	if most < 0 || most > maxUnroll {
		return b.fail(next)
	}
	for i := most; i > 0; i-- {
		once := b.build(sub, next)
		if i > least {
			once = b.choice(&shapeNode{op: opChoice, choices: []*shapeNode{once, next}})
		}
		next = once
	}
	return next
}

// run builds a run of a class. Its length is what the line gives, so it must end by
// itself: what follows must not begin with a byte of the class.
func (b *shapeBuilder) run(re *syntax.Regexp, least, most int, next *shapeNode) *shapeNode {
	set, ok := setOf(re)
	if !ok {
		return b.fail(next)
	}
	if set.beyondASCII() && (most >= 0 || least > 1) {
		return b.fail(next) // it counts characters, not bytes
	}
	if *set == *anyByte() && most < 0 && least == 0 && toTheEnd(next) {
		return &shapeNode{op: opTail, next: next}
	}
	if least == most && least <= maxTemplate {
		template := make([]*byteSet, least)
		for i := range template {
			template[i] = set
		}
		return fixed(template, next)
	}
	if least != most && b.begins(next).meets(set) {
		return b.fail(next)
	}
	return &shapeNode{op: opRun, set: set, min: least, max: most, next: next}
}

// toTheEnd reports whether nothing but the end of the line may follow.
func toTheEnd(next *shapeNode) bool {
	for next.op == opMark || next.op == opEnd {
		next = next.next
	}
	return next.op == opAccept
}

// anyByte is the set of the dot: all but the line feed.
func anyByte() *byteSet {
	set := &byteSet{}
	for i := range set {
		set[i] = i != '\n'
	}
	return set
}

// begins returns the bytes that a match of n can begin with, as far as it matters to
// a run before it: a tail takes what the run leaves, even nothing.
func (b *shapeBuilder) begins(n *shapeNode) *byteSet {
	set := &byteSet{}
	switch n.op {
	case opFixed:
		if len(n.template) == 0 {
			return b.begins(n.next)
		}
		set.union(n.template[0])
	case opMark:
		return b.begins(n.next)
	case opRun:
		set.union(n.set)
		if n.min == 0 {
			set.union(b.begins(n.next))
		}
	case opChoice:
		for _, c := range n.choices {
			set.union(b.begins(c))
		}
	}
	return set
}

// setOf returns the bytes of a one-character expression, if they can be told by
// the byte: non-ASCII characters all or none.
func setOf(re *syntax.Regexp) (*byteSet, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) != 1 || re.Rune[0] >= 0x80 || re.Flags&syntax.FoldCase != 0 {
			return nil, false
		}
		set := &byteSet{}
		set[byte(re.Rune[0])] = true
		return set, true
	case syntax.OpAnyCharNotNL, syntax.OpAnyChar:
		return anyByte(), true
	case syntax.OpCharClass:
		return classSet(re.Rune)
	}
	return nil, false
}

func classSet(ranges []rune) (*byteSet, bool) {
	set := &byteSet{}
	beyond := 0
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= min(ranges[i+1], 0x7f); r++ {
			set[byte(r)] = true
		}
		if ranges[i+1] >= 0x80 {
			beyond += int(ranges[i+1]-max(ranges[i], 0x80)) + 1
		}
	}
	const allBeyond = 0x10ffff - 0x80 + 1
	for i := 0x80; beyond == allBeyond && i < len(set); i++ {
		set[i] = true
	}
	return set, beyond == 0 || beyond == allBeyond
}

// match reports whether a line, without its line end, has the shape. Where the groups
// stand is written to at, unless it is nil.
func match[S ~string | ~[]byte](s *shape, line S, at *places) bool {
	if at != nil {
		for i := range at {
			at[i] = -1
		}
	}
	return run(s.first, line, 0, at)
}

func run[S ~string | ~[]byte](n *shapeNode, line S, at int, marks *places) bool {
	for ; ; n = n.next {
		switch n.op {
		case opFixed:
			if len(line)-at < len(n.template) {
				return false
			}
			for i, set := range n.template {
				if !set[line[at+i]] {
					return false
				}
			}
			at += len(n.template)
		case opRun:
			end := at
			for end < len(line) && end-at != n.max && n.set[line[end]] {
				end++
			}
			if end-at < n.min {
				return false
			}
			at = end
		case opChoice:
			return choose(n, line, at, marks)
		case opMark:
			if marks != nil {
				marks[n.mark] = at
			}
		case opTail:
			at = len(line)
		case opEnd:
			if at != len(line) {
				return false
			}
		case opAccept:
			return true
		}
	}
}

func choose[S ~string | ~[]byte](n *shapeNode, line S, at int, marks *places) bool {
	var saved places
	if marks != nil {
		saved = *marks
	}
	for _, c := range n.choices {
		if run(c, line, at, marks) {
			return true
		}
		if marks != nil {
			*marks = saved
		}
	}
	return false
}

// withoutLineEnd removes the line end of a raw line as the line reader does.
func withoutLineEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}
