package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// isSystemInfo tells the text that systeminfo prints, in English and German.
func isSystemInfo(text string) bool {
	return hasLine(text, "host name", "hostname") && hasLine(text, "os name", "betriebssystemname")
}

// hasLine reports whether a line begins with one of the labels and a colon.
func hasLine(text string, labels ...string) bool {
	for line := range strings.SplitSeq(strings.ToLower(text), "\n") {
		label, _, found := strings.Cut(line, ":")
		for _, want := range labels {
			if found && strings.TrimSpace(label) == want {
				return true
			}
		}
	}
	return false
}

// takeSystemInfo reads the text of systeminfo.
func (g *Gatherer) takeSystemInfo(path string, data []byte) error {
	s := System{}
	linesOf(data, func(_ int, line string) bool {
		if label, value, ok := strings.Cut(line, ":"); ok {
			s.takeLabel(strings.ToLower(strings.TrimSpace(label)), strings.TrimSpace(value))
		}
		return true
	})
	g.facts.systems = append(g.facts.systems, sourcedSystem{path, s})
	return nil
}

// takeLabel takes one line of systeminfo, or of the summary of msinfo32.
func (s *System) takeLabel(label, value string) {
	lower := strings.ToLower(value)
	switch label {
	case "host name", "hostname", "system name", "systemname":
		s.Computer.Name = value
	case "os name", "betriebssystemname":
		s.OS.Name = value
		s.OS.Server = strings.Contains(lower, "server")
	case "os version", "betriebssystemversion", "version":
		if s.OS.Version == "" {
			s.OS.Version, _, _ = strings.Cut(value, " ")
		}
	case "system type", "systemtyp":
		s.OS.Bits = 64
		if strings.Contains(lower, "x86") {
			s.OS.Bits = 32
		}
	case "domain", "domäne":
		s.Computer.Domain, s.Computer.Join = value, JoinDomain
		if lower == "workgroup" || lower == "arbeitsgruppe" {
			s.Computer.Join = JoinWorkgroup
		}
	case "os configuration", "betriebssystemkonfiguration":
		if strings.Contains(lower, "standalone") || strings.Contains(lower, "eigenständig") {
			s.Computer.Join = JoinWorkgroup
		}
	default:
		if kb := strings.ToUpper(value); strings.HasPrefix(label, "[") && strings.HasPrefix(kb, "KB") && len(s.OS.Updates) < maxItems {
			s.OS.Updates = append(s.OS.Updates, kb)
		}
	}
}

// isMSInfo tells the text export of msinfo32, in English and German.
func isMSInfo(text string) bool {
	lower := strings.ToLower(text)
	return strings.HasPrefix(lower, "system information report") || strings.HasPrefix(lower, "systeminformationsbericht") ||
		strings.Contains(lower, "[system summary]") || strings.Contains(lower, "[systemübersicht]")
}

// takeMSInfo reads the text export of msinfo32: sections in brackets, each with a table
// whose cells are separated by tabs.
func (g *Gatherer) takeMSInfo(path string, data []byte) error {
	r := &msinfo{}
	linesOf(data, func(_ int, line string) bool {
		r.line(line)
		return true
	})
	g.addMSInfo(path, r)
	return nil
}

// addMSInfo takes what an export of msinfo32 told.
func (g *Gatherer) addMSInfo(path string, r *msinfo) {
	g.facts.systems = append(g.facts.systems, sourcedSystem{path, r.system})
	if len(r.services.Services) > 0 {
		r.services.Complete = true
		g.facts.services = append(g.facts.services, sourcedServices{path, r.services})
	}
	if len(r.processes.Processes) > 0 {
		r.processes.Complete = true
		g.facts.processes = append(g.facts.processes, sourcedProcesses{path, r.processes})
	}
}

// msinfo is the state of reading an export of msinfo32.
type msinfo struct {
	section   string
	columns   map[string]int
	drive     string
	system    System
	services  Services
	processes Processes
}

// line takes one line.
func (r *msinfo) line(line string) {
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]") {
		r.section, r.columns = strings.ToLower(strings.Trim(trimmed, "[]")), nil
		return
	}
	cells := strings.Split(line, "\t")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	r.cells(cells)
}

// isTable reports whether the section is a table with names of columns.
func (r *msinfo) isTable() bool {
	return slices.Contains([]string{"services", "dienste", "running tasks", "ausgeführte tasks", "aktive tasks"}, r.section)
}

// cells takes one row of a section.
func (r *msinfo) cells(cells []string) {
	if len(cells) < 2 {
		return
	}
	if r.isTable() {
		r.row(cells)
		return
	}
	switch r.section {
	case "drives", "laufwerke":
		r.driveLine(cells[0], cells[1])
	case "system summary", "systemübersicht", "":
		r.system.takeLabel(strings.ToLower(cells[0]), cells[1])
	}
}

// row takes a row of a table; the first one names the columns.
func (r *msinfo) row(cells []string) {
	if r.columns == nil {
		r.columns = map[string]int{}
		for i, c := range cells {
			r.columns[strings.ToLower(c)] = i
		}
		return
	}
	cell := func(names ...string) string {
		for _, name := range names {
			if i, ok := r.columns[name]; ok && i < len(cells) {
				return cells[i]
			}
		}
		return ""
	}
	if strings.HasPrefix(r.section, "serv") || strings.HasPrefix(r.section, "dienste") {
		s := Service{
			Name: cell("name"), Display: cell("display name", "anzeigename"), Image: cell("path", "pfad"), Account: cell("start name", "startname"),
			State: strings.ToLower(cell("state", "status")), Start: strings.ToLower(cell("start mode", "startmodus")),
		}
		if s.Name != "" && len(r.services.Services) < maxItems {
			r.services.Services = append(r.services.Services, s)
		}
		return
	}
	p := Process{Name: cell("name"), Path: cell("path", "pfad"), Version: cell("version")}
	p.PID, _ = strconv.Atoi(cell("process id", "prozess-id", "prozesskennung")) // "Not Available" is 0
	if p.Name != "" && len(r.processes.Processes) < maxItems {
		r.processes.Processes = append(r.processes.Processes, p)
	}
}

// driveLine takes a line about a drive: "Drive C:", "Free Space 12.3 GB (13,203,111,936 bytes)".
func (r *msinfo) driveLine(label, value string) {
	switch strings.ToLower(label) {
	case "drive", "laufwerk":
		r.drive = strings.ToUpper(value)
	case "free space", "freier speicher", "freier speicherplatz", "verfügbarer speicher":
		_, in, _ := strings.Cut(value, "(")
		digits := strings.Map(func(c rune) rune {
			if c < '0' || c > '9' {
				return -1
			}
			return c
		}, in)
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil && r.drive != "" {
			r.system.Disks = append(r.system.Disks, Disk{Root: r.drive + `\`, Free: n})
		}
	}
}

// errColumns is the error of a table without the columns that are needed.
func errColumns(want string) error { return fmt.Errorf("the table has no column %s", want) }
