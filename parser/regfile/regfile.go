package regfile

import (
	"errors"
	"fmt"
	"strings"

	"oxtail/parser/profile"
)

// Limits of one file.
const (
	// MaxKeys bounds the keys of a tree; HKEY_LOCAL_MACHINE has about 500,000.
	MaxKeys = 4 << 20
	// MaxDepth bounds the nesting of keys; Windows allows 512.
	MaxDepth = 512
	// MaxProblems bounds the listed problems; further ones are counted.
	MaxProblems = 1000
	// MaxTextLines bounds the lines of one quoted text, which may hold line feeds.
	MaxTextLines = 4096
)

// Problem is one line, or the start of several, that could not be read.
type Problem struct {
	Line   int    `json:"line"` // 1-based
	Detail string `json:"detail"`
}

// Deletion is a line that deletes a key or value when it is imported. It shows
// that somebody meant to delete, not that anything was there.
type Deletion struct {
	Line  int    `json:"line"` // 1-based
	Key   string `json:"key"`
	Value string `json:"value,omitempty"` // "@" is the default value; empty for a whole key
}

// File is a .reg file.
type File struct {
	Encoding  Encoding
	Version   string // first line: "REGEDIT4" or "Windows Registry Editor Version 5.00"; "" if missing
	Keys      int    // in the tree
	Values    int    // value lines read
	Deletions []Deletion
	Problems  []Problem
	// MoreProblems counts those beyond MaxProblems.
	MoreProblems int

	root *node
}

// ErrNotReg says that a file has neither the first line nor a key of a .reg file.
var ErrNotReg = errors.New("no .reg file: neither its first line nor a [key] was found")

// Root gives the tree. Its subkeys are the predefined keys by their full
// names, for instance HKEY_CURRENT_USER.
func (f *File) Root() profile.Key { return f.root }

// Parse reads a file. The error is [ErrNotReg] or nil; damage within the file
// is in Problems.
func Parse(data []byte) (*File, error) {
	p := &parser{lines: newLines(data), file: &File{root: &node{}}}
	p.file.Encoding = p.lines.encoding
	for {
		line, ok := p.lines.next()
		if !ok {
			break
		}
		p.line(line)
	}
	if p.file.Version == "" && p.file.Keys == 0 && len(p.file.Deletions) == 0 {
		return nil, ErrNotReg
	}
	p.compact()
	if p.file.Version == "" {
		p.problem(1, fmt.Sprintf("first line is missing; want %q or %q", header5, header4))
	}
	return p.file, nil
}

// parser holds the state of one Parse.
type parser struct {
	lines   *lines
	file    *File
	key     *node   // of the section; nil before the first, and in a broken or deleted one
	path    string  // of the section, for deletions
	touched []*node // keys that something was deleted from
	skipped bool    // the section's own line was broken: its values are passed over in silence
}

// problem records what is wrong with a line.
func (p *parser) problem(line int, detail string) {
	if len(p.file.Problems) >= MaxProblems {
		p.file.MoreProblems++
		return
	}
	p.file.Problems = append(p.file.Problems, Problem{line, detail})
}

// line reads one line, and the further ones that belong to it.
func (p *parser) line(line string) {
	// The end is not trimmed: a text may go on in the next line.
	line = strings.TrimLeft(strings.TrimPrefix(line, "\ufeff"), " \t\r")
	switch {
	case line == "" || line[0] == ';':
	case isHeader(strings.TrimSpace(line)):
		p.header(strings.TrimSpace(line))
	case line[0] == '[':
		p.section(line)
	case line[0] == '"' || line[0] == '@':
		p.valueLine(line)
	default:
		// The line is not quoted: it may be a piece of secret data.
		p.problem(p.lines.number, fmt.Sprintf("neither a key, a value nor a comment (%d characters)", len(line)))
	}
}

// header notes the version. Files put together by hand repeat it.
func (p *parser) header(line string) {
	isOld := strings.EqualFold(line, header4)
	p.lines.isOld = isOld
	if p.file.Version != "" {
		return
	}
	p.file.Version = header5
	if isOld {
		p.file.Version = header4
	}
}

// section reads [key] or [-key].
func (p *parser) section(line string) {
	p.key, p.skipped = nil, true
	end := strings.LastIndexByte(line, ']')
	if end < 0 {
		p.problem(p.lines.number, "key without ]: "+excerpt(line))
		return
	}
	path, isDelete := strings.CutPrefix(line[1:end], "-")
	parts := strings.Split(strings.TrimSuffix(path, `\`), `\`)
	if len(parts) > MaxDepth {
		p.problem(p.lines.number, fmt.Sprintf("key is %d levels deep; the limit is %d", len(parts), MaxDepth))
		return
	}
	for _, part := range parts {
		if part == "" {
			p.problem(p.lines.number, "key with an empty name: "+excerpt(line))
			return
		}
	}
	hive, known := fullHive(parts[0])
	if !known {
		p.problem(p.lines.number, "unknown root key "+excerpt(parts[0]))
	}
	parts[0] = hive
	p.path = strings.Join(parts, `\`)
	if isDelete {
		p.deleteKey(parts)
		return
	}
	p.open(parts)
}

// open makes a key the section that values go to.
func (p *parser) open(parts []string) {
	key := p.file.root
	for _, part := range parts {
		if p.file.Keys >= MaxKeys && key.sub(part) == nil {
			p.problem(p.lines.number, fmt.Sprintf("more than %d keys; this one is left out", MaxKeys))
			return
		}
		sub, isNew := key.add(part, p.lines.place())
		if isNew {
			p.file.Keys++
		}
		key = sub
	}
	if !key.listed {
		key.listed, key.place = true, p.lines.place()
	}
	p.key, p.skipped = key, false
}

// deleteKey notes a deletion and takes the key out of the tree, as an import
// would. Values that follow such a line are damage.
func (p *parser) deleteKey(parts []string) {
	p.skipped = false
	p.file.Deletions = append(p.file.Deletions, Deletion{Line: p.lines.number, Key: p.path})
	key := p.file.root
	for _, part := range parts[:len(parts)-1] {
		if key = key.sub(part); key == nil {
			return
		}
	}
	if key.remove(parts[len(parts)-1]) {
		p.touched = append(p.touched, key)
	}
}

// compact takes what was deleted out of the lists and counts the keys again.
// It runs once at the end: deleting from the lists one by one would let a
// hostile file cost the square of its size.
func (p *parser) compact() {
	if len(p.touched) == 0 {
		return
	}
	for _, key := range p.touched {
		key.compact()
	}
	p.file.Keys = p.file.root.count()
}

// excerptRunes bounds what a problem quotes from the file.
const excerptRunes = 40

// excerpt quotes the start of a name or line for a problem. Callers must not
// hand in the data of a value, which could be a secret.
func excerpt(text string) string {
	runes := []rune(text)
	if len(runes) > excerptRunes {
		return fmt.Sprintf("%q…", string(runes[:excerptRunes]))
	}
	return fmt.Sprintf("%q", text)
}
