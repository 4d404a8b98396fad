package detectors

import (
	"net/netip"
	"strconv"
	"strings"
)

// An expr is a node of a rule's condition. It is bound to a table of field numbers
// before use, so that rules of several sets share one table.
type expr interface {
	bind(t *fieldTable) check

	// needs returns texts of which a record's text must contain one, in any case,
	// for the expression to be true.
	needs() literals
}

// A check judges one event.
type check func(e *event) bool

// A program is a compiled condition; the zero value matches nothing.
type program struct{ root expr }

// A fieldTable numbers the fields that rules use.
type fieldTable struct {
	numbers map[string]int
}

func (t *fieldTable) ref(name string) fieldRef {
	name = fold(name)
	n, known := t.numbers[name]
	if !known {
		n = len(t.numbers)
		t.numbers[name] = n
	}
	return fieldRef{name, n}
}

// allOf is true when all of its parts are.
type allOf []expr

func (a allOf) bind(t *fieldTable) check {
	checks := bindAll(a, t)
	if len(checks) == 1 {
		return checks[0]
	}
	return func(e *event) bool {
		for _, c := range checks {
			if !c(e) {
				return false
			}
		}
		return true
	}
}

func (a allOf) needs() literals {
	var best literals
	for _, x := range a {
		best = better(best, x.needs())
	}
	return best
}

// anyOf is true when one of its parts is.
type anyOf []expr

func (a anyOf) bind(t *fieldTable) check {
	checks := bindAll(a, t)
	if len(checks) == 1 {
		return checks[0]
	}
	return func(e *event) bool {
		for _, c := range checks {
			if c(e) {
				return true
			}
		}
		return false
	}
}

func (a anyOf) needs() literals {
	parts := make([]literals, len(a))
	for i, x := range a {
		parts[i] = x.needs()
	}
	return union(parts...)
}

func bindAll(list []expr, t *fieldTable) []check {
	out := make([]check, len(list))
	for i, x := range list {
		out[i] = x.bind(t)
	}
	return out
}

// not is true when its part is not.
type not struct{ of expr }

func (n not) bind(t *fieldTable) check {
	c := n.of.bind(t)
	return func(e *event) bool { return !c(e) }
}

func (n not) needs() literals { return nil }

// fieldTest is true when a value of the field passes the tests: one of them, or,
// with all, each of them by some value. With differs it is true when the field is
// there and no value passes any.
type fieldTest struct {
	field   string
	tests   []test
	all     bool
	differs bool
}

// A test judges one value of a field.
type test struct {
	passes func(v *value) bool
	lits   literals
}

func (f fieldTest) bind(t *fieldTable) check {
	ref := t.ref(f.field)
	tests := f.tests
	switch {
	case f.differs:
		return func(e *event) bool {
			vs := e.values(ref)
			return len(vs) > 0 && !anyPasses(vs, tests)
		}
	case f.all:
		return func(e *event) bool {
			vs := e.values(ref)
			for i := range tests {
				if !anyPasses(vs, tests[i:i+1]) {
					return false
				}
			}
			return true
		}
	}
	return func(e *event) bool { return anyPasses(e.values(ref), tests) }
}

func anyPasses(vs []value, tests []test) bool {
	for i := range vs {
		for j := range tests {
			if tests[j].passes(&vs[i]) {
				return true
			}
		}
	}
	return false
}

func (f fieldTest) needs() literals {
	if f.differs || !textual(f.field) && fold(f.field) != "code" {
		return nil
	}
	return joinTests(f.tests, f.all)
}

func joinTests(tests []test, all bool) literals {
	parts := make([]literals, len(tests))
	for i, t := range tests {
		parts[i] = t.lits
	}
	if !all {
		return union(parts...)
	}
	var best literals
	for _, p := range parts {
		best = better(best, p)
	}
	return best
}

// keywords looks for texts in the whole entry, without naming a field.
type keywords struct {
	tests []test
	all   bool
}

func (k keywords) bind(t *fieldTable) check {
	text, message := t.ref("text"), t.ref("message")
	return func(e *event) bool {
		for i := range k.tests {
			one := k.tests[i : i+1]
			hit := anyPasses(e.values(text), one) || anyPasses(e.values(message), one)
			if hit != k.all {
				return hit
			}
		}
		return k.all
	}
}

func (k keywords) needs() literals { return joinTests(k.tests, k.all) }

// exists is true when the field is there, whatever its value.
type exists struct {
	field string
	want  bool
}

