package cli

import (
	"encoding/json"
	"io"
	"os"
	"runtime"
	"strings"

	"oxtail/internal/doctor"
	"oxtail/internal/source"
	"oxtail/parser/winpath"
)

// maxSystemJSON bounds the file of a bundle that tells its computer.
const maxSystemJSON = 1 << 20 // bytes

// lookForComputer takes the name of the computer out of a bundle. Evidence of two
// computers is of none.
func (g *gathered) lookForComputer(st *source.Stream) {
	if st.Once || !strings.EqualFold(winpath.Base(st.Path), "system.json") || st.Size > maxSystemJSON {
		return
	}
	in, err := st.Open()
	if err != nil {
		return // whoever reads it as evidence says why
	}
	defer in.Close() // read only: nothing is lost when closing fails
	var s doctor.System
	if json.NewDecoder(io.LimitReader(in, maxSystemJSON)).Decode(&s) != nil || s.Schema != doctor.SystemSchema {
		return
	}
	if g.computer != "" && !strings.EqualFold(g.computer, s.Computer.Name) {
		g.several = true
	}
	g.computer = s.Computer.Name
}

// computerOf is the computer that a plan is for: that of the bundle, or this one when it
// was looked at itself.
func (g *gathered) computerOf() string {
	switch {
	case g == nil || g.several:
		return ""
	case g.live:
		name, err := os.Hostname()
		if err != nil {
			return ""
		}
		return name
	}
	return g.computer
}

// isLive reports whether commands look at the running computer when no path is given.
func isLive() bool { return runtime.GOOS == "windows" }
