package sentry

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/parser"
)

// The rules of package actions that this package tells under names of its own.
const (
	actionsShared  = "registry-shared-cache"
	actionsHeader  = "registry-store-header"
	actionsCorrupt = "registry-corrupt-store"
)

// judgeInventory takes the judgement of package actions over the inventory, and adds
// what only a watch knows: what it was before.
func (s *Sentry) judgeInventory(snap *Snapshot) {
	cases := actions.Cases(nil, snap.Inventory)
	stores := map[string]*actions.Store{} // case id → store
	for i := range cases {
		stores[cases[i].ID] = cases[i].Store()
	}
	standing := map[string]bool{}
	for i := range cases {
		for _, f := range actions.OwnFindings(cases[i : i+1]) {
			if key := s.takeOwn(f, &cases[i]); key != "" {
				standing[key] = true
			}
		}
	}
	s.closeOver(standing, snap)
	s.uses = usesOf(snap.Inventory)
}

// takeOwn opens the fault that a finding of package actions is about.
func (s *Sentry) takeOwn(f detectors.Finding, c *actions.Case) string {
	for i := range f.Evidence {
		f.Evidence[i].Time, f.Evidence[i].Basis = s.now, parser.TimeExact // when it was seen
	}
	switch f.Rule {
	case actionsShared:
		return s.takeShared(f, c)
	case actionsHeader, actionsCorrupt:
		f.Rule, f.Source = RuleStoreDamaged, first(f.CacheFiles)
		object := f.Source + "\x00" + first(f.Because)
		s.open(object, 1, f)
		return faultKey(f.Rule, object)
	}
	return ""
}

// takeShared opens the fault of a store that several services use.
func (s *Sentry) takeShared(f detectors.Finding, c *actions.Case) string {
	object, now := objectOf(c.Store()), labels(c.Store())
	f.Rule, f.Source = RuleSharedCache, first(f.CacheFiles)
	if f.Source == "" && len(f.Evidence) > 0 {
		f.Source = f.Evidence[0].Source
	}
	before := s.uses[object]
	if added := without(now, before); len(before) > 0 && len(added) > 0 {
		why := fmt.Sprintf("%s: new on this account is %s; before, it was used by %s", clock(s.now), strings.Join(added, ", "), strings.Join(before, ", "))
		f.Because = append([]string{why}, f.Because...)
		f.Title = "Another service began to use an OXtender account and its cache"
		f.Evidence = newestLast(f.Evidence, c.Store(), added)
	}
	f.Explain = "Profiles with the same server and user share one local cache. While more than one uses it, a re-creation of the service fails."
	key := faultKey(f.Rule, object)
	if x := s.faults[key]; x != nil {
		x.Level = len(now) // services that went make room for news of others that come
		if len(without(now, before)) > 0 {
			x.Level--
		}
	}
	s.open(object, len(now), f)
	return key
}

// newestLast puts the evidence of services that were not there before behind the others,
// where the newest evidence of a log stands, too.
func newestLast(all []detectors.Evidence, store *actions.Store, added []string) []detectors.Evidence {
	isNew := map[string]bool{}
	for _, u := range store.Uses {
		isNew[u.Service.Origin] = slices.Contains(added, label(u))
	}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b detectors.Evidence) int {
		return cmp.Compare(boolRank(isNew[a.Text]), boolRank(isNew[b.Text]))
	})
	return out
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// objectOf names a store over all changes of its profiles: the account as one Windows
// user has it, else the compared form of its path.
func objectOf(store *actions.Store) string {
	if a := store.Account; a != nil {
		return strings.ToLower(strings.TrimRight(a.Server, "/")+"\x00"+a.User) + "\x00" + store.Owner
	}
	return store.Key
}

// label names a service of a profile for people. Two services of one profile differ by
// their registry section.
func label(u actions.Use) string {
	uid := u.Service.UID[:min(8, len(u.Service.UID))]
	return fmt.Sprintf("profile %q (service %s)", u.Label(), cmp.Or(uid, "unknown"))
}

// labels names the services that use a store, sorted.
func labels(store *actions.Store) []string {
	var out []string
	for _, u := range store.Distinct() {
		out = append(out, label(u))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// usesOf tells who uses each store now.
func usesOf(inv *actions.Inventory) map[string][]string {
	out := map[string][]string{}
	stores := inv.Stores()
	for i := range stores {
		if len(stores[i].Uses) > 0 {
			out[objectOf(&stores[i])] = labels(&stores[i])
		}
	}
	return out
}

// closeOver ends the faults of the inventory that two looks in a row do not show, as far
// as the looks saw the evidence that showed them.
func (s *Sentry) closeOver(standing map[string]bool, snap *Snapshot) {
	for _, key := range slices.Sorted(maps.Keys(s.faults)) {
		x := s.faults[key]
		if standing[key] || !isRule(key, RuleSharedCache) && !isRule(key, RuleStoreDamaged) || !sawAgain(&x.Finding, snap) {
			continue
		}
		x.Clear++
		if x.Clear < confirmLooks {
			s.suspect = true
			continue
		}
		why := "what showed it is not there any more"
		if isRule(key, RuleSharedCache) {
			_, object, _ := strings.Cut(key, "\x00")
			why = "it is used by " + cmp.Or(strings.Join(usesOf(snap.Inventory)[object], ", "), "no service any more")
		}
		s.close(key, why)
	}
}

// sawAgain reports whether a look saw what a finding was told from: its registry files
// were read, its cache files may be judged.
func sawAgain(f *detectors.Finding, snap *Snapshot) bool {
	for _, e := range f.Evidence {
		if e.Source != "" && !slices.Contains(snap.Read, e.Source) {
			return false
		}
	}
	return f.Rule != RuleStoreDamaged || !snap.unsureOf(f.Source)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// without returns what is in list and not in other.
func without(list, other []string) []string {
	var out []string
	for _, x := range list {
		if !slices.Contains(other, x) {
			out = append(out, x)
		}
	}
	return out
}
