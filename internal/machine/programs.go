package machine

import (
	_ "embed"
	"fmt"
	"strings"
)

// A KnownProgram is one that is known to hold mail profiles or cache files.
type KnownProgram struct {
	Name  string // file name
	Why   string // why it holds a profile
	Close string // how a person closes it
}

//go:embed programs.tsv
var programsTSV string

// KnownPrograms lists the programs of the embedded table, in its order.
func KnownPrograms() []KnownProgram {
	var out []KnownProgram
	for i, line := range strings.Split(strings.TrimSpace(programsTSV), "\n") {
		cells := strings.Split(strings.TrimRight(line, "\r"), "\t")
		if len(cells) != 3 {
			panic(fmt.Sprintf("BUG: programs.tsv:%d: %d columns; want 3", i+1, len(cells)))
		}
		if i > 0 {
			out = append(out, KnownProgram{cells[0], cells[1], cells[2]})
		}
	}
	return out
}

// known finds a program by its file name, without letter case.
func known(name string) (KnownProgram, bool) {
	for _, p := range KnownPrograms() {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return KnownProgram{}, false
}

// mapiUse says why a process with these modules uses a mail profile, "" when it does
// not. mapi32.dll alone is loaded by programs that only send mail, if ever.
func mapiUse(modules []string) string {
	stub, found := false, ""
	for _, m := range modules {
		m = strings.ToLower(m)
		switch {
		case m == "olmapi32.dll" || m == "msmapi32.dll" || strings.HasPrefix(m, "oxstor") && strings.HasSuffix(m, ".dll"):
			return "has " + m + " loaded"
		case m == "mapi32.dll":
			stub = true
		case m == "emsmdb32.dll" || m == "mspst32.dll" || m == "contab32.dll":
			found = m
		}
	}
	if stub && found != "" {
		return "has mapi32.dll and " + found + " loaded"
	}
	return ""
}
