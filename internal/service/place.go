package service

import (
	"fmt"
	"path"
	"strings"
)

// A Kind is a way in which a watch is kept running.
type Kind string

// The kinds.
const (
	UserUnit   Kind = "systemd user unit"
	SystemUnit Kind = "systemd system unit"
	UserTask   Kind = "scheduled task"
	WinService Kind = "Windows service"
)

// NameFor is the name of an installed watch when the user gives none. Tasks of all users
// of a computer share one list, so theirs have the name of the user in them.
func NameFor(kind Kind, getenv func(string) string) string {
	if kind != UserTask {
		return DefaultName
	}
	keep := func(r rune) rune {
		if r < 0x80 && namePattern.MatchString("x"+string(r)) {
			return r
		}
		return '_'
	}
	user := strings.Map(keep, getenv("USERNAME"))
	if user == "" {
		return DefaultName
	}
	return DefaultName + "-" + user[:min(len(user), 40)]
}

// DefaultState is the state folder of an installed watch, so that nobody has to name one.
// getenv gives the variables of the user who installs.
func DefaultState(kind Kind, name string, getenv func(string) string) (string, error) {
	switch kind {
	case SystemUnit:
		return path.Join(systemState, "oxtail", name), nil
	case UserUnit:
		if dir := getenv("XDG_STATE_HOME"); path.IsAbs(dir) {
			return path.Join(dir, "oxtail", name), nil
		}
		if home := getenv("HOME"); path.IsAbs(home) {
			return path.Join(home, ".local/state/oxtail", name), nil
		}
		return "", fmt.Errorf("the home folder is not known; name the state folder with --state")
	case UserTask:
		return below(getenv, "LOCALAPPDATA", name)
	}
	return below(getenv, "ProgramData", name)
}

// below is a folder of Windows below the one that a variable names.
func below(getenv func(string) string, variable, name string) (string, error) {
	dir := strings.TrimRight(getenv(variable), `\`)
	if dir == "" {
		return "", fmt.Errorf("%%%s%% is not set; name the state folder with --state", variable)
	}
	return dir + `\oxtail\` + name, nil
}

// UnitFolder is where units lie.
func UnitFolder(system bool, getenv func(string) string) (string, error) {
	if system {
		return "/etc/systemd/system", nil
	}
	if dir := getenv("XDG_CONFIG_HOME"); path.IsAbs(dir) {
		return path.Join(dir, "systemd/user"), nil
	}
	if home := getenv("HOME"); path.IsAbs(home) {
		return path.Join(home, ".config/systemd/user"), nil
	}
	return "", fmt.Errorf("the home folder is not known; set HOME or XDG_CONFIG_HOME")
}
