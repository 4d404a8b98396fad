package machine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oxtail/parser/profile"
)

// computer is all that is asked of the system. Its keys have the names of the hives.
type computer struct {
	sid     string      // of the current user, "" when not known
	current profile.Key // HKEY_CURRENT_USER
	users   profile.Key // HKEY_USERS
	machine profile.Key // HKEY_LOCAL_MACHINE

	getenv func(string) string
	// readFile reads a file that has at most so many bytes and closes it.
	readFile func(path string, most int64) ([]byte, error)
	isFolder func(path string) bool
	// list names the files of a folder, without those of its sub-folders.
	list func(dir string) ([]string, error)
	// exists reports whether a file is there; the error is for a place that may not be
	// looked at.
	exists func(path string) (bool, error)
}

// profileList is where Windows keeps the profile folder of each local user.
const profileList = `SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList`

// registry puts the tree together.
func (c *computer) registry(opts Options) (*Registry, error) {
	if subs, err := c.current.Subkeys(); err != nil && len(subs) == 0 {
		return nil, fmt.Errorf("read the registry of the current user: %w", err)
	}
	r := &Registry{Env: variables(c.getenv, machineVariables()), list: c.list, exists: c.exists}
	own := User{SID: c.sid, Current: true, Loaded: true, Env: variables(c.getenv, userVariables(), ownVariables())}
	own.Folder = own.Env["USERPROFILE"]
	r.Users = []User{own}
	top := []profile.Key{addEnvironment(c.current, own.Env)}
	if opts.AllUsers {
		others := &group{name: c.users.Name()}
		others.subs = c.otherUsers(r)
		top = append(top, others)
	} else {
		maps.Copy(r.Env, own.Env)
	}
	r.Root = &group{subs: append(top, c.machine)}
	return r, nil
}

// otherUsers gives the hives of all users but the current one: the loaded ones, then
// those of hive files, each group sorted by SID.
func (c *computer) otherUsers(r *Registry) []profile.Key {
	folders := c.folders(r)
	loaded, err := c.users.Subkeys()
	if err != nil {
		r.note("HKU", true, "list the users in HKEY_USERS: %v", err)
	}
	sortKeys(loaded)
	var hives []profile.Key
	taken := map[string]bool{profile.FoldName(c.sid): true}
	for _, key := range loaded {
		sid := key.Name()
		if taken[profile.FoldName(sid)] || !isUser(sid) || !r.mayAdd() {
			continue
		}
		taken[profile.FoldName(sid)] = true
		if subs, err := key.Subkeys(); err != nil {
			r.note(`HKU\`+sid, true, "%v; administrators may read the registry of other users", err)
			if len(subs) == 0 {
				continue
			}
		}
		hives = append(hives, c.add(r, key, User{SID: sid, Folder: folders[profile.FoldName(sid)], Loaded: true}))
	}
	s := &shelf{}
	for _, sid := range slices.Sorted(maps.Keys(folders)) {
		if taken[sid] || isService(sid) || !r.mayAdd() {
			continue
		}
		file := &hiveFile{sid: sid, folder: folders[sid], read: c.readFile, note: r.note, shelf: s}
		hives = append(hives, c.add(r, file, User{SID: sid, Folder: folders[sid]}))
	}
	return hives
}

// add takes a user and gives the hive with the user's variables.
func (c *computer) add(r *Registry, hive profile.Key, u User) profile.Key {
	u.Env = c.environmentOf(u.Folder)
	r.Users = append(r.Users, u)
	return addEnvironment(hive, u.Env)
}

// mayAdd reports whether there is room for one more user, and notes when there is not.
func (r *Registry) mayAdd() bool {
	if len(r.Users) < MaxUsers {
		return true
	}
	r.note("", true, "more than %d users; the others were not read", MaxUsers)
	return false
}

// environmentOf tells the variables of a user by the profile folder. The folders of
// application data are there on Windows Vista and later.
func (c *computer) environmentOf(folder string) map[string]string {
	env := map[string]string{}
	if folder == "" {
		return env
	}
	env["USERPROFILE"] = folder
	for name, below := range map[string]string{"LOCALAPPDATA": `\AppData\Local`, "APPDATA": `\AppData\Roaming`} {
		if c.isFolder(folder + below) {
			env[name] = folder + below
		}
	}
	return env
}

// folders reads the list of profile folders, by upper-case SID.
func (c *computer) folders(r *Registry) map[string]string {
	out := map[string]string{}
	list, err := profile.Find(c.machine, profileList)
	if list == nil {
		if err != nil {
			r.note(`HKLM\`+profileList, true, "find the profile folders of the users: %v", err)
		}
		return out
	}
	keys, err := list.Subkeys()
	if err != nil {
		r.note(`HKLM\`+profileList, true, "list the profile folders of the users: %v", err)
	}
	for _, key := range keys {
		values, err := key.Values()
		i := slices.IndexFunc(values, func(v profile.Value) bool { return strings.EqualFold(v.Name, "ProfileImagePath") })
		if i >= 0 {
			out[profile.FoldName(key.Name())] = expand(profile.DecodeUTF16(values[i].Data), r.Env)
		} else if err != nil {
			r.note(`HKLM\`+profileList+`\`+key.Name(), true, "find the profile folder of %s: %v", key.Name(), err)
		}
	}
	return out
}

// isUser tells a user's hive in HKEY_USERS from its class registrations, and from
// .DEFAULT, which is another name of S-1-5-18. Services may have mail profiles.
func isUser(sid string) bool {
	upper := profile.FoldName(sid)
	return !strings.HasSuffix(upper, "_CLASSES") && upper != ".DEFAULT"
}

// isService tells the accounts of services, whose hives are no NTUSER.DAT of a person:
// they are loaded whenever Windows runs.
func isService(sid string) bool {
	return slices.Contains([]string{"S-1-5-18", "S-1-5-19", "S-1-5-20"}, sid)
}

// sortKeys orders keys as the registry does.
func sortKeys(keys []profile.Key) {
	slices.SortStableFunc(keys, func(a, b profile.Key) int {
		return strings.Compare(profile.FoldName(a.Name()), profile.FoldName(b.Name()))
	})
}
