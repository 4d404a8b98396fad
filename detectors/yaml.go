package detectors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Limits of a rule file.
const (
	// MaxRuleFile is the largest rule file in bytes that is read. The shipped ones
	// are below 10 KB; a log that was put into the folder by mistake is not.
	MaxRuleFile = 1 << 20

	// maxRuleDepth is how deep lists and maps may be nested; rules need 6.
	maxRuleDepth = 32

	// maxRuleNodes is how many values a document may have once its aliases are
	// followed: a few lines of aliases of aliases make millions of values.
	maxRuleNodes = 50_000
)

// A file is one rule file while it is read. It collects what is wrong with it.
type file struct {
	name     string
	errs     []error
	warnings []*LoadError
}

func (f *file) errorf(at *yaml.Node, format string, args ...any) {
	f.errs = append(f.errs, f.problem(at, format, args...))
}

func (f *file) problem(at *yaml.Node, format string, args ...any) *LoadError {
	e := &LoadError{File: f.name, Problem: fmt.Sprintf(format, args...)}
	if at != nil {
		e.Line = at.Line
	}
	return e
}

// documents returns the root values of a YAML file's documents. Empty ones are left out.
func (f *file) documents(data []byte) []*yaml.Node {
	if len(data) > MaxRuleFile {
		f.errorf(nil, "%d bytes are more than the limit of a rule file, %d", len(data), MaxRuleFile)
		return nil
	}
	var out []*yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decode(dec, &doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			f.errs = append(f.errs, f.syntax(err))
			return out
		}
		if len(doc.Content) == 0 || isNull(doc.Content[0]) {
			continue
		}
		root, err := flatten(doc.Content[0], &budget{nodes: maxRuleNodes}, 0)
		if err != nil {
			f.errorf(doc.Content[0], "%v", err)
			continue
		}
		out = append(out, root)
	}
}

// decode reads the next document. The YAML parser reports its own broken
// invariants by panicking; for a reader of foreign files that is an error of the file.
func decode(dec *yaml.Decoder, doc *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return dec.Decode(doc)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax turns an error of the YAML parser, which begins "yaml: line 3: ", into ours.
func (f *file) syntax(err error) *LoadError {
	text := err.Error()
	m := yamlLine.FindStringSubmatch(text)
	e := &LoadError{File: f.name, Problem: "not YAML: " + yamlLine.ReplaceAllString(text, "")}
	if m != nil && m[1] != "" {
		e.Line, _ = strconv.Atoi(m[1]) // digits of the pattern; too many of them leave line 0
	}
	return e
}

type budget struct{ nodes int }

// flatten returns the tree with its aliases replaced by copies of what they stand for.
func flatten(n *yaml.Node, b *budget, depth int) (*yaml.Node, error) {
	b.nodes--
	switch {
	case b.nodes < 0:
		return nil, fmt.Errorf("more than %d values once aliases are followed", maxRuleNodes)
	case depth > maxRuleDepth:
		return nil, fmt.Errorf("nested deeper than %d", maxRuleDepth)
	case n.Kind == yaml.AliasNode:
		return flatten(n.Alias, b, depth+1)
	}
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c, err := flatten(child, b, depth+1)
		if err != nil {
			return nil, err
		}
		out.Content[i] = c
	}
	return &out, nil
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// A pair is one key of a YAML map with its value.
type pair struct {
	key   *yaml.Node
	value *yaml.Node
}

// pairs returns the entries of a map and complains about what is none, about keys
// that are no text, and about keys that stand there twice.
func (f *file) pairs(n *yaml.Node, what string) []pair {
	if n.Kind != yaml.MappingNode {
		f.errorf(n, "%s must be a map of names and values", what)
		return nil
	}
	var out []pair
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			f.errorf(key, "a key of %s must be a single word", what)
			continue
		}
		if key.ShortTag() == "!!merge" {
			f.errorf(key, "YAML's merge key << is not supported; write the entries of %s out", what)
			continue
		}
		if first, twice := seen[key.Value]; twice {
			f.errorf(key, "key %q of %s stands twice; first in line %d", key.Value, what, first)
			continue
		}
		seen[key.Value] = key.Line
		out = append(out, pair{key, n.Content[i+1]})
	}
	return out
}

// A reader takes the value of one key.
type reader func(n *yaml.Node)

// fields hands the values of a map to the readers of their keys.
func (f *file) fields(n *yaml.Node, what string, readers map[string]reader) {
	for _, p := range f.pairs(n, what) {
		read, known := readers[p.key.Value]
		if !known {
			f.errorf(p.key, "unknown key %q of %s%s", p.key.Value, what, suggest(p.key.Value, sortedKeys(readers)))
			continue
		}
		read(p.value)
	}
}

// text returns a reader of one text. YAML's guesses (dates, numbers, booleans) are
// undone: the text is what stands in the file.
func (f *file) text(what string, to *string) reader {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			f.errorf(n, "%s must be a single text", what)
			return
		}
		if !isNull(n) {
			*to = strings.TrimSpace(n.Value)
		}
	}
}

// texts returns a reader of a text or a list of texts.
func (f *file) texts(what string, to *[]string) reader {
	return func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && !isNull(n) {
			*to = []string{n.Value}
			return
		}
		if n.Kind != yaml.SequenceNode {
			f.errorf(n, "%s must be a text or a list of texts", what)
			return
		}
		*to = make([]string, 0, len(n.Content))
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode || isNull(c) {
				f.errorf(c, "%s must hold texts only", what)
				continue
			}
			*to = append(*to, c.Value)
		}
	}
}

// flag returns a reader of true or false.
func (f *file) flag(what string, to *bool) reader {
	return func(n *yaml.Node) {
		v, ok := boolean(n)
		if !ok {
			f.errorf(n, "%s must be true or false, not %q", what, n.Value)
			return
		}
		*to = v
	}
}

func boolean(n *yaml.Node) (value, ok bool) {
	if n.Kind != yaml.ScalarNode {
		return false, false
	}
	switch strings.ToLower(n.Value) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// number returns a reader of a whole number from least upwards.
func (f *file) number(what string, least int, to *int) reader {
	return func(n *yaml.Node) {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < least {
			f.errorf(n, "%s must be a whole number from %d, not %q", what, least, n.Value)
			return
		}
		*to = v
	}
}

// choice returns a reader of one of a list of words.
func choice[T ~string](f *file, what string, known []T, to *T) reader {
	return func(n *yaml.Node) {
		for _, k := range known {
			if n.Kind == yaml.ScalarNode && n.Value == string(k) {
				*to = k
				return
			}
		}
		f.errorf(n, "%s", unexpectedText(what, n.Value, words(known)))
	}
}

// span returns a reader of a duration in Sigma's words: 30s 5m 1h 7d.
func (f *file) span(what string, to *time.Duration) reader {
	return func(n *yaml.Node) {
		d, err := ParseSpan(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			f.errorf(n, "%s: %v", what, err)
			return
		}
		*to = d
	}
}

// maxSpan bounds time spans: a year of a support case is a typing error.
const maxSpan = 366 * 24 * time.Hour

// ParseSpan reads a duration in Sigma's words: a positive whole number and s, m, h or d.
func ParseSpan(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	want := fmt.Errorf("unexpected time span %q; want a whole number above 0 and s, m, h or d, such as 5m", text)
	if len(text) < 2 {
		return 0, want
	}
	unit, known := units[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 31)
	if !known || err != nil || n == 0 {
		return 0, want
	}
	if n > uint64(maxSpan/unit) {
		return 0, fmt.Errorf("time span %q is longer than a year", text)
	}
	return time.Duration(n) * unit, nil
}
