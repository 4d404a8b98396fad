package service

import (
	"fmt"
	"regexp"
	"strings"
)

// DefaultName is the name of the unit, the task or the service.
const DefaultName = "oxtail-watch"

// A Spec is a watch that is to be kept running.
type Spec struct {
	Name     string   // of the unit, task or service
	Program  string   // absolute path
	Args     []string // of the program, the first is a command
	State    string   // absolute path of the state folder
	Writable []string // further absolute paths that outputs write to
	User     string   // of a task: SID or DOMAIN\name; of a system unit: user it runs as, empty for root
}

// namePattern is what systemd, the task scheduler and the service manager all take as a
// name, and no path can be made of.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// CheckName refuses names that not every system takes, or that a path could be made of.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("name %q: want letters, digits, dots, hyphens and underscores, at most 64", name)
	}
	return nil
}

// check finds what no system can take.
func (s *Spec) check() error {
	if err := CheckName(s.Name); err != nil {
		return err
	}
	if s.Program == "" || s.State == "" {
		return fmt.Errorf("install %s: the program or the state folder is not named", s.Name)
	}
	for _, word := range s.words() {
		if strings.ContainsRune(word, 0) {
			return fmt.Errorf("install %s: an argument holds a NUL character", s.Name)
		}
	}
	return nil
}

// words are all texts that end up in what is registered.
func (s *Spec) words() []string {
	words := append([]string{s.Program, s.State, s.User}, s.Args...)
	return append(words, s.Writable...)
}

// variablePattern is what Windows takes for a variable in the command line of a task or
// a service. There is no way to write it so that it is left alone.
var variablePattern = regexp.MustCompile(`%[^%\s]+%|\$\(`)

// checkWindows finds what Windows would change.
func (s *Spec) checkWindows() error {
	if err := s.check(); err != nil {
		return err
	}
	for _, word := range s.words() {
		if found := variablePattern.FindString(word); found != "" {
			return fmt.Errorf("install %s: %q holds %s, which Windows would replace; write out what is meant", s.Name, word, found)
		}
		if i := strings.IndexFunc(word, func(r rune) bool { return r < 0x20 || r == 0xFFFE || r == 0xFFFF }); i >= 0 {
			return fmt.Errorf("install %s: %q holds a control character", s.Name, word)
		}
	}
	return nil
}
