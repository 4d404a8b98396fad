package winpath

import "strings"

// User is the Windows user in whose profile folder the path lies, as written there, or "". The last profile folder of a path
// counts: a bundle may itself lie in its reader's profile ("/Users/reader/case.zip!/C/Users/alex/…").
func User(path string) string {
	elements := resolve(strings.Split(Clean(path), `\`))
	for i := len(elements) - 3; i >= 0; i-- { // a root, a user, and something below
		name := elements[i+1]
		if isUsersRoot(strings.ToLower(elements[i])) && !isSharedProfile(name) {
			return name
		}
	}
	return ""
}

// isSharedProfile knows the folders beside those of users that belong to nobody.
func isSharedProfile(name string) bool {
	switch strings.ToLower(name) {
	case "public", "default", "default user", "all users", "öffentlich":
		return true
	}
	return false
}

// OtherUser reports whether both paths are the same file of two different users: alike from the end up to the names of their
// users, and different there.
func OtherUser(a, b string) bool { return OtherUserElements(Elements(a), Elements(b)) }

// OtherUserElements is OtherUser of paths that are split already.
func OtherUserElements(a, b []string) bool {
	n := CommonElements(a, b)
	return atUser(a, n) && atUser(b, n)
}

// atUser reports whether the element before the last n is a user's name.
func atUser(elements []string, n int) bool {
	at := len(elements) - 1 - n
	return at >= 1 && elements[at-1] == usersRoot
}

// MaxVariables bounds how many variables of one path are replaced; real values have one or two.
const MaxVariables = 16

// Expand replaces the variables of a user's profile by the folders that they stand for on every computer. Without a user's
// name the result begins below the profile folder, so that only its end can be compared. Variables of the computer, such as
// %ProgramFiles%, stay as they are.
func Expand(path, user string) string {
	home := ""
	if user != "" {
		home = `\Users\` + user
	}
	var out strings.Builder
	for range MaxVariables {
		before, rest, opened := strings.Cut(path, "%")
		name, after, closed := strings.Cut(rest, "%")
		if !opened || !closed {
			break
		}
		out.WriteString(before)
		if value, known := profileVariable(name, home, user); known {
			out.WriteString(value)
			path = after
			continue
		}
		out.WriteString("%" + name) // its second % may be the first of the next one
		path = "%" + after
	}
	out.WriteString(path)
	return out.String()
}

// profileVariable is the folder that a variable stands for, below home.
func profileVariable(name, home, user string) (value string, known bool) {
	switch strings.ToUpper(name) {
	case "USERPROFILE", "HOMEPATH":
		return home, true
	case "HOMEDRIVE":
		return "", true
	case "LOCALAPPDATA":
		return home + `\AppData\Local`, true
	case "APPDATA":
		return home + `\AppData\Roaming`, true
	case "TEMP", "TMP":
		return home + `\AppData\Local\Temp`, true
	case "USERNAME":
		return user, user != ""
	}
	return "", false
}
