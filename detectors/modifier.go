package detectors

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// Limits of the values of rules.
const (
	// MaxRegexp is the longest regular expression in bytes. Each costs memory of
	// about a hundred times its length.
	MaxRegexp = 4096

	// maxValues is how many values one field of a selection may have once
	// place-holders are replaced.
	maxValues = 1000
)

// comparison is how a value of a rule is held against a value of the event.
type comparison uint8

const (
	byText comparison = iota
	byRegexp
	byNetwork
	byNumber
	byPresence
	byField
)

// modifiers are the words behind the bars of a field name, as in Message|contains|all.
type modifiers struct {
	compare       comparison
	limit         string // gt, gte, lt or lte, for byNumber
	before, after bool   // any text may stand before, after the value
	places        int    // of the words contains, startswith, endswith
	all           bool
	differs       bool // neq
	cased         bool
	windash       bool
	expand        bool
	encode        []string // wide, utf16le, utf16be, utf16, then base64 or base64offset
	flags         string   // i, m, s of re
}

// modifierWords are all modifiers of Sigma 2.1 that rules may use.
var modifierWords = [...]string{
	"all", "base64", "base64offset", "cased", "cidr", "contains", "endswith", "exists", "expand", "fieldref",
	"gt", "gte", "i", "lt", "lte", "m", "neq", "re", "s", "startswith", "utf16", "utf16be", "utf16le", "wide", "windash",
}

// timeWords are Sigma's modifiers of dates; a log's times have no agreed field here.
var timeWords = [...]string{"minute", "hour", "day", "week", "month", "year"}

// parseModifiers reads the modifiers of a field. at is the node of the field name.
func (f *file) parseModifiers(at *yaml.Node, list []string) (modifiers, bool) {
	var m modifiers
	for i, word := range list {
		problem := m.add(word)
		if problem == "" && slices.Contains(list[:i], word) {
			problem = "stands twice"
		}
		if problem != "" {
			f.errorf(at, "modifier %q of %q: %s", word, at.Value, problem)
			return m, false
		}
	}
	if problem := m.clash(); problem != "" {
		f.errorf(at, "modifiers of %q do not fit together: %s", at.Value, problem)
		return m, false
	}
	return m, true
}

// add takes one modifier and returns what is wrong with it, or "".
func (m *modifiers) add(word string) string {
	switch word {
	case "contains":
		m.before, m.after = true, true
		m.places++
	case "startswith":
		m.after = true
		m.places++
	case "endswith":
		m.before = true
		m.places++
	case "all":
		m.all = true
	case "neq":
		m.differs = true
	case "cased":
		m.cased = true
	case "windash":
		m.windash = true
	case "expand":
		m.expand = true
	case "wide", "utf16le", "utf16be", "utf16", "base64", "base64offset":
		m.encode = append(m.encode, word)
	case "i", "m", "s":
		if m.compare != byRegexp {
			return "stands only behind re"
		}
		m.flags += word
	default:
		return m.addComparison(word)
	}
	return ""
}

func (m *modifiers) addComparison(word string) string {
	if m.compare != byText {
		return "a field is compared in one way only"
	}
	switch word {
	case "re":
		m.compare = byRegexp
	case "cidr":
		m.compare = byNetwork
	case "gt", "gte", "lt", "lte":
		m.compare, m.limit = byNumber, word
	case "exists":
		m.compare = byPresence
	case "fieldref":
		m.compare = byField
	default:
		if slices.Contains(timeWords[:], word) {
			return "parts of dates are not supported"
		}
		return "unknown modifier" + suggest(word, modifierWords[:])
	}
	return ""
}

