package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// A File is one Go source file of the tree, parsed.
type File struct {
	Path   string // slash-separated, relative to the module root
	Folder string // folder of Path; "." for the root
	Test   bool   // name ends in _test.go
	Bytes  int    // size of the file
	Syntax *ast.File

	fset *token.FileSet
}

// Line returns the 1-based line of a position in the file.
func (f *File) Line(p token.Pos) int { return f.fset.Position(p).Line }

// Imports returns the import paths of the file.
func (f *File) Imports() []string {
	var out []string
	for _, spec := range f.Syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic("BUG: the parser accepted the import " + spec.Path.Value)
		}
		out = append(out, p)
	}
	return out
}

// A Breach is one place where the code breaks a rule of this package.
type Breach struct {
	Path string // file or folder
	Line int    // 1-based; 0 for the whole file or folder
	Text string // what is wrong, and what to do
}

// String returns the breach as "path:line: text".
func (b Breach) String() string {
	if b.Line == 0 {
		return b.Path + ": " + b.Text
	}
	return fmt.Sprintf("%s:%d: %s", b.Path, b.Line, b.Text)
}

func (f *File) breach(p token.Pos, format string, args ...any) Breach {
	return Breach{Path: f.Path, Line: f.Line(p), Text: fmt.Sprintf(format, args...)}
}

// Load parses every Go file below the root of fsys, whatever its build tags say.
// Folders named testdata, or that start with a dot or an underscore, are skipped.
func Load(fsys fs.FS) ([]*File, error) {
	var files []*File
	fset := token.NewFileSet()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && outside(d.Name()):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(fset, name, data, parser.ParseComments)
		if err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
		files = append(files, &File{
			Path: name, Folder: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"),
			Bytes: len(data), Syntax: syntax, fset: fset,
		})
		return nil
	})
	return files, err
}

// outside reports whether the go command ignores a folder of that name, too.
func outside(name string) bool {
	return name == "testdata" || name == "dist" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
