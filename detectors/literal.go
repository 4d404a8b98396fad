package detectors

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"oxtail/parser/codes"
)

// literals is a set of lower-case ASCII texts of which a record must contain at
// least one, in any case, for a rule to match. nil means that no such set is known.
//
// The texts leave out what a format may write in another way than the record's
// field shows: characters that JSON, XML and CSV escape, line ends, and all beyond
// ASCII, which is other bytes in another encoding.
type literals []string

// Limits of literal sets.
const (
	// MinLiteral is the shortest literal in bytes: shorter ones stand in every
	// other line and cost more than they save.
	MinLiteral = 3

	// maxLiterals is the largest set that one rule may ask for.
	maxLiterals = 128
)

// escaped are the ASCII characters that some format writes in another way.
const escaped = "\"\\<>&'/+`"

// longestSafe returns the literal set of a text that must be there as it is.
func longestSafe(text string) literals {
	best := ""
	for _, run := range strings.FieldsFunc(fold(text), func(r rune) bool {
		return r < ' ' || r > '~' || strings.ContainsRune(escaped, r)
	}) {
		if weight(run) > weight(best) {
			best = run
		}
	}
	if len(best) < MinLiteral {
		return nil
	}
	return literals{best}
}

// commonWords stand in so many lines of any log that a shorter but rarer word is
// the better one to look for.
var commonWords = [...]string{
	"error", "failed", "failure", "sync", "folder", "server", "message", "exception", "warning", "info",
	"http", "mail", "outlook", "store", "profile", "object", "item", "user", "connect", "start", "finish", "with",
	"text", "the ", " for", "uuid", "code", "status", "complete", "initial", "done", "slow", "full", "account",
}

// weight guesses how rare a text is in logs: its length, less for common words.
func weight(text string) int {
	w := min(len(text), 12)
	for _, c := range commonWords {
		if len(text) <= len(c)+1 && strings.Contains(text, c) {
			return min(w, MinLiteral)
		}
	}
	return w
}

func (l literals) weight() int {
	if l == nil {
		return 0
	}
	w := weight(l[0])
	for _, text := range l[1:] {
		w = min(w, weight(text))
	}
	return w
}

// better returns the set that fewer records will contain.
func better(a, b literals) literals {
	wa, wb := a.weight(), b.weight()
	if wa != wb {
		if wa > wb {
			return a
		}
		return b
	}
	if a == nil || b != nil && len(b) < len(a) {
		return b
	}
	return a
}

// union returns the set for "one of these": known only when each part is.
func union(parts ...literals) literals {
	var out literals
	for _, p := range parts {
		if p == nil {
			return nil
		}
		out = append(out, p...)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) == 0 || len(out) > maxLiterals {
		return nil
	}
	return out
}

// needs returns the literals of a pattern: its best plain part.
func (p pattern) needs() literals {
	var best literals
	for _, t := range p {
		if t.kind == literal {
			best = better(best, longestSafe(t.text))
		}
	}
	return best
}

// nodeNeeds returns the literals of a regular expression.
func nodeNeeds(re *syntax.Regexp) literals {
	switch re.Op {
	case syntax.OpLiteral:
		return longestSafe(string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return nodeNeeds(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return nodeNeeds(re.Sub[0])
		}
	case syntax.OpConcat:
		var best literals
		for _, sub := range re.Sub {
			best = better(best, nodeNeeds(sub))
		}
		return best
	case syntax.OpAlternate:
		parts := make([]literals, len(re.Sub))
		for i, sub := range re.Sub {
			parts[i] = nodeNeeds(sub)
		}
		return union(parts...)
	}
	return nil
}

// Limits of the sets that a regular expression is tried for before it is run.
const (
	maxEvery    = 6  // sets
	maxEveryOne = 24 // texts in a set
)

// nodeEveryNeed appends all the literal sets that a regular expression needs, not only
// the best one.
func nodeEveryNeed(re *syntax.Regexp, to []literals) []literals {
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return nodeEveryNeed(re.Sub[0], to)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return nodeEveryNeed(re.Sub[0], to)
		}
		return to
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			to = nodeEveryNeed(sub, to)
		}
		return to
	}
	if need := nodeNeeds(re); need != nil && len(need) <= maxEveryOne && len(to) < maxEvery {
		to = append(to, need)
	}
	return to
}

// textual reports whether a field's values stand in the record's text as they are.
// The others are made by the parser: a record can have error_kind=folder without
// the word "folder" in its bytes.
func textual(field string) bool {
	switch fold(field) {
	case "event", "error_kind", "log", "version", "scope", "direction", "hresult", "msgid", "result", "context",
		"count", "count_of", "count_did", "count_in", "same_cause", "failed_item", "outcome", "http_status", "phase",
		"flags", "pass", "last_pass", "harmless", "object", "repeat", "when", "level", "format", "source",
		"time_basis", "problem", "code", "uuid", "category", "reason", "list", "app", "vector", "provider",
		"mailbox", "server", "folder", "subject", "detail", "file", "description", "task", "user", "sid":
		return false
	}
	return true
}

// codeNeeds returns the literals of one code. An HRESULT may be written as 8 hex
// digits, as a negative decimal, or as an object-model code, which shares only its
// low word.
func codeNeeds(text string) literals {
	text = fold(text)
	v, ok := codes.Code(text).HRESULT()
	if !ok {
		return longestSafe(text)
	}
	hex := text[2:]
	if v>>16 == 0x8004 {
		hex = hex[4:]
	}
	return literals{strconv.FormatInt(int64(int32(v)), 10), hex}
}
