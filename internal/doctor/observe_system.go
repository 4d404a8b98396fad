package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
)

const c2rKey = `HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration`

// value reads one value of the registry, "" when it is not there.
func (f *Facts) value(key, name, view string) checks.Value {
	o := f.oneView(checks.Probe{Key: key, Value: name, HasValue: true}, view)
	if len(o.Values) == 0 {
		return checks.Value{}
	}
	return o.Values[0]
}

// offices lists the installed versions of Office that have Outlook.
func (f *Facts) offices() []checks.Value {
	var out []checks.Value
	if v := f.value(c2rKey, "VersionToReport", view64); v.Is != "" {
		platform, ids := f.value(c2rKey, "Platform", view64).Is, f.value(c2rKey, "ProductReleaseIds", view64).Is
		v.Text = strings.TrimSpace(fmt.Sprintf("Click-to-Run %s %s %s", ids, v.Is, platform))
		out = append(out, v)
	}
	for _, v := range f.outlookKeys().Values {
		release := versionIn(v.Place)
		if !slices.ContainsFunc(out, func(o checks.Value) bool { return checks.Release(o.Is) == release }) {
			out = append(out, checks.Value{Is: release, Text: v.Text, Place: v.Place, Source: v.Source})
		}
	}
	for _, s := range f.systems {
		for _, o := range s.Office {
			if !slices.ContainsFunc(out, func(v checks.Value) bool { return checks.Release(v.Is) == checks.Release(o.Version) }) {
				text := strings.TrimSpace(fmt.Sprintf("%s %s %d bits, %s", o.Kind, o.Version, o.Bits, strings.Join(o.Products, ", ")))
				out = append(out, checks.Value{Is: o.Version, Text: text, Place: "office", Source: s.source})
			}
		}
	}
	return out
}

// observeOffice answers a probe of the installed Office.
func (f *Facts) observeOffice(p checks.Probe) checks.Observation {
	out := checks.Observation{Covered: !f.lacks(`HKLM\SOFTWARE\Microsoft\Office`, view64)}
	if _, covered := f.registry.find(`HKLM\SOFTWARE\Microsoft\Office`, view64); !covered {
		out = unseen(settlesKey(`HKLM\SOFTWARE\Microsoft\Office`, view64))
	}
	switch p.Field {
	case "bits":
		if bits := f.outlookBits(); bits != 0 {
			out.Values = []checks.Value{{Is: fmt.Sprint(bits), Text: fmt.Sprintf("Outlook has %d bits", bits)}}
		}
	default:
		out.Values = f.offices()
	}
	return out
}

// outlookBits tells the bitness of Outlook, 0 when it is not known.
func (f *Facts) outlookBits() int {
	words := map[string]int{"x86": 32, "x64": 64, "arm64": 64}
	for _, v := range f.outlookKeys().Values {
		if at := strings.LastIndexByte(v.Text, ' '); at > 0 && words[v.Text[at+1:]] != 0 {
			return words[v.Text[at+1:]]
		}
	}
	if bits := words[f.value(c2rKey, "Platform", view64).Is]; bits != 0 {
		return bits
	}
	for _, s := range f.systems {
		for _, o := range s.Office {
			if o.Bits != 0 {
				return o.Bits
			}
		}
	}
	for _, file := range f.files.named("OUTLOOK.EXE") {
		if bits := machineBits(file.Machine); bits != 0 {
			return bits
		}
	}
	return 0
}

