package lnav

import "regexp/syntax"

// A shape is a matcher of raw bytes for the same lines as a pattern, without
// allocations and without captures other than the timestamp. Most patterns of log
// heads are simple enough for it: single characters, runs of a class that ends where
// the next part begins, optional groups. For the others there is no shape.
//
// It backtracks over optional groups and alternatives only (maxChoices), never over
// runs, so its cost is that of one look at the head.
type shape struct {
	first *shapeNode
}

// maxChoices bounds the alternatives of a shape and with them its backtracking.
const maxChoices = 24

// maxUnroll bounds the copies that a counted group is written out to.
const maxUnroll = 8

type shapeOp uint8

const (
	opLiteral shapeOp = iota // text
	opRun                    // min to max bytes of a set
	opChoice                 // one of several continuations, in order
	opMark                   // remember the position: start or end of the timestamp
	opEnd                    // end of the line
	opAccept                 // the rest does not matter
)

type shapeNode struct {
	op       shapeOp
	text     string
	set      byteSet
	min, max int // max < 0: no limit
	choices  []*shapeNode
	mark     int // 0 start, 1 end
	next     *shapeNode
}

// A byteSet holds bytes; all bytes of non-ASCII characters are in it, or none is.
type byteSet [4]uint64

func (s *byteSet) has(c byte) bool     { return s[c>>6]&(1<<(c&63)) != 0 }
func (s *byteSet) add(c byte)          { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) union(o byteSet)     { s[0] |= o[0]; s[1] |= o[1]; s[2] |= o[2]; s[3] |= o[3] }
func (s byteSet) meets(o byteSet) bool { return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0 }

// beyondASCII reports whether the set holds the bytes of non-ASCII characters.
func (s *byteSet) beyondASCII() bool { return s.has(0x80) }

// shapeOf derives the shape of a pattern, nil if the pattern has none. timestamp is
// the name of the group whose place is reported.
func shapeOf(pattern, timestamp string) *shape {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	b := &shapeBuilder{timestamp: timestamp}
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
	timestamp string
	choices   int
	failed    bool
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
	if re.Flags&syntax.FoldCase == 0 {
		return &shapeNode{op: opLiteral, text: string(re.Rune), next: next}
	}
	for i := len(re.Rune) - 1; i >= 0; i-- {
		r := re.Rune[i]
		if r >= 0x80 || r|0x20 == 'k' || r|0x20 == 's' {
			return b.fail(next) // k and s fold to characters beyond ASCII
		}
		n := &shapeNode{op: opRun, min: 1, max: 1, next: next}
		n.set.add(byte(r))
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			n.set.add(byte(r) ^ 0x20)
		}
		next = n
	}
	return next
}

func (b *shapeBuilder) capture(re *syntax.Regexp, next *shapeNode) *shapeNode {
	if re.Name != b.timestamp {
		return b.build(re.Sub[0], next)
	}
	end := &shapeNode{op: opMark, mark: 1, next: next}
	return &shapeNode{op: opMark, mark: 0, next: b.build(re.Sub[0], end)}
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
	if most < 0 && least == 0 && alwaysMatches(set, next) {
		return &shapeNode{op: opAccept}
	}
	if least != most && b.begins(next).meets(set) {
		return b.fail(next)
	}
	return &shapeNode{op: opRun, set: set, min: least, max: most, next: next}
}

// alwaysMatches reports whether a run of any length of set, followed by next,
// matches every rest of a line.
func alwaysMatches(set byteSet, next *shapeNode) bool {
	if next.op != opEnd {
		return next.op == opAccept
	}
	return set == anyByte() && next.next.op == opAccept
}

// anyByte is the set of the dot: all but the line feed.
func anyByte() byteSet {
	set := byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	set[0] &^= 1 << '\n'
	return set
}

// begins returns the bytes that a match of n can begin with.
func (b *shapeBuilder) begins(n *shapeNode) byteSet {
	var set byteSet
	switch n.op {
	case opLiteral:
		set.add(n.text[0])
	case opMark:
		return b.begins(n.next)
	case opRun:
		set = n.set
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
func setOf(re *syntax.Regexp) (byteSet, bool) {
	var set byteSet
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) != 1 || re.Rune[0] >= 0x80 || re.Flags&syntax.FoldCase != 0 {
			return set, false
		}
		set.add(byte(re.Rune[0]))
		return set, true
	case syntax.OpAnyCharNotNL, syntax.OpAnyChar:
		return anyByte(), true
	case syntax.OpCharClass:
		return classSet(re.Rune)
	}
	return set, false
}

func classSet(ranges []rune) (byteSet, bool) {
	var set byteSet
	beyond := 0
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= min(ranges[i+1], 0x7f); r++ {
			set.add(byte(r))
		}
		if ranges[i+1] >= 0x80 {
			beyond += int(ranges[i+1]-max(ranges[i], 0x80)) + 1
		}
	}
	const allBeyond = 0x10ffff - 0x80 + 1
	if beyond == allBeyond {
		set[2], set[3] = ^uint64(0), ^uint64(0)
	}
	return set, beyond == 0 || beyond == allBeyond
}

// match reports whether a line, without its line end, has the shape, and where its
// timestamp stands.
func (s *shape) match(line []byte) (at span, ok bool) {
	var marks [2]int
	if !s.first.run(line, 0, &marks) {
		return span{}, false
	}
	return span{marks[0], marks[1]}, true
}

func (n *shapeNode) run(line []byte, at int, marks *[2]int) bool {
	for {
		switch n.op {
		case opLiteral:
			if len(line)-at < len(n.text) || string(line[at:at+len(n.text)]) != n.text {
				return false
			}
			at += len(n.text)
		case opRun:
			end := at
			for end < len(line) && end-at != n.max && n.set.has(line[end]) {
				end++
			}
			if end-at < n.min {
				return false
			}
			at = end
		case opChoice:
			return n.choose(line, at, marks)
		case opMark:
			marks[n.mark] = at
		case opEnd:
			if at != len(line) {
				return false
			}
		case opAccept:
			return true
		}
		n = n.next
	}
}

func (n *shapeNode) choose(line []byte, at int, marks *[2]int) bool {
	for _, c := range n.choices {
		saved := *marks
		if c.run(line, at, marks) {
			return true
		}
		*marks = saved
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
