package caches

import (
	"cmp"
	"slices"
	"strings"

	"oxtail/parser/winpath"
)

// Reference is one path to a cache file, as a profile (or a log line) has it.
type Reference struct {
	Path    string   // as stored; variables and any spelling of Windows are fine
	Profile string   // name to show
	Account *Account // when known
	User    string   // Windows user whose profile it is; "" when not known
	Source  string   // where it stands, e.g. the registry path of the section
	Exact   bool     // reference and files are of this computer: only the whole path counts, not its end
}

// minTail is how many elements at the end of two paths must be equal to join them when their beginnings differ. One would be the
// file name alone, and "outlook.ost" is everywhere.
const minTail = 2

// target is one file that references name, however they spell it.
type target struct {
	key      string // of the expanded path
	path     string // expanded
	elements []string
	exact    bool
	refs     []Reference
}

// join is how one target fits one file.
type join struct {
	target, cache int
	tail          int // equal elements; whole paths count as more than any tail
}

// wholePath outranks every tail.
const wholePath = winpath.MaxElements + 1

// Match joins caches with the references of profiles, and returns them with profiles, accounts and states, together with those
// that are missing, sorted by path. The given caches are not changed.
//
// owners are the Windows users whose profiles were read. A cache is an orphan only when it may be theirs; no owners means that
// the references are all there are. Without any profile read (refs nil) nothing is called orphan.
func Match(caches []Cache, refs []Reference, owners []string) []Cache {
	out := make([]Cache, len(caches))
	for i, c := range caches {
		out[i] = c.clone()
	}
	m := matching{caches: out, targets: gather(refs), byName: map[string][]int{}, unclear: map[int]bool{}, found: map[int]bool{}, direct: map[int][]int{}}
	m.joinFiles()
	m.joinPairs()
	m.joinHalves()
	for i := range out {
		out[i].settle(refs != nil && !m.unclear[i], owners)
	}
	for i, t := range m.targets {
		if !m.found[i] && kindByExt(winpath.Ext(t.path)) != KindOther {
			out = append(out, t.missing())
		}
	}
	sortCaches(out)
	return out
}

// matching is the work of one Match.
type matching struct {
	caches  []Cache
	targets []target
	split   [][]string       // path elements of each cache
	byName  map[string][]int // last path element → caches
	unclear map[int]bool     // caches that may be meant, but not surely
	found   map[int]bool     // targets that have a file, or may have
	direct  map[int][]int    // cache → targets joined with it
}

func (c Cache) clone() Cache {
	c.Profiles, c.Notes, c.Links = slices.Clone(c.Profiles), slices.Clone(c.Notes), slices.Clone(c.Links)
	if c.Account != nil {
		account := *c.Account
		c.Account = &account
	}
	return c
}

// gather puts references to the same file together, in an order of their own. Exact and other references to it stay apart.
func gather(refs []Reference) []target {
	refs = slices.Clone(refs)
	slices.SortStableFunc(refs, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Source, b.Source), cmp.Compare(a.User, b.User))
	})
	byKey := map[string]int{}
	var targets []target
	for _, r := range refs {
		path := winpath.Expand(r.Path, r.User)
		key := winpath.Key(path)
		if key == "" {
			continue
		}
		at := key
		if r.Exact {
			at = "=" + key
		}
		i, known := byKey[at]
		if !known {
			i = len(targets)
			byKey[at] = i
			targets = append(targets, target{key: key, path: path, elements: winpath.Elements(path), exact: r.Exact})
		}
		targets[i].refs = append(targets[i].refs, r)
	}
	slices.SortStableFunc(targets, func(a, b target) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(boolIndex(a.exact), boolIndex(b.exact)))
	})
	return targets
}

// joinFiles finds the best file of each target. A target with several equally good files, and a file with several equally good
// targets, are joined with none of them: each gets a note instead.
func (m *matching) joinFiles() {
	for i, c := range m.caches {
		elements := winpath.Elements(c.Path)
		m.split = append(m.split, elements)
		m.byName[last(elements)] = append(m.byName[last(elements)], i)
	}
	byCache := map[int][]join{}
	for ti, t := range m.targets {
		best := t.best(ti, m.split, m.byName[last(t.elements)])
		if len(best) == 1 {
			byCache[best[0].cache] = stronger(byCache[best[0].cache], best[0])
			continue
		}
		for _, j := range best {
			m.doubt(j, "ambiguous: "+t.refs[0].Path+" fits "+countWord(len(best))+" files equally well")
		}
	}
	for i := range m.caches {
		best := byCache[i]
		for _, j := range best {
			if len(best) > 1 && j.tail < wholePath {
				m.doubt(j, "ambiguous: "+countWord(len(best))+" references to different places fit this file equally well")
				continue
			}
			m.found[j.target] = true
			m.direct[i] = append(m.direct[i], j.target)
			m.caches[i].link(m.targets[j.target], j.how())
		}
	}
}

// doubt leaves a join open, and both of its ends undecided.
func (m *matching) doubt(j join, why string) {
	m.found[j.target], m.unclear[j.cache] = true, true
	m.caches[j.cache].note(why)
}

