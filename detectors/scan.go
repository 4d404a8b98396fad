package detectors

// A textIndex finds which of many literals stand in a text, in one pass: an
// Aho-Corasick automaton over lower-case bytes.
type textIndex struct {
	class  [256]uint8 // byte → column; upper-case letters share that of the lower-case ones
	width  int
	next   []int32   // state × column → state
	ends   [][]int32 // state → numbers of the literals that end there
	hasEnd []bool
}

// newTextIndex builds the automaton of literals that are lower-case ASCII.
func newTextIndex(lits []string) *textIndex {
	x := &textIndex{width: 1}
	for _, l := range lits {
		for i := 0; i < len(l); i++ {
			if c := l[i]; x.class[c] == 0 {
				x.class[c] = uint8(x.width)
				x.width++
			}
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		x.class[c-'a'+'A'] = x.class[c]
	}
	x.addState()
	for n, l := range lits {
		x.insert(l, int32(n))
	}
	x.link()
	return x
}

func (x *textIndex) addState() int32 {
	row := make([]int32, x.width)
	for i := range row {
		row[i] = -1
	}
	x.next = append(x.next, row...)
	x.ends = append(x.ends, nil)
	return int32(len(x.ends) - 1)
}

func (x *textIndex) insert(l string, number int32) {
	state := int32(0)
	for i := 0; i < len(l); i++ {
		at := int(state)*x.width + int(x.class[l[i]])
		if x.next[at] < 0 {
			added := x.addState()
			x.next[at] = added
		}
		state = x.next[at]
	}
	x.ends[state] = append(x.ends[state], number)
}

// link turns the tree into an automaton without failure steps, breadth first.
func (x *textIndex) link() {
	fail := make([]int32, len(x.ends))
	var queue []int32
	for c := range x.width {
		if to := x.next[c]; to > 0 {
			queue = append(queue, to)
		} else {
			x.next[c] = 0
		}
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		x.ends[state] = append(x.ends[state], x.ends[fail[state]]...)
		for c := range x.width {
			at := int(state)*x.width + c
			back := x.next[int(fail[state])*x.width+c]
			if to := x.next[at]; to > 0 {
				fail[to] = back
				queue = append(queue, to)
			} else {
				x.next[at] = back
			}
		}
	}
	x.hasEnd = make([]bool, len(x.ends))
	for s, e := range x.ends {
		x.hasEnd[s] = len(e) > 0
	}
}

// find calls found with the number of each literal in text, perhaps several times.
func (x *textIndex) find(text string, found func(number int32)) {
	state := int32(0)
	for i := 0; i < len(text); i++ {
		state = x.next[int(state)*x.width+int(x.class[text[i]])]
		if x.hasEnd[state] {
			for _, n := range x.ends[state] {
				found(n)
			}
		}
	}
}
