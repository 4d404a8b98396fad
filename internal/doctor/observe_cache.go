package doctor

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
	"oxtail/internal/caches"
	"oxtail/parser/store"
	"oxtail/parser/winpath"
)

// addCacheFiles makes the cache files of the evidence known as files.
func (f *Facts) addCacheFiles() {
	for i := range f.caches {
		if c := &f.caches[i]; c.State != caches.StateMissing {
			f.files.add(ListedFile{Path: c.Path, Bytes: max(int64(c.Bytes), 0), Modified: c.Modified}, c.Path)
		}
	}
}

const settlesCaches = "the list of the cache files: oxtail collect, or the files themselves"

// observeCache answers a probe of cache files.
func (f *Facts) observeCache(p checks.Probe) checks.Observation {
	switch p.Field {
	case "exists":
		return f.cacheExists()
	case "place":
		return f.cachePlaces(onlyOST)
	case "remote":
		return f.cachePlaces(func(string) bool { return true })
	case "leftovers":
		return f.cacheLeftovers()
	case "damage":
		return f.cacheDamage()
	case "corrupt":
		return f.cacheRecords()
	case "pending":
		return f.pendingRenames()
	}
	return f.cacheNames()
}

func onlyOST(path string) bool { return winpath.Ext(path) == ".ost" }

// A cachePath is a path of a cache file as a profile has it.
type cachePath struct{ path, service, place, source string }

// cachePaths lists the cache files that profiles name, each once.
func (f *Facts) cachePaths(wanted func(string) bool) []cachePath {
	var out []cachePath
	for i := range f.inventory.Profiles {
		p := &f.inventory.Profiles[i]
		for j := range p.Services {
			s := &p.Services[j]
			for _, path := range s.CacheFiles {
				known := slices.ContainsFunc(out, func(o cachePath) bool { return winpath.Equal(o.path, path) })
				if wanted(path) && !known && len(out) < maxFound {
					out = append(out, cachePath{path, s.Display, s.Origin, p.Source})
				}
			}
		}
	}
	return out
}

// found gives the cache file that a path of a profile means.
func (f *Facts) found(path string) *caches.Cache {
	for i := range f.caches {
		c := &f.caches[i]
		if slices.ContainsFunc(c.Links, func(l caches.Link) bool { return winpath.Equal(l.Path, path) }) || winpath.Equal(c.Path, path) {
			return c
		}
	}
	return nil
}

// cacheExists looks for the .ost files that profiles name.
func (f *Facts) cacheExists() checks.Observation {
	paths := f.cachePaths(onlyOST)
	out := checks.Observation{Covered: len(paths) > 0}
	for _, p := range paths {
		v := checks.Value{Is: isThere, Text: p.path, Place: p.place, Source: p.source}
		c := f.found(p.path)
		file, known := f.fileAt(winpath.Expand(p.path, winpath.User(p.path)))
		switch {
		case c != nil && c.State != caches.StateMissing, file != nil:
		case known:
			v.Is, v.Text = isMissing, p.path+" is not there"
		default:
			out.Covered, out.Settles = false, []string{settlesCaches}
			continue
		}
		out.Values = append(out.Values, v)
	}
	return out
}

// Words for the place of a cache.
const (
	placeDefault = "default"
	placeLocal   = "local"
	placeNetwork = "network"
	placeRoaming = "roaming"
	placeCloud   = "cloud"
	placeReparse = "redirected"
)

// cachePlaces tells where the caches lie.
func (f *Facts) cachePlaces(wanted func(string) bool) checks.Observation {
	paths := f.cachePaths(wanted)
	out := checks.Observation{Covered: len(paths) > 0}
	if len(paths) == 0 {
		out.Settles = []string{"a mail profile: NTUSER.DAT of the user, or a .reg export"}
	}
	for _, p := range paths {
		place, why := f.placeOf(p.path)
		out.Values = append(out.Values, checks.Value{Is: place, Text: fmt.Sprintf("%s: %s", p.path, why), Place: p.place, Source: p.source})
	}
	return out
}

