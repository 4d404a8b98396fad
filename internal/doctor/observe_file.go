package doctor

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
	"oxtail/parser/winpath"
)

// Words for what is, or is not, at a place.
const (
	isThere   = "there"
	isMissing = "missing"
)

const settlesFiles = "a list of the files with their versions: files/*.json of oxtail collect, dir /s, or a table of Get-ChildItem"

// observeFile answers a probe of files: by base names, by whole paths, or by a path that
// stands in the registry.
func (f *Facts) observeFile(p checks.Probe) checks.Observation {
	if p.Key != "" {
		return f.observeNamedFile(p)
	}
	out := checks.Observation{Covered: true}
	if p.Bits != 0 && p.Bits != f.outlookBits() {
		return out
	}
	for _, name := range p.Names {
		files, known := f.locate(name, p.Names)
		for _, file := range files {
			if v, ok := fileValue(file, p.Field); ok && len(out.Values) < maxFound {
				out.Values = append(out.Values, v)
			}
		}
		switch {
		case len(files) > 0:
		case !known:
			out.Covered = false
			out.Settles = []string{settlesFiles}
		case p.Field == "exists":
			out.Values = append(out.Values, checks.Value{Is: isMissing, Text: name + " is not there", Place: name})
		}
	}
	return out
}

// locate finds the files that a name means. known says that the evidence covers it.
func (f *Facts) locate(name string, siblings []string) (files []*knownFile, known bool) {
	if strings.Contains(name, `\`) {
		file, known := f.fileAt(name)
		if file != nil {
			files = append(files, file)
		}
		return files, known
	}
	if files = f.files.named(name); len(files) > 0 {
		return files, true
	}
	// It would lie beside its siblings, or in another folder of MAPI modules.
	for _, other := range siblings {
		for _, file := range f.files.named(other) {
			known = known || f.files.listed(winpath.Dir(file.Path)+`\`+name)
		}
	}
	for key, l := range f.files.folders {
		known = known || l.Complete && !l.Missing && strings.Contains(key, `\msmapi`) && wants(l.Patterns, strings.ToLower(name))
	}
	return nil, known
}

// fileAt finds a file by its path, on the running computer too.
func (f *Facts) fileAt(path string) (*knownFile, bool) {
	if file, known := f.files.at(path); known {
		return file, true
	}
	if f.look == nil {
		return nil, false
	}
	file, there, err := f.look(path)
	if err != nil {
		return nil, false
	}
	if !there {
		return nil, true
	}
	return &knownFile{file, "this computer"}, true
}

// fileValue gives the asked field of a file.
func fileValue(file *knownFile, field string) (checks.Value, bool) {
	v := checks.Value{Place: file.Path, Source: file.source}
	switch field {
	case "version":
		v.Is = file.Version
	case "build":
		if parts := strings.SplitN(file.Version, ".", 4); len(parts) >= 3 {
			v.Is = strings.Join(parts[:3], ".")
		}
	case "machine":
		v.Is = file.Machine
	default:
		v.Is = isThere
	}
	v.Text = strings.TrimSpace(fmt.Sprintf("%s %s %s", winpath.Base(file.Path), file.Version, file.Machine))
	return v, v.Is != ""
}

// observeNamedFile looks for the file that a registry value names.
func (f *Facts) observeNamedFile(p checks.Probe) checks.Observation {
	named := f.oneView(checks.Probe{Key: p.Key, Value: p.Value, HasValue: true}, p.View)
	out := checks.Observation{Covered: named.Covered, Settles: named.Settles}
	for _, v := range named.Values {
		path := winpath.Expand(strings.Trim(v.Is, `"`), "")
		word := isThere
		file, known := f.fileAt(path)
		if !strings.Contains(path, `\`) { // found by the search path, where nobody looked
			known = false
			if all := f.files.named(path); len(all) > 0 {
				file, known = all[0], true
			}
		}
		switch {
		case !known:
			out.Covered = false
			out.Settles = append(out.Settles, settlesFiles)
			continue
		case file == nil:
			word = isMissing
		}
		out.Values = append(out.Values, checks.Value{Is: word, Text: path + " is " + word, Place: v.Place, Source: v.Source})
	}
	return out
}

// observeProvider looks at the DLLs of the services and providers in mail profiles.
func (f *Facts) observeProvider(p checks.Probe) checks.Observation {
	dlls := f.providerDLLs()
	if len(dlls) == 0 {
		return unseen("a mail profile: NTUSER.DAT of the user, or a .reg export")
	}
	if p.Field == "registered" {
		return f.registered(dlls)
	}
	bits := f.outlookBits()
	out := checks.Observation{Covered: true}
	for _, d := range dlls {
		files := f.files.named(d.file)
		if len(files) == 0 && !f.someFolder(d.file) {
			out.Covered, out.Settles = false, []string{settlesFiles}
			continue
		}
		v := checks.Value{Is: isThere, Text: d.file + " of service " + d.service, Place: d.place, Source: d.source}
		switch {
		case len(files) == 0:
			v.Is, v.Text = isMissing, d.file+" of service "+d.service+" is in none of the listed folders"
		case p.Field == "bits":
			v = bitsValue(d.file, files, bits)
		}
		if v.Is != "" {
			out.Values = append(out.Values, v)
		}
	}
	if p.Field == "bits" && bits == 0 {
		return unseen("the bitness of Outlook: a .reg export of HKLM\\SOFTWARE\\Microsoft\\Office")
	}
	return out
}

// bitsValue compares the machine of a DLL with Outlook.
func bitsValue(name string, files []*knownFile, bits int) checks.Value {
	for _, file := range files {
		if machineBits(file.Machine) == bits {
			return checks.Value{Is: "same", Text: fmt.Sprintf("%s is %s, Outlook has %d bits", name, file.Machine, bits), Place: file.Path, Source: file.source}
		}
	}
	file := files[0]
	if machineBits(file.Machine) == 0 {
		return checks.Value{}
	}
	return checks.Value{Is: "differ", Text: fmt.Sprintf("%s is %s, but Outlook has %d bits", name, file.Machine, bits), Place: file.Path, Source: file.source}
}

func machineBits(machine string) int {
	switch strings.ToLower(machine) {
	case "x86":
		return 32
	case "x64", "arm64", "amd64":
		return 64
	}
	return 0
}

// someFolder reports whether folders of MAPI modules were listed, in which a DLL that is
// not found would be.
func (f *Facts) someFolder(name string) bool {
	for key, l := range f.files.folders {
		if l.Complete && (strings.Contains(key, `\msmapi`) || strings.Contains(key, "oxtender") || strings.HasSuffix(key, `\system32`)) && wants(l.Patterns, strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// A providerDLL is a DLL that a profile names, with the "32" that MAPI adds.
type providerDLL struct{ file, stored, service, place, source string }

// providerDLLs lists the DLLs of all profiles, each once.
func (f *Facts) providerDLLs() []providerDLL {
	var out []providerDLL
	add := func(dll, service, place, source string) {
		d := providerDLL{withSuffix(dll), dll, service, place, source}
		if dll != "" && len(out) < maxFound && !slices.ContainsFunc(out, func(o providerDLL) bool { return strings.EqualFold(o.file, d.file) }) {
			out = append(out, d)
		}
	}
	for i := range f.inventory.Profiles {
		p := &f.inventory.Profiles[i]
		for j := range p.Services {
			s := &p.Services[j]
			add(s.DLL, s.Name, s.Origin, p.Source)
			for _, pr := range s.Providers {
				add(pr.DLL, s.Name, pr.Origin, p.Source)
			}
		}
	}
	return out
}

// withSuffix adds "32" before the first dot, as MAPI does.
func withSuffix(dll string) string {
	base := winpath.Base(dll)
	name, ext, found := strings.Cut(base, ".")
	if !found {
		return base + "32.dll"
	}
	return name + "32." + ext
}

// registered looks for the DLLs in MapiSvc.inf.
func (f *Facts) registered(dlls []providerDLL) checks.Observation {
	if len(f.infs) == 0 {
		return unseen("MapiSvc.inf from the folder of MAPI: System32, or Common Files\\System\\MSMAPI\\<lcid>")
	}
	named := map[string]bool{}
	for _, inf := range f.infs {
		linesOf(inf.data, func(_ int, line string) bool {
			key, value, found := strings.Cut(line, "=")
			key = strings.ToUpper(strings.TrimSpace(key))
			if found && (key == "PR_SERVICE_DLL_NAME" || key == "PR_PROVIDER_DLL_NAME") {
				named[strings.ToLower(strings.TrimSpace(value))] = true
			}
			return true
		})
	}
	out := checks.Observation{Covered: true}
	for _, d := range dlls {
		v := checks.Value{Is: isThere, Text: d.stored + " is registered", Place: d.place, Source: f.infs[0].path}
		if !named[strings.ToLower(d.stored)] && !named[strings.ToLower(d.file)] {
			v.Is, v.Text = isMissing, fmt.Sprintf("%s of service %s is in no MapiSvc.inf", d.stored, d.service)
		}
		out.Values = append(out.Values, v)
	}
	return out
}
