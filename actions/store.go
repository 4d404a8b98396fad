package actions

import (
	"cmp"
	"slices"
	"strings"

	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// A Store is one local copy of a mailbox: the account behind it, its cache files,
// and every service of every profile that uses it. Services with the same account,
// or with the same cache file, use one store, unless they belong to different
// Windows users: each user has a cache of his own.
type Store struct {
	Key        string // stable, compared form of what identifies it
	System     System
	Account    *detectors.Account // nil when no service tells it
	Mailbox    string             // name of the mailbox, "" when not told
	Owner      string             // Windows user, "" when not known
	Uses       []Use              // ordered by profile
	Paths      []Path             // cache files as the profiles have them
	Files      []CacheFile        // cache files of these that were found, or are missing
	names      []string           // other names of the mailbox, for comparison
	folders    [][]string         // path elements of the folders of its evidence
	host, user string             // of the account, as they are compared
}

// A Use is one service of one profile that uses a store.
type Use struct {
	Profile *profile.Profile
	Service *profile.Service
}

// Label names the profile for people.
func (u Use) Label() string { return ProfileLabel(u.Profile) }

// A Path is a cache file as a profile refers to it.
type Path struct {
	Path   string
	Origin string // registry path
	key    string
	base   string // of baseKey
	use    int    // index of Uses, -1 for a file that no profile refers to
}

// Profiles lists the names of the profiles that use the store, each once.
func (s *Store) Profiles() []string {
	var out []string
	for i := range s.Uses {
		out = appendNew(out, s.Uses[i].Label())
	}
	slices.Sort(out)
	return out
}

// ProfileCount is how many different profiles use the store.
func (s *Store) ProfileCount() int {
	seen := map[string]bool{}
	for _, u := range s.Uses {
		seen[u.profileKey()] = true
	}
	return len(seen)
}

// profileKey is the profile's place in its user's registry, which can hold one of a
// name only.
func (u Use) profileKey() string {
	return profile.FoldName(u.Profile.Root) + "\x00" + profile.FoldName(u.Profile.Name)
}

// Distinct lists the uses that exist side by side. Two exports that show one profile
// differently, as before and after a repair, are two states of it: the one with more
// services counts.
func (s *Store) Distinct() []Use {
	type state struct {
		source string
		uses   []Use
	}
	states := map[string][]state{}
	var order []string
	for _, u := range s.Uses {
		key := u.profileKey()
		list := states[key]
		if list == nil {
			order = append(order, key)
		}
		i := slices.IndexFunc(list, func(x state) bool { return x.source == hiveOf(u.Profile) })
		if i < 0 {
			i, list = len(list), append(list, state{source: hiveOf(u.Profile)})
		}
		list[i].uses = append(list[i].uses, u)
		states[key] = list
	}
	var out []Use
	for _, key := range order {
		most := slices.MaxFunc(states[key], func(a, b state) int { return cmp.Compare(len(a.uses), len(b.uses)) })
		out = append(out, most.uses...)
	}
	return out
}

// Shared reports whether more than one service uses the store: another profile, or
// a second service of the same one.
func (s *Store) Shared() bool { return len(s.Distinct()) > 1 }

// roots counts the registry keys that the profiles stand in: more than one is a sign
// of an upgrade of Outlook.
func (s *Store) roots() int {
	seen := map[string]bool{}
	for _, u := range s.Uses {
		seen[profile.FoldName(u.Profile.Root)] = true
	}
	return len(seen)
}

// CachePaths lists the cache files, found or as the profiles name them.
func (s *Store) CachePaths() []string {
	var out []string
	for _, f := range s.Files {
		out = appendNew(out, f.Path)
	}
	for _, p := range s.Paths {
		if !slices.ContainsFunc(s.Files, func(f CacheFile) bool { return f.refersTo(p.Path) }) {
			out = appendNew(out, p.Path)
		}
	}
	slices.Sort(out)
	return out
}

func (f *CacheFile) refersTo(path string) bool {
	return f.Path == path || slices.ContainsFunc(f.Links, func(l CacheLink) bool { return l.Path == path })
}

// Name names the store for people.
func (s *Store) Name() string {
	switch {
	case s.Account != nil && s.Account.User != "":
		if s.Account.Server == "" {
			return s.Account.User
		}
		return s.Account.User + " at " + s.Account.Server
	case s.Mailbox != "":
		return s.Mailbox
	case len(s.Paths) > 0:
		return s.Paths[0].Path
	}
	return s.Key
}

// Stores finds the stores of the inventory, ordered by key.
func (inv *Inventory) Stores() []Store {
	g := newGrouping(inv)
	files := slices.SortedStableFunc(slices.Values(inv.Caches), func(a, b CacheFile) int { return cmp.Compare(a.Path, b.Path) })
	for i := range inv.Profiles {
		for j := range inv.Profiles[i].Services {
			g.add(&inv.Profiles[i], &inv.Profiles[i].Services[j])
		}
	}
	stores := g.stores()
	for i := range stores {
		stores[i].takeFiles(files)
	}
	stores = append(stores, looseStores(files, stores)...)
	slices.SortStableFunc(stores, func(a, b Store) int { return cmp.Compare(a.Key, b.Key) })
	for i := range stores {
		stores[i].keepFolders()
		if a := stores[i].Account; a != nil {
			stores[i].host, stores[i].user = hostOf(a.Server), foldUser(a.User)
		}
	}
	return stores
}

// keepFolders notes where the evidence of the store was found.
func (s *Store) keepFolders() {
	keep := func(path string) { s.folders = append(s.folders, winpath.Elements(winpath.Dir(path))) }
	for _, u := range s.Uses {
		keep(u.Profile.Source)
		for _, also := range u.Profile.AlsoIn {
			keep(also)
		}
	}
	for _, f := range s.Files {
		if f.State != CacheMissing {
			keep(f.Path)
		}
	}
}

// grouping puts services together by what they use. It is a union-find over keys.
type grouping struct {
	owners map[string]string // hive → Windows user
	uses   []Use
	keys   [][]string // of each use
	parent map[string]string
	users  map[string][]string // account → Windows users that have it, "" for one that is not known
}

func newGrouping(inv *Inventory) *grouping {
	g := &grouping{owners: map[string]string{}, parent: map[string]string{}, users: map[string][]string{}}
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		hive, owner := hiveOf(p), OwnerOf(p)
		if known := g.owners[hive]; known == "" || known == strings.ToLower(p.User) {
			g.owners[hive] = owner // a name by a path says more than the SID of the hive
		}
	}
	return g
}

