package doctor

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
)

const uninstallKey = `HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`

// A product is an installed program.
type product struct {
	name, version, publisher string
	id                       string // name of its key
	place, source            string
}

// uninstall lists the installed programs that the registry names, of both views.
func (f *Facts) uninstall() (list []product, covered bool) {
	covered = true
	for _, view := range []string{view64, view32} {
		if view == view32 && f.registry.is32 {
			continue
		}
		keys, seen := f.registry.find(uninstallKey+`\*`, view)
		covered = covered && seen
		for _, k := range keys {
			p := product{id: k.key.Name(), place: k.path, source: k.source}
			for field, to := range map[string]*string{"DisplayName": &p.name, "DisplayVersion": &p.version, "Publisher": &p.publisher} {
				if v, ok := valueOf(k.key, field); ok {
					*to = textOf(v)
				}
			}
			if p.name != "" && len(list) < maxItems {
				list = append(list, p)
			}
		}
	}
	return list, covered
}

// installed lists the installed programs of the registry and of lists, without repeats.
func (f *Facts) installed() (list []product, covered bool) {
	list, covered = f.uninstall()
	for _, p := range f.products {
		if !slices.ContainsFunc(list, func(q product) bool { return strings.EqualFold(p.name, q.name) && p.version == q.version }) {
			list = append(list, p)
		}
	}
	return list, covered || f.hasList
}

// settlesPrograms says what evidence shows the installed programs.
const settlesPrograms = `a .reg export of ` + uninstallKey + ` and of the same key below WOW6432Node, the SOFTWARE hive, or a list of installed programs (CSV)`

// observeUninstall answers a probe of installed programs by a part of their name.
func (f *Facts) observeUninstall(p checks.Probe) checks.Observation {
	list, covered := f.installed()
	out := checks.Observation{Covered: covered}
	if !covered {
		out.Settles = []string{settlesPrograms}
	}
	seen := map[string]bool{}
	for _, prog := range list {
		key := strings.ToLower(prog.id + "\x00" + prog.version)
		if !containsFold(prog.name, p.Name) || seen[key] || len(out.Values) == maxFound {
			continue
		}
		seen[key] = prog.id != ""
		v := checks.Value{Is: prog.version, Text: prog.name + " " + prog.version, Place: prog.place, Source: prog.source}
		if p.Field == "name" {
			v.Is = prog.name
		}
		out.Values = append(out.Values, v)
	}
	return out
}

