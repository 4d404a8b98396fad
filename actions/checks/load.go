package checks

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"oxtail/detectors"
)

// Limits of the files with checks.
const (
	// MaxFile is the largest file in bytes that is read; the shipped ones are below 40 KB.
	MaxFile = 1 << 20
	// MaxChecks bounds the checks of a set; a hundred are shipped or planned.
	MaxChecks = 1000
)

// A Set is a list of checks, ordered by id. It is immutable.
type Set struct{ list []*Check }

//go:embed *.yml
var embedded embed.FS

// Default returns the checks that are part of oxtail.
func Default() (*Set, error) { return Load(embedded) }

// List gives the checks in the order of their ids.
func (s *Set) List() []*Check { return slices.Clone(s.list) }

// Get finds a check by its id, nil when there is none.
func (s *Set) Get(id string) *Check {
	for _, c := range s.list {
		if strings.EqualFold(c.ID, id) {
			return c
		}
	}
	return nil
}

// With returns the set with the checks of another one added; those of the same id are
// replaced.
func (s *Set) With(other *Set) *Set {
	out := &Set{list: slices.Clone(other.list)}
	for _, c := range s.list {
		if other.Get(c.ID) == nil {
			out.list = append(out.list, c)
		}
	}
	slices.SortFunc(out.list, func(a, b *Check) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Matching gives the checks that a pattern of --only means.
func (s *Set) Matching(pattern string) []*Check {
	var out []*Check
	for _, c := range s.list {
		if c.Matches(pattern) {
			out = append(out, c)
		}
	}
	return out
}

// Load reads the checks of all *.yml files of a folder. The error joins all problems,
// each with file and line.
func Load(fsys fs.FS) (*Set, error) {
	names, err := fs.Glob(fsys, "*.yml")
	if err != nil {
		return nil, fmt.Errorf("list the files with checks: %w", err)
	}
	set, seen := &Set{}, map[string]string{}
	var errs []error
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read checks %s: %w", name, err))
			continue
		}
		list, err := parse(path.Base(name), data)
		if err != nil {
			errs = append(errs, err)
		}
		for _, c := range list {
			if first, twice := seen[c.ID]; twice {
				errs = append(errs, fmt.Errorf("%s:%d: check %s is there twice, first in %s", c.File, c.Line, c.ID, first))
			}
			seen[c.ID] = c.File
			set.list = append(set.list, c)
		}
	}
	if len(set.list) > MaxChecks {
		errs = append(errs, fmt.Errorf("%d checks are more than the limit, %d", len(set.list), MaxChecks))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(set.list, func(a, b *Check) int { return strings.Compare(a.ID, b.ID) })
	return set, nil
}

// The forms of the YAML file.
type (
	checkYAML struct {
		ID         string       `yaml:"id"`
		Title      string       `yaml:"title"`
		Roles      []Role       `yaml:"roles"`
		Source     string       `yaml:"source"`
		Paragraphs []string     `yaml:"paragraphs"`
		Certainty  Certainty    `yaml:"certainty"`
		Because    string       `yaml:"inferred"`
		Action     string       `yaml:"action"`
		Remedy     string       `yaml:"remedy"`
		Ask        *askYAML     `yaml:"ask"`
		When       []testYAML   `yaml:"when"`
		Tests      []testYAML   `yaml:"tests"`
		Explains   *explainYAML `yaml:"explains"`
	}
	testYAML struct {
		Probe    []Probe   `yaml:"probes"`
		Question *askYAML  `yaml:"question"`
		Pass     Condition `yaml:"pass"`
		Warn     Condition `yaml:"warn"`
		Else     Word      `yaml:"else"`
		Absent   Word      `yaml:"absent"`
		Optional bool      `yaml:"optional"`
		Whole    bool      `yaml:"whole"`
		Say      string    `yaml:"say"`
		Remark   string    `yaml:"remark"`
		Remedy   string    `yaml:"remedy"`
		Action   string    `yaml:"action"`
	}
	askYAML struct {
		Key  string `yaml:"key"`
		Text string `yaml:"text"`
		Good string `yaml:"good"`
	}
	explainYAML struct {
		Place int    `yaml:"place"`
		Why   string `yaml:"why"`
	}
)

// parse reads one file: a list of checks.
func parse(name string, data []byte) ([]*Check, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%s: %d bytes are more than the limit, %d", name, len(data), MaxFile)
	}
	docs, err := documents(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []*Check
	var errs []error
	for _, doc := range docs {
		if doc.Kind != yaml.SequenceNode {
			errs = append(errs, fmt.Errorf("%s:%d: want a list of checks", name, doc.Line))
			continue
		}
		for _, n := range doc.Content {
			c, err := newCheck(name, n)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			out = append(out, c)
		}
	}
	return out, errors.Join(errs...)
}

// maxNodes bounds the values of one file once its aliases are followed: a few lines of
// aliases of aliases make millions. maxNesting bounds lists in lists.
const (
	maxNodes   = 50_000
	maxNesting = 32
)

// documents gives the roots of a YAML or JSON file. The YAML parser panics on some
// broken input; for a reader of foreign files that is an error of the file.
func documents(data []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not YAML: %v", r)
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		doc := new(yaml.Node)
		if err := dec.Decode(doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, errors.New(strings.Replace(err.Error(), "yaml: ", "not YAML: ", 1))
		}
		if len(doc.Content) == 0 {
			continue
		}
		nodes := maxNodes
		if err := bounded(doc.Content[0], &nodes, 0); err != nil {
			return nil, err
		}
		docs = append(docs, doc.Content[0])
	}
}

