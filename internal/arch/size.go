package arch

import (
	"go/ast"
	"slices"
)

// MaxLines is the longest function, in lines from func to its closing brace: what a
// reader can hold. Longer ones stand in LongFunctions with a reason.
const MaxLines = 70

// MaxBytes is the largest source file: one noun a file.
const MaxBytes = 40 << 10

// MaxDepth is the deepest nesting of if, for, switch and select in a function.
// The aim is three; a fourth is let pass where a loop over a table holds another one.
const MaxDepth = 4

// Size finds functions over MaxLines and files over MaxBytes.
func Size(files []*File, exempt []Exempt) []Breach {
	var out []Breach
	for _, f := range files {
		if f.Bytes > MaxBytes {
			out = append(out, Breach{Path: f.Path, Text: "over 40 KB; split it by nouns"})
		}
		for _, fn := range functions(f) {
			if f.Test || isExempt(exempt, f.Folder, fn.Name.Name) {
				continue
			}
			if n := f.lines(fn); n > MaxLines {
				out = append(out, f.breach(fn.Pos(), "%s has %d lines; want at most %d", fn.Name.Name, n, MaxLines))
			}
			if n := depth(fn.Body); n > MaxDepth {
				out = append(out, f.breach(fn.Pos(), "%s nests %d deep; want at most %d", fn.Name.Name, n, MaxDepth))
			}
		}
	}
	return out
}

// Lengths returns the lengths in lines of all functions outside tests, ascending.
func Lengths(files []*File) []int {
	var out []int
	for _, f := range files {
		for _, fn := range functions(f) {
			if !f.Test {
				out = append(out, f.lines(fn))
			}
		}
	}
	slices.Sort(out)
	return out
}

func functions(f *File) []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range f.Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			out = append(out, fn)
		}
	}
	return out
}

func (f *File) lines(fn *ast.FuncDecl) int { return f.Line(fn.End()) - f.Line(fn.Pos()) + 1 }

func isExempt(list []Exempt, folder, name string) bool {
	return slices.ContainsFunc(list, func(e Exempt) bool { return e.Folder == folder && e.Func == name })
}

// depth returns how deep control statements nest in a block. Else-if chains count once.
func depth(body ast.Node) int {
	deepest := 0
	ast.Inspect(body, func(n ast.Node) bool {
		var inner []ast.Node
		switch n := n.(type) {
		case *ast.IfStmt:
			inner = append(inner, n.Body)
			if n.Else != nil {
				if elseIf, ok := n.Else.(*ast.IfStmt); ok {
					deepest = max(deepest, depth(&ast.BlockStmt{List: []ast.Stmt{elseIf}}))
				} else {
					inner = append(inner, n.Else)
				}
			}
		case *ast.ForStmt:
			inner = append(inner, n.Body)
		case *ast.RangeStmt:
			inner = append(inner, n.Body)
		case *ast.SwitchStmt:
			inner = append(inner, n.Body)
		case *ast.TypeSwitchStmt:
			inner = append(inner, n.Body)
		case *ast.SelectStmt:
			inner = append(inner, n.Body)
		default:
			return true
		}
		for _, b := range inner {
			deepest = max(deepest, 1+depth(b))
		}
		return false
	})
	return deepest
}
