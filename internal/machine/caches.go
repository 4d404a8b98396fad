package machine

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"oxtail/internal/places"
)

// CachePaths names the folders and files in which the caches of the users lie, as far
// as they exist: folders where everything counts, single files where other programs
// keep theirs beside. Folders that may not be listed are noted.
func (r *Registry) CachePaths() []string {
	var out []string
	seen := map[string]bool{}
	for i := range r.Users {
		for _, place := range r.cachePlaces(&r.Users[i]) {
			for _, found := range r.inPlace(place) {
				if id := strings.ToLower(found); !seen[id] {
					seen[id] = true
					out = append(out, found)
				}
			}
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