// placeOf judges a path by its own words, the kind of its drive, and the listed folder.
func (f *Facts) placeOf(path string) (place, why string) {
	key := winpath.Key(winpath.Expand(path, winpath.User(path)))
	lower := strings.ToLower(winpath.Clean(path))
	if strings.HasPrefix(lower, `\\`) {
		return placeNetwork, "on a network share"
	}
	for _, word := range []string{`\onedrive`, `\dropbox`, `\google drive`, `\googledrive`, `\iclouddrive`, `\nextcloud`, `\owncloud`, `\sharepoint`} {
		if strings.Contains(lower, word) {
			return placeCloud, "in a folder that a cloud service keeps in step"
		}
	}
	if strings.Contains(key, `\appdata\roaming\`) || strings.Contains(lower, `\application data\`) && !strings.Contains(lower, `\local settings\`) || strings.HasPrefix(lower, "%appdata%") {
		return placeRoaming, "in a roaming folder"
	}
	if l, is := f.files.folders[winpath.Key(winpath.Dir(path))]; is {
		switch {
		case l.Remote:
			return placeNetwork, "on a network drive"
		case l.Cloud:
			return placeCloud, "in a folder that a cloud service keeps in step"
		case l.Reparse != "":
			return placeReparse, "behind a link to " + l.Reparse
		}
	}
	for _, s := range f.systems {
		for _, d := range s.Disks {
			if d.Kind == DiskNetwork && len(lower) > 1 && strings.EqualFold(d.Root[:min(2, len(d.Root))], lower[:2]) {
				return placeNetwork, d.Root + " is a network drive"
			}
		}
	}
	if local := f.localAppData(); strings.HasPrefix(local, `\\`) && strings.HasPrefix(lower, "%localappdata%") {
		return placeReparse, "the local folder of the user is redirected to " + local
	}
	if strings.Contains(key, `\appdata\local\`) || strings.HasPrefix(lower, "%localappdata%") || strings.Contains(lower, `\local settings\`) {
		return placeDefault, "in the local folder of the user"
	}
	return placeLocal, "on a local drive, but not in the usual folder"
}

// localAppData tells where the registry puts the local folder of the user.
func (f *Facts) localAppData() string {
	return f.value(`HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders`, "Local AppData", view64).Is
}

// cacheLeftovers lists files beside the caches that no profile names.
func (f *Facts) cacheLeftovers() checks.Observation {
	var out checks.Observation
	for _, p := range f.cachePaths(onlyOST) {
		if f.files.listed(p.path+".old") || f.found(p.path) != nil {
			out.Covered = true
		}
	}
	for i := range f.caches {
		c := &f.caches[i]
		out.Covered = true
		if (c.State == caches.StateOrphan || c.State == caches.StateStale) && (c.Kind == caches.KindOST || strings.Contains(strings.ToLower(c.Path), ".ost")) && len(out.Values) < maxFound {
			text := fmt.Sprintf("%s, %d bytes, %s", c.Path, c.Bytes, c.Modified.UTC().Format("2006-01-02"))
			out.Values = append(out.Values, checks.Value{Is: string(c.State), Text: text, Place: c.Path, Source: c.Path})
		}
	}
	for base, files := range f.files.byName {
		isPacked := slices.Contains([]string{".gz", ".zip", ".7z", ".xz", ".bz2", ".zst"}, winpath.Ext(base))
		if strings.Contains(base, ".ost") && !strings.HasSuffix(base, ".ost") && !isPacked {
			for _, file := range files {
				known := slices.ContainsFunc(out.Values, func(v checks.Value) bool { return winpath.Equal(v.Place, file.Path) })
				if !known && len(out.Values) < maxFound {
					out.Values = append(out.Values, checks.Value{Is: "leftover", Text: fmt.Sprintf("%s, %d bytes", file.Path, file.Bytes), Place: file.Path, Source: file.source})
				}
			}
		}
	}
	slices.SortFunc(out.Values, func(a, b checks.Value) int { return strings.Compare(a.Place, b.Place) })
	if !out.Covered {
		out.Settles = []string{settlesCaches}
	}
	return out
}

// cacheDamage lists what is wrong with the headers of stores.
func (f *Facts) cacheDamage() checks.Observation {
	out := checks.Observation{Settles: []string{"the .ost and .pst files, or the first KiB of each in a bundle of oxtail collect"}}
	for i := range f.caches {
		c := &f.caches[i]
		if !c.Header.IsStore {
			continue
		}
		out.Covered, out.Settles = true, nil
		for _, p := range c.Problems {
			if p.Weight == store.Damage {
				out.Values = append(out.Values, checks.Value{Is: "damaged", Text: winpath.Base(c.Path) + ": " + p.String(), Place: c.Path, Source: c.Path})
			}
		}
	}
	return out
}

// cacheRecords lists the damage that Outlook itself recorded.
func (f *Facts) cacheRecords() checks.Observation {
	const key = `HKCU\Software\Microsoft\Office\16.0\MAPI`
	_, covered := f.registry.find(key, view64)
	out := checks.Observation{Covered: covered}
	if !covered {
		out.Settles = []string{settlesKey(key, view64)}
	}
	for _, r := range f.inventory.Corrupt[:min(len(f.inventory.Corrupt), maxFound)] {
		out.Values = append(out.Values, checks.Value{Is: r.Path, Text: fmt.Sprintf("%s was found damaged (%s)", r.Path, r.Recorded), Place: r.Origin})
	}
	return out
}

// pendingRenames looks for cache files and MAPI modules that wait for a restart.
func (f *Facts) pendingRenames() checks.Observation {
	out := f.oneView(checks.Probe{Key: `HKLM\SYSTEM\CurrentControlSet\Control\Session Manager`, Value: "PendingFileRenameOperations", HasValue: true}, view64)
	var kept []checks.Value
	for _, v := range out.Values {
		for path := range strings.SplitSeq(v.Is, "; ") {
			base := strings.ToLower(winpath.Base(strings.TrimPrefix(path, "!")))
			ext := winpath.Ext(base)
			module := ext == ".dll" && (strings.HasPrefix(base, "ems") || strings.Contains(base, "mapi") || strings.HasPrefix(base, "mspst") || strings.HasPrefix(base, "ox"))
			if module || slices.Contains([]string{".ost", ".pst", ".odb", ".psz"}, ext) {
				kept = append(kept, checks.Value{Is: path, Text: path + " waits for a restart", Place: v.Place, Source: v.Source})
			}
		}
	}
	out.Values = kept
	return out
}

// cacheNames looks for names that the code page of ANSI programs may not have.
func (f *Facts) cacheNames() checks.Observation {
	page := f.value(`HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage`, "ACP", view64).Is
	for _, s := range f.systems {
		if s.OS.CodePage != 0 {
			page = fmt.Sprint(s.OS.CodePage)
		}
	}
	out := checks.Observation{Covered: len(f.inventory.Profiles) > 0}
	if !out.Covered {
		out.Settles = []string{"a mail profile: NTUSER.DAT of the user, or a .reg export"}
	}
	add := func(name, place string) {
		if fits := fitsPage(name, page); fits != "" && len(out.Values) < maxFound {
			out.Values = append(out.Values, checks.Value{Is: fits, Text: name, Place: place})
		}
	}
	for i := range f.inventory.Profiles {
		add(f.inventory.Profiles[i].Display, f.inventory.Profiles[i].Origin)
	}
	for _, p := range f.cachePaths(func(string) bool { return true }) {
		add(p.path, p.place)
	}
	return out
}

// fitsPage tells whether a name can be written in a code page; "" when it cannot be told.
func fitsPage(name, page string) string {
	isASCII, isLatin := true, true
	for _, r := range name {
		isASCII, isLatin = isASCII && r < 0x80, isLatin && r <= 0xff && (r < 0x80 || r >= 0xa0)
	}
	switch {
	case isASCII, page == "65001", isLatin && page == "1252":
		return "plain"
	case page == "1252":
		return "foreign"
	}
	return ""
}

// observeDisk compares the free space with the size of each cache.
func (f *Facts) observeDisk(p checks.Probe) checks.Observation {
	out := checks.Observation{Covered: false, Settles: []string{"the free space of the drives: oxtail doctor on the computer itself, msinfo32, or a bundle of oxtail collect"}}
	for _, path := range f.cachePaths(func(string) bool { return true }) {
		full := winpath.Expand(path.path, winpath.User(path.path))
		size := int64(-1)
		if c := f.found(path.path); c != nil && c.State != caches.StateMissing {
			size = int64(c.Bytes)
		} else if file, _ := f.fileAt(full); file != nil {
			size = file.Bytes
		}
		free, known := f.freeOf(full)
		if size < 0 || !known {
			continue
		}
		out.Covered, out.Settles = true, nil
		need := size * int64(max(p.Factor, 1))
		v := checks.Value{Is: "enough", Text: fmt.Sprintf("%s has %d MB, %d MB are free", path.path, size>>20, free>>20), Place: path.place, Source: path.source}
		if free < need {
			v.Is = "short"
		}
		out.Values = append(out.Values, v)
	}
	return out
}

// freeOf tells the free bytes of the drive of a path.
func (f *Facts) freeOf(path string) (int64, bool) {
	for _, s := range f.systems {
		for _, d := range s.Disks {
			if root := strings.TrimSuffix(d.Root, `\`); root != "" && len(path) >= len(root) && strings.EqualFold(path[:len(root)], root) {
				return d.Free, true
			}
		}
	}
	return 0, false
}

// observeStoreSize holds stores against the limits that the registry sets.
func (f *Facts) observeStoreSize() checks.Observation {
	out := checks.Observation{Settles: []string{settlesCaches}}
	for i := range f.caches {
		c := &f.caches[i]
		if !c.Header.IsStore {
			continue
		}
		out.Covered, out.Settles = true, nil
		limits := f.limitsOf(c.Header.Layout)
		v := checks.Value{Is: "below", Text: fmt.Sprintf("%s has %d bytes; from %d on nothing is taken in (%s)", c.Path, c.Header.Size, limits.WarnBytes, limits.Source), Place: c.Path, Source: c.Path}
		for _, p := range c.Header.CheckLimits(limits) {
			v.Is, v.Text = "warn", fmt.Sprintf("%s: %s", c.Path, p)
			if c.Header.Size >= limits.MaxBytes || c.Header.Layout == store.LayoutANSI && c.Header.Size >= store.ANSIEndBytes {
				v.Is = "full"
			}
		}
		out.Values = append(out.Values, v)
	}
	return out
}

// limitsOf reads the limits below PST, the policy first.
func (f *Facts) limitsOf(layout store.Layout) store.Limits {
	warn, most := "WarnLargeFileSize", "MaxLargeFileSize"
	if layout == store.LayoutANSI {
		warn, most = "WarnFileSize", "MaxFileSize"
	}
	major := 0
	for _, o := range f.offices() {
		if v, ok := checks.ParseVersion(o.Is); ok && int(v[0]) > major {
			major = int(v[0])
		}
	}
	for _, root := range []string{`HKCU\Software\Policies\Microsoft\Office\*\Outlook\PST`, `HKCU\Software\Microsoft\Office\*\Outlook\PST`} {
		w, m := f.value(root, warn, view64), f.value(root, most, view64)
		if w.Is != "" || m.Is != "" {
			place := w.Place
			if place == "" {
				place = m.Place
			}
			return store.RegistryLimits(layout, major, number(w.Is), number(m.Is), place)
		}
	}
	return store.DefaultLimits(layout, major)
}

func number(text string) int64 {
	var n int64
	if _, err := fmt.Sscan(text, &n); err != nil {
		return 0
	}
	return n
}
