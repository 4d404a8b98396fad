package machine

import (
	"fmt"
	"slices"

	"oxtail/parser/profile"
)

// Source names the live registry as evidence.
const Source = "live registry"

// Options are the choices of OpenRegistry. The zero value reads the current user.
type Options struct {
	// AllUsers adds the other users of the computer: those whose hives are loaded, and
	// the NTUSER.DAT of those who have a profile folder. Administrators may read them.
	AllUsers bool
}

// Registry is the computer's registry as far as mail profiles need it.
type Registry struct {
	// Root is a tree for profile.Read: HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE (the 64-bit
	// view where there is one), and with AllUsers the other users in HKEY_USERS.
	Root profile.Key
	// Env has the variables that hold for every user in Root, by upper-case name. Those
	// of a single user are in the tree, where profile.Read finds them.
	Env map[string]string
	// Users are the users in Root, the current one first.
	Users []User

	list   func(dir string) ([]string, error)
	exists func(path string) (bool, error)
	notes  []Note
	more   int
}

// User is one user of the computer.
type User struct {
	SID     string
	Folder  string            // the profile folder, "" when not known
	Current bool              // runs this program
	Loaded  bool              // the hive is in the registry; else it is read from NTUSER.DAT
	Env     map[string]string // LOCALAPPDATA …, by upper-case name, as far as known
}

// Note is something that has to be told about the evidence.
type Note struct {
	Place string // registry path or file
	Text  string // names the place and the remedy
	Lost  bool   // something was not read; otherwise it is only told
}

// Notes returns what has to be told. Hives are read when Root is, so ask afterwards.
func (r *Registry) Notes() []Note {
	all := slices.Clone(r.notes)
	if r.more > 0 {
		all = append(all, Note{"", fmt.Sprintf("and %d more that could not be read", r.more), true})
	}
	return all
}

// note keeps what has to be told, once for each text.
func (r *Registry) note(place string, lost bool, format string, args ...any) {
	n := Note{place, fmt.Sprintf(format, args...), lost}
	switch {
	case slices.Contains(r.notes, n):
	case len(r.notes) >= MaxNotes:
		r.more++
	default:
		r.notes = append(r.notes, n)
	}
}