// hiveOf names the hive that a profile stands in.
func hiveOf(p *profile.Profile) string { return p.Source + "\x00" + p.User }

// OwnerOf tells the Windows user of a profile by the paths in it and of it, in lower
// case; "" when nothing tells.
func OwnerOf(p *profile.Profile) string {
	for i := range p.Services {
		for _, path := range p.Services[i].CacheFiles {
			if user := winpath.User(path); user != "" {
				return strings.ToLower(user)
			}
		}
	}
	return strings.ToLower(cmp.Or(winpath.User(p.Source), p.User))
}

// add takes a service into the grouping if it uses a store.
func (g *grouping) add(p *profile.Profile, s *profile.Service) {
	system := systemOfService(s)
	if system == Other {
		return
	}
	owner := g.owners[hiveOf(p)]
	for _, path := range s.CacheFiles {
		if user := winpath.User(path); user != "" {
			owner = strings.ToLower(user)
		}
	}
	var keys []string
	if account := AccountOf(s); account != nil {
		keys = append(keys, g.accountOwner(string(system)+"\x00"+accountKey(account), owner))
	}
	for _, path := range s.CacheFiles {
		if systemOfFile(path) == system || system == OXtender {
			keys = append(keys, "cache\x00"+pathKey(path, owner))
		}
	}
	if len(keys) == 0 {
		keys = []string{"service\x00" + hiveOf(p) + "\x00" + p.Root + "\x00" + p.Name + "\x00" + s.UID}
	}
	for _, k := range keys[1:] {
		g.join(keys[0], k)
	}
	g.uses, g.keys = append(g.uses, Use{p, s}), append(g.keys, keys)
}

