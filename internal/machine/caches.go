package machine

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"oxtail/internal/places"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// CachePaths names the folders and files in which the caches of the users lie, as far
// as they exist: of the known places, folders where everything counts and single files
// where other programs keep theirs beside; and the files that the profiles of inv name,
// wherever they are on this computer. Folders that may not be listed are noted.
func (r *Registry) CachePaths(inv *profile.Inventory) []string {
	var out []string
	add := func(found string) {
		lower := strings.ToLower(found)
		if !slices.ContainsFunc(out, func(known string) bool {
			known = strings.ToLower(known)
			return lower == known || strings.HasPrefix(lower, known+`\`)
		}) {
			out = append(out, found)
		}
	}
	for i := range r.Users {
		for _, place := range r.cachePlaces(&r.Users[i]) {
			for _, found := range r.inPlace(place) {
				add(found)
			}
		}
	}
	for i := range inv.Profiles {
		for _, found := range r.named(&inv.Profiles[i]) {
			add(found)
		}
	}
	return out
}

// named lists the cache files of a profile that exist, each with the other half of its
// pair.
func (r *Registry) named(p *profile.Profile) []string {
	var out []string
	for i := range p.Services {
		for _, path := range p.Services[i].CacheFiles {
			for _, half := range halves(path) {
				local, is := r.local(p.User, half)
				if !is {
					continue
				}
				if there, err := r.exists(local); there || err != nil {
					out = append(out, local)
				}
			}
		}
	}
	return out
}

// halves gives a cache file and the other file of its pair.
func halves(path string) []string {
	switch winpath.Ext(path) {
	case ".odb":
		return []string{path, path[:len(path)-len(".odb")] + ".psz"}
	case ".psz":
		return []string{path, path[:len(path)-len(".psz")] + ".odb"}
	}
	return []string{path}
}

// Looked reports whether it is certain that a cache file of a profile is there, or that
// it is not. user is the profile's User.
func (r *Registry) Looked(user, path string) bool {
	if strings.Contains(path, "%") {
		return false // what was looked for is not what stands there
	}
	local, is := r.local(user, path)
	if !is {
		return false
	}
	_, err := r.exists(local)
	return err == nil
}

// local gives the path of a file on a drive of this computer. Other computers are not
// asked: a path in a profile is no address that the user gave.
func (r *Registry) local(user, path string) (string, bool) {
	env := maps.Clone(r.Env)
	for i := range r.Users {
		if u := &r.Users[i]; u.SID == user || u.Current && user == "" {
			maps.Copy(env, u.Env)
		}
	}
	path = winpath.Clean(expand(path, env))
	drive := len(path) > 3 && path[1] == ':' && path[2] == '\\'
	return path, drive && !strings.ContainsAny(path, "%*?\"<>|") && strings.Count(path, ":") == 1
}

// Owners gives the Windows users' names by the User of their profiles.
func (r *Registry) Owners() map[string]string {
	out := map[string]string{}
	for i := range r.Users {
		u := &r.Users[i]
		name := winpath.User(u.Folder + `\x`)
		if name == "" {
			continue
		}
		out[u.SID] = name
		if u.Current {
			out[""] = name
		}
	}
	return out
}

// cachePlaces lists the places of one user.
func (r *Registry) cachePlaces(u *User) []places.Place {
	env := func(name string) string {
		name = strings.ToUpper(name)
		if value := u.Env[name]; value != "" {
			return value
		}
		return r.Env[name]
	}
	if !u.Current {
		// What is not known of another user is not taken from the current one.
		env = func(name string) string { return u.Env[strings.ToUpper(name)] }
	}
	var out []places.Place
	for _, p := range places.KnownPlaces(env) {
		if p.Purpose == places.Caches {
			out = append(out, p)
		}
	}
	return out
}

// inPlace names what is to be read of a place: the folder, or the files that it wants.
func (r *Registry) inPlace(p places.Place) []string {
	files, err := r.list(p.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		r.note(p.Path, true, "%v; administrators may read the files of other users", err)
		return nil
	}
	if p.Recursive {
		return []string{p.Path}
	}
	var out []string
	for _, name := range files {
		if wanted(p.Patterns, name) {
			out = append(out, p.Path+`\`+name)
		}
	}
	return out
}

// wanted reports whether a file name fits one of the patterns, without letter case.
func wanted(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name)); err == nil && ok {
			return true
		}
	}
	return false
}
