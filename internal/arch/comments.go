package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// MinDocumented is the share of exported names that carry a comment.
const MinDocumented = 0.90

// Comments finds packages without a package comment and, if less than MinDocumented
// of all exported names are documented, the names that are not.
func Comments(files []*File) []Breach {
	var out []Breach
	for _, pkg := range packages(files) {
		if !commented(pkg) {
			out = append(out, Breach{Path: pkg[0].Folder, Text: fmt.Sprintf("package %s has no comment that starts with \"Package %[1]s\"", pkg[0].Syntax.Name.Name)})
		}
	}
	if share, bare := Documented(files); share < MinDocumented {
		out = append(out, bare...)
	}
	return out
}

func commented(pkg []*File) bool {
	for _, f := range pkg {
		doc := f.Syntax.Doc.Text()
		if strings.HasPrefix(doc, "Package "+f.Syntax.Name.Name+" ") || f.Syntax.Name.Name == "main" && doc != "" {
			return true
		}
	}
	return false
}

// Documented returns the share of exported names outside tests that have a comment
// of their own or of their group, and those that have none.
func Documented(files []*File) (float64, []Breach) {
	var bare []Breach
	total := 0
	for _, f := range files {
		if f.Test {
			continue
		}
		for _, d := range f.Syntax.Decls {
			for _, n := range exported(d) {
				total++
				if !n.documented {
					bare = append(bare, f.breach(n.pos, "exported %s has no comment", n.name))
				}
			}
		}
	}
	if total == 0 {
		return 0, nil
	}
	return 1 - float64(len(bare))/float64(total), bare
}

// A named is an exported name and whether a comment explains it.
type named struct {
	name       string
	pos        token.Pos
	documented bool
}

func exported(d ast.Decl) []named {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv)) {
			return []named{{d.Name.Name, d.Pos(), d.Doc != nil}}
		}
	case *ast.GenDecl:
		var out []named
		for _, s := range d.Specs {
			out = append(out, exportedSpec(s, d.Doc != nil)...)
		}
		return out
	}
	return nil
}

func exportedSpec(s ast.Spec, grouped bool) []named {
	var out []named
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			out = append(out, named{s.Name.Name, s.Pos(), grouped || s.Doc != nil || s.Comment != nil})
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				out = append(out, named{n.Name, s.Pos(), grouped || s.Doc != nil || s.Comment != nil})
			}
		}
	}
	return out
}

func exportedReceiver(recv *ast.FieldList) bool {
	t := recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	name := dotted(t)
	return ast.IsExported(name)
}