// bounded refuses aliases and what is too large or too deep.
func bounded(n *yaml.Node, nodes *int, depth int) error {
	*nodes--
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Errorf("line %d: aliases are not supported; write it out", n.Line)
	case *nodes < 0:
		return fmt.Errorf("line %d: more than %d values", n.Line, maxNodes)
	case depth > maxNesting:
		return fmt.Errorf("line %d: nested deeper than %d", n.Line, maxNesting)
	}
	for _, child := range n.Content {
		if err := bounded(child, nodes, depth+1); err != nil {
			return err
		}
	}
	return nil
}

var (
	idPattern   = regexp.MustCompile(`^ENV\d{3}$`)
	linePattern = regexp.MustCompile(`line (\d+): `)
	typePattern = regexp.MustCompile(`field (\S+) not found in type checks\.(\w+?)(?:YAML)?$`)
)

// newCheck reads one check.
func newCheck(file string, n *yaml.Node) (*Check, error) {
	var y checkYAML
	if err := decodeStrictly(n, &y, new(checkYAML)); err != nil {
		return nil, placed(file, n.Line, err)
	}
	c := &Check{
		ID: y.ID, Title: y.Title, Roles: y.Roles, Source: y.Source, Paragraphs: y.Paragraphs, Certainty: y.Certainty, Because: y.Because,
		Action: detectors.Action(y.Action), Remedy: strings.TrimSpace(y.Remedy), File: file, Line: n.Line,
	}
	c.Number, _ = strconv.Atoi(strings.TrimPrefix(c.ID, "ENV")) // the pattern of ids is checked below
	c.Ask = y.Ask.question(c.ID)
	if y.Explains != nil {
		c.Explains = &Cause{y.Explains.Place, y.Explains.Why}
	}
	for i := range y.When {
		c.When = append(c.When, y.When[i].test(c.ID))
	}
	for i := range y.Tests {
		c.Tests = append(c.Tests, y.Tests[i].test(c.ID))
	}
	if err := c.complete(); err != nil {
		return nil, placed(file, n.Line, err)
	}
	return c, nil
}

// decodeStrictly decodes a node and refuses keys that the form does not have. A node
// itself cannot be decoded strictly; its text can, into scratch.
func decodeStrictly(n *yaml.Node, to, scratch any) error {
	text, err := yaml.Marshal(n)
	if err != nil {
		return err
	}
	if err := n.Decode(to); err != nil { // first, for the lines of the file
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(scratch); err != nil {
		return strangeKey(n, err)
	}
	return nil
}

// strangeKey finds the line of a key that no form has.
func strangeKey(n *yaml.Node, err error) error {
	var te *yaml.TypeError
	if !errors.As(err, &te) || len(te.Errors) == 0 {
		return err
	}
	m := typePattern.FindStringSubmatch(te.Errors[0])
	if m == nil {
		return err
	}
	return fmt.Errorf("line %d: unknown key %q of a %s", lineOfKey(n, m[1]), m[1], strings.ToLower(m[2]))
}

// lineOfKey finds the first key of a name.
func lineOfKey(n *yaml.Node, name string) int {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i].Line
			}
		}
	}
	for _, child := range n.Content {
		if line := lineOfKey(child, name); line > 0 {
			return line
		}
	}
	return 0
}

