package detectors

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// heal says what a later record must say, about the same object, for a fault of its
// rule to count as gone.
type heal struct {
	key   []string // fields that tell the object, the first that both have decides
	expr  expr
	group string // rules with the same good news share it; see healGroup
}

// healing reads heals: fields with modifiers as in a selection, and
//
//	keywords: [texts]   one must stand in the entry, not behind a "not"
//	key: [uuid, folder] what tells the object; an empty list: any later record will do
func (f *file) healing(n *yaml.Node, names placeholders) *heal {
	h := &heal{key: []string{"uuid", "folder"}}
	var parts allOf
	for _, p := range f.pairs(n, "heals") {
		switch p.key.Value {
		case "key":
			f.texts("key", &h.key)(p.value)
		case "keywords":
			var texts []string
			f.texts("keywords", &texts)(p.value)
			if len(texts) == 0 {
				f.errorf(p.value, "heals has no keywords")
				continue
			}
			parts = append(parts, goodNews(texts))
		default:
			if x := f.field(p, names); x != nil {
				parts = append(parts, x)
			}
		}
	}
	if len(parts) == 0 {
		f.errorf(n, "heals needs keywords or fields that a later record must have")
		return nil
	}
	h.expr = single(parts)
	return h
}

// goodNews looks for words of success. "not successful" and "unsuccessful" are none.
func goodNews(texts []string) keywords {
	tests := make([]test, len(texts))
	for i, text := range texts {
		text = fold(strings.TrimSpace(text))
		tests[i] = test{
			passes: func(v *value) bool { return affirmed(v.fold(), text) },
			lits:   longestSafe(text),
		}
	}
	return keywords{tests: tests}
}

// negations are the words that turn the next one into its contrary.
var negations = [...]string{"not", "no", "never", "nicht", "kein", "keine", "cannot", "can't", "isn't", "wasn't", "without", "ohne", "be", "n't"}

// affirmed reports whether the word stands in s at the start of a word and without
// a negation before it. "Be" counts as one: "to be saved", "could not be saved".
func affirmed(s, word string) bool {
	for from := 0; from <= len(s)-len(word); {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return false
		}
		i += from
		if before, _ := utf8.DecodeLastRuneInString(s[:i]); !isWordRune(before) && !negated(s[:i]) {
			return true
		}
		from = i + 1
	}
	return false
}

func negated(before string) bool {
	before = strings.TrimRight(before, " -_'\"")
	at := strings.LastIndexAny(before, " \t\n(,;:")
	last := before[at+1:]
	for _, n := range negations {
		if last == n {
			return true
		}
	}
	return false
}

// needs returns the literals of the healing record.
func (h *heal) needs() literals { return h.expr.needs() }