// clash returns why the modifiers do not go together, or "".
func (m *modifiers) clash() string {
	base64At := slices.IndexFunc(m.encode, func(w string) bool { return strings.HasPrefix(w, "base64") })
	switch {
	case m.compare != byText && (m.windash || m.expand || len(m.encode) > 0):
		return "windash, expand and encodings change a text, which re, cidr, exists, fieldref and numbers do not take"
	case m.compare != byText && m.compare != byField && (m.before || m.after || m.cased):
		return "contains, startswith, endswith and cased go with texts"
	case m.compare == byPresence && (m.all || m.differs):
		return "exists stands alone"
	case m.places > 1:
		return "one of contains, startswith and endswith"
	case len(m.encode) > 0 && base64At != len(m.encode)-1:
		return "an encoding goes before one base64 or base64offset; the log's text is decoded already"
	case len(m.encode) > 2:
		return "one encoding only"
	}
	return ""
}

// tests compiles the values of a field. It reports problems at the values' nodes.
func (f *file) tests(m modifiers, values []*yaml.Node, names placeholders) []test {
	var out []test
	for _, n := range values {
		if n.Kind != yaml.ScalarNode {
			f.errorf(n, "a value must be a single text or number")
			continue
		}
		if t, ok := f.test(m, n, names); ok {
			out = append(out, t)
		}
	}
	return out
}

func (f *file) test(m modifiers, n *yaml.Node, names placeholders) (test, bool) {
	switch m.compare {
	case byRegexp:
		re, ok := f.regexp(n, m.flags)
		if !ok {
			return test{}, false
		}
		return regexpTest(re), true
	case byNetwork:
		network, err := netip.ParsePrefix(n.Value)
		if err != nil {
			f.errorf(n, "cidr: %q is no network; want an address and a length, such as 10.0.0.0/8", n.Value)
			return test{}, false
		}
		return cidrTest(network.Masked()), true
	case byNumber:
		if !isNumber(n.Value) {
			f.errorf(n, "%s: %q is no decimal number", m.limit, n.Value)
			return test{}, false
		}
		return numberTest(n.Value, within(m.limit)), true
	}
	return f.textTest(m, n, names)
}

// within returns the judgement of a number's order to the limit of a rule.
func within(word string) func(order int) bool {
	switch word {
	case "gt":
		return func(o int) bool { return o > 0 }
	case "gte":
		return func(o int) bool { return o >= 0 }
	case "lt":
		return func(o int) bool { return o < 0 }
	}
	return func(o int) bool { return o <= 0 }
}

// regexp compiles a regular expression; flags are those of the modifier.
func (f *file) regexp(n *yaml.Node, flags string) (*expression, bool) {
	source := n.Value
	if len(source) > MaxRegexp {
		f.errorf(n, "regular expression of %d bytes; the limit is %d", len(source), MaxRegexp)
		return nil, false
	}
	if flags != "" {
		source = "(?" + flags + ")" + source
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		f.errorf(n, "regular expression: %s", regexpProblem(err))
		return nil, false
	}
	tree = tree.Simplify()
	return &expression{
		source:   source,
		compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) }),
		lits:     nodeNeeds(tree),
		every:    nodeEveryNeed(tree, nil),
	}, true
}

// An expression is a regular expression that is compiled when first used: a run meets
// the words of few rules, and compiling all of them takes longer than a small log does.
type expression struct {
	source   string
	compiled func() *regexp.Regexp
	lits     literals   // the best of every
	every    []literals // each of these sets has a text that must be there
}

// mayMatch reports whether a text in lower case has what the expression needs. To look
// for a few words is ten times cheaper than to run the expression.
func (x *expression) mayMatch(lower string) bool {
	for _, set := range x.every {
		if !slices.ContainsFunc(set, func(l string) bool { return strings.Contains(lower, l) }) {
			return false
		}
	}
	return true
}

// match reports whether the expression fits a value. Rules of one family share
// expressions, so the value remembers what each said.
func (x *expression) match(v *value) bool {
	if len(x.every) > 0 && !x.mayMatch(v.fold()) {
		return false
	}
	for _, r := range v.said {
		if r.source == x.source {
			return r.fits
		}
	}
	fits := x.compiled().MatchString(v.raw)
	v.said = append(v.said, saying{x.source, fits})
	return fits
}

