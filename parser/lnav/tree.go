package lnav

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON, in format files and in log lines: real ones
// stay below ten, and the reader recurses.
const maxDepth = 64

// A kind is the type of a JSON value.
type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	arrayKind
	objectKind
)

// String names the kind as in error messages.
func (k kind) String() string {
	return [...]string{"null", "true or false", "a number", "text", "a list", "an object"}[k]
}

// A node is a JSON value that knows where it stands. Objects keep the order of
// their members, which encoding/json loses: patterns and fields have an order.
type node struct {
	kind    kind
	at      int    // byte offset in the text
	end     int    // byte offset after it
	text    string // of strings: the value; of numbers, booleans: as written
	members []member
	items   []*node
}

type member struct {
	name  string
	at    int
	value *node
}

func (n *node) get(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// A jsonReader parses one JSON text.
type jsonReader struct {
	text     string
	at       int
	comments bool // tolerate // and /* */, as lnav does in format files
}

// A jsonError says what was expected at a byte offset.
type jsonError struct {
	at   int
	what string
}

func (e *jsonError) Error() string { return e.what }

func (r *jsonReader) fail(what string, args ...any) error {
	return &jsonError{r.at, fmt.Sprintf(what, args...)}
}

// parseJSON parses a text that holds one JSON value and nothing else.
func parseJSON(text string, comments bool) (*node, error) {
	r := &jsonReader{text: text, comments: comments}
	if strings.HasPrefix(text, "\ufeff") {
		r.at = len("\ufeff")
	}
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if err := r.skip(); err != nil {
		return nil, err
	}
	if r.at < len(text) {
		return nil, r.fail("text after the end of the JSON value")
	}
	return n, nil
}

// skip moves past blanks and comments.
func (r *jsonReader) skip() error {
	for r.at < len(r.text) {
		switch rest := r.text[r.at:]; {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			r.at++
		case r.comments && strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			r.at += n
		case r.comments && strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest, "*/")
			if n < 0 {
				return r.fail("comment does not end")
			}
			r.at += n + len("*/")
		default:
			return nil
		}
	}
	return nil
}

func (r *jsonReader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *jsonReader) value(depth int) (*node, error) {
	if err := r.skip(); err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, r.fail("nested deeper than %d levels", maxDepth)
	}
	n := &node{at: r.at}
	var err error
	switch c := r.peek(); {
	case c == '{':
		err = r.object(n, depth)
	case c == '[':
		err = r.array(n, depth)
	case c == '"':
		n.kind = stringKind
		n.text, err = r.string()
	default:
		err = r.scalar(n)
	}
	n.end = r.at
	return n, err
}

func (r *jsonReader) object(n *node, depth int) error {
	n.kind = objectKind
	r.at++
	for first := true; ; first = false {
		done, err := r.next('}', first)
		if done || err != nil {
			return err
		}
		m := member{at: r.at}
		if r.peek() != '"' {
			return r.fail("a key in double quotes is missing")
		}
		if m.name, err = r.string(); err != nil {
			return err
		}
		if err := r.skip(); err != nil {
			return err
		}
		if r.peek() != ':' {
			return r.fail("a colon is missing after the key %q", m.name)
		}
		r.at++
		if m.value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
}

func (r *jsonReader) array(n *node, depth int) error {
	n.kind = arrayKind
	r.at++
	for first := true; ; first = false {
		done, err := r.next(']', first)
		if done || err != nil {
			return err
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
}

// next moves to the next element of a list or object, or past its end.
func (r *jsonReader) next(closing byte, first bool) (done bool, err error) {
	if err := r.skip(); err != nil {
		return false, err
	}
	switch c := r.peek(); {
	case c == closing:
		r.at++
		return true, nil
	case first:
		return false, nil
	case c != ',':
		return false, r.fail("a comma or %q is missing", string(closing))
	}
	r.at++
	if err := r.skip(); err != nil {
		return false, err
	}
	if r.peek() == closing {
		return false, r.fail("a comma before %q", string(closing))
	}
	return false, nil
}

func (r *jsonReader) scalar(n *node) error {
	end := r.at
	for end < len(r.text) && strings.IndexByte("+-.0123456789abcdefghijklmnopqrstuvwxyzE", r.text[end]) >= 0 {
		end++
	}
	n.text = r.text[r.at:end]
	switch n.text {
	case "true", "false":
		n.kind = boolKind
	case "null":
		n.kind = nullKind
	default:
		n.kind = numberKind
		if !isNumber(n.text) {
			return r.fail("a value is missing or not written as JSON")
		}
	}
	r.at = end
	return nil
}

func isNumber(text string) bool {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || strings.Trim(text, "0123456789") == ""
}

// string reads a text in double quotes.
func (r *jsonReader) string() (string, error) {
	start := r.at + 1
	for i := start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.at = i + 1
			return r.text[start:i], nil
		case c == '\\':
			return r.escaped(start, i)
		case c < 0x20 && c != '\t':
			r.at = i
			return "", r.fail("a line end or control character inside a text")
		}
	}
	return "", r.fail("text does not end")
}

// escaped reads the rest of a text from its first backslash on.
func (r *jsonReader) escaped(start, at int) (string, error) {
	var b strings.Builder
	b.WriteString(r.text[start:at])
	for at < len(r.text) {
		switch c := r.text[at]; {
		case c == '"':
			r.at = at + 1
			return b.String(), nil
		case c == '\\':
			char, n := unescape(r.text[at:])
			if n == 0 {
				r.at = at
				return "", r.fail(`a backslash that JSON does not know; in patterns write two: \\d`)
			}
			b.WriteRune(char)
			at += n
		case c < 0x20 && c != '\t':
			r.at = at
			return "", r.fail("a line end or control character inside a text")
		default:
			b.WriteByte(c)
			at++
		}
	}
	return "", r.fail("text does not end")
}

// unescape reads one escape sequence and returns its length, 0 if it is none.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	r, ok := hexRune(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := hexRune(s[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return utf8.RuneError, 6
	}
	return r, 6
}

// hexRune reads \uXXXX.
func hexRune(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(v), err == nil
}