// best returns the files of the same name that fit the target best, more than one when they fit equally well.
func (t target) best(index int, split [][]string, sameName []int) []join {
	var best []join
	for _, i := range sameName {
		if tail := t.fit(split[i]); tail > 0 {
			best = stronger(best, join{target: index, cache: i, tail: tail})
		}
	}
	return best
}

// stronger keeps the joins with the longest tail.
func stronger(best []join, j join) []join {
	switch {
	case len(best) == 0 || j.tail > best[0].tail:
		return []join{j}
	case j.tail == best[0].tail:
		return append(best, j)
	}
	return best
}

// fit is the strength of a join: wholePath, a number of elements, or 0 for none.
func (t target) fit(path []string) int {
	if slices.Equal(path, t.elements) {
		return wholePath
	}
	tail := winpath.CommonElements(path, t.elements)
	if t.exact && tail < len(t.elements) || tail < minTail || winpath.OtherUserElements(path, t.elements) {
		return 0
	}
	return tail
}

func (j join) how() How {
	if j.tail == wholePath {
		return HowPath
	}
	return HowTail
}

// link records every reference of the target on the cache.
func (c *Cache) link(t target, how How) {
	for _, r := range t.refs {
		c.Links = append(c.Links, Link{Profile: r.Profile, How: how, Source: r.Source, Path: r.Path})
		if r.Profile != "" && !slices.Contains(c.Profiles, r.Profile) {
			c.Profiles = append(c.Profiles, r.Profile)
		}
		c.setAccount(r.Account)
	}
	slices.Sort(c.Profiles)
}

// setAccount takes the first account and says so when another reference tells a different one.
func (c *Cache) setAccount(account *Account) {
	switch {
	case account == nil:
	case c.Account == nil:
		copied := *account
		c.Account = &copied
	case *c.Account != *account:
		c.note("another profile names it for account " + account.User + " at " + account.Server)
	}
}

// joinPairs gives the other file of a pair the references of the first: a profile has one path for both.
func (m *matching) joinPairs() {
	byPath := map[string]int{}
	for i, c := range m.caches {
		byPath[c.Path] = i
	}
	for i := range m.caches {
		other, paired := byPath[m.caches[i].Pair]
		if m.caches[i].Pair == "" || !paired {
			continue
		}
		m.unclear[i] = m.unclear[i] || m.unclear[other]
		for _, t := range m.direct[other] {
			if !slices.Contains(m.direct[i], t) {
				m.caches[i].link(m.targets[t], HowPair)
			}
		}
	}
}

// joinHalves links what is left of a pair whose other, referenced file is gone. The referenced one stays missing.
func (m *matching) joinHalves() {
	for ti, t := range m.targets {
		half, is := t.otherHalf()
		if !is || m.found[ti] {
			continue
		}
		best := half.best(ti, m.split, m.byName[last(half.elements)])
		if len(best) == 1 && len(m.caches[best[0].cache].Links) == 0 {
			m.caches[best[0].cache].link(t, HowPair)
		}
	}
}

// otherHalf is the same target for the other file of the pair.
func (t target) otherHalf() (half target, is bool) {
	other := map[Kind]string{KindODB: ".psz", KindPSZ: ".odb"}[kindByExt(winpath.Ext(t.path))]
	if other == "" {
		return target{}, false
	}
	t.path = winpath.Stem(t.path) + other
	t.key, t.elements = winpath.Key(t.path), winpath.Elements(t.path)
	return t, true
}

// settle decides the state from the links. decidable is false when no profiles were read or the file may be meant by one.
func (c *Cache) settle(decidable bool, owners []string) {
	switch {
	case c.State == StateHeld:
	case len(c.Links) > 0:
		if c.State == StateStale {
			c.note("but a profile points to it")
		}
		c.State = StatePresent
	case c.State == StateStale || !decidable:
	case !ownedBy(c.User, owners):
		c.note("whether a profile points to it is not known: profiles of " + c.User + " were not read")
	default:
		c.State = StateOrphan
		c.note("no profile that was read points to it")
	}
}

// ownedBy reports whether profiles of the user were read.
func ownedBy(user string, owners []string) bool {
	if user == "" || len(owners) == 0 {
		return true
	}
	return slices.ContainsFunc(owners, func(owner string) bool { return strings.EqualFold(owner, user) })
}

// missing is the entry of a target that no file fits.
func (t target) missing() Cache {
	first := t.refs[0]
	c := Cache{Schema: Schema, Path: first.Path, Bytes: UnknownSize, Kind: kindByExt(winpath.Ext(t.path)), State: StateMissing, User: cmp.Or(first.User, winpath.User(t.path))}
	c.link(t, HowPath)
	if !t.exact {
		c.note("not among the files that were given; whether it is on the computer is not known")
	}
	return c
}

func last(elements []string) string {
	if len(elements) == 0 {
		return ""
	}
	return elements[len(elements)-1]
}

// countWord keeps notes short.
func countWord(n int) string {
	if n == 2 {
		return "two"
	}
	return "several"
}
