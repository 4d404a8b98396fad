package lnav

import (
	"errors"
	"fmt"
	"strings"

	"oxtail/parser"
)

// MaxFile is the largest format file in bytes: lnav's largest has 70 KB.
const MaxFile = 4 << 20

// A Loader reads format files.
type Loader struct {
	// Recognisers are heads written in Go, by the name that a format's
	// "oxtail": {"recogniser": …} uses.
	Recognisers map[string]Head
}

// Load reads the formats of one file, in the order of the file, and runs their
// samples. The error joins a *Problem for everything that is wrong; the formats
// that are right are returned all the same.
func (ld *Loader) Load(name string, text []byte) ([]*Format, error) {
	f := &file{name: name, text: string(text)}
	if len(text) > MaxFile {
		return nil, f.problem(0, "", "format file has %d bytes, more than the limit of %d", len(text), MaxFile)
	}
	root, err := parseJSON(f.text, true)
	if err != nil {
		return nil, syntaxProblem(f, err)
	}
	if root.kind != objectKind {
		return nil, f.problem(root.at, `write {"name": {"title": …}}`, "the file holds %s, want an object of formats", root.kind)
	}
	var formats []*Format
	var problems []error
	seen := map[string]bool{}
	for _, m := range root.members {
		if m.name == "$schema" {
			continue
		}
		if seen[m.name] {
			problems = append(problems, f.problem(m.at, "rename one of them", "format %q stands twice in the file", m.name))
			continue
		}
		seen[m.name] = true
		format, wrong := ld.build(f, m)
		if len(wrong) > 0 {
			problems = append(problems, wrong...)
			continue
		}
		formats = append(formats, format)
	}
	return formats, errors.Join(problems...)
}

func syntaxProblem(f *file, err error) error {
	var at *jsonError
	if errors.As(err, &at) {
		return f.problem(at.at, "", "not JSON: %s", at.what)
	}
	return fmt.Errorf("read %s: %w", f.name, err)
}

// build makes one format of its definition.
func (ld *Loader) build(f *file, m member) (*Format, []error) {
	if !validName(m.name) {
		return nil, []error{f.problem(m.at, "use letters, digits and _", "%q is no name of a format", m.name)}
	}
	d := newDefinition(f, m)
	if problems := d.read(m.value); len(problems) > 0 {
		return nil, problems
	}
	head, err := ld.head(d)
	if err != nil {
		return nil, []error{err}
	}
	format := &Format{def: d, head: head}
	if problems := format.runSamples(); len(problems) > 0 {
		return nil, problems
	}
	return format, nil
}

// head returns what reads the heads of the format.
func (ld *Loader) head(d *definition) (Head, error) {
	switch d.form {
	case "text":
		return newTextHead(d), nil
	case "json":
		d.multiline = false
		return &jsonHead{d}, nil
	case "logfmt":
		d.multiline = false
		return &logfmtHead{d}, nil
	}
	if h := ld.Recognisers[d.form]; h != nil {
		return h, nil
	}
	return nil, d.file.problem(d.at, "", "format %s: there is no recogniser %q", d.name, d.form)
}

func validName(name string) bool {
	const maxName = 64
	if name == "" || len(name) > maxName {
		return false
	}
	for _, c := range []byte(name) {
		if !isWord(c) && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// runSamples returns a problem for each sample that the format does not parse.
func (f *Format) runSamples() []error {
	var problems []error
	for i, s := range f.def.samples {
		if why := f.trySample(s); why != "" {
			problems = append(problems, f.def.file.problem(s.at, "compare it with `oxtail formats test`", "format %s, sample %d: %s", f.def.name, i+1, why))
		}
	}
	return problems
}

// trySample returns why a sample is not parsed, or "".
func (f *Format) trySample(s Sample) string {
	first, _, _ := strings.Cut(s.Line, "\n")
	r, ok := f.parseOne(s.Line)
	switch {
	case !ok && f.matchesModule(s.Line):
		return ""
	case !ok:
		return fmt.Sprintf("no pattern matches %q%s", clip(first), f.furthest(first))
	case r.Problem != "":
		return fmt.Sprintf("%s: %q", r.Problem, clip(first))
	case s.Level != parser.LevelNone && r.Level != s.Level:
		return fmt.Sprintf("level is %q, want %q: %q", r.Level, s.Level, clip(first))
	}
	return ""
}

// parseOne reads the first entry of a text.
func (f *Format) parseOne(text string) (*parser.Record, bool) {
	first, _, _ := strings.Cut(text, "\n")
	r := &parser.Record{}
	in, ok := f.head.Read(first, r)
	if r.Problem == "" {
		r.Problem = in.Problem
	}
	return r, ok
}

func (f *Format) matchesModule(line string) bool {
	for _, p := range f.def.patterns {
		if p.module && p.matches(line) {
			return true
		}
	}
	return false
}

// clip shortens a line for a message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
