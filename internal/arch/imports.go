package arch

import (
	"slices"
	"strings"
)

// Imports checks the import table: own packages, standard packages and doors.
func Imports(files []*File, rules []Rule) []Breach {
	var out []Breach
	for _, f := range files {
		rule, ok := ruleOf(rules, f.Folder)
		if !ok {
			out = append(out, Breach{Path: f.Path, Text: "folder " + f.Folder + " is not in the import table; add it to Rules in internal/arch/policy.go"})
			continue
		}
		for _, path := range f.Imports() {
			if why := refuse(rule, f.Test, path); why != "" {
				out = append(out, Breach{Path: f.Path, Text: "imports " + path + ": " + why})
			}
		}
	}
	return out
}

func ruleOf(rules []Rule, folder string) (Rule, bool) {
	for _, r := range rules {
		if r.Folder == folder {
			return r, true
		}
	}
	return Rule{}, false
}

// refuse returns why a folder may not import a path, or "" if it may.
func refuse(r Rule, test bool, path string) string {
	own, isOwn := strings.CutPrefix(path, Module+"/")
	switch {
	case isOwn && test:
		return refuseInTest(r, own)
	case isOwn && own != r.Folder && !covers(r.Own, own):
		return r.Folder + " may import of this module only " + list(r.Own)
	case isOwn:
		return ""
	case strings.Contains(firstElement(path), "."):
		return refuseModule(r.Folder, test, path)
	case test:
		return ""
	case slices.Contains(r.Never, path):
		return r.Why
	}
	for _, d := range Everywhere {
		if d.Module == path && !covers(d.At, r.Folder) {
			return d.Why
		}
	}
	return ""
}

// refuseInTest keeps tests of libraries from driving the whole program: that is
// what the scripts of cmd/oxtail/cli are for.
func refuseInTest(r Rule, own string) string {
	if strings.HasPrefix(own, "cmd/") && !strings.HasPrefix(r.Folder, "cmd/") {
		return "tests of the program live in cmd/oxtail/cli"
	}
	return ""
}

func refuseModule(folder string, test bool, path string) string {
	for _, d := range Doors {
		if within(path, d.Module) && covers(d.At, folder) {
			return ""
		}
	}
	for _, d := range TestDoors {
		if test && within(path, d.Module) {
			return ""
		}
	}
	for _, d := range Doors {
		if within(path, d.Module) {
			return "its door is " + list(d.At) + " (" + d.Why + ")"
		}
	}
	return "no door for this module; add one to Doors in internal/arch/policy.go, with the reason"
}

// UnusedDoors returns the doors that no file goes through.
func UnusedDoors(files []*File) []Door {
	var out []Door
	for _, d := range Doors {
		used := slices.ContainsFunc(files, func(f *File) bool {
			return !f.Test && slices.ContainsFunc(f.Imports(), func(p string) bool { return within(p, d.Module) })
		})
		if !used {
			out = append(out, d)
		}
	}
	return out
}

// covers reports whether a list of folders, some ending in "/...", holds folder.
func covers(folders []string, folder string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		if root, ok := strings.CutSuffix(f, "/..."); ok {
			return within(folder, root)
		}
		return f == folder
	})
}

// within reports whether path is root or lies below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

func firstElement(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