// observeWindows answers a probe of the operating system.
func (f *Facts) observeWindows(p checks.Probe) checks.Observation {
	out := checks.Observation{Settles: []string{"the text that systeminfo prints, or the SOFTWARE hive"}}
	const key = `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	if v := f.value(key, "ProductName", view64); v.Is != "" && p.Field == "summary" {
		v.Text = fmt.Sprintf("%s, build %s", v.Is, cmp.Or(f.value(key, "CurrentBuildNumber", view64).Is, f.value(key, "CurrentBuild", view64).Is))
		out.Values = append(out.Values, v)
	}
	for _, s := range f.systems {
		switch p.Field {
		case "summary":
			if s.OS.Name != "" {
				out.Values = append(out.Values, checks.Value{Is: s.OS.Name, Text: s.OS.Name + " " + s.OS.Version, Place: "os", Source: s.source})
			}
		case "updates":
			for _, kb := range s.OS.Updates[:min(len(s.OS.Updates), maxFound)] {
				out.Values = append(out.Values, checks.Value{Is: kb, Place: "updates", Source: s.source})
			}
		case "join":
			if c := s.Computer; c.Join != "" {
				out.Values = append(out.Values, checks.Value{Is: c.Join, Text: c.Join + " " + c.Domain, Place: "computer", Source: s.source})
			}
		}
	}
	out.Covered = len(out.Values) > 0
	return out
}

// observeProcess answers a probe of running programs.
func (f *Facts) observeProcess(p checks.Probe) checks.Observation {
	out := checks.Observation{}
	for _, from := range f.processes {
		out.Covered = out.Covered || from.list.Complete || p.Field != "running"
		switch p.Field {
		case "elevation":
			out.Values = append(out.Values, f.elevations(&from)...)
		case "holders":
			out.Values = append(out.Values, holders(&from)...)
		case "bits":
			out.Values = append(out.Values, f.toolBits()...)
		default:
			out.Values = append(out.Values, running(&from, p.Names)...)
		}
	}
	if p.Field == "bits" && len(out.Values) == 0 {
		out.Values = f.toolBits()
		out.Covered = len(out.Values) > 0
	}
	if !out.Covered {
		out.Settles = []string{"the running programs: oxtail doctor on the computer itself, or processes.json of oxtail collect"}
	}
	return out
}

// running lists the processes with one of the names; no names means all known holders.
func running(from *sourcedProcesses, names []string) []checks.Value {
	var out []checks.Value
	for _, p := range from.list.Processes {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, p.Name) }) && len(out) < maxFound {
			out = append(out, checks.Value{Is: p.Name, Text: fmt.Sprintf("%s runs as process %d", p.Name, p.PID), Place: p.Path, Source: from.source})
		}
	}
	return out
}

// holders lists who has a cache file open.
func holders(from *sourcedProcesses) []checks.Value {
	names := map[int]string{}
	for _, p := range from.list.Processes {
		names[p.PID] = p.Name
	}
	var out []checks.Value
	for _, h := range from.list.Holders {
		for _, pid := range h.PIDs {
			if len(out) < maxFound {
				out = append(out, checks.Value{Is: names[pid], Text: fmt.Sprintf("%s (%d) has %s open", cmp.Or(names[pid], "a process"), pid, h.Path), Place: h.Path, Source: from.source})
			}
		}
	}
	return out
}

// elevations compares the rights of Outlook with those of the tool.
func (f *Facts) elevations(from *sourcedProcesses) []checks.Value {
	var out []checks.Value
	for _, s := range f.systems {
		for _, p := range from.list.Processes {
			if s.Elevated == nil || p.Elevated == nil || !strings.EqualFold(p.Name, "OUTLOOK.EXE") {
				continue
			}
			v := checks.Value{Is: "same", Text: fmt.Sprintf("process %d and the tool run alike", p.PID), Source: from.source}
			if *s.Elevated != *p.Elevated {
				v.Is, v.Text = "differ", fmt.Sprintf("process %d is elevated: %v; the tool is: %v", p.PID, *p.Elevated, *s.Elevated)
			}
			out = append(out, v)
		}
	}
	return out
}

// toolBits compares the bitness of Outlook with that of the tool's helper.
func (f *Facts) toolBits() []checks.Value {
	bits := f.outlookBits()
	for _, s := range f.systems {
		if s.Bits == 0 || bits == 0 {
			continue
		}
		v := checks.Value{Is: "same", Text: fmt.Sprintf("both have %d bits", bits), Source: s.source}
		if s.Bits != bits {
			v.Is, v.Text = "differ", fmt.Sprintf("Outlook has %d bits, the tool has %d", bits, s.Bits)
		}
		return []checks.Value{v}
	}
	return nil
}

// clockTolerance is how far the clock may be off before Kerberos refuses to log on.
const clockTolerance = 300 // seconds

// observeClock tells whether the clock is right.
func (f *Facts) observeClock() checks.Observation {
	out := checks.Observation{Settles: []string{"what the time server says: w32tm /stripchart /dataonly /samples:1 /computer:NAME"}}
	for _, s := range f.systems {
		skew := s.Clock.SkewSeconds
		if skew == nil {
			continue
		}
		off := max(*skew, -*skew)
		v := checks.Value{Is: "right", Text: fmt.Sprintf("off by %.1f seconds against %s", off, cmp.Or(s.Clock.Reference, "its time server")), Place: "clock", Source: s.source}
		if off > clockTolerance {
			v.Is = "wrong"
		}
		out.Covered = true
		out.Values = append(out.Values, v)
	}
	return out
}
