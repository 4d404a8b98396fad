package profile

import (
	"slices"
	"strings"
)

// Ref is one use of an account or cache file by a service of a profile.
type Ref struct {
	Index       int    `json:"-"` // of the profile in the list that was searched
	Source      string `json:"source,omitempty"`
	User        string `json:"user,omitempty"`
	Root        string `json:"root"`
	Profile     string `json:"profile"` // name as stored
	Service     string `json:"service"` // UID
	ServiceName string `json:"service_name,omitempty"`
	Origin      string `json:"origin"` // registry path of the value that proves the use
}

// Shared is an account or cache file with two or more uses.
type Shared struct {
	Kind     string   `json:"kind"` // "account" or "cache file"
	Name     string   `json:"name"` // as the first use spells it
	Key      string   `json:"key"`  // compared form
	Account  *Account `json:"account,omitempty"`
	Profiles int      `json:"profiles"` // different profiles among the uses
	Refs     []Ref    `json:"refs"`
}

// SharedAccounts finds the OXtender accounts that several services use. The
// profiles may come from several inventories.
func SharedAccounts(profiles []Profile) []Shared {
	return shared(profiles, "account", func(s *Service) []use {
		if s.Account == nil {
			return nil
		}
		key := AccountKey(s.Account.Server, s.Account.User)
		return []use{{key, s.Account.User + " at " + s.Account.Server, s.factOrigin(KindUser), s.Account}}
	})
}

// SharedCaches finds the cache files that several services use.
func SharedCaches(profiles []Profile) []Shared {
	return shared(profiles, "cache file", func(s *Service) []use {
		var uses []use
		for i, path := range s.CacheFiles {
			uses = append(uses, use{s.cacheKey(i), path, s.cacheOrigin(path), s.Account})
		}
		return uses
	})
}

// use is one key that a service uses.
type use struct {
	key, name, origin string
	account           *Account
}

// shared groups the uses of all services by key, in order of first use, and
// keeps the groups of two and more services.
func shared(profiles []Profile, kind string, usesOf func(*Service) []use) []Shared {
	g := grouping{kind: kind, byKey: map[string]int{}}
	for i := range profiles {
		for j := range profiles[i].Services {
			service := &profiles[i].Services[j]
			g.addService(i, &profiles[i], service, usesOf(service))
		}
	}
	return slices.DeleteFunc(g.groups, func(s Shared) bool { return len(s.Refs) < 2 })
}

// grouping collects uses by key.
type grouping struct {
	kind   string
	byKey  map[string]int // key → index of groups
	groups []Shared
}

// addService adds the uses of one service. An .odb and a .psz of one base name
// have one key and are one use.
func (g *grouping) addService(index int, p *Profile, s *Service, uses []use) {
	var done []string
	for _, u := range uses {
		if u.key == "" || slices.Contains(done, u.key) {
			continue
		}
		done = append(done, u.key)
		at, seen := g.byKey[u.key]
		if !seen {
			at = len(g.groups)
			g.byKey[u.key] = at
			g.groups = append(g.groups, Shared{Kind: g.kind, Name: u.name, Key: u.key, Account: u.account})
		}
		g.groups[at].add(index, p, s, u.origin)
	}
}

// add records one more use and counts the profiles.
func (g *Shared) add(index int, p *Profile, s *Service, origin string) {
	if len(g.Refs) == 0 || g.Refs[len(g.Refs)-1].Index != index {
		g.Profiles++
	}
	g.Refs = append(g.Refs, newRef(index, p, s, origin))
}

// newRef describes a use.
func newRef(index int, p *Profile, s *Service, origin string) Ref {
	return Ref{
		Index: index, Source: p.Source, User: p.User, Root: p.Root, Profile: p.Name,
		Service: s.UID, ServiceName: s.Name, Origin: origin,
	}
}

// UsesOfAccount finds the services that use an account, in any spelling. With
// an empty user every account of the server counts, and the other way round.
func UsesOfAccount(profiles []Profile, server, user string) []Ref {
	return usesWhere(profiles, KindUser, func(s *Service) bool {
		if s.Account == nil || server == "" && user == "" {
			return false
		}
		return (server == "" || ServerKey(server) == ServerKey(s.Account.Server)) &&
			(user == "" || strings.EqualFold(strings.TrimSpace(user), s.Account.User))
	})
}

// UsesOfCache finds the services that use a cache or store file, in any
// spelling; env expands the variables of path and may be nil.
func UsesOfCache(profiles []Profile, path string, env map[string]string) []Ref {
	key := CacheKey(path, env)
	if key == "" {
		return nil
	}
	return usesWhere(profiles, KindCache, func(s *Service) bool {
		for i := range s.CacheFiles {
			if s.cacheKey(i) == key {
				return true
			}
		}
		return false
	})
}

// usesWhere lists the services for which the condition holds.
func usesWhere(profiles []Profile, kind string, holds func(*Service) bool) []Ref {
	var refs []Ref
	for i := range profiles {
		for j := range profiles[i].Services {
			if s := &profiles[i].Services[j]; holds(s) {
				refs = append(refs, newRef(i, &profiles[i], s, s.factOrigin(kind)))
			}
		}
	}
	return refs
}

// cacheKey gives the compared form of a cache file. Services that did not come
// from Read, for instance out of JSON, have no keys yet.
func (s *Service) cacheKey(i int) string {
	if i < len(s.cacheKeys) {
		return s.cacheKeys[i]
	}
	return CacheKey(s.CacheFiles[i], nil)
}

// factOrigin gives where the first fact of a kind stands.
func (s *Service) factOrigin(kind string) string {
	for _, f := range s.Facts {
		if f.Kind == kind {
			return f.Origin
		}
	}
	return s.Origin
}

// cacheOrigin gives where a cache path stands.
func (s *Service) cacheOrigin(path string) string {
	for _, f := range s.Facts {
		if f.Kind == KindCache && f.Value == path {
			return f.Origin
		}
	}
	return s.Origin
}
