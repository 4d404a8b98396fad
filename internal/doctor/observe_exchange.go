package doctor

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"

	"oxtail/actions/checks"
	"oxtail/internal/source"
)

// observeExchange tells the versions of Exchange servers. Field logs leaves out the
// configuration: one configured version proves nothing about a second server.
func (f *Facts) observeExchange(p checks.Probe) checks.Observation {
	values := slices.Concat(f.profileServers(), f.servers)
	if v := f.Config["exchange_version"]; v != "" && p.Field != "logs" && len(values) == 0 {
		values = append(values, checks.Value{Is: v, Text: "configured: " + v, Place: "exchange_version"})
	}
	out := checks.Observation{Values: values}
	if p.Field == "release" {
		for i := range out.Values {
			out.Values[i].Is = checks.Release(out.Values[i].Is) + "."
		}
	}
	if len(values) == 0 {
		out.Settles = []string{"a mail profile or log that names the version of the Exchange server, or --set exchange_version=…"}
	}
	return out
}

// profileServers gives the versions that mail profiles remember.
func (f *Facts) profileServers() []checks.Value {
	var out []checks.Value
	for i := range f.inventory.Profiles {
		p := &f.inventory.Profiles[i]
		for j := range p.Services {
			s := &p.Services[j]
			if s.ServerVersion != "" && len(out) < maxFound {
				text := fmt.Sprintf("server %s of profile %s is %s", s.Server, p.Display, s.ServerVersion)
				out = append(out, checks.Value{Is: s.ServerVersion, Text: text, Place: s.Origin, Source: p.Source})
			}
		}
	}
	return out
}

// serverHeader is how Exchange names its version to clients.
var serverHeader = regexp.MustCompile(`(?i)X-OWA-Version["':= ]{1,6}(\d{1,3}\.\d{1,3}\.\d{1,5}\.\d{1,5})`)

// lookForServers searches the beginning of a log for versions of Exchange servers.
func (g *Gatherer) lookForServers(st *source.Stream, head []byte, rest io.Reader) {
	room := min(maxLogBytes, maxLogsBytes-g.logsBytes)
	in := bufio.NewReader(io.LimitReader(io.MultiReader(bytes.NewReader(head), rest), room))
	line := 0
	for {
		text, err := in.ReadSlice('\n')
		g.logsBytes += int64(len(text))
		if line++; len(text) > len("X-OWA-Version") && bytes.Contains(text, []byte("OWA-Version")) {
			g.addServer(st.Path, line, text)
		}
		if err == bufio.ErrBufferFull {
			line--
		} else if err != nil {
			return
		}
	}
}

// addServer takes the version that a line names, each once for a log.
func (g *Gatherer) addServer(path string, line int, text []byte) {
	m := serverHeader.FindSubmatch(text)
	known := func(v checks.Value) bool { return v.Source == path && v.Is == string(m[1]) }
	if m == nil || len(g.facts.servers) >= maxFound || slices.ContainsFunc(g.facts.servers, known) {
		return
	}
	g.facts.servers = append(g.facts.servers, checks.Value{Is: string(m[1]), Text: "X-OWA-Version " + string(m[1]), Place: fmt.Sprintf("%s:%d", path, line), Source: path})
}
