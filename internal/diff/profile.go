package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/parser/profile"
)

// A thing is a profile or a cache file, and what one side says of it.
type thing struct {
	name, owner string
	facts       []string
}

// profiles compares the profiles of both sides: one of a name for each user and root.
func profiles(before, after *actions.Inventory) []Change {
	return changes(profileFacts(before), profileFacts(after))
}

func profileFacts(inv *actions.Inventory) map[string]thing {
	out := make(map[string]thing)
	if inv == nil {
		return out
	}
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		key := strings.Join([]string{profile.FoldName(p.User), profile.FoldName(p.Root), profile.FoldName(p.Name)}, "\x00")
		t := out[key]
		t.name, t.owner = actions.ProfileLabel(p), p.User
		t.facts = append(t.facts, factsOf(p)...)
		out[key] = t
	}
	return out
}

// factsOf puts into words what a repair or a mishap changes of a profile.
func factsOf(p *profile.Profile) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if p.Default {
		add("is the default profile")
	}
	for i := range p.Services {
		s := &p.Services[i]
		name := cmp.Or(s.Display, s.Name, s.UID)
		add("service %s (%s), UID %s", name, s.Name, s.UID)
		if s.Missing {
			add("service %s has no section", name)
		}
		if a := s.Account; a != nil {
			add("service %s: user %s at %s", name, a.User, a.Server)
		}
		for _, c := range s.CacheFiles {
			add("service %s: cache file %s", name, c)
		}
		if s.CachedPrivate {
			add("service %s: cached mode is on", name)
		}
		if s.SyncWindow != "" {
			add("service %s: keeps %s", name, s.SyncWindow)
		}
	}
	for _, a := range p.Accounts {
		add("account %s (%s) %s %s", a.Name, a.Kind, a.User, a.Server)
	}
	for _, u := range p.Unreferenced {
		add("section %s is referred to by nothing", u)
	}
	for _, x := range p.Problems {
		add("problem %s: %s", x.Name, x.Detail)
	}
	return out
}

// changes compares what two sides say of things with the same key.
func changes(before, after map[string]thing) []Change {
	var out []Change
	for key, a := range after {
		b, both := before[key]
		if !both {
			out = append(out, Change{New, a.name, a.owner, nil, distinct(a.facts)})
			continue
		}
		if was, now := without(b.facts, a.facts), without(a.facts, b.facts); len(was)+len(now) > 0 {
			out = append(out, Change{Changed, a.name, a.owner, was, now})
		}
	}
	for key, b := range before {
		if _, both := after[key]; !both {
			out = append(out, Change{Gone, b.name, b.owner, distinct(b.facts), nil})
		}
	}
	rank := []State{New, Changed, Gone}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(slices.Index(rank, a.State)-slices.Index(rank, b.State), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Owner, b.Owner),
			slices.Compare(a.Was, b.Was), slices.Compare(a.Now, b.Now))
	})
	return out
}

// without returns the distinct facts that the other list does not have, in order.
func without(list, other []string) []string {
	var out []string
	for _, f := range list {
		if !slices.Contains(other, f) && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

func distinct(list []string) []string { return without(list, nil) }