// AccountOf returns the account of a service: server and user of an OXtender one,
// server and mailbox of an Exchange one. It is nil when half of it is missing.
func AccountOf(s *profile.Service) *detectors.Account {
	switch {
	case s.Account != nil && s.Account.Server != "" && s.Account.User != "":
		return &detectors.Account{Server: s.Account.Server, User: s.Account.User}
	case s.OSTPath != "" || strings.EqualFold(s.Name, "MSEMS"):
		if user := cmp.Or(s.SMTPAddress, s.Exchange.Mailbox, s.UserDN); user != "" {
			return &detectors.Account{Server: s.Exchange.Server, User: user}
		}
	}
	return nil
}

func accountKey(a *detectors.Account) string {
	return cmp.Or(profile.AccountKey(a.Server, a.User), strings.ToLower(a.Server+"\x00"+a.User))
}

// pathKey is the form of a cache path in which both files of a pair are equal.
func pathKey(path, owner string) string {
	return profile.CacheKey(winpath.Key(winpath.Expand(path, owner)), nil)
}

// accountOwner is the key of an account as one Windows user has it.
func (g *grouping) accountOwner(account, owner string) string {
	g.users[account] = appendNew(g.users[account], owner)
	return "account\x00" + account + "\x00" + owner
}

// joinUnknownOwners takes a service whose Windows user is not known for one of the only
// user that has the account: to count one reference too many is the safe error.
func (g *grouping) joinUnknownOwners() {
	for account, users := range g.users {
		if len(users) == 2 && slices.Contains(users, "") {
			g.join(g.accountOwner(account, users[0]), g.accountOwner(account, users[1]))
		}
	}
}

func (g *grouping) find(key string) string {
	for g.parent[key] != "" && g.parent[key] != key {
		key = g.parent[key]
	}
	return key
}

// join makes two keys one. The smaller one stands for both, so that the order of
// joining does not matter.
func (g *grouping) join(a, b string) {
	a, b = g.find(a), g.find(b)
	switch {
	case a < b:
		g.parent[b] = a
	case b < a:
		g.parent[a] = b
	}
}

// stores builds one store for each group of services.
func (g *grouping) stores() []Store {
	g.joinUnknownOwners()
	byKey := map[string]*Store{}
	for _, i := range g.order() {
		key := g.find(g.keys[i][0])
		s := byKey[key]
		if s == nil {
			s = &Store{Key: key, System: systemOfService(g.uses[i].Service)}
			byKey[key] = s
		}
		s.addUse(g.uses[i], g.owners[hiveOf(g.uses[i].Profile)])
	}
	var out []Store
	for _, s := range byKey {
		out = append(out, *s)
	}
	return out
}

// order sorts the uses by what identifies their profile and service.
func (g *grouping) order() []int {
	order := make([]int, len(g.uses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := g.uses[a], g.uses[b]
		return cmp.Or(cmp.Compare(x.Profile.Name, y.Profile.Name), cmp.Compare(x.Profile.Root, y.Profile.Root),
			cmp.Compare(x.Profile.Source, y.Profile.Source), cmp.Compare(x.Profile.User, y.Profile.User), cmp.Compare(x.Service.UID, y.Service.UID))
	})
	return order
}

// addUse records one more service, and what it says about the store.
func (s *Store) addUse(u Use, owner string) {
	if s.Account == nil {
		s.Account = AccountOf(u.Service)
	}
	for _, path := range u.Service.CacheFiles {
		if user := winpath.User(path); user != "" {
			owner = strings.ToLower(user)
		}
		s.Paths = append(s.Paths, Path{path, OriginOfCache(u.Profile, u.Service, path), pathKey(path, owner), baseKey(path), len(s.Uses)})
	}
	s.Owner = cmp.Or(s.Owner, owner)
	s.Mailbox = cmp.Or(s.Mailbox, u.Service.Exchange.Mailbox, u.Service.SMTPAddress)
	s.addNames(u)
	s.Uses = append(s.Uses, u)
}

