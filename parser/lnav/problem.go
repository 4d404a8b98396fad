package lnav

import (
	"fmt"
	"strings"
)

// A Problem is what is wrong with a format file, and where.
type Problem struct {
	File   string
	Line   int // 1-based
	Column int // 1-based, in bytes
	What   string
	Remedy string // empty if What says it all
}

// Error returns "file:line:column: what; remedy".
func (p *Problem) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.What)
	if p.Remedy != "" {
		text += "; " + p.Remedy
	}
	return text
}

// A file is the text of a format file, for saying where something stands.
type file struct {
	name string
	text string
}

// problem returns the error that something at a byte offset is wrong.
func (f *file) problem(at int, remedy, what string, args ...any) *Problem {
	at = min(at, len(f.text))
	before := f.text[:at]
	line := 1 + strings.Count(before, "\n")
	column := at - strings.LastIndexByte(before, '\n')
	return &Problem{f.name, line, column, fmt.Sprintf(what, args...), remedy}
}