func containsFold(text, part string) bool {
	return part != "" && strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// Traces of Outlook, as conditions name them.
const (
	traceProgram  = "program"
	traceLeftover = "leftover"
)

// observeOutlook looks for Outlook, or what it left behind. A trace of a program is an
// entry that Windows shows or starts; keys of settings alone are left over.
func (f *Facts) observeOutlook() checks.Observation {
	strong := []func() checks.Observation{f.clickToRun, f.appPaths, f.officePrograms, f.outlookFiles}
	var out checks.Observation
	out.Covered = true
	for i, look := range strong {
		o := look()
		if i == len(strong)-1 { // the absence of the file need not be proven
			o.Covered, o.Settles = true, nil
		}
		out = merged(out, o)
	}
	keys := f.outlookKeys()
	gone := out.Covered && len(out.Values) == 0
	for i := range keys.Values {
		if keys.Values[i].Is = traceProgram; gone {
			keys.Values[i].Is = traceLeftover
		}
	}
	return merged(out, keys)
}

// traces turns what a registry probe found into traces of the program.
func (f *Facts) traces(say func(v checks.Value) (string, bool), probes ...checks.Probe) checks.Observation {
	out := checks.Observation{Covered: true}
	for _, p := range probes {
		o := f.observeRegistry(p)
		var kept []checks.Value
		for _, v := range o.Values {
			if text, is := say(v); is {
				kept = append(kept, checks.Value{Is: traceProgram, Text: text, Place: v.Place, Source: v.Source})
			}
		}
		o.Values = kept
		out = merged(out, o)
	}
	return out
}

func (f *Facts) clickToRun() checks.Observation {
	say := func(v checks.Value) (string, bool) { return "Click-to-Run " + v.Is, hasOutlook(v.Is) }
	o := f.traces(say, checks.Probe{Key: `HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration`, Value: "ProductReleaseIds", HasValue: true})
	return o
}

// hasOutlook reports whether one of the products of Click-to-Run brings Outlook along:
// all suites do, single programs other than Outlook do not.
func hasOutlook(ids string) bool {
	without := []string{"visio", "project", "access", "word", "excel", "powerpoint", "publisher", "onenote", "skypeforbusiness", "lync", "infopath", "sharepoint", "groove"}
	for id := range strings.SplitSeq(ids, ",") {
		id = strings.ToLower(strings.TrimSpace(id))
		if id != "" && !slices.ContainsFunc(without, func(w string) bool { return strings.HasPrefix(id, w) }) {
			return true
		}
	}
	return false
}

func (f *Facts) appPaths() checks.Observation {
	say := func(v checks.Value) (string, bool) { return "App Paths entry " + v.Is, true }
	return f.traces(say, checks.Probe{Key: `HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\OUTLOOK.EXE`, Value: "", HasValue: true})
}

// outlookKeys are the keys of Outlook's own settings.
func (f *Facts) outlookKeys() checks.Observation {
	bits := func(v checks.Value) (string, bool) {
		return "Office " + versionIn(v.Place) + " " + v.Is, versionIn(v.Place) != ""
	}
	root := func(v checks.Value) (string, bool) {
		return "Office " + versionIn(v.Place) + " in " + v.Is, versionIn(v.Place) != ""
	}
	out := checks.Observation{Covered: true}
	for _, view := range []string{view64, view32} {
		if view == view32 && f.registry.is32 {
			continue
		}
		out = merged(out, f.traces(bits, checks.Probe{Key: `HKLM\SOFTWARE\Microsoft\Office\*\Outlook`, Value: "Bitness", HasValue: true, View: view}))
		out = merged(out, f.traces(root, checks.Probe{Key: `HKLM\SOFTWARE\Microsoft\Office\*\Outlook\InstallRoot`, Value: "Path", HasValue: true, View: view}))
	}
	return out
}

// versionIn finds the version of Office in a registry path, "16.0".
func versionIn(path string) string {
	for e := range strings.SplitSeq(path, `\`) {
		if _, ok := checks.ParseVersion(e); ok && strings.Contains(e, ".") {
			return e
		}
	}
	return ""
}

// officePrograms looks for Outlook and the suites that have it among the programs.
func (f *Facts) officePrograms() checks.Observation {
	list, covered := f.installed()
	out := checks.Observation{Covered: covered}
	if !covered {
		out.Settles = []string{settlesPrograms}
	}
	for _, p := range list {
		if isOutlookProduct(p.name) && len(out.Values) < maxFound {
			out.Values = append(out.Values, checks.Value{Is: traceProgram, Text: fmt.Sprintf("installed: %s %s", p.name, p.version), Place: p.place, Source: p.source})
		}
	}
	return out
}

// isOutlookProduct tells by its display name whether a program is, or holds, Outlook.
func isOutlookProduct(name string) bool {
	lower := strings.ToLower(name)
	for _, other := range []string{"viewer", "language", "proof", "sdk", "interop", "compatib", "mui", "add-in", "addin", "connector", "web components", "shared", "oxtender", "deployment", "file validation", "primary"} {
		if strings.Contains(lower, other) {
			return false
		}
	}
	if strings.HasPrefix(lower, "microsoft outlook") || strings.HasPrefix(lower, "microsoft office outlook") || strings.HasPrefix(lower, "microsoft 365") {
		return true
	}
	rest, isOffice := strings.CutPrefix(lower, "microsoft office")
	if !isOffice {
		return false
	}
	for _, suite := range []string{"standard", "professional", "enterprise", "small business", "home and business", "home & business", "ltsc", "365", "proplus", "mondo", "ultimate", "basic"} {
		if strings.Contains(rest, suite) {
			return true
		}
	}
	return false
}

func (f *Facts) outlookFiles() checks.Observation {
	var out checks.Observation
	for _, file := range f.files.named("OUTLOOK.EXE") {
		out.Values = append(out.Values, checks.Value{Is: traceProgram, Text: "file " + file.Path + " " + file.Version, Place: file.Path, Source: file.source})
	}
	return out
}