// addNames collects the names under which a log may speak of the mailbox.
func (s *Store) addNames(u Use) {
	names := []string{u.Service.Exchange.Mailbox, u.Service.SMTPAddress, u.Service.Display, lastName(u.Service.UserDN)}
	for _, a := range u.Profile.Accounts {
		if a.ServiceUID == u.Service.UID {
			names = append(names, a.Name, a.Email, a.User)
		}
	}
	for _, f := range u.Service.Facts {
		if f.Kind == profile.KindMailbox {
			names = append(names, f.Value)
		}
	}
	for _, n := range names {
		if n = fold(n); n != "" {
			s.names = appendNew(s.names, n)
		}
	}
}

// lastName is the mailbox part of an Exchange name, "/o=org/…/cn=anna" → "anna".
func lastName(dn string) string {
	if at := strings.LastIndex(strings.ToLower(dn), "/cn="); at >= 0 {
		return dn[at+len("/cn="):]
	}
	return ""
}

func fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// OriginOfCache tells where the registry names a cache file: the evidence and the
// registry path in it.
func OriginOfCache(p *profile.Profile, s *profile.Service, path string) string {
	for _, f := range s.Facts {
		if f.Kind == profile.KindCache && f.Value == path {
			return origin(p, f.Origin)
		}
	}
	return origin(p, s.Origin)
}

// origin names a registry path with the file that it was read from.
func origin(p *profile.Profile, path string) string {
	if p.Source == "" {
		return path
	}
	return p.Source + ": " + path
}

// ProfileLabel names a profile for people: its name, decoded.
func ProfileLabel(p *profile.Profile) string { return cmp.Or(p.Display, p.Name) }

// originOfAccount tells where the registry names the user of the account.
func originOfAccount(u Use) string {
	for _, f := range u.Service.Facts {
		if f.Kind == profile.KindUser {
			return origin(u.Profile, f.Origin)
		}
	}
	return origin(u.Profile, u.Service.Origin)
}

// takeFiles gives the store the cache files that its profiles refer to.
func (s *Store) takeFiles(files []CacheFile) {
	for _, f := range files {
		for _, p := range s.Paths {
			if f.refersToOrigin(p) {
				s.Files = append(s.Files, f)
				break
			}
		}
	}
}

// refersToOrigin reports whether a reference of the file is that of a profile.
func (f *CacheFile) refersToOrigin(p Path) bool {
	return slices.ContainsFunc(f.Links, func(l CacheLink) bool { return l.Path == p.Path && (l.Origin == p.Origin || l.Origin == "") })
}

// looseStores makes stores of cache files that no profile refers to, so that logs
// about them have something to be joined with. A pair is one store.
func looseStores(files []CacheFile, known []Store) []Store {
	taken := map[string]bool{}
	for i := range known {
		for _, f := range known[i].Files {
			taken[f.Path] = true
		}
	}
	byKey := map[string]*Store{}
	for _, f := range files {
		system := systemOfFile(f.Path)
		if taken[f.Path] || f.State == CacheStale || system == Other {
			continue
		}
		key := "cache\x00" + pathKey(f.Path, f.Owner)
		if byKey[key] == nil {
			byKey[key] = &Store{Key: key, System: system, Owner: strings.ToLower(f.Owner)}
		}
		byKey[key].Files = append(byKey[key].Files, f)
		byKey[key].Paths = append(byKey[key].Paths, Path{Path: f.Path, Origin: f.Path, key: pathKey(f.Path, f.Owner), base: baseKey(f.Path), use: -1})
	}
	var out []Store
	for _, s := range byKey {
		out = append(out, *s)
	}
	return out
}