func (x exists) bind(t *fieldTable) check {
	ref := t.ref(x.field)
	return func(e *event) bool { return (len(e.values(ref)) > 0) == x.want }
}

func (x exists) needs() literals { return nil }

// sameField compares the values of two fields of one event.
type sameField struct {
	field, other  string
	cased, differ bool
	before, after bool // any text may stand before or after the other field's value
}

func (s sameField) bind(t *fieldTable) check {
	a, b := t.ref(s.field), t.ref(s.other)
	return func(e *event) bool {
		left, right := e.values(a), e.values(b)
		if len(left) == 0 || len(right) == 0 {
			return false
		}
		return s.meet(left, right) != s.differ
	}
}

func (s sameField) meet(left, right []value) bool {
	for i := range left {
		for j := range right {
			if s.equal(&left[i], &right[j]) {
				return true
			}
		}
	}
	return false
}

func (s sameField) equal(a, b *value) bool {
	x, y := a.raw, b.raw
	if !s.cased {
		x, y = a.fold(), b.fold()
	}
	switch {
	case s.before && s.after:
		return strings.Contains(x, y)
	case s.before:
		return strings.HasSuffix(x, y)
	case s.after:
		return strings.HasPrefix(x, y)
	}
	return x == y
}

func (s sameField) needs() literals { return nil }

// patternTest compares a value with a pattern.
func patternTest(p pattern, cased bool) test {
	lits := p.needs()
	if !cased {
		p = p.mapText(fold)
	}
	match := p.matcher()
	if cased {
		return test{func(v *value) bool { return match(v.raw) }, lits}
	}
	return test{func(v *value) bool { return match(v.fold()) }, lits}
}

// matcher returns the fastest function for the pattern's shape.
func (p pattern) matcher() func(string) bool {
	text := p.middle()
	if text == "" && p.wild() || len(p) > 3 {
		return p.match
	}
	starts, ends := len(p) > 0 && p[0].kind == anyText, len(p) > 1 && p[len(p)-1].kind == anyText
	switch {
	case !p.wild():
		return func(s string) bool { return s == text }
	case starts && ends && len(p) == 3:
		return func(s string) bool { return strings.Contains(s, text) }
	case starts && len(p) == 2:
		return func(s string) bool { return strings.HasSuffix(s, text) }
	case ends && len(p) == 2:
		return func(s string) bool { return strings.HasPrefix(s, text) }
	}
	return p.match
}

// middle returns the only literal of a pattern, or "" when there is none or several.
func (p pattern) middle() string {
	text := ""
	for _, t := range p {
		switch {
		case t.kind == anyText:
		case t.kind == literal && text == "":
			text = t.text
		default:
			return ""
		}
	}
	return text
}

// anyTest passes when one of several tests does.
func anyTest(tests []test) test {
	if len(tests) == 1 {
		return tests[0]
	}
	return test{
		passes: func(v *value) bool {
			for _, t := range tests {
				if t.passes(v) {
					return true
				}
			}
			return false
		},
		lits: joinTests(tests, false),
	}
}

func regexpTest(x *expression) test {
	return test{x.match, x.lits}
}

func cidrTest(network netip.Prefix) test {
	return test{passes: func(v *value) bool {
		addr, err := netip.ParseAddr(strings.TrimSpace(v.raw))
		return err == nil && network.Contains(addr.WithZone("").Unmap())
	}}
}

// numberTest compares a value as a number; what is no number never passes.
func numberTest(limit string, ok func(order int) bool) test {
	return test{passes: func(v *value) bool {
		order, comparable := compareNumbers(strings.TrimSpace(v.raw), limit)
		return comparable && ok(order)
	}}
}

// compareNumbers orders two decimal numbers: whole ones exactly, others as floats.
func compareNumbers(a, b string) (order int, ok bool) {
	if !isNumber(a) || !isNumber(b) {
		return 0, false
	}
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return sign(x < y, x > y), true
	}
	fx, errX := strconv.ParseFloat(a, 64)
	fy, errY := strconv.ParseFloat(b, 64)
	return sign(fx < fy, fx > fy), errX == nil && errY == nil
}

func sign(less, more bool) int {
	switch {
	case less:
		return -1
	case more:
		return 1
	}
	return 0
}

// isNumber reports whether s is a decimal number: digits, perhaps a sign and a
// fraction. Hexadecimal, octal and 1_000 are texts.
func isNumber(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	whole, fraction, dotted := strings.Cut(s, ".")
	return digits(whole) && (!dotted || digits(fraction))
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
