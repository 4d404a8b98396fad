package service

import "strings"

// A Change says what a step did.
type Change string

// The changes.
const (
	Created   Change = "installed"
	Updated   Change = "updated"
	Unchanged Change = "was installed already, unchanged"
	Removed   Change = "removed"
	Absent    Change = "is not installed"
	Started   Change = "started"
	Stopped   Change = "stopped"
	Running   Change = "runs already"
	Idle      Change = "does not run"
)

// An Outcome is what was done, for people.
type Outcome struct {
	What   string     // "systemd user unit oxtail-watch.service"
	Change Change     // empty when only a file was written
	Path   string     // of the file that was written or removed, empty if none
	Ran    [][]string // commands that were run, each with its arguments
	ToRun  [][]string // commands that the user has to run
	Notes  []string   // what the user should know
}

// Line shows a command as it could be typed into a shell of the system.
func Line(command []string) string {
	out := make([]string, len(command))
	for i, word := range command {
		out[i] = word
		if word == "" || strings.ContainsAny(word, " \t\"'$&|;<>()*?#~`\\") && !strings.HasPrefix(word, `C:\`) {
			out[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}