// A saying is what an expression said of a value.
type saying struct {
	source string
	fits   bool
}

// regexpProblem says what is wrong, and for what other engines take, why not here.
func regexpProblem(err error) string {
	text := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	e, ok := err.(*syntax.Error)
	if !ok {
		return text
	}
	for _, construct := range [...]string{"(?=", "(?!", "(?<=", "(?<!", "(?>", "(?(", `\1`, `\2`, `\k`} {
		if strings.HasPrefix(e.Expr, construct) {
			return text + " (look-arounds, atomic groups and back references are not supported)"
		}
	}
	return text
}

// textTest compiles a text with wildcards, in all the spellings that its modifiers ask for.
func (f *file) textTest(m modifiers, n *yaml.Node, names placeholders) (test, bool) {
	texts := []string{n.Value}
	if m.expand {
		var problem string
		if texts, problem = names.expand(n.Value); problem != "" {
			f.errorf(n, "expand: %s", problem)
			return test{}, false
		}
	}
	var tests []test
	for _, text := range texts {
		p := parsePattern(text)
		if m.windash {
			p = p.windash()
		}
		if len(m.encode) == 0 {
			tests = append(tests, patternTest(p.around(m.before, m.after), m.cased))
			continue
		}
		if p.wild() {
			f.errorf(n, "%s: %q has wildcards, which have no encoding", m.encode[len(m.encode)-1], text)
			return test{}, false
		}
		for _, spelling := range encode(p.plain(), m.encode) {
			p := pattern{{literal, spelling}}
			tests = append(tests, patternTest(p.around(m.before, m.after), true))
		}
	}
	return anyTest(tests), true
}

// encode returns the spellings of a text in base64. Base64 has meaning in its case,
// so they are compared with case.
func encode(text string, words []string) []string {
	data := []byte(text)
	if len(words) == 2 {
		data = encodeUTF16(text, words[0])
	}
	if words[len(words)-1] == "base64" {
		return []string{base64.StdEncoding.EncodeToString(data)}
	}
	// Each shift by a byte gives other letters; those that also depend on the
	// bytes around the text are cut off at both ends.
	var out []string
	for shift, skip := range [...]int{0, 2, 3} {
		s := base64.StdEncoding.EncodeToString(append(make([]byte, shift), data...))
		keep := len(s) - [...]int{0, 3, 2}[(shift+len(data))%3]
		if skip < keep {
			out = append(out, s[skip:keep])
		}
	}
	return out
}

func encodeUTF16(text, word string) []byte {
	var out []byte
	if word == "utf16" {
		out = []byte{0xff, 0xfe}
	}
	for _, u := range utf16.Encode([]rune(text)) {
		low, high := byte(u), byte(u>>8)
		if word == "utf16be" {
			low, high = high, low
		}
		out = append(out, low, high)
	}
	return out
}

// placeholders are the lists of values that %name% stands for.
type placeholders map[string][]string

var placeholder = regexp.MustCompile(`%([^%\s]+)%`)

// expand returns the texts that a text with place-holders stands for.
func (p placeholders) expand(text string) (out []string, problem string) {
	at := placeholder.FindStringSubmatchIndex(text)
	if at == nil {
		return []string{text}, ""
	}
	name := text[at[2]:at[3]]
	values, known := p[name]
	if !known {
		return nil, "place-holder %" + name + "% has no definition" + suggest(name, sortedKeys(p))
	}
	rest, problem := p.expand(text[at[1]:])
	for _, v := range values {
		for _, r := range rest {
			out = append(out, text[:at[0]]+v+r)
		}
	}
	if len(out) > maxValues {
		return nil, "place-holders stand for too many values"
	}
	return out, problem
}