// placed gives an error file and line: its own line, if it names one.
func placed(file string, line int, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	if m := linePattern.FindStringSubmatchIndex(text); m != nil {
		line, _ = strconv.Atoi(text[m[2]:m[3]]) // digits of the pattern
		text = text[:m[0]] + text[m[1]:]
	}
	return fmt.Errorf("%s:%d: %s", file, line, text)
}

func (y *askYAML) question(id string) *Question {
	if y == nil {
		return nil
	}
	q := &Question{Key: id, Text: strings.TrimSpace(y.Text), Good: y.Good}
	if y.Key != "" {
		q.Key = id + "." + y.Key
	}
	if q.Good == "" {
		q.Good = Yes
	}
	return q
}

func (y *testYAML) test(id string) Test {
	t := Test{
		Probes: y.Probe, Question: y.Question.question(id), Pass: y.Pass, Warn: y.Warn, Else: y.Else, Absent: y.Absent, Optional: y.Optional,
		Whole: y.Whole, Say: y.Say, Remark: y.Remark, Remedy: y.Remedy, Action: detectors.Action(y.Action),
	}
	if t.Else == "" {
		t.Else = Fail
	}
	if len(t.Probes) > 0 {
		t.Line = t.Probes[0].Line
	}
	return t
}

// complete checks that a check says everything that a person needs.
func (c *Check) complete() error {
	switch {
	case !idPattern.MatchString(c.ID):
		return fmt.Errorf("id %q: want ENV and three digits", c.ID)
	case c.Title == "" || c.Source == "" || c.Remedy == "":
		return fmt.Errorf("check %s needs title, source and remedy", c.ID)
	case len(c.Roles) == 0:
		return fmt.Errorf("check %s needs roles", c.ID)
	case !slices.Contains([]Certainty{Quoted, Documented, ThirdParty, Inferred}, c.Certainty):
		return fmt.Errorf("check %s: unexpected certainty %q; want quoted, documented, third-party or inferred", c.ID, c.Certainty)
	case !slices.Contains(actionWords(), c.Action):
		return fmt.Errorf("check %s: unexpected action %q; want one of %s", c.ID, c.Action, joined(actionWords()))
	case len(c.Tests) == 0 && c.Ask == nil:
		return fmt.Errorf("check %s has neither tests nor a question", c.ID)
	}
	for _, r := range c.Roles {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("check %s: unexpected role %q; want one of %s", c.ID, r, joined(Roles()))
		}
	}
	for _, t := range append(slices.Clone(c.When), c.Tests...) {
		if err := t.complete(c.ID); err != nil {
			return err
		}
	}
	for _, q := range c.Questions() {
		if q.Text == "" || q.Good != Yes && q.Good != No {
			return fmt.Errorf("check %s: a question needs a text, and good: yes or no", c.ID)
		}
	}
	return nil
}

func (t *Test) complete(id string) error {
	switch {
	case (len(t.Probes) == 0) == (t.Question == nil):
		return fmt.Errorf("check %s: a test has either probes or a question", id)
	case t.Question == nil && t.Pass.isZero():
		return fmt.Errorf("line %d: check %s: a test needs a condition under pass", t.Line, id)
	case !slices.Contains([]Word{Pass, Warn, Fail, NotApplicable}, t.Else):
		return fmt.Errorf("line %d: check %s: unexpected result %q under else", t.Line, id, t.Else)
	case t.Absent != "" && !slices.Contains(Words(), t.Absent):
		return fmt.Errorf("line %d: check %s: unexpected result %q under absent", t.Line, id, t.Absent)
	}
	return nil
}

// actionWords lists what a check may recommend.
func actionWords() []detectors.Action {
	return []detectors.Action{
		detectors.None, detectors.Retry, detectors.RebuildOST, detectors.RepairStore, detectors.ServerAdmin, detectors.UserPermission,
		detectors.CheckProfile, detectors.CheckNetwork, detectors.CheckCredentials, detectors.Manual,
	}
}
