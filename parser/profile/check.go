package profile

import (
	"fmt"
	"slices"
	"strings"
)

// checkProfile judges the links of the current profile that no single read
// could see.
func (r *reader) checkProfile() {
	r.checkStray()
	r.checkOrphans()
	r.checkForgotten()
	r.checkForeign()
	r.checkWidths()
}

// checkStray finds providers of the profile-wide lists that no service has.
func (r *reader) checkStray() {
	p := r.current
	lists := r.section(mapiSection)
	for _, name := range providerLists() {
		for _, uid := range r.uidList(lists, name) {
			if p.listed[FoldName(uid)] {
				continue
			}
			p.listed[FoldName(uid)] = true
			r.problem(ProviderStray, lists.at(name), fmt.Sprintf("provider %s belongs to no service", uid))
		}
	}
}

// checkOrphans finds service and provider sections that nothing lists.
func (r *reader) checkOrphans() {
	p := r.current
	for _, name := range p.names {
		s := p.sections[name]
		if p.listed[name] || !s.has("3d0a") && !s.has("300a") {
			continue
		}
		p.out.Unreferenced = append(p.out.Unreferenced, s.name)
	}
	slices.Sort(p.out.Unreferenced)
	for _, name := range p.out.Unreferenced {
		s := r.section(name)
		r.problem(OrphanSection, s.origin, fmt.Sprintf("section %s (%s) is listed nowhere", name,
			firstOf(s.text("3001"), s.text("3d09"), "no name")))
	}
}

// checkForgotten finds stores that are remembered, but belong to no service.
func (r *reader) checkForgotten() {
	p := &r.current.out
	seen := map[string]bool{}
	for _, service := range p.Services {
		for _, provider := range service.Providers {
			for _, path := range provider.Paths {
				seen[CacheKey(path, r.env)] = true
			}
		}
		for _, key := range service.cacheKeys {
			seen[key] = true
		}
	}
	for _, store := range p.KnownStores {
		key := CacheKey(store.Value, r.env)
		if seen[key] {
			continue
		}
		seen[key] = true
		r.problem(StoreForgotten, store.Origin, store.Value+" belongs to no service of the profile")
	}
}

// checkForeign finds cache files in the folder of another user. It needs the
// owner's own folder, which a bare profile export does not have.
func (r *reader) checkForeign() {
	home := CacheKey(r.env["USERPROFILE"], nil)
	base := home[:strings.LastIndexByte(home, '\\')+1]
	if len(base) <= len(`c:\`) {
		return
	}
	for _, service := range r.current.out.Services {
		for i, key := range service.cacheKeys {
			rest, below := strings.CutPrefix(key, base)
			owner, _, _ := strings.Cut(rest, `\`)
			if !below || base+owner == home || owner == "public" || !strings.Contains(rest, `\`) {
				continue
			}
			r.problem(PathForeign, service.Origin, fmt.Sprintf("%s lies in the folder of %q", service.CacheFiles[i], owner))
		}
	}
}

// checkWidths reports a profile that both bitnesses of Outlook wrote.
func (r *reader) checkWidths() {
	narrow, wide := r.current.widths[4], r.current.widths[8]
	if narrow != "" && wide != "" {
		r.problem(WidthsMixed, narrow, "32-bit layout here, 64-bit layout at "+wide)
	}
}

// homeOf gives the user's folder of a local application-data folder, which
// lies two levels below it both in Windows XP and in later versions.
func homeOf(localAppData string) string {
	parts := strings.Split(strings.TrimRight(localAppData, `\`), `\`)
	if len(parts) < 4 {
		return ""
	}
	return strings.Join(parts[:len(parts)-2], `\`)
}
