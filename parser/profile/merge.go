package profile

import (
	"fmt"
	"slices"
	"strings"
)

// Merge puts the inventories of several pieces of evidence into one, and finds
// shared accounts and caches over all of them. A profile that two pieces show
// alike (a user's hive and an export of it) is kept once, with the other
// sources in AlsoIn. The given inventories do not change.
func Merge(inventories ...*Inventory) *Inventory {
	all := &Inventory{Profiles: []Profile{}}
	bySign := map[string]int{}
	for _, inv := range inventories {
		for _, p := range inv.Profiles {
			all.mergeProfile(bySign, p)
		}
		all.Deleted = append(all.Deleted, inv.Deleted...)
		all.Corrupt = append(all.Corrupt, inv.Corrupt...)
		all.Settings = append(all.Settings, inv.Settings...)
		all.Problems = append(all.Problems, inv.Problems...)
	}
	all.reportShared()
	return all
}

// mergeProfile adds a profile, unless another source showed it before.
func (inv *Inventory) mergeProfile(bySign map[string]int, p Profile) {
	p.Problems = slices.DeleteFunc(slices.Clone(p.Problems), func(problem Problem) bool { return problem.ID == CacheShared })
	sign := p.sign()
	if first, twice := bySign[sign]; twice && inv.Profiles[first].Source != p.Source {
		known := &inv.Profiles[first]
		known.AlsoIn = append(slices.Clone(known.AlsoIn), p.Source)
		known.Default = known.Default || p.Default
		return
	}
	if sign != "" {
		bySign[sign] = len(inv.Profiles)
	}
	inv.Profiles = append(inv.Profiles, p)
}

// dropAliases removes the profiles of HKCU that the same tree also shows below
// HKEY_USERS: HKCU is a link to one of those keys, so a full export has every
// profile of that user twice.
func (inv *Inventory) dropAliases() {
	bySign := map[string]int{}
	kept := inv.Profiles[:0]
	for _, p := range inv.Profiles {
		sign := p.sign()
		if first, twice := bySign[sign]; twice && kept[first].User == "" && p.User != "" {
			kept[first].User = p.User
			continue
		}
		if sign != "" {
			bySign[sign] = len(kept)
		}
		kept = append(kept, p)
	}
	inv.Profiles = kept
}

// sign identifies a profile by its place, its random ids and what they lead
// to. The ids alone would not do: a profile that was handed out to many users
// by script has the same ones everywhere. It is "" for a profile without
// services, which nothing identifies.
func (p *Profile) sign() string {
	if len(p.Services) == 0 {
		return ""
	}
	sign := []string{p.Root, FoldName(p.Name), p.InstanceID}
	for i := range p.Services {
		s := &p.Services[i]
		sign = append(sign, s.UID, s.UserDN, s.SMTPAddress)
		if s.Account != nil {
			sign = append(sign, AccountKey(s.Account.Server, s.Account.User))
		}
		for _, path := range s.CacheFiles {
			sign = append(sign, CacheKey(path, nil))
		}
	}
	return strings.Join(sign, "\x00")
}

// reportShared gives each profile a problem for every account and cache file
// that several services use, in one profile or in several.
func (inv *Inventory) reportShared() {
	for _, shared := range slices.Concat(SharedAccounts(inv.Profiles), SharedCaches(inv.Profiles)) {
		p := newProblem(CacheShared, "", fmt.Sprintf("%s %s is used by %d services of %d profiles: %s",
			shared.Kind, shared.Name, len(shared.Refs), shared.Profiles, namesOf(shared.Refs)))
		if slices.ContainsFunc(shared.Refs, func(ref Ref) bool { return ref.Root != shared.Refs[0].Root }) {
			p.Detail += "; they lie in different roots: the older one may be left over from an upgrade of Outlook"
		}
		inv.addShared(p, shared)
	}
}

// maxNamedRefs bounds the uses that one problem spells out: the text stands
// with every profile concerned, and 500 profiles may share one account.
const maxNamedRefs = 20

// namesOf spells out uses as profile/service.
func namesOf(refs []Ref) string {
	var names []string
	for _, ref := range refs[:min(len(refs), maxNamedRefs)] {
		names = append(names, ref.Profile+"/"+firstOf(ref.ServiceName, ref.Service))
	}
	if more := len(refs) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// addShared puts the problem to each profile that is concerned, once.
func (inv *Inventory) addShared(p Problem, shared Shared) {
	last := -1
	for _, ref := range shared.Refs {
		if ref.Index == last {
			continue
		}
		last = ref.Index
		owner := &inv.Profiles[ref.Index]
		p.Profile, p.Origin = owner.Name, ref.Origin
		owner.Problems = append(owner.Problems, p)
	}
}
