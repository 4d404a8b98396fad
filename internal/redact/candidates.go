package redact

import "strings"

// candidates are the names that one piece of input gave, in the order of their places.
// They are merged in the order of the pieces, so that numbers do not depend on which
// goroutine was faster.
type candidates struct {
	list  []Name
	at    map[string]int // folded text → index of list
	loose []string       // weak ones, in order
	known map[string]bool
	used  []Name // pseudonyms that were there before
	last  string // the last text that was added: lines repeat their users
}

func newCandidates() *candidates {
	return &candidates{at: map[string]int{}, known: map[string]bool{}}
}

// add notes a name. One that is met in a certain place once is certain.
func (c *candidates) add(k Kind, text string, context bool) {
	text = strings.TrimRight(strings.TrimLeftFunc(text, func(r rune) bool { return !isWordRune(r) && k != IP }), " \t.,;:!?\"'")
	if text == c.last && text != "" || len(text) > MaxNameBytes {
		return
	}
	f := fold(text)
	if !context {
		context = isCommon(f)
		c.last = text
	}
	if i, ok := c.at[f]; ok {
		if !context {
			c.list[i].Context = false
		}
		return
	}
	if f == "" || len(c.list) >= MaxNames || strings.ContainsAny(text, "\r\n") {
		return
	}
	c.at[f] = len(c.list)
	c.list = append(c.list, Name{Kind: k, Text: text, Context: context})
	c.parts(k, text, context)
}

// parts adds the words of a name of several: Beispiel, Anna; anna.beispiel.
func (c *candidates) parts(k Kind, text string, context bool) {
	if k != Mailbox && k != User || context {
		return
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !isWordRune(r) && r != '\'' })
	if len(words) < 2 || len(words) > phraseWords {
		return
	}
	for _, w := range words {
		if len(w) >= minPart && !isCommon(w) && !isNever(w) && !mailProviders[strings.ToLower(w)] && !strings.ContainsAny(w, "0123456789") {
			c.add(Person, w, false)
		}
	}
}

// weak notes a word that is a name if another place names its domain: mail.example.com,
// example\anna.
func (c *candidates) weak(text string) {
	if len(c.loose) < maxWeak && !c.known[text] {
		c.known[text] = true
		c.loose = append(c.loose, text)
	}
}

// take notes a pseudonym that an input holds.
func (c *candidates) take(k Kind, n int) { c.used = append(c.used, Name{Kind: k, N: n}) }
