package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// names holds the names of a case by their folded text.
type names struct {
	key   *Key
	byTxt map[string]int // folded text → index of key.Names
	next  map[Kind]int   // last number given
	taken map[Kind]map[int]bool
	lost  int // names over MaxNames
}

func newNames(key *Key) *names {
	ns := &names{key: key, byTxt: make(map[string]int, len(key.Names)), next: map[Kind]int{}, taken: map[Kind]map[int]bool{}}
	for i, n := range key.Names {
		ns.byTxt[fold(n.Text)] = i
		ns.next[n.Kind] = max(ns.next[n.Kind], n.N)
	}
	for _, n := range key.Taken {
		ns.reserve(n.Kind, n.N)
	}
	return ns
}

// fold gives the form of a name that is compared.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// reserve keeps a number from being given, because an input has it already.
func (ns *names) reserve(k Kind, n int) {
	if ns.taken[k] == nil {
		ns.taken[k] = map[int]bool{}
	}
	ns.taken[k][n] = true
}

// take reserves a pseudonym that an input holds, unless it is one of ours: redacting
// what was redacted changes nothing.
func (ns *names) take(k Kind, n int) {
	if ns.taken[k][n] || n <= ns.next[k] || len(ns.key.Taken) >= MaxNames {
		return
	}
	ns.reserve(k, n)
	ns.key.Taken = append(ns.key.Taken, Name{Kind: k, N: n})
}

// add gives a name its number. A name that was only known in context becomes known
// everywhere when a certain place names it.
func (ns *names) add(k Kind, text string, context bool) {
	f := fold(text)
	if f == "" || len(text) > MaxNameBytes {
		return
	}
	if i, ok := ns.byTxt[f]; ok {
		if !context {
			ns.key.Names[i].Context = false
		}
		return
	}
	if len(ns.key.Names) >= MaxNames {
		ns.lost++
		return
	}
	n := ns.next[k] + 1
	for ns.taken[k][n] {
		n++
	}
	ns.next[k] = n
	ns.byTxt[f] = len(ns.key.Names)
	ns.key.Names = append(ns.key.Names, Name{Kind: k, N: n, Text: strings.TrimSpace(text), Context: context})
}

// find returns the pseudonym of a name, "" if it has none.
func (ns *names) find(text string) string {
	if i, ok := ns.byTxt[fold(text)]; ok {
		n := ns.key.Names[i]
		return pseudonym(n.Kind, n.N)
	}
	return ""
}

// kind returns the kind of a name, "" if it is not known.
func (ns *names) kind(text string) Kind {
	if i, ok := ns.byTxt[fold(text)]; ok {
		return ns.key.Names[i].Kind
	}
	return ""
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// isNever reports whether a name is no name: accounts that every Windows has,
// place-holders, pseudonyms, numbers and codes.
func isNever(s string) bool {
	f := fold(s)
	if _, ok := never()[f]; ok || f == "" {
		return true
	}
	if _, _, ok := parsePseudonym(f); ok {
		return true
	}
	if strings.HasPrefix(f, "%") || strings.HasPrefix(f, "<") || strings.HasPrefix(f, "[removed:") || strings.HasPrefix(f, "removed:") || strings.HasPrefix(f, "***") || strings.HasSuffix(f, ".invalid") {
		return true
	}
	return !hasLetter(f) || strings.HasPrefix(f, "0x") || isUUIDText(f)
}

func hasLetter(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// isCommon reports whether a name is a word that a log may use in another sense, or too
// short to be looked for everywhere.
func isCommon(s string) bool {
	f := fold(s)
	if utf8.RuneCountInString(f) < minGlobal {
		return true
	}
	if _, ok := common()[f]; ok {
		return true
	}
	words := strings.FieldsFunc(f, func(r rune) bool { return !isWordRune(r) })
	for _, w := range words {
		if _, ok := common()[w]; !ok {
			return false
		}
	}
	return true
}
