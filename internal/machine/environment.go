package machine

import "strings"

// userVariables lists the variables of one user that paths in profiles are written with.
func userVariables() []string { return []string{"LOCALAPPDATA", "APPDATA", "USERPROFILE"} }

// ownVariables lists further variables that only the environment of a process tells.
func ownVariables() []string {
	return []string{"TEMP", "TMP", "HOMEDRIVE", "HOMEPATH", "HOMESHARE", "USERNAME", "USERDOMAIN"}
}

// machineVariables lists the variables that are the same for every user.
func machineVariables() []string {
	return []string{
		"SYSTEMDRIVE", "SYSTEMROOT", "WINDIR", "PROGRAMDATA", "ALLUSERSPROFILE", "PUBLIC", "PROGRAMFILES", "PROGRAMFILES(X86)",
		"PROGRAMW6432", "COMMONPROGRAMFILES", "COMMONPROGRAMFILES(X86)", "COMMONPROGRAMW6432", "COMPUTERNAME",
	}
}

// variables takes the named variables that are set.
func variables(getenv func(string) string, lists ...[]string) map[string]string {
	env := map[string]string{}
	for _, names := range lists {
		for _, name := range names {
			if value := getenv(name); value != "" {
				env[name] = value
			}
		}
	}
	return env
}

// expand replaces the %VARIABLES% of a path that env has.
func expand(path string, env map[string]string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(path, "%")
		name, after, closed := strings.Cut(rest, "%")
		out.WriteString(before)
		if !found || !closed {
			out.WriteString(path[len(before):])
			return out.String()
		}
		value, known := env[strings.ToUpper(name)]
		if !known {
			value = "%" + name + "%"
		}
		out.WriteString(value)
		path = after
	}
}
