package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Options of Read. The zero value is good.
type Options struct {
	// Source names the evidence in every profile, for example a file path.
	Source string
	// Origin stands for the root key in registry paths when the tree is one
	// user's hive; "" is HKCU. Trees with several hives name them themselves.
	Origin string
	// Mappings go before [DefaultMappings].
	Mappings []Mapping
	// Env has the owner's variables (LOCALAPPDATA …) for expanding paths. What
	// the tree itself says fills the gaps.
	Env map[string]string
}

// reader holds the state of one Read.
type reader struct {
	opts     Options
	mappings []Mapping
	inv      *Inventory
	user     userRoot
	env      map[string]string
	current  *profileReader // nil outside of a profile
}

// userRoot is one user's hive within the tree.
type userRoot struct {
	key    Key
	origin string // HKCU, HKU\S-1-5-21-…
	user   string // "" when the tree is one user's
}

// profilesRoot is one place where profiles are kept, below a user's hive.
type profilesRoot struct {
	parent string // holds Profiles and "Deleted Profiles"
	// defaultHere says that DefaultProfile is in Profiles itself and not in its
	// parent.
	defaultHere bool
}

// profilesRoots lists the places in the order in which profiles are reported:
// the Windows Messaging Subsystem of Windows 9x and NT, then the Office keys.
func profilesRoots() []profilesRoot {
	return []profilesRoot{
		{`Software\Microsoft\Windows Messaging Subsystem`, true},
		{`Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem`, true},
		{`Software\Microsoft\Office\15.0\Outlook`, false},
		{`Software\Microsoft\Office\16.0\Outlook`, false},
	}
}

// Read takes the inventory of a registry tree: a user's hive, or a tree whose
// subkeys are hives (HKEY_CURRENT_USER, HKEY_USERS …). A tree without profiles
// gives an empty inventory. The error is for a root that cannot be listed at
// all; everything else is a problem in the inventory.
func Read(root Key, opts Options) (*Inventory, error) {
	if root == nil {
		return nil, errors.New("read profiles: no registry tree was given")
	}
	top, err := root.Subkeys()
	if err != nil && len(top) == 0 {
		return nil, fmt.Errorf("read profiles: list the root key: %w", err)
	}
	r := &reader{
		opts:     opts,
		mappings: append(slices.Clone(opts.Mappings), DefaultMappings()...),
		inv:      &Inventory{Profiles: []Profile{}},
	}
	if err != nil {
		r.problem(KeyUnreadable, r.rootOrigin(), err.Error())
	}
	for _, user := range r.userRoots(root, top) {
		r.readUser(user)
	}
	r.inv.dropAliases()
	r.inv.reportShared()
	return r.inv, nil
}

// rootOrigin names the root key in registry paths.
func (r *reader) rootOrigin() string {
	if r.opts.Origin != "" {
		return r.opts.Origin
	}
	return "HKCU"
}

// userRoots finds the users' hives: the root itself when it has a key
// Software, else its subkeys, and those of HKEY_USERS and HKEY_LOCAL_MACHINE.
func (r *reader) userRoots(root Key, top []Key) []userRoot {
	if hasSoftware(top) {
		return []userRoot{{root, r.rootOrigin(), ""}}
	}
	var users []userRoot
	for _, hive := range top {
		origin := shortHive(hive.Name())
		// Listing errors of keys that may be no hive at all say nothing.
		below, _ := hive.Subkeys()
		if hasSoftware(below) {
			users = append(users, userRoot{hive, origin, ""})
		}
		if origin != "HKU" && origin != "HKLM" { // where other users' hives are loaded
			continue
		}
		for _, key := range r.subkeys(hive, origin, MaxUsers) {
			if inside, _ := key.Subkeys(); hasSoftware(inside) {
				users = append(users, userRoot{key, origin + `\` + key.Name(), key.Name()})
			}
		}
	}
	return users
}

// hasSoftware tells a hive's root by its best known key.
func hasSoftware(keys []Key) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return strings.EqualFold(k.Name(), "Software") })
}

// shortHive abbreviates the name of a predefined key.
func shortHive(name string) string {
	switch FoldName(name) {
	case "HKEY_CURRENT_USER":
		return "HKCU"
	case "HKEY_USERS":
		return "HKU"
	case "HKEY_LOCAL_MACHINE":
		return "HKLM"
	}
	return name
}

// readUser reads everything of one user's hive.
func (r *reader) readUser(user userRoot) {
	r.user = user
	r.env = r.userEnv()
	for _, root := range profilesRoots() {
		r.readRoot(root)
	}
	r.readCorrupt()
	r.readSettings()
}

// find walks down from the user's hive and reports a listing error on the way.
func (r *reader) find(path string) Key {
	key, err := Find(r.user.key, path)
	if err != nil {
		r.problem(KeyUnreadable, r.user.origin+`\`+path, err.Error())
	}
	return key
}

// readRoot reads the profiles, the default profile and the deleted profiles of
// one place.
func (r *reader) readRoot(root profilesRoot) {
	parent := r.find(root.parent)
	if parent == nil {
		return
	}
	path := root.parent + `\Profiles`
	origin := r.user.origin + `\` + path
	profiles, err := child(parent, "Profiles")
	if err != nil {
		r.problem(KeyUnreadable, origin, err.Error())
	}
	r.readDeleted(root, parent)
	if profiles == nil {
		return
	}
	holder, holderOrigin := parent, r.user.origin+`\`+root.parent
	if root.defaultHere {
		holder, holderOrigin = profiles, origin
	}
	settings := r.readSection(holder, holderOrigin)
	r.readProfiles(profiles, path, settings)
}

// readProfiles reads the profiles below one key, sorted by name, and marks the
// default one.
func (r *reader) readProfiles(profiles Key, path string, settings *section) {
	origin := r.user.origin + `\` + path
	chosen := settings.named("DefaultProfile")
	keys := r.subkeys(profiles, origin, MaxProfiles)
	found := chosen == ""
	for _, key := range sortedKeys(keys) {
		p := r.readProfile(key, path)
		p.Default = chosen != "" && strings.EqualFold(chosen, key.Name())
		found = found || p.Default
		r.inv.Profiles = append(r.inv.Profiles, p)
	}
	if !found {
		r.problem(DefaultMissing, settings.at("DefaultProfile"),
			fmt.Sprintf("DefaultProfile is %q, but no profile has this name", chosen))
	}
}

// sortedKeys orders keys as the registry itself does, so that a hand-made
// export gives the same inventory as the hive.
func sortedKeys(keys []Key) []Key {
	sorted := slices.Clone(keys)
	slices.SortStableFunc(sorted, func(a, b Key) int {
		return strings.Compare(FoldName(a.Name()), FoldName(b.Name()))
	})
	return sorted
}

// problem records a problem with the profile that is being read, or the tree.
func (r *reader) problem(id, origin, detail string) {
	p := newProblem(id, origin, detail)
	p.Source = r.opts.Source
	list := &r.inv.Problems
	if r.current != nil {
		p.Profile = r.current.out.Name
		list = &r.current.out.Problems
	}
	switch {
	case len(*list) < MaxProblems:
		*list = append(*list, p)
	case len(*list) == MaxProblems:
		limit := newProblem(LimitReached, origin, fmt.Sprintf("more than %d problems; the rest is not listed", MaxProblems))
		limit.Profile, limit.Source = p.Profile, p.Source
		*list = append(*list, limit)
	}
}
