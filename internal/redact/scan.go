package redact

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A scanner walks over text and finds what names somebody: by its place ("user: anna",
// \\server\share), and, when replacing, by the dictionary of all names of the case.
// The two passes share it, so that the second finds what the first has learned.
type scanner struct {
	t      *table
	keys   *keywordSet
	text   []byte
	spans  []span
	depth  int // of text in base64 in text
	chain  int // end of the last dotted chain that was looked at
	uuids  bool
	counts Counts

	learn *candidates // of the first pass, else nil
	r     *Redactor   // of the second pass, else nil
	back  *Restorer   // of the way back, else nil
	strip bool        // only secured values are removed
}

// A span is a piece of text and what replaces it.
type span struct {
	start, end int
	with       string
	kind       Kind
}

// scan finds all names in text, which is valid UTF-8.
func (s *scanner) scan(text []byte) {
	s.text, s.spans, s.chain = text, s.spans[:0], 0
	for i := 0; i < len(text); {
		switch s.t.class[text[i]] {
		case clWord:
			i = s.word(i)
		case clHigh:
			i = s.high(i)
		case clAt:
			s.address(i, i+1)
			i++
		case clBackslash:
			i = s.backslash(i)
		case clEscape:
			i = s.escape(i)
		default:
			if text[i] == ':' && i+1 < len(text) && text[i+1] == ':' {
				s.ip6(i)
			}
			i++
		}
	}
}

// high handles a character beyond ASCII: a letter begins a word.
func (s *scanner) high(i int) int {
	r, n := utf8.DecodeRune(s.text[i:])
	if isWordRune(r) {
		return s.word(i)
	}
	return i + n
}

// word handles the word that begins at i and returns where to go on.
func (s *scanner) word(i int) int {
	j, h := s.t.wordEnd(s.text, i)
	s.known(i, h)
	if k, ok := s.keys.find(h); ok {
		s.keyword(k, i, j)
	}
	if j < len(s.text) {
		switch c := s.text[j]; {
		case c == '.':
			s.dotted(i, j)
		case c == ':' && j-i <= 4:
			s.ip6(i)
			s.migrated(i, j)
		case c == ':':
			s.migrated(i, j)
		case c == '-' && s.learn != nil && s.text[i] > '9':
			s.taken(i, j)
		case c == ' ' && s.text[i] != ' ':
			s.lineLogin(i, j)
		}
	}
	if s.uuids && (j-i == 8 || j-i == 32) {
		s.uuid(i, j)
	}
	if j-i >= minCoded {
		s.coded(i, j)
	}
	return j
}

// known looks the name up that begins at i, where a word with hash h begins.
func (s *scanner) known(i int, h uint32) {
	if s.r == nil {
		return
	}
	if end, name := s.r.dict.at(s.text, i, h); name >= 0 {
		n := s.r.key.Names[name]
		s.put(i, end, pseudonym(n.Kind, n.N), n.Kind)
	}
}

// odd looks for names that begin with a character beyond ASCII that is written in an
// encoding of its own.
func (s *scanner) odd(i int) {
	if s.r == nil || len(s.r.dict.odd) == 0 {
		return
	}
	if end, name := longest(s.text, i, s.r.dict.odd); name >= 0 {
		n := s.r.key.Names[name]
		s.put(i, end, pseudonym(n.Kind, n.N), n.Kind)
	}
}

// escape handles % & = : what is encoded may begin or end a word.
func (s *scanner) escape(i int) int {
	c := s.text[i]
	if c == '&' {
		s.odd(i)
		if slices.Equal(s.text[i:min(i+5, len(s.text))], []byte("&#64;")) {
			s.address(i, i+5)
			return i + 5
		}
		return i + 1
	}
	if i+2 >= len(s.text) || !isHexDigit(s.text[i+1]) || !isHexDigit(s.text[i+2]) {
		return i + 1
	}
	s.odd(i)
	if s.text[i+1] == '4' && s.text[i+2] == '0' && c == '%' {
		s.address(i, i+3)
	}
	if c == '%' && i+3 < len(s.text) {
		s.split(i + 1)
		return i + 3
	}
	return i + 1
}

// split looks for a name that begins at i, which a scan would take for the middle of a
// word, or for no word: behind %20 or \n.
func (s *scanner) split(i int) {
	if i < len(s.text) && s.t.class[s.text[i]] == clWord {
		j, h := s.t.wordEnd(s.text, i)
		s.known(i, h)
		if k, ok := s.keys.find(h); ok && k.role == roleField {
			s.keyword(k, i, j)
		}
	}
}

// put notes a replacement.
func (s *scanner) put(start, end int, with string, k Kind) {
	if start < end {
		s.spans = append(s.spans, span{start, end, with, k})
	}
}

// name notes that text[a:b] is a name. A name that is not certain is looked for in
// its own place only.
func (s *scanner) name(k Kind, a, b int, certain bool) {
	for a < b && isBlank(s.text[a]) {
		a++
	}
	for a < b && isBlank(s.text[b-1]) {
		b--
	}
	if a >= b {
		return
	}
	for a < b && (s.text[a] == '"' || s.text[a] == '\'' || s.text[a] == '(' || s.text[a] == '[' || s.text[a] == '<' || s.text[a] == '{' || s.text[a] == '-' || s.text[a] == '.' || s.text[a] == '_') {
		a++
	}
	for a < b && strings.IndexByte(" \t.,;:!?\"'", s.text[b-1]) >= 0 {
		b--
	}
	text := unescape(string(s.text[a:b]))
	if isNever(text) {
		return
	}
	if s.learn != nil {
		s.learn.add(k, text, !certain)
		return
	}
	s.put(a, b, s.pseudonym(k, text), k)
}

// pseudonym is what stands for a name; without a number it is removed.
func (s *scanner) pseudonym(k Kind, text string) string {
	if p := s.r.names.find(text); p != "" {
		return p
	}
	return removed(k)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// apply writes text with its spans replaced to dst.
func (s *scanner) apply(dst []byte) []byte {
	if len(s.spans) == 0 {
		return append(dst, s.text...)
	}
	slices.SortStableFunc(s.spans, func(a, b span) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	at := 0
	for i := 0; i < len(s.spans); i++ {
		x := s.spans[i]
		if x.end <= at {
			continue // inside one that was replaced
		}
		if x.start < at { // it overlaps: what is left of it must not stay
			x.start = at
		} else if j := s.wider(i); j > i { // one that begins inside and is longer knows more
			i = j - 1
			dst = append(dst, s.text[at:x.start]...)
			at = x.start
			s.spans[j].start = x.start
			continue
		}
		dst = append(dst, s.text[at:x.start]...)
		dst = append(dst, x.with...)
		if x.kind != "" {
			s.counts.add(x.kind, 1)
		}
		at = x.end
	}
	return append(dst, s.text[at:]...)
}

// wider returns the index of a span that begins inside span i, ends behind it, and is
// longer; i if there is none.
func (s *scanner) wider(i int) int {
	x := s.spans[i]
	for j := i + 1; j < len(s.spans) && s.spans[j].start < x.end; j++ {
		if y := s.spans[j]; y.end > x.end && y.end-y.start > x.end-x.start {
			return j
		}
	}
	return i
}
