package winpath

import "strings"

// Elements splits a path into what is compared: lower case, drives as "c:" however they are written ("C:", "C$", the folder
// "C" of a bundle), and the folders of a user profile by their names since Vista.
func Elements(path string) []string {
	path = strings.ToLower(Clean(path))
	path, unc := strings.CutPrefix(path, `\\`)
	elements := resolve(strings.Split(path, `\`))
	if unc && len(elements) > 0 {
		elements[0] = `\\` + elements[0] // a server is no folder
	}
	for i, e := range elements {
		elements[i] = drive(e, i+1 < len(elements))
	}
	return modern(elements)
}

// drive spells a drive as "c:". A single letter counts only as a folder, for a file may be called "c".
func drive(e string, folder bool) string {
	switch {
	case isDrive(e):
		return e
	case len(e) == 2 && isLetter(e[0]) && e[1] == '$':
		return e[:1] + ":"
	case len(e) == 1 && isLetter(e[0]) && folder:
		return e + ":"
	}
	return e
}

func isDrive(e string) bool { return len(e) == 2 && isLetter(e[0]) && e[1] == ':' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// modern replaces the profile folders of XP, English and German, by those since Vista.
func modern(elements []string) []string {
	out := make([]string, 0, len(elements)+1)
	for i := 0; i < len(elements); i++ {
		e := elements[i]
		switch {
		case isUsersRoot(e):
			out = append(out, usersRoot)
		case isLocalSettings(e):
			out = append(out, "appdata", "local")
			if i+1 < len(elements) && isApplicationData(elements[i+1]) {
				i++
			}
		case isApplicationData(e) && i >= 2 && isUsersRoot(elements[i-2]):
			out = append(out, "appdata", "roaming")
		default:
			out = append(out, e)
		}
	}
	return out
}

// usersRoot is the folder of user profiles since Vista.
const usersRoot = "users"

// isUsersRoot knows the folders that hold user profiles. "Benutzer" is only what a German Explorer shows for "Users", but
// people build bundles by hand after it.
func isUsersRoot(e string) bool {
	switch e {
	case usersRoot, "documents and settings", "dokumente und einstellungen", "benutzer":
		return true
	}
	return false
}

func isLocalSettings(e string) bool { return e == "local settings" || e == "lokale einstellungen" }

func isApplicationData(e string) bool { return e == "application data" || e == "anwendungsdaten" }
