package arch

import (
	"go/ast"
	"slices"
	"strings"
)

// printers lists what only the program's edge may call or name.
var printers = []string{
	"os.Exit", "os.Stdout", "os.Stderr", "os.Stdin", "fmt.Print", "fmt.Printf", "fmt.Println", "print", "println",
	"log.Fatal", "log.Fatalf", "log.Fatalln", "log.Print", "log.Printf", "log.Println", "log.Panic", "log.Panicf",
}

// clocks lists what depends on when and where the program runs.
var clocks = []string{
	"time.Now", "time.Since", "time.Until", "os.Getenv", "os.LookupEnv", "os.Environ", "os.ExpandEnv",
	"os.UserHomeDir", "os.UserConfigDir", "os.UserCacheDir", "os.Hostname", "os.Getwd", "time.Local",
}

// Talk finds library code that prints, exits, or reads the clock or environment.
func Talk(files []*File) []Breach {
	var out []Breach
	for _, f := range files {
		if f.Test {
			continue
		}
		if !slices.Contains(Talking, f.Folder) {
			out = append(out, mentions(f, printers, "only cmd prints and exits; return a value or an error")...)
		}
		if !slices.Contains(Clocked, f.Folder) {
			out = append(out, mentions(f, clocks, "the clock and the environment are arguments")...)
		}
	}
	return out
}

func mentions(f *File, names []string, why string) []Breach {
	var out []Breach
	imported := importedNames(f)
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			name := dotted(n)
			pkg, _, _ := strings.Cut(name, ".")
			if imported[pkg] && slices.Contains(names, name) {
				out = append(out, f.breach(n.Pos(), "uses %s; %s", name, why))
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && slices.Contains(names, id.Name) {
				out = append(out, f.breach(n.Pos(), "uses %s; %s", id.Name, why))
			}
		}
		return true
	})
	return out
}

// importedNames returns the names by which a file knows standard packages. A renamed
// import hides nothing: renaming os, fmt, log or time is refused by Naming.
func importedNames(f *File) map[string]bool {
	out := map[string]bool{}
	for _, p := range f.Imports() {
		out[p[strings.LastIndex(p, "/")+1:]] = true
	}
	return out
}

// watched lists the imports that may not be renamed, since Talk knows them by name.
var watched = []string{"os", "fmt", "log", "time", "errors", "sync", "regexp"}

// Naming finds imports that would hide from the other checks: dot imports, and new
// names for the packages that those checks know.
func Naming(files []*File) []Breach {
	var out []Breach
	for _, f := range files {
		for i, p := range f.Imports() {
			spec := f.Syntax.Imports[i]
			if spec.Name == nil {
				continue
			}
			if spec.Name.Name == "." || spec.Name.Name != "_" && slices.Contains(watched, p) {
				out = append(out, f.breach(spec.Pos(), "imports %s as %q; keep its own name", p, spec.Name.Name))
			}
		}
	}
	return out
}
