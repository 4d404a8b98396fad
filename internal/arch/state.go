package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// makers lists the functions that a package variable may be initialised with: they
// give values that are never changed afterwards.
var makers = []string{
	"regexp.MustCompile", "errors.New", "fmt.Errorf", "sync.OnceValue", "sync.OnceValues", "sync.OnceFunc",
	"strings.NewReplacer", "template.Must", "time.FixedZone", "time.Date", "binary.BigEndian", "binary.LittleEndian",
	"len", "string", "byte", "rune", "uint32", "uint64", "int64", "float64",
	"crc32.MakeTable", "utf8.RuneLen", "syscall.NewLazyDLL", "windows.NewLazySystemDLL",
}

// mutable lists types whose whole purpose is to change.
var mutable = []string{"sync.Once", "sync.Pool", "sync.Map", "sync.Mutex", "sync.RWMutex", "sync.WaitGroup"}

// State finds init functions and package variables that can change: declared
// without a value, made by a call that is not in makers, or assigned to anywhere.
// Test files may hold flags (-update) and are checked for init functions only.
func State(files []*File) []Breach {
	var out []Breach
	for _, f := range files {
		out = append(out, inits(f)...)
		if !f.Test {
			out = append(out, declared(f)...)
		}
	}
	for _, pkg := range packages(files) {
		names := resolve(pkg)
		for _, f := range pkg {
			out = append(out, assigned(f, names)...)
		}
	}
	return out
}

// packages groups the files without tests by folder and package name.
func packages(files []*File) [][]*File {
	var out [][]*File
	at := map[string]int{}
	for _, f := range files {
		if f.Test {
			continue
		}
		key := f.Folder + " " + f.Syntax.Name.Name
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	return out
}

// resolve finds which identifiers of a package mean a package variable. Imports are
// not followed and files of all platforms are taken together; the type errors that
// this causes do not matter, since only the package's own names are asked for.
func resolve(pkg []*File) map[*ast.Ident]bool {
	conf := types.Config{Importer: blind{}, Error: func(error) {}}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	var syntax []*ast.File
	for _, f := range pkg {
		syntax = append(syntax, f.Syntax)
	}
	checked, _ := conf.Check(pkg[0].Folder, pkg[0].fset, syntax, info) // errors: see above
	out := map[*ast.Ident]bool{}
	for id, obj := range info.Uses {
		if v, ok := obj.(*types.Var); ok && checked != nil && v.Parent() == checked.Scope() {
			out[id] = true
		}
	}
	return out
}

// blind is an importer that knows no package.
type blind struct{}

// Import implements types.Importer.
func (blind) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("import %s: not followed", path)
}

func inits(f *File) []Breach {
	var out []Breach
	for _, d := range f.Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			out = append(out, f.breach(fn.Pos(), "init function; make it a literal list, or sync.OnceValue"))
		}
	}
	return out
}

// declared judges the package variables of a file.
func declared(f *File) []Breach {
	var out []Breach
	for _, d := range f.Syntax.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.VAR {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			if why := fickle(decl, spec); why != "" {
				out = append(out, f.breach(spec.Pos(), "package variable %s %s", spec.Names[0].Name, why))
			}
		}
	}
	return out
}

// fickle returns why a package variable is taken to be mutable, or "".
func fickle(decl *ast.GenDecl, spec *ast.ValueSpec) string {
	if len(spec.Values) == 0 && !embedded(decl.Doc) && !embedded(spec.Doc) {
		return "has no value, so somebody sets it later; pass it as an argument"
	}
	for _, v := range spec.Values {
		switch v := v.(type) {
		case *ast.CallExpr:
			if name := dotted(v.Fun); name != "" && !slices.Contains(makers, name) && !madeByLazyDLL(name) {
				return "is made by " + name + "; use sync.OnceValue, or a literal"
			}
		case *ast.CompositeLit:
			if slices.Contains(mutable, dotted(v.Type)) {
				return "is a " + dotted(v.Type) + "; keep it in a struct that the caller owns"
			}
		}
	}
	return ""
}

// madeByLazyDLL allows `var p = dll.NewProc("…")` of Windows files.
func madeByLazyDLL(name string) bool { return strings.HasSuffix(name, ".NewProc") }

func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	return slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// assigned finds statements that change a package variable of the file's package.
func assigned(f *File, vars map[*ast.Ident]bool) []Breach {
	var out []Breach
	note := func(e ast.Expr, what string) {
		if id := root(e); id != nil && vars[id] {
			out = append(out, f.breach(e.Pos(), "%s package variable %s; pass state as an argument", what, id.Name))
		}
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				note(e, "assigns to")
			}
		case *ast.IncDecStmt:
			note(n.X, "counts in")
		case *ast.RangeStmt:
			note(n.Key, "assigns to")
			note(n.Value, "assigns to")
		case *ast.CallExpr:
			if name := dotted(n.Fun); (name == "delete" || name == "clear") && len(n.Args) > 0 {
				note(n.Args[0], "empties")
			}
		}
		return true
	})
	return out
}

// root returns the identifier at the root of an expression such as v, v[i], v.f or
// *v, or nil.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.Ident:
			return x
		default:
			return nil
		}
	}
}

// dotted returns "f" or "pkg.f" of a called function, "" for anything else.
func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x := dotted(e.X); x != "" {
			return x + "." + e.Sel.Name
		}
	case *ast.IndexExpr: // a generic function with its type argument
		return dotted(e.X)
	case *ast.IndexListExpr:
		return dotted(e.X)
	}
	return ""
}
