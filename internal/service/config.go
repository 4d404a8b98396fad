package service

import (
	"strings"
	"time"
)

// A Config is how a watch is registered with the service manager of Windows.
type Config struct {
	Name        string
	Display     string
	Description string
	Program     string
	Args        []string
	Command     string          // program and arguments as they are stored
	Account     string          // it runs as; a service that reads everybody's logs is LocalSystem
	Privileges  []string        // all that is left of the account's
	Restarts    []time.Duration // pauses before it is started again after a failure
	ResetAfter  time.Duration   // without a failure, the count of failures begins anew
}

// ServiceConfig returns how a Spec is registered as a Windows service.
func ServiceConfig(s Spec) (Config, error) {
	if err := s.checkWindows(); err != nil {
		return Config{}, err
	}
	return Config{
		Name: s.Name, Display: "oxtail watch (" + s.Name + ")",
		Description: "Follows logs and tells faults of mail synchronisation. Written by oxtail watch install --service.",
		Program:     s.Program, Args: s.Args, Command: CommandLine(append([]string{s.Program}, s.Args...)),
		Account: "LocalSystem", Privileges: []string{"SeChangeNotifyPrivilege"},
		Restarts: []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute}, ResetAfter: 24 * time.Hour,
	}, nil
}

// Text shows the configuration, for --dry-run.
func (c *Config) Text() string {
	lines := []string{
		"name:        " + c.Name, "display:     " + c.Display, "description: " + c.Description, "command:     " + c.Command,
		"account:     " + c.Account + ", privileges " + strings.Join(c.Privileges, " "), "start:       automatic, delayed",
		"restart:     after " + pauses(c.Restarts) + "; counted anew after " + c.ResetAfter.String(),
	}
	return strings.Join(lines, "\n") + "\n"
}

func pauses(list []time.Duration) string {
	words := make([]string, len(list))
	for i, d := range list {
		words[i] = d.String()
	}
	return strings.Join(words, ", ")
}

// Exposed reports whether people without administrative rights may be able to replace
// the program of a service, and so to run anything as the system: everywhere but in the
// folders that Windows guards.
func Exposed(program string) bool {
	lower := strings.ToLower(strings.ReplaceAll(program, "/", `\`))
	if len(lower) > 2 && lower[1] == ':' {
		lower = lower[2:]
	}
	guarded := false
	for _, folder := range []string{`\program files\`, `\program files (x86)\`, `\windows\`} {
		guarded = guarded || strings.HasPrefix(lower, folder)
	}
	return !guarded || strings.HasPrefix(lower, `\windows\temp\`) || strings.Contains(lower, `\..\`)
}
